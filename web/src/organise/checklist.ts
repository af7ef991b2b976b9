// The check list of the morning: one row per vehicle, those who want something done on top.
import { byId, el, say } from "../app/dom";
import type { Desk } from "./desk";
import { byTrouble, countsOf, type Entry, entriesOf, heardAtMs, type Roll, wantsCare } from "./roll";
import { roundelOf } from "./roundel";
import { adviceOf, duration, lastSeen, words } from "./words";

type Filter = keyof typeof words.filters;

interface Row {
  item: HTMLLIElement;
  state: HTMLElement;
  facts: HTMLElement[]; // heard, within, every, battery, clock
  advice: HTMLElement;
}

const REST_MS = 2_000; // the order does not change while somebody is reading or aiming
const KEEPS: Record<Filter, (entry: Entry) => boolean> = {
  all: () => true,
  care: wantsCare,
  quiet: (entry) => entry.driving && !entry.works,
  support: (entry) => entry.vehicle.kind === "support",
};

export class CheckList {
  private readonly list = byId("list");
  private readonly search = byId<HTMLInputElement>("search");
  private readonly order = byId<HTMLSelectElement>("order");
  private readonly chips = new Map<Filter, HTMLButtonElement>();
  private readonly rows = new Map<string, Row>();
  private filter: Filter = "all";
  private shown = "";
  private touchedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly desk: Desk,
    private readonly open: (number: string) => void,
  ) {
    this.search.placeholder = words.search;
    this.search.setAttribute("aria-label", words.search);
    this.search.addEventListener("input", () => this.draw(true));
    this.order.setAttribute("aria-label", words.order.label);
    this.order.append(
      el("option", { value: "trouble" }, words.order.trouble),
      el("option", { value: "number" }, words.order.number),
    );
    this.order.addEventListener("change", () => this.draw(true));
    for (const filter of Object.keys(KEEPS) as Filter[]) {
      const chip = el("button", { type: "button", class: "chip", onclick: () => this.choose(filter) });
      this.chips.set(filter, chip);
      byId("filters").append(chip);
    }
    say(byId("nobody"), words.nobody);
    for (const kind of ["pointerdown", "pointermove", "keydown"]) {
      this.list.addEventListener(kind, () => {
        this.touchedAt = performance.now();
      });
    }
  }

  private choose(filter: Filter): void {
    this.filter = filter;
    this.draw(true);
  }

  /** The list as it is now; with `force` in its right order even under somebody's finger. */
  draw(force = false): void {
    const { roll } = this.desk;
    if (roll === null) return;
    const now = this.desk.now();
    const entries = entriesOf(roll);
    this.count(entries, now);
    const wanted = this.search.value.trim().toLowerCase();
    const kept = entries.filter((entry) => KEEPS[this.filter](entry) && matches(entry, wanted));
    const ordered = this.order.value === "number" ? kept : byTrouble(kept);
    const order = ordered.map((entry) => entry.vehicle.number).join("|");
    if (order !== this.shown && (force || performance.now() - this.touchedAt > REST_MS)) {
      this.shown = order;
      this.arrange(ordered);
    }
    for (const entry of ordered) this.fill(entry, roll, now);
  }

  private count(entries: Entry[], now: number): void {
    const { all, heard, care, never } = countsOf(entries, now);
    const counts = byId("counts");
    say(counts.querySelector("b")!, words.heardOf(heard, all));
    say(counts.querySelector("span")!, words.heardLately);
    say(
      counts.querySelector(".rest")!,
      [words.toLookAfter(care), ...(never ? [words.neverHeard(never)] : [])].join(" · "),
    );
    const share = (n: number) => `${(100 * n) / Math.max(all, 1)}%`;
    counts.querySelector<HTMLElement>(".heard")!.style.width = share(heard);
    counts.querySelector<HTMLElement>(".quiet")!.style.width = share(all - heard - never);
    for (const [filter, chip] of this.chips) {
      say(chip, `${words.filters[filter]} ${entries.filter(KEEPS[filter]).length}`);
      chip.setAttribute("aria-pressed", String(filter === this.filter));
    }
  }

  private arrange(entries: Entry[]): void {
    const focused = document.activeElement;
    this.list.replaceChildren(...entries.map((entry) => this.rowOf(entry).item));
    if (focused instanceof HTMLElement && this.list.contains(focused)) focused.focus({ preventScroll: true });
    byId("nobody").hidden = entries.length > 0;
  }

  private rowOf({ vehicle }: Entry): Row {
    const known = this.rows.get(vehicle.number);
    if (known) return known;
    const state = el("span", { class: "state" });
    const facts = ["heard", "within", "every", "battery", "clock"].map((name) => el("span", { class: `fact ${name}` }));
    const advice = el("span", { class: "advice" });
    const name = el("span", { class: "name" }, vehicle.name);
    if (vehicle.year) name.append(el("small", {}, ` ${vehicle.year}`));
    const who = el("span", { class: "who" }, name, el("span", { class: "crew" }, vehicle.crew), state);
    const button = el(
      "button",
      { type: "button", onclick: () => this.open(vehicle.number) },
      roundelOf(vehicle),
      who,
      el("span", { class: "facts" }, ...facts),
      advice,
    );
    const row = { item: el("li", { "data-number": vehicle.number }, button), state, facts, advice };
    this.rows.set(vehicle.number, row);
    return row;
  }

  private fill(entry: Entry, roll: Roll, now: number): void {
    const row = this.rowOf(entry);
    const { lead, works, driving, devices } = entry;
    const care = wantsCare(entry);
    row.item.dataset.state = !driving ? "out" : !works ? "quiet" : care ? "care" : "well";
    say(row.state, stateOf(entry, roll, now));
    const heardMs = heardAtMs(entry);
    const facts = [
      heardMs === null ? words.never : words.heard(duration(now - heardMs)),
      lead?.accuracy_m == null ? "" : words.within(Math.round(lead.accuracy_m)),
      lead?.every_s == null ? "" : words.everySo(duration(lead.every_s * 1000)),
      lead?.battery_pct == null ? "" : words.battery(Math.round(lead.battery_pct)),
      lead?.clock_error_s == null ? "" : clockWords(lead.clock_error_s),
    ];
    for (const [i, fact] of facts.entries()) say(row.facts[i] as HTMLElement, fact);
    const lines = driving && lead ? lead.problems.map((kind) => adviceOf(kind, lead, now)) : [];
    const told = lines.map(({ what, mend }) => `${what}. ${mend}`);
    if (!care && devices.some((device) => device.problems.length > 0) && driving) {
      told.push(words.othersToo(devices.filter((device) => device.problems.length > 0).length));
    }
    const text = told.join("\n");
    if (row.advice.dataset.said === text) return;
    row.advice.dataset.said = text;
    row.advice.replaceChildren(
      ...lines.map(({ what, mend }) => el("span", {}, el("b", {}, `${what}. `), mend)),
      ...told.slice(lines.length).map((line) => el("span", {}, line)),
    );
  }
}

function stateOf({ vehicle, works, driving }: Entry, { tour }: Roll, now: number): string {
  if (!driving) return words.notDriving;
  if (works) return "";
  return vehicle.seen === null ? words.noTracker : `${words.noTracker}, ${lastSeen(vehicle.seen, tour, now)}`;
}

function clockWords(errorS: number): string {
  return errorS === 0 ? words.clockGood : words.clockOff(duration(Math.abs(errorS) * 1000));
}

function matches({ vehicle, devices }: Entry, wanted: string): boolean {
  if (wanted === "") return true;
  if (/^\d+$/.test(wanted)) return vehicle.number.startsWith(wanted);
  const names = [vehicle.number, vehicle.name, vehicle.crew, vehicle.year ?? "", ...devices.map((d) => d.device)];
  return names.join(" ").toLowerCase().includes(wanted);
}
