// The driver's page: one button, and what a driver wants to know of it. The parts know nothing of each other.
import { readPref, writePref } from "../app/prefs";
import { Theme } from "../app/theme";
import { Battery } from "./battery";
import { type Call, callOf, pingOf, type Told } from "./ping";
import { Positions } from "./positions";
import { type Message, Queue } from "./queue";
import { Screen } from "./screen";
import { Sender } from "./sender";
import { keepForLater } from "./shell";
import { type Standing, View } from "./view";

const token = location.pathname.split("/")[2] ?? "";
const SHARING = `drive.sharing.${token}`; // remembered, so that a reload goes on by itself; for this car only

class DrivePage {
  private readonly battery = new Battery(() => this.draw());
  private readonly screen = new Screen(() => this.draw());
  private readonly positions = new Positions(
    (told) => void this.keep(told),
    () => this.draw(),
  );
  private readonly sender: Sender;
  private readonly view: View;
  private sharing = false;
  private waiting = 0;
  private newestStoredMs: number | null = null;
  private messages: Message[] = [];

  constructor(private readonly queue: Queue) {
    this.sender = new Sender(queue, `/in/pings/${token}`, () => void this.recount());
    this.view = new View({
      share: () => this.share(!this.sharing),
      call: (call) => void this.call(call),
    });
  }

  async start(): Promise<void> {
    await this.recount();
    this.sender.start();
    setInterval(() => this.draw(), 1000);
    for (const event of ["online", "offline"]) addEventListener(event, () => this.draw());
    if (readPref(SHARING)) this.share(true);
  }

  private share(sharing: boolean): void {
    this.sharing = sharing;
    writePref(SHARING, sharing ? "yes" : "");
    if (sharing) this.positions.start();
    else this.positions.stop();
    this.screen.want(sharing);
    void navigator.storage?.persist?.();
    this.draw();
  }

  private async keep(told: Told): Promise<void> {
    await this.queue.add(pingOf(told, this.battery.percent));
    await this.recount();
    if (this.waiting === 1) this.sender.sendNow();
  }

  private async call(call: Call): Promise<void> {
    await this.queue.add(callOf(call, Date.now(), this.positions.last, this.battery.percent), call);
    await this.recount();
    this.sender.sendNow();
  }

  private async recount(): Promise<void> {
    const { queue } = this;
    [this.waiting, this.newestStoredMs, this.messages] = await Promise.all([
      queue.length(),
      queue.newestStoredMs(),
      queue.messages(),
    ]);
    this.draw();
  }

  private draw(): void {
    const { positions, battery, sender, screen } = this;
    const standing: Standing = {
      sharing: this.sharing,
      link: navigator.onLine ? sender.link : "offline",
      trouble: positions.trouble,
      accuracyM: positions.last?.coords.accuracy ?? null,
      ageMs: this.newestStoredMs === null ? null : Date.now() - this.newestStoredMs,
      waiting: this.waiting,
      batteryPct: battery.percent,
      charging: battery.charging,
      screen: screen.state,
      messages: this.messages,
    };
    this.view.show(standing);
  }
}

new Theme(() => {});
Queue.open(token).then(
  (queue) => new DrivePage(queue).start(),
  () => View.cannotKeep(),
);
addEventListener("load", () => void keepForLater());
