// What one crew looks after, kept in this browser: their own vehicle, a sector of the course, a class; sound and screen.

import { byId, say as setText } from "../app/dom";
import { readPref, writePref } from "../app/prefs";
import { words } from "../app/words";
import type { Vehicle } from "../model/field";
import { shortPlace } from "../model/saying";
import type { Leg } from "../wire/frames";
import { type Choice, EVERYTHING } from "./needs";
import { crewWords as say } from "./words";

interface Kept {
  from: string; // checkpoint ids: they outlive a changed course
  to: string;
  carClass: string;
  vehicle: string;
  sound: boolean;
  awake: boolean;
}

const NOTHING: Kept = { from: "", to: "", carClass: "", vehicle: "", sound: false, awake: false };

export interface ChoiceEvents {
  changed(): void;
  sound(on: boolean): void; // also called when a touch may switch on what a browser wants a touch for
  awake(on: boolean): void;
}

export class ChoiceBox {
  private readonly box = byId<HTMLDetailsElement>("choice");
  private readonly summary = this.box.querySelector("summary")!;
  private readonly selects = {
    vehicle: byId<HTMLSelectElement>("own"),
    from: byId<HTMLSelectElement>("from"),
    to: byId<HTMLSelectElement>("to"),
    carClass: byId<HTMLSelectElement>("class"),
  };
  private kept: Kept = NOTHING;
  private slug = "";
  private offered = "";
  private legIds: readonly string[] = [];

  constructor(private readonly events: ChoiceEvents) {
    const labels = [say.myVehicle, say.from, say.to, say.carClass, say.sound, say.awake];
    this.box.querySelectorAll("label > span").forEach((span, i) => {
      span.textContent = labels[i];
    });
    for (const [name, select] of Object.entries(this.selects)) {
      select.addEventListener("change", () => this.keep({ [name]: select.value }));
    }
    for (const name of ["sound", "awake"] as const) {
      const tick = byId<HTMLInputElement>(name);
      tick.addEventListener("change", () => {
        this.keep({ [name]: tick.checked });
        events[name](tick.checked);
      });
    }
    document.addEventListener("pointerdown", (event) => {
      if (!this.box.contains(event.target as Node)) this.box.open = false;
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.box.open = false;
      this.summary.focus();
    });
    this.showSummary();
  }

  /** What was chosen on an earlier visit. */
  recall(slug: string): void {
    this.slug = slug;
    try {
      this.kept = { ...NOTHING, ...(JSON.parse(readPref(`crew.${slug}`) ?? "{}") as Partial<Kept>) };
    } catch {
      this.kept = NOTHING; // written by something else
    }
    for (const name of ["sound", "awake"] as const) {
      byId<HTMLInputElement>(name).checked = this.kept[name];
      this.events[name](this.kept[name]);
    }
  }

  get wantsSound(): boolean {
    return this.kept.sound;
  }

  choice(): Choice {
    const index = (id: string) => (this.legIds.includes(id) ? this.legIds.indexOf(id) : null);
    const { from, to, carClass, vehicle } = this.kept;
    return { ...EVERYTHING, from: index(from), to: index(to), carClass, vehicle };
  }

  showEverything(): void {
    this.keep({ from: "", to: "", carClass: "" });
  }

  /** Offers the places of a leg, and the classes and support vehicles of the tour. */
  offer(leg: Leg, vehicles: readonly Vehicle[]): void {
    const { id, name } = leg.checkpoints;
    this.legIds = id;
    const classes = [...new Set(vehicles.map((v) => v.className).filter(Boolean))];
    const support = vehicles.filter((v) => v.support);
    const offered = JSON.stringify([id, classes, support.map((v) => v.number), this.kept]);
    if (offered === this.offered) return;
    this.offered = offered;
    const places = name.map((place, i) => [shortPlace(place), id[i]] as const);
    fill(this.selects.vehicle, [[say.none, ""], ...support.map((v) => [`${v.number} ${v.role}`, v.number] as const)]);
    fill(this.selects.from, [["–", ""], ...places]);
    fill(this.selects.to, [["–", ""], ...places]);
    fill(this.selects.carClass, [[say.all, ""], ...classes.map((c) => [c, c] as const)]);
    for (const [key, select] of Object.entries(this.selects)) {
      select.value = this.kept[key as keyof typeof this.selects];
    }
    this.showSummary();
  }

  private keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    writePref(`crew.${this.slug}`, JSON.stringify(this.kept));
    this.showSummary();
    this.events.changed();
  }

  private showSummary(): void {
    const { vehicle, from, to, carClass } = this.kept;
    const limits = [from || to, carClass].filter(Boolean).length;
    setText(this.summary, [vehicle || say.choose, limits > 0 ? `(${limits})` : ""].filter(Boolean).join(" "));
    this.summary.setAttribute("aria-label", `${say.choose}: ${say.myVehicle} ${vehicle || words.cars(0)}`);
    if (!vehicle) this.summary.setAttribute("aria-label", say.choose);
  }
}

function fill(select: HTMLSelectElement, options: readonly (readonly [string, string])[]): void {
  select.replaceChildren(...options.map(([text, value]) => new Option(text, value)));
}
