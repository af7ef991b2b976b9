// The tour as it is known at this moment: feed, clock, fixes, courses. Everything that is drawn is read from here.

import { TourClock } from "../model/clock";
import { type CourseJson, CourseLine } from "../model/course";
import { PictureDelay } from "../model/delay";
import { type Vehicle, type View, vehiclesFrom, viewsOf } from "../model/field";
import { type Drawn, gapLimitMs, newDrawn, placeVehicle } from "../model/motion";
import { type Fix, OFF_COURSE, Tracks } from "../model/tracks";
import type { Units } from "../model/units";
import { Feed } from "../wire/feed";
import { Column, type State } from "../wire/fold";
import { type Message, NEVER, type SnapshotBody } from "../wire/frames";

const RUNNING = 1;
const QUIET_MS = 60_000;

/** The field at another time than now, in the place of what is heard. */
export interface Past {
  readonly legNumber: number;
  readonly playing: boolean;
  nowMs(localMs: number): number;
  words(): { sign: string; time: string; help: string };
  state(): State;
  prepare(timeMs: number): void;
  place(row: number, timeMs: number, courses: ReadonlyMap<number, CourseLine>, out: Drawn): boolean;
}

export class LiveTour {
  past: Past | null = null;
  readonly feed = new Feed();
  readonly clock = new TourClock();
  readonly courses = new Map<number, CourseLine>(); // by leg number
  vehicles: Vehicle[] = [];
  drawn: Drawn[] = [];
  known: boolean[] = [];
  delay: PictureDelay | null = null;
  renderMs = 0;
  newestFixMs = 0;
  private tracks = new Tracks(0);
  private lastAlong = new Int32Array(0);
  private rosterKey = "";
  private readonly loading = new Set<string>();
  private units: Units | null = null;

  /** Folds a message in. "fresh" = another field than before, "gap" = a snapshot must be asked for. */
  accept(message: Message, localMs: number): "fresh" | "changed" | "nothing" | "gap" {
    const outcome = this.feed.accept(message);
    if (outcome.kind === "gap") return "gap";
    this.clock.hear(message.nowMs, localMs, message.kind === "snapshot" ? message.rate : undefined);
    if (outcome.kind === "nothing") return "nothing";
    if (outcome.kind === "moved") {
      this.takeFixes(outcome.rows, message.nowMs);
      return "changed";
    }
    const fresh = this.takeRoster(outcome.body);
    this.takeFixes(this.vehicles.map((v) => v.row));
    return fresh ? "fresh" : "changed";
  }

  /** Miles or kilometres from now on, whatever the organiser prefers. */
  setUnits(units: Units | null): void {
    this.units = units;
    if (units && this.feed.body) this.feed.body.tour.units = units;
  }

  private takeRoster(body: SnapshotBody): boolean {
    this.setUnits(this.units);
    const key = JSON.stringify([body.tour.slug, body.tour.version, body.roster.number, body.legs.map((l) => l.course)]);
    if (key === this.rosterKey) return false;
    this.rosterKey = key;
    this.vehicles = vehiclesFrom(body.roster);
    this.tracks = new Tracks(this.vehicles.length);
    this.lastAlong = new Int32Array(this.vehicles.length).fill(OFF_COURSE);
    this.drawn = this.vehicles.map(newDrawn);
    this.known = this.vehicles.map(() => false);
    this.courses.clear();
    this.delay = new PictureDelay(this.clock.rate, body.tour.interval_s);
    return true;
  }

  private takeFixes(rows: readonly number[], frameMs?: number): void {
    const { state, body } = this.feed;
    const limit = gapLimitMs(this.clock.rate);
    const ages: number[] = [];
    for (const row of rows) {
      const tenths = state[Column.time][row];
      if (tenths === NEVER) continue;
      const fix: Fix = {
        timeMs: body!.base_ms + tenths * 100,
        lat: state[Column.lat][row],
        lon: state[Column.lon][row],
        alongM: state[Column.along][row],
        leg: state[Column.leg][row],
      };
      const before = this.tracks.newestMs(row);
      if (before === fix.timeMs) continue;
      if (frameMs !== undefined && before !== null && fix.timeMs - before <= limit) ages.push(frameMs - before);
      this.tracks.push(row, fix);
      this.newestFixMs = Math.max(this.newestFixMs, fix.timeMs);
    }
    if (ages.length > 0) this.delay?.need(ages);
  }

  /** The moment that is shown. */
  nowMs(localMs: number): number {
    return this.past?.nowMs(localMs) ?? this.clock.nowMs(localMs);
  }

  views(): View[] {
    if (this.past) {
      const unknown = new Int32Array(this.vehicles.length).fill(OFF_COURSE);
      return viewsOf(this.feed.body!, this.past.state(), this.vehicles, unknown);
    }
    return viewsOf(this.feed.body!, this.feed.state, this.vehicles, this.lastAlong);
  }

  /** Moves every vehicle to where it is drawn at this moment of the screen. */
  place(localMs: number): void {
    if (!this.delay) return;
    if (this.past) {
      const timeMs = this.past.nowMs(localMs);
      this.past.prepare(timeMs);
      for (const { row } of this.vehicles)
        this.known[row] = this.past.place(row, timeMs, this.courses, this.drawn[row]);
      return;
    }
    this.renderMs = this.delay.renderMs(this.clock.nowMs(localMs));
    const limit = gapLimitMs(this.clock.rate);
    const status = this.feed.state[Column.status];
    for (const { row } of this.vehicles) {
      const running = status[row] === RUNNING;
      const out = this.drawn[row];
      this.known[row] = placeVehicle(this.tracks, row, this.renderMs, this.courses, limit, running, out);
    }
  }

  /** How far behind the present the newest thing in the picture is, in tour ms. */
  ageMs(localMs: number): number {
    const now = this.clock.nowMs(localMs);
    return Math.max(now - Math.min(this.renderMs || now, this.newestFixMs), 0);
  }

  /** Whether nothing new is in the picture though it should be: a minute of the reader's longer than it runs behind. */
  isQuiet(localMs: number): boolean {
    const { rate } = this.clock;
    return this.newestFixMs === 0 || this.ageMs(localMs) > (this.delay?.ms ?? 0) + QUIET_MS * Math.max(rate, 1);
  }

  /** Fetches the course of a leg unless it is there or on its way. */
  async loadCourse(legNumber: number): Promise<CourseLine | null> {
    const body = this.feed.body;
    const leg = body?.legs[legNumber - 1];
    if (!body || !leg || this.courses.has(legNumber) || this.loading.has(leg.course)) return null;
    this.loading.add(leg.course);
    try {
      const slug = encodeURIComponent(body.tour.slug);
      const response = await fetch(`/api/v1/tours/${slug}/courses/${encodeURIComponent(leg.course)}`);
      if (!response.ok) return null;
      const line = new CourseLine((await response.json()) as CourseJson);
      if (this.feed.body?.legs[legNumber - 1]?.course !== leg.course) return null; // the tour changed meanwhile
      this.courses.set(legNumber, line);
      return line;
    } catch {
      return null; // the next look at the field tries again
    } finally {
      this.loading.delete(leg.course);
    }
  }
}
