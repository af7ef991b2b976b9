// The page of one car: who it is and what it is doing, on top of the list while it is chosen.

import type { Palette } from "../draw/palette";
import { lookOf, paintRoundel } from "../draw/roundel";
import type { View } from "../model/field";
import { byId, say } from "./dom";
import { passingWords } from "./passingwords";
import type { Extra } from "./presentation";
import { words } from "./words";

const ROUNDEL = 26;
const PICTURE = 68;

export class CarCard {
  private readonly box = byId("car");
  private readonly picture = this.box.querySelector("canvas")!;
  private readonly name = this.box.querySelector("h2")!;
  private readonly about = this.box.querySelector<HTMLElement>(".about")!;
  private readonly state = this.box.querySelector<HTMLElement>(".now")!;
  private readonly position = this.box.querySelector<HTMLElement>(".position")!;
  private readonly photo = this.box.querySelector("img")!;
  private readonly story = this.box.querySelector<HTMLElement>(".story")!;
  readonly ahead = this.box.querySelector("ul")!;
  private drawn = "";

  constructor(closed: () => void) {
    const close = this.box.querySelector("button")!;
    close.setAttribute("aria-label", words.close);
    close.addEventListener("click", closed);
    this.ahead.setAttribute("aria-label", passingWords.ahead);
  }

  /** The fonts have arrived: the number is drawn anew. */
  redraw(): void {
    this.drawn = "";
  }

  /** Shows a vehicle, or nothing. `colour` is the car's own, as the roster has it; `extra` and `photo` its organiser's. */
  show(
    view: View | undefined,
    state: string,
    position: string,
    colour: string,
    palette: Palette,
    extra: Extra | undefined,
    photo: string | null,
  ): void {
    this.box.hidden = view === undefined;
    if (!view) return;
    const { vehicle } = view;
    const role = vehicle.support ? vehicle.role : "";
    const about = [vehicle.year || "", vehicle.className, colour, role, extra?.crew ?? ""];
    this.showMore(extra?.story ?? "", photo, vehicle.name);
    say(this.name, words.carTitle(vehicle.number, vehicle.name));
    say(this.about, about.filter(Boolean).join(" · "));
    say(this.state, state);
    say(this.position, position);
    const look = lookOf(view, false);
    const key = JSON.stringify([look, palette.panel]);
    if (key === this.drawn) return;
    this.drawn = key;
    paintRoundel(this.picture, PICTURE, ROUNDEL, look, palette);
  }

  private showMore(story: string, photo: string | null, name: string): void {
    this.story.hidden = story === "";
    say(this.story, story);
    this.photo.hidden = photo === null;
    if (photo === null || this.photo.getAttribute("src") === photo) return;
    this.photo.src = photo;
    this.photo.alt = name;
  }
}
