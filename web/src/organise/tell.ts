// Who is told of alerts besides those who look at the board, with a button that tries it.
import { byId, el } from "../app/dom";
import type { Desk } from "./desk";
import { words } from "./words";

interface Target {
  name: string;
  kinds: string[];
  endings: boolean;
  signed: boolean;
}

export class TellView {
  constructor(
    private readonly desk: Desk,
    private readonly notice: (said: string) => void,
  ) {}

  async open(): Promise<void> {
    try {
      this.show((await this.desk.get("notify")) as Target[]);
    } catch {
      this.notice(words.failed);
    }
  }

  private show(targets: Target[]): void {
    const lines = targets.map((target) => this.line(target));
    byId("tell").replaceChildren(
      el("h2", {}, words.whoIsTold),
      el("p", { class: "muted" }, targets.length === 0 ? words.nobodyIsTold : words.toldOnce),
      el("ul", { class: "lines" }, ...lines),
    );
  }

  private line(target: Target): HTMLElement {
    const kinds = target.kinds.map((kind) => words.alertKind[kind] ?? kind).join(", ");
    const outcome = el("p", { role: "status" });
    const button = el("button", { type: "button" }, words.tryIt);
    button.setAttribute("aria-label", words.tryItWith(target.name));
    button.addEventListener("click", () => void this.attempt(target, button, outcome));
    return el(
      "li",
      {},
      el(
        "div",
        {},
        el("b", {}, target.name),
        el("p", { class: "muted" }, target.endings ? words.andEndings(kinds) : kinds),
        outcome,
      ),
      button,
    );
  }

  private async attempt(target: Target, button: HTMLButtonElement, outcome: HTMLElement): Promise<void> {
    button.disabled = true;
    outcome.className = "muted";
    outcome.textContent = words.trying;
    try {
      const { taken } = (await this.desk.post("notify/test", { target: target.name })) as { taken: boolean };
      outcome.className = taken ? "good" : "bad";
      outcome.textContent = taken ? words.tookIt : words.tookItNot;
    } catch {
      outcome.className = "bad";
      outcome.textContent = words.tryLater;
    }
    button.disabled = false;
  }
}
