// What was just done, for as long as it may be wanted back with one tap.
import { byId, say as setText } from "../app/dom";
import { crewWords as say } from "./words";

const SHOWN_MS = 12_000;

export class Toast {
  private readonly box = byId("toast");
  private readonly text = this.box.querySelector("span")!;
  private readonly undo = this.box.querySelector("button")!;
  private timer = 0;
  private takeBack: (() => void) | null = null;

  constructor() {
    this.undo.textContent = say.undo;
    this.undo.addEventListener("click", () => {
      const { takeBack } = this;
      this.hide();
      takeBack?.();
    });
  }

  show(text: string, takeBack: (() => void) | null = null): void {
    this.takeBack = takeBack;
    this.box.hidden = false;
    this.undo.hidden = takeBack === null;
    setText(this.text, text);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.hide(), SHOWN_MS);
  }

  private hide(): void {
    this.box.hidden = true;
    this.takeBack = null;
  }
}
