// What the driver sees: the standing of everything, in a few large words.
import type { Link } from "../outbox/sender";
import { LOW_PCT } from "./battery";
import type { Call } from "./ping";
import type { Trouble } from "./positions";
import type { Message } from "./queue";
import type { Screen } from "./screen";
import { ageDial, batteryWords, type Dial, gpsWords, words } from "./words";

export interface Standing {
  sharing: boolean;
  link: Link | "offline";
  trouble: Trouble | null;
  accuracyM: number | null;
  ageMs: number | null; // of the newest fix that the tour has
  waiting: number;
  batteryPct: number | null;
  charging: boolean;
  screen: Screen["state"];
  messages: Message[];
  broken: boolean; // nothing can be kept
}

interface Actions {
  share(): void;
  call(call: Call): void;
}

const LATE_MS = 60_000;
const LONGEST_NUMBER = 12; // what fits a roundel
const STOP_WITHIN_MS = 4_000; // a second tap later than this is a new first one
const SHOWN_MS = 2 * 3_600_000; // how long an answered call from the car stays in view

export class View {
  private readonly shareButton = element("share");
  private readonly big = element("share").querySelector(".big") as HTMLElement;
  private readonly small = element("share").querySelector(".small") as HTMLElement;
  private standing: Standing | null = null;
  private stopAskedMs = 0;
  private messagesShown = "";

  constructor(private readonly actions: Actions) {
    sayOnce();
    this.shareButton.addEventListener("click", () => this.onShare());
    element("fine").addEventListener("click", () => actions.call("fine"));
    const ask = element("ask") as HTMLDialogElement;
    element("sos").addEventListener("click", () => ask.showModal());
    ask.addEventListener("close", () => {
      if (ask.returnValue === "yes") actions.call("sos");
      ask.returnValue = "";
    });
    for (const name of ["share", "fine", "sos"]) enable(name, true); // no tap is lost on a page that cannot hear it yet
  }

  static cannotKeep(): void {
    sayOnce();
    notice(words.notice.cannotKeep);
  }

  show(standing: Standing): void {
    this.standing = standing;
    const { sharing, link, trouble, accuracyM, ageMs } = standing;
    const dial = this.dial(standing);
    text(this.big, dial.big);
    text(this.small, dial.small);
    const fresh = ageMs !== null && ageMs < LATE_MS;
    this.shareButton.dataset.state = !sharing ? "off" : fresh ? "fresh" : "late";
    enable("share", isSecureContext);
    this.shareButton.dataset.big = dial.big.length > 4 ? "long" : "";

    tell("signal", words.signal[link], link !== "good" && link !== "idle");
    const gps = trouble ?? (!sharing ? "off" : accuracyM === null ? "searching" : null);
    tell("gps", gps === null ? gpsWords(accuracyM ?? 0) : words.gps[gps], sharing && trouble !== null);
    tell("queue", words.queue(standing.waiting), false);
    const { batteryPct, charging } = standing;
    tell("battery", batteryWords(batteryPct, charging), batteryPct !== null && batteryPct <= LOW_PCT && !charging);
    tell("screen", words.screen[standing.screen], standing.screen === "refused");
    notice(whatIsWrong(standing));
    this.showMessages(standing.messages, link === "refused");
  }

  private showMessages(messages: Message[], refused: boolean): void {
    const now = Date.now();
    const shown = messages.filter(({ throughMs }) => throughMs === null || now - throughMs < SHOWN_MS);
    const state = JSON.stringify([shown, refused]);
    if (state === this.messagesShown) return; // what is written again is read out again
    this.messagesShown = state;
    element("messages").replaceChildren(...shown.map((message) => messageLine(message, refused)));
  }

  private dial({ sharing, ageMs, waiting, link }: Standing): Dial {
    if (!isSecureContext) return words.dial.cannot;
    if (!sharing) return words.dial.start;
    if (Date.now() - this.stopAskedMs < STOP_WITHIN_MS) return words.dial.stop;
    if (ageMs !== null) return ageDial(ageMs);
    if (waiting === 0) return words.dial.searching;
    if (link === "refused") return words.dial.kept;
    return link === "good" || link === "idle" ? words.dial.sending : words.dial.keeping;
  }

  /** A touch starts; stopping takes two, for sleeves and bumps. */
  private onShare(): void {
    const now = Date.now();
    if (this.standing?.sharing && now - this.stopAskedMs >= STOP_WITHIN_MS) {
      this.stopAskedMs = now;
      this.show(this.standing);
    } else {
      this.stopAskedMs = 0;
      this.actions.share();
    }
  }
}

function sayOnce(): void {
  document.documentElement.lang = words.language;
  const number = carNumber();
  const roundel = element("number");
  roundel.hidden = number === "";
  roundel.textContent = number;
  text(document.querySelector("h1") as HTMLElement, number ? words.car(number) : words.title);
  text(element("open"), words.keepOpen);
  for (const [i, label] of [...document.querySelectorAll("dt")].entries()) text(label, words.labels[i] as string);
  text(element("fine"), words.fine);
  text(element("sos"), words.sos);
  const ask = element("ask");
  for (const [selector, said] of [
    ["h2", words.ask.title],
    ["p", words.ask.text],
    [".yes", words.ask.yes],
    [".no", words.ask.no],
  ] as const) {
    text(ask.querySelector(selector) as HTMLElement, said);
  }
}

/** The card's link carries it behind the #, so that the server need not tell whose token this is. */
function carNumber(): string {
  try {
    return decodeURIComponent(location.hash.slice(1)).slice(0, LONGEST_NUMBER);
  } catch {
    return ""; // no card wrote this
  }
}

function whatIsWrong({ trouble, link, broken }: Standing): string {
  if (!isSecureContext) return words.notice.insecure;
  if (broken) return words.notice.cannotKeep;
  if (trouble === "denied") return words.notice.denied;
  return link === "refused" ? words.notice.refused : "";
}

function enable(name: string, enabled: boolean): void {
  (element(name) as HTMLButtonElement).disabled = !enabled;
}

function messageLine({ call, throughMs }: Message, refused: boolean): HTMLLIElement {
  const line = document.createElement("li");
  line.dataset.call = call;
  line.dataset.through = String(throughMs !== null);
  const { waiting, refused: never, through } = words.message;
  line.textContent = throughMs === null ? (refused ? never : waiting)[call] : through[call](clockTime(throughMs));
  return line;
}

function clockTime(ms: number): string {
  return new Intl.DateTimeFormat(words.language, { hour: "numeric", minute: "2-digit" }).format(ms);
}

function notice(said: string): void {
  const place = element("notice");
  place.hidden = said === "";
  text(place, said);
}

function tell(id: string, said: string, bad: boolean): void {
  text(element(id), said);
  element(id).dataset.bad = String(bad);
}

/** Writes only what changes: screen readers say what is written. */
function text(place: HTMLElement, said: string): void {
  if (place.textContent !== said) place.textContent = said;
}

function element(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}
