// Positions from the browser, for as long as they are wanted and the page is looked at.
import { type Told, worthKeeping } from "./ping";

export type Trouble = "denied" | "searching";

const OPTIONS: PositionOptions = { enableHighAccuracy: true, maximumAge: 0, timeout: 20_000 };
const ASK_AFTER_MS = 20_000; // a watch says nothing while nothing changes; the tour wants to hear all the same

export class Positions {
  last: Told | null = null;
  trouble: Trouble | null = null;
  private watch: number | null = null;
  private asking = 0;
  private heardMs = 0;
  private kept: Told | null = null;

  constructor(
    private readonly keep: (told: Told) => void,
    private readonly changed: () => void,
  ) {
    document.addEventListener("visibilitychange", () => this.watchAnew());
  }

  start(): void {
    if (this.watch !== null) return;
    this.heardMs = Date.now();
    this.watch = navigator.geolocation.watchPosition(this.onTold, this.onTrouble, OPTIONS);
    this.asking = setInterval(() => this.askIfQuiet(), 5_000) as unknown as number;
  }

  stop(): void {
    if (this.watch === null) return;
    navigator.geolocation.clearWatch(this.watch);
    clearInterval(this.asking);
    this.watch = null;
    this.trouble = null;
  }

  /** A watch that slept with the page does not always wake up with it. */
  private watchAnew(): void {
    if (this.watch === null || document.hidden) return;
    navigator.geolocation.clearWatch(this.watch);
    this.watch = navigator.geolocation.watchPosition(this.onTold, this.onTrouble, OPTIONS);
  }

  private readonly onTold = (told: Told): void => {
    this.heardMs = Date.now();
    this.trouble = null;
    this.last = told;
    if (this.watch !== null && worthKeeping(this.kept, told)) {
      this.kept = told;
      this.keep(told);
    }
    this.changed();
  };

  private readonly onTrouble = (error: GeolocationPositionError): void => {
    this.trouble = error.code === error.PERMISSION_DENIED ? "denied" : "searching";
    this.changed();
  };

  private askIfQuiet(): void {
    if (document.hidden || Date.now() - this.heardMs < ASK_AFTER_MS) return;
    this.heardMs = Date.now();
    navigator.geolocation.getCurrentPosition(this.onTold, this.onTrouble, OPTIONS);
  }
}
