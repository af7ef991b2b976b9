// What is worth saying about the field at a moment: who is important, who drives together, how far the first is.
import type { CheckpointNote } from "../map/coursepicture";
import { legOfTheDay, notable, type View } from "../model/field";
import { type Group, groupsOf, paceMpmin } from "../model/groups";
import type { LiveTour } from "./live";
import type { Narrator } from "./narrator";

const DEAD_ZONE_CARS = 3;

export class Outlook {
  views: View[] = [];
  groups: Group[] = [];
  important: ReadonlySet<number> = new Set();
  notes: ReadonlyMap<number, CheckpointNote> = new Map();
  legNumber = 0;
  drivenM = 0;

  constructor(
    private readonly live: LiveTour,
    private readonly narrator: Narrator,
  ) {}

  /** Looks at the field; `wantedLeg` 0 is the leg of the day. `kept` are numbers that somebody keeps an eye on. */
  look(nowMs: number, wantedLeg: number, selected: number, kept: ReadonlySet<string>): void {
    const { legs } = this.live.feed.body!;
    this.views = this.live.views();
    this.legNumber = legs[wantedLeg - 1] ? wantedLeg : legOfTheDay(this.views, legs.length);
    const leg = legs[this.legNumber - 1];
    this.narrator.look(this.views, this.legNumber, nowMs);
    const { first, last, sweep } = notable(this.views, this.legNumber);
    const important = new Set([selected, first, last, sweep].filter((row) => row >= 0));
    for (const view of this.views) {
      const { vehicle, condition } = view;
      // In a dead zone many fall silent together: then silence is no news about one of them.
      if (condition === "silent" && this.narrator.silentAround(view) >= DEAD_ZONE_CARS) view.attention = false;
      if (view.attention || kept.has(vehicle.number)) important.add(vehicle.row);
    }
    this.important = important;
    this.groups = groupsOf(this.views, this.legNumber, leg, paceMpmin(this.views, leg, nowMs));
    const ahead = this.views[selected >= 0 ? selected : first];
    const onIt = ahead?.legNumber === this.legNumber;
    this.drivenM = onIt ? Math.max(ahead.alongM, 0) : this.somebodyArrived() ? leg.length_m : 0;
    this.notes = this.notesAtCheckpoints();
  }

  private somebodyArrived(): boolean {
    return this.views.some((v) => v.legNumber === this.legNumber && v.condition === "finished");
  }

  /** What stands at a checkpoint is written under its name. */
  private notesAtCheckpoints(): Map<number, CheckpointNote> {
    const notes = new Map<number, CheckpointNote>();
    for (const group of this.groups) {
      const checkpoint = this.narrator.parkedAt(group);
      if (checkpoint >= 0 && group.rows.length > 1) notes.set(checkpoint, { text: this.narrator.parkedWords(group) });
    }
    return notes;
  }
}
