// Who did what, with undo; and what is decided for the whole tour.
import { button, el, rebuild } from "../app/dom";
import type { Desk } from "../wire/desk";
import { historyOf } from "./history";
import type { Scene } from "./sentence";
import { crewWords as say } from "./words";

export interface LogEvents {
  undone(decision: string): void;
  noted(text: string): void;
  delayed(leg: number, minutes: number): void;
  cancelled(leg: number): void;
}

const SURE_MS = 4_000;

export class Log {
  private readonly lines = el("div");
  private readonly note = el("form", { class: "write" });
  private readonly text = el("input");
  private readonly tour = el("div");

  constructor(
    element: HTMLElement,
    private readonly events: LogEvents,
  ) {
    element.setAttribute("aria-label", say.log);
    this.text.placeholder = say.noteToAll;
    this.text.maxLength = 500;
    this.text.setAttribute("aria-label", say.noteToAll);
    this.note.append(this.text, el("button", { class: "plain" }, say.send));
    this.note.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = this.text.value.trim();
      if (!said) return;
      this.text.value = "";
      events.noted(said);
    });
    element.append(el("h2", {}, say.log), this.note, this.lines, this.tour);
  }

  show(desk: Desk, scene: Scene, legNumber: number, may: ReadonlySet<string>): void {
    this.note.hidden = !may.has("note");
    const lines = historyOf(desk, scene);
    rebuild(this.lines, [lines, may.has("undo")], () => {
      if (lines.length === 0) return [el("p", { class: "held" }, say.nothingDone)];
      const items = lines.map(({ text, undo }) => {
        const item = el("li", {}, el("span", {}, text));
        if (may.has("undo")) item.append(button("plain", say.undo, () => this.events.undone(undo)));
        return item;
      });
      return [el("ul", { class: "history" }, ...items)];
    });
    rebuild(this.tour, [legNumber, may.has("delay"), may.has("cancel")], () => this.forTour(legNumber, may));
  }

  private forTour(leg: number, may: ReadonlySet<string>): HTMLElement[] {
    if (!may.has("delay") && !may.has("cancel")) return [];
    const minutes = el("input");
    minutes.type = "number";
    minutes.min = "0";
    minutes.max = "1440";
    minutes.setAttribute("aria-label", say.delayOf(leg));
    const delay = el(
      "form",
      { class: "write" },
      el("label", {}, say.delayOf(leg), minutes),
      el("button", { class: "plain" }, say.delaySet),
    );
    delay.addEventListener("submit", (event) => {
      event.preventDefault();
      if (minutes.value !== "") this.events.delayed(leg, Number(minutes.value));
      minutes.value = "";
    });
    return [el("h2", {}, say.forTour), delay, this.cancelButton(leg)];
  }

  /** Two taps: nobody calls off a day with a sleeve. */
  private cancelButton(leg: number): HTMLButtonElement {
    let askedMs = 0;
    const cancel = button("plain", say.cancelLeg(leg), () => {
      if (Date.now() - askedMs < SURE_MS) this.events.cancelled(leg);
      askedMs = Date.now() - askedMs < SURE_MS ? 0 : Date.now();
      cancel.textContent = askedMs ? say.cancelSure(leg) : say.cancelLeg(leg);
      if (askedMs)
        setTimeout(() => {
          cancel.textContent = say.cancelLeg(leg);
        }, SURE_MS);
    });
    return cancel;
  }
}
