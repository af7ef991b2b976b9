// A spare for a car, in two taps: which device (its card's code opens this view with it), into which car.
import { byId, el } from "../app/dom";
import type { Desk } from "./desk";
import { byTrouble, type Device, entriesOf, type Roll } from "./roll";
import { roundelOf } from "./roundel";
import { carName, duration, timeOfDay, words } from "./words";

export class SwapView {
  private readonly place = byId("swap");
  private device: string | null = null;
  private number: string | null = null;
  private done: { said: string; undo: string } | null = null;
  private drawn = "";

  constructor(
    private readonly desk: Desk,
    private readonly notice: (said: string) => void,
  ) {}

  /** Start anew, with what is known already. */
  begin(device: string | null, number: string | null): void {
    this.device = device;
    this.number = number;
    this.done = null;
    this.draw();
  }

  draw(): void {
    const { roll } = this.desk;
    if (roll === null) return;
    const state = JSON.stringify([this.device, this.number, this.done, roll.devices.map((d) => d.vehicle), roll.swaps]);
    if (state === this.drawn) return;
    this.drawn = state;
    this.place.replaceChildren(...this.step(roll), ...this.soFar(roll));
  }

  private step(roll: Roll): HTMLElement[] {
    if (this.done) return this.finished(this.done);
    const device = roll.devices.find((each) => each.device === this.device);
    const vehicle = roll.vehicles.find((each) => each.number === this.number);
    if (!device) return this.chooseDevice(roll);
    if (!vehicle) return this.chooseCar(roll, device);
    return [
      el(
        "div",
        { class: "ask", tabindex: "-1" },
        roundelOf(vehicle),
        el("p", {}, words.swapAsk(device.device, carName(vehicle))),
      ),
      el("p", { class: "muted" }, words.swapKeeps),
      el(
        "div",
        { class: "acts" },
        el("button", { type: "button", class: "primary", onclick: () => void this.assign() }, words.swapYes),
        el("button", { type: "button", onclick: () => this.begin(null, null) }, words.cancel),
      ),
    ];
  }

  private chooseDevice(roll: Roll): HTMLElement[] {
    const others = roll.devices.filter((device) => device.vehicle !== this.number);
    const spares = others.filter((device) => device.spare);
    const grid = (devices: Device[]) =>
      el("ul", { class: "grid" }, ...devices.map((device) => this.deviceTile(device)));
    return [
      el("h2", { tabindex: "-1" }, words.swapWhich),
      el("p", { class: "muted" }, words.swapAbout),
      spares.length > 0 ? grid(spares) : el("p", { class: "muted" }, words.noSpares),
      el(
        "details",
        { open: spares.length === 0 },
        el("summary", {}, words.anyOther),
        grid(others.filter((device) => !device.spare)),
      ),
    ];
  }

  private deviceTile(device: Device): HTMLElement {
    const heard =
      device.heard_at_ms === null ? words.never : words.heard(duration(this.desk.now() - device.heard_at_ms));
    const about = device.vehicle === device.device ? heard : `${words.inCar(device.vehicle)}, ${heard}`;
    const said = el(
      "span",
      { class: "label" },
      el("b", {}, device.device),
      el("br"),
      el("span", { class: "muted" }, about),
    );
    return el("li", {}, el("button", { type: "button", onclick: () => this.choose({ device: device.device }) }, said));
  }

  private chooseCar(roll: Roll, device: Device): HTMLElement[] {
    const tiles = byTrouble(entriesOf(roll).filter((entry) => entry.vehicle.number !== device.vehicle)).map((entry) => {
      const said = entry.works ? entry.vehicle.name : words.noTracker;
      const tile = el(
        "button",
        { type: "button", onclick: () => this.choose({ number: entry.vehicle.number }) },
        roundelOf(entry.vehicle),
        el("span", { class: entry.works || !entry.driving ? "label" : "label bad" }, said),
      );
      return el("li", { "data-number": entry.vehicle.number }, tile);
    });
    const list = el("ul", { class: "grid" }, ...tiles);
    const search = el("input", { type: "search", inputmode: "numeric", "aria-label": words.search });
    search.placeholder = words.search;
    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLowerCase();
      const byNumber = /^\d+$/.test(wanted);
      for (const tile of tiles) {
        const said = (byNumber ? tile.dataset.number : tile.textContent?.toLowerCase()) ?? "";
        tile.hidden = !(byNumber ? said.startsWith(wanted) : said.includes(wanted));
      }
    });
    const about = device.vehicle ? [words.inCar(device.vehicle)] : [];
    about.push(
      device.heard_at_ms === null ? words.never : words.heard(duration(this.desk.now() - device.heard_at_ms)),
      ...(device.heard_at_ms !== null && device.problems.length === 0 ? [words.well] : []),
    );
    return [
      el("h2", { tabindex: "-1" }, words.swapInto(device.device)),
      el("p", { class: "muted" }, about.join(" · ")),
      search,
      list,
      el("button", { type: "button", onclick: () => this.begin(null, this.number) }, words.cancel),
    ];
  }

  private choose(choice: { device?: string; number?: string }): void {
    this.device = choice.device ?? this.device;
    this.number = choice.number ?? this.number;
    this.draw();
    this.place.querySelector<HTMLElement>("h2, .ask")?.focus();
  }

  private async assign(): Promise<void> {
    const { device, number } = this;
    const vehicle = this.desk.roll?.vehicles.find((each) => each.number === number);
    if (device === null || !vehicle) return;
    const id = crypto.randomUUID();
    const decision = { id, decision: "assign", device, vehicle: vehicle.number, at_ms: Math.round(this.desk.now()) };
    if (await this.decide(decision)) {
      this.done = { said: words.swapDone(device, carName(vehicle)), undo: id };
      await this.desk.ask();
      this.draw();
    }
  }

  private finished({ said, undo }: { said: string; undo: string }): HTMLElement[] {
    return [
      el("p", { class: "done", role: "status" }, said, " ", words.swapKeeps),
      el(
        "div",
        { class: "acts" },
        el("button", { type: "button", onclick: () => void this.undo(undo) }, words.undo),
        el("button", { type: "button", class: "primary", onclick: () => this.begin(null, null) }, words.close),
      ),
    ];
  }

  private soFar({ swaps, tour }: Roll): HTMLElement[] {
    const lines = [...swaps]
      .reverse()
      .map(({ id, device, vehicle, at_ms }) =>
        el(
          "li",
          {},
          el("span", {}, words.swapped(device, vehicle, timeOfDay(at_ms, tour.zone))),
          el("button", { type: "button", onclick: () => void this.undo(id) }, words.undo),
        ),
      );
    return [
      el("h2", {}, words.swapsSoFar),
      lines.length > 0 ? el("ul", { class: "lines" }, ...lines) : el("p", { class: "muted" }, words.noSwaps),
    ];
  }

  private async undo(of: string): Promise<void> {
    if (!(await this.decide({ id: crypto.randomUUID(), decision: "undo", of }))) return;
    this.begin(null, null);
    await this.desk.ask();
    this.notice(words.undone);
  }

  private async decide(decision: Record<string, unknown>): Promise<boolean> {
    try {
      await this.desk.post("decisions", decision);
      this.notice("");
      return true;
    } catch {
      this.notice(words.failed);
      return false;
    }
  }
}
