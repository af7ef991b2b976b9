// What could not be used: boxes that nobody has listed, and what devices sent in vain.
import { byId, el } from "../app/dom";
import type { Desk } from "./desk";
import { duration, words } from "./words";

interface Box {
  number: string;
  heard_at_ms: number;
}

interface Refusal {
  id: number;
  at_ms: number;
  device: string;
  protocol: string;
  reason: string;
  detail: string;
  raw_base64: string;
}

const SHOWN_BYTES = 4_096;

export class OddView {
  private readonly letInAlready = new Set<string>(); // the servers hear of it within seconds

  constructor(
    private readonly desk: Desk,
    private readonly notice: (said: string) => void,
  ) {}

  async open(): Promise<void> {
    try {
      const [boxes, refusals] = await Promise.all([this.desk.get("devices/unknown"), this.desk.get("quarantine")]);
      const unlisted = (boxes as Box[]).filter(({ number }) => !this.letInAlready.has(number));
      this.show(unlisted, refusals as Refusal[]);
    } catch {
      this.notice(words.failed);
    }
  }

  private show(boxes: Box[], refusals: Refusal[]): void {
    const now = this.desk.now();
    byId("odd").replaceChildren(
      el("h2", {}, words.unknownBoxes),
      ...(boxes.length === 0 ? [el("p", { class: "muted" }, words.noBoxes)] : []),
      el("ul", { class: "lines" }, ...boxes.map((box) => this.boxLine(box, now))),
      el("h2", {}, words.refusals),
      ...(refusals.length === 0 ? [el("p", { class: "muted" }, words.noRefusals)] : []),
      el("ul", { class: "lines" }, ...grouped(refusals).map((group) => refusalLine(group, now))),
    );
  }

  private boxLine({ number, heard_at_ms }: Box, now: number): HTMLElement {
    const cars = el("select", { "aria-label": words.boxCar }, el("option", { value: "" }, words.boxCar));
    for (const { number: car, name } of this.desk.roll?.vehicles ?? []) {
      cars.append(el("option", { value: car }, name ? words.carOf(car, name) : car));
    }
    const letIn = el("button", { type: "button", onclick: () => void this.letIn(number, cars.value) }, words.boxYes);
    return el(
      "li",
      {},
      el("span", {}, el("b", {}, number), ` ${words.boxCalled(duration(now - heard_at_ms))}`),
      el("div", { class: "acts" }, cars, letIn),
    );
  }

  /** The box becomes the device of the car that nobody has heard yet, or else its first. */
  private async letIn(number: string, car: string): Promise<void> {
    const devices = this.desk.roll?.devices.filter((device) => device.of === car) ?? [];
    const device = devices.find(({ heard_at_ms }) => heard_at_ms === null) ?? devices[0];
    if (!device) return;
    const query = new URLSearchParams({ device: device.device, number });
    try {
      await this.desk.post(`devices/box?${query}`);
    } catch {
      this.notice(words.failed);
      return;
    }
    this.letInAlready.add(number);
    this.notice(words.boxDone(number, car));
    await this.open();
  }
}

/** One line per device and reason, the newest first. */
function grouped(refusals: Refusal[]): Refusal[][] {
  const groups = new Map<string, Refusal[]>();
  for (const refusal of refusals) {
    const key = `${refusal.device}/${refusal.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), refusal]);
  }
  return [...groups.values()];
}

function refusalLine(group: Refusal[], now: number): HTMLElement {
  const [newest] = group;
  const said = words.reason[newest.reason] ?? newest.reason;
  return el(
    "li",
    {},
    el("span", {}, el("b", {}, newest.device), `: ${said} `),
    el(
      "span",
      { class: "muted" },
      `${newest.protocol}, ${words.refusedTimes(group.length, duration(now - newest.at_ms))}`,
    ),
    el(
      "details",
      {},
      el("summary", {}, words.raw),
      newest.detail ? el("p", { class: "muted" }, newest.detail) : null,
      el("pre", { tabindex: "0" }, readable(newest.raw_base64)),
    ),
  );
}

/** Text if it is text, else hex. */
function readable(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).subarray(0, SHOWN_BYTES);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!/[^\P{Cc}\r\n\t]/u.test(text)) return text;
  } catch {
    // not text
  }
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
