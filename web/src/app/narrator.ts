// Puts the field into words for the list, the map and the ladder.

import { type CourseLine, distanceM, newPlace } from "../model/course";
import type { View } from "../model/field";
import type { Group } from "../model/groups";
import { isLunchTime, sayState, shortPlace } from "../model/saying";
import { wholeUnits } from "../model/units";
import type { RowText } from "../views/list";
import type { Leg } from "../wire/frames";
import type { LiveTour } from "./live";
import { duration, timeOfDay, words } from "./words";

const SAME_DEAD_ZONE_M = 8_000;
const NEAR_M = 20_000;

export class Narrator {
  private line: CourseLine | null = null;
  private leg: Leg | undefined;
  private nowMs = 0;
  private silent: View[] = [];

  constructor(private readonly live: LiveTour) {}

  setCourse(line: CourseLine): void {
    this.line = line;
  }

  look(views: readonly View[], legNumber: number, nowMs: number): void {
    this.nowMs = nowMs;
    this.leg = this.live.feed.body!.legs[legNumber - 1];
    this.silent = views.filter((v) => v.condition === "silent");
  }

  /** How many others are silent on the same stretch of road. */
  silentAround(view: View): number {
    const near = (o: View) => o.legNumber === view.legNumber && Math.abs(o.alongM - view.alongM) < SAME_DEAD_ZONE_M;
    return this.silent.filter((o) => o !== view && near(o)).length;
  }

  state(view: View): string {
    const { body } = this.live.feed;
    return sayState(view, {
      tour: body!.tour,
      leg: body!.legs[view.legNumber - 1] ?? this.leg, // of one not heard from yet: where it will start
      nowMs: this.nowMs,
      others: this.silentAround(view),
      near: view.condition === "offCourse" ? this.placeNear(view) : null,
    });
  }

  row(view: View): RowText {
    const { units } = this.live.feed.body!.tour;
    const started = view.alongM >= 0 && view.condition !== "waiting" && view.condition !== "never";
    return {
      view,
      state: this.state(view),
      place: started ? String(wholeUnits(view.alongM, units)) : "",
      unit: units,
    };
  }

  /** When a vehicle was where it is shown, and where along the leg that is. */
  position(view: View): string {
    const { units, zone } = this.live.feed.body!.tour;
    if (view.fixTimeMs === null) return "";
    const when = words.position(timeOfDay(view.fixTimeMs, zone), duration(this.nowMs - view.fixTimeMs));
    return view.alongM < 0 ? when : `${words.mark(wholeUnits(view.alongM, units), units)} · ${when}`;
  }

  /** The checkpoint nearest to where a vehicle was last seen, if any is near. */
  private placeNear(view: View): string | null {
    const at = this.live.drawn[view.vehicle.row];
    if (!this.line || !this.leg || !at) return null;
    let best: string | null = null;
    let nearest = NEAR_M;
    this.leg.checkpoints.along_m.forEach((m, i) => {
      const place = this.line!.placeAt(m, newPlace());
      const away = distanceM(place.lat, place.lon, at.lat, at.lon);
      if (away < nearest) {
        nearest = away;
        best = shortPlace(this.leg!.checkpoints.name[i]);
      }
    });
    return best;
  }

  /** Where a group stands still together: index of the checkpoint, -1 for one that drives. */
  parkedAt(group: Group): number {
    if (group.place === "halt") return group.checkpoint;
    if (group.place === "waiting") return 0;
    return group.place === "finished" && this.leg ? this.leg.checkpoints.id.length - 1 : -1;
  }

  parkedWords(group: Group): string {
    const n = group.rows.length;
    if (group.place === "waiting") return words.parked.waiting(n);
    if (group.place === "finished") return words.parked.finished(n);
    const lunch = isLunchTime(this.nowMs, this.live.feed.body!.tour.zone);
    return lunch ? words.parked.lunch(n) : words.parked.halt(n);
  }

  /** "main field", "38 cars", "41 min": the lines that a bracket says. */
  groupWords(group: Group): string[] {
    if (this.parkedAt(group) >= 0) return [this.parkedWords(group)];
    const names: Record<string, string> = words.group as never;
    const parts: string[] = [];
    if (group.place === "front" || group.place === "main" || group.place === "tail") parts.push(names[group.place]);
    parts.push(words.cars(group.cars || group.rows.length));
    if (group.minutes !== null && group.minutes > 0) parts.push(words.minutes(group.minutes));
    return parts;
  }
}
