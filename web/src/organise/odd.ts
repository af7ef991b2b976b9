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
  constructor(
    private readonly desk: Desk,
    private readonly notice: (said: string) => void,
  ) {}

  async open(): Promise<void> {
    try {
      const [boxes, refusals] = await Promise.all([this.desk.get("devices/unknown"), this.desk.get("quarantine")]);
      this.show(boxes as Box[], refusals as Refusal[]);
    } catch {
      this.notice(words.failed);
    }
  }

  private show(boxes: Box[], refusals: Refusal[]): void {
    const now = this.desk.now();
    byId("odd").replaceChildren(
      el("h2", {}, words.unknownBoxes),
      ...(boxes.length === 0 ? [el("p", { class: "muted" }, words.noBoxes)] : []),
      el(
        "ul",
        { class: "lines" },
        ...boxes.map(({ number, heard_at_ms }) =>
          el(
            "li",
            {},
            el("span", {}, el("b", {}, number), ` ${words.boxCalled(duration(now - heard_at_ms))}`),
            el("p", { class: "muted" }, words.boxMend(number)),
          ),
        ),
      ),
      el("h2", {}, words.refusals),
      ...(refusals.length === 0 ? [el("p", { class: "muted" }, words.noRefusals)] : []),
      el("ul", { class: "lines" }, ...grouped(refusals).map((group) => refusalLine(group, now))),
    );
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
