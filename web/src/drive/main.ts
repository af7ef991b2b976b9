// The driver's page: one button, and what a driver wants to know of it. The parts know nothing of each other.
import { readPref, writePref } from "../app/prefs";
import { Sender } from "../outbox/sender";
import { Battery } from "./battery";
import { type Call, callOf, type Ping, pingOf, type Told } from "./ping";
import { Positions } from "./positions";
import { postPings } from "./post";
import { Queue, type Queued, type QueueState } from "./queue";
import { Screen } from "./screen";
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
  private readonly sender: Sender<Queued>;
  private readonly view: View;
  private sharing = false;
  private broken = false;
  private state: QueueState = { waiting: 0, newestStoredMs: null, messages: [] };

  constructor(private readonly queue: Queue) {
    const post = (batch: Queued[]) => postPings(`/in/pings/${token}`, batch);
    this.sender = new Sender(queue, post, () => void this.recount());
    this.view = new View({
      share: () => this.share(!this.sharing),
      call: (call) => void this.call(call),
    });
  }

  async start(): Promise<void> {
    await this.recount();
    this.sender.start();
    void this.sender.greet();
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
    await this.add(pingOf(told, this.battery.percent));
    if (this.state.waiting === 1) this.sender.sendNow();
  }

  private async call(call: Call): Promise<void> {
    await this.add(callOf(call, Date.now(), this.positions.last, this.battery.percent), call);
    this.sender.sendNow();
  }

  private async add(ping: Ping, call?: Call): Promise<void> {
    try {
      await this.queue.add(ping, call);
      this.broken = false;
    } catch {
      this.broken = true; // a full phone, or a database that is gone: the driver has to know
    }
    await this.recount();
  }

  private async recount(): Promise<void> {
    try {
      this.state = await this.queue.state();
    } catch {
      this.broken = true;
    }
    this.draw();
  }

  private draw(): void {
    const { positions, battery, sender, screen, state } = this;
    const standing: Standing = {
      sharing: this.sharing,
      link: navigator.onLine ? sender.link : "offline",
      trouble: positions.trouble,
      accuracyM: positions.last?.coords.accuracy ?? null,
      ageMs: state.newestStoredMs === null ? null : Date.now() - state.newestStoredMs,
      waiting: state.waiting,
      batteryPct: battery.percent,
      charging: battery.charging,
      screen: screen.state,
      messages: state.messages,
      broken: this.broken,
    };
    this.view.show(standing);
  }
}

const night = matchMedia("(prefers-color-scheme: dark)");
const colour = () => {
  document.documentElement.dataset.theme = night.matches ? "dark" : "light";
};
night.addEventListener("change", colour);
colour();

Queue.open(token).then(
  (queue) => new DrivePage(queue).start(),
  () => View.cannotKeep(),
);
addEventListener("load", () => void keepForLater());
