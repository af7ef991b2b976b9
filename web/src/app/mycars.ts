// The chip that follows all of one's favourites together; there is one from two favourites on.
import { byId } from "./dom";
import { words } from "./words";

export class MyCars {
  private readonly chip = byId<HTMLButtonElement>("follow-mine");

  constructor(pressed: () => void) {
    this.chip.textContent = words.followMine;
    this.chip.addEventListener("click", pressed);
    // The map below takes gestures; what is pressed on a button is none.
    for (const kind of ["pointerdown", "dblclick", "keydown"])
      this.chip.addEventListener(kind, (event) => event.stopPropagation());
  }

  show(favourites: number, on: boolean): void {
    this.chip.hidden = favourites < 2;
    this.chip.setAttribute("aria-pressed", String(on));
  }
}
