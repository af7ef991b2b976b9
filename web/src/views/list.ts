// The field as a list: the main view, and the only one that everybody can read.
import { say, span } from "../app/dom";
import { words } from "../app/words";
import type { Palette } from "../draw/palette";
import { lookOf, paintRoundel } from "../draw/roundel";
import type { View } from "../model/field";

export interface RowText {
  view: View;
  state: string;
  place: string; // "54", or "" where there is none
  unit: string;
}

export interface Section {
  title: string;
  rows: RowText[];
}

export interface ListEvents {
  picked(row: number): void;
  starred(row: number): void;
}

interface Row {
  item: HTMLLIElement;
  button: HTMLButtonElement;
  star: HTMLButtonElement;
  picture: HTMLCanvasElement;
  state: HTMLElement;
  place: HTMLElement;
  unit: HTMLElement;
  drawn: string;
}

const ROUNDEL = 18;
const PICTURE = 48;
const REST_MS = 1_500; // the order does not change while somebody is reading or aiming

export class List {
  private readonly rows = new Map<number, Row>();
  private order = "";
  private touchedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly element: HTMLElement,
    private palette: Palette,
    private readonly events: ListEvents,
  ) {
    const touch = () => {
      this.touchedAt = performance.now();
    };
    for (const kind of ["scroll", "pointerdown", "pointermove", "keydown"]) {
      element.addEventListener(kind, touch, { passive: true });
    }
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.redrawRoundels();
  }

  redrawRoundels(): void {
    for (const row of this.rows.values()) row.drawn = "";
  }

  update(sections: readonly Section[], selected: number, favourites: ReadonlySet<string>, force: boolean): void {
    const order = sections.map((s) => `${s.title}:${s.rows.map((r) => r.view.vehicle.row).join(",")}`).join("|");
    if (order !== this.order && (force || performance.now() - this.touchedAt > REST_MS)) {
      this.order = order;
      this.arrange(sections);
    }
    for (const section of sections) {
      for (const text of section.rows) {
        const row = this.rows.get(text.view.vehicle.row);
        if (row) this.fill(row, text, selected, favourites);
      }
    }
  }

  private arrange(sections: readonly Section[]): void {
    const children: HTMLElement[] = [];
    for (const { title, rows } of sections) {
      const heading = document.createElement("li");
      heading.className = "section";
      const h = document.createElement("h2");
      h.textContent = title;
      heading.append(h);
      children.push(heading);
      for (const { view } of rows) {
        let row = this.rows.get(view.vehicle.row);
        if (!row) {
          row = this.create(view);
          this.rows.set(view.vehicle.row, row);
        }
        children.push(row.item);
      }
    }
    const focused = document.activeElement;
    this.element.replaceChildren(...children);
    if (focused instanceof HTMLElement && this.element.contains(focused)) focused.focus({ preventScroll: true });
  }

  private create(view: View): Row {
    const { vehicle } = view;
    const item = document.createElement("li");
    item.className = "row";
    item.dataset.number = vehicle.number;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "car";
    const picture = document.createElement("canvas");
    picture.setAttribute("aria-hidden", "true");
    const body = span("body");
    const name = span("name");
    name.append(span("hidden", `${vehicle.number}, `), span("what", vehicle.name));
    if (vehicle.year) name.append(span("year", ` ${vehicle.year}`));
    const state = span("state");
    body.append(name, state);
    const right = span("place");
    const place = span("figure");
    const unit = span("unit");
    right.append(place, unit);
    button.append(picture, body, right);
    const star = document.createElement("button");
    star.type = "button";
    star.className = "star";
    star.setAttribute("aria-label", words.favourite(vehicle.number));
    button.addEventListener("click", () => this.events.picked(vehicle.row));
    star.addEventListener("click", () => this.events.starred(vehicle.row));
    item.append(button, star);
    return { item, button, star, picture, state, place, unit, drawn: "" };
  }

  private fill(row: Row, text: RowText, selected: number, favourites: ReadonlySet<string>): void {
    const { view } = text;
    const chosen = view.vehicle.row === selected;
    const starred = favourites.has(view.vehicle.number);
    say(row.state, text.state);
    say(row.place, text.place);
    say(row.unit, text.place ? text.unit : "");
    row.item.classList.toggle("chosen", chosen);
    row.item.classList.toggle("attention", view.attention);
    row.item.classList.toggle("quiet", view.condition === "silent" || view.condition === "never");
    setAttribute(row.button, "aria-pressed", String(chosen));
    setAttribute(row.star, "aria-pressed", String(starred));
    const look = lookOf(view, false);
    const key = `${look.shape}/${look.colour}`;
    if (row.drawn !== key) {
      row.drawn = key;
      paintRoundel(row.picture, PICTURE, ROUNDEL, look, this.palette);
    }
  }

  /** Brings the chosen row into view, unless it was chosen in the list itself. */
  reveal(row: number): void {
    this.rows.get(row)?.item.scrollIntoView({ block: "nearest" });
  }
}

function setAttribute(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
