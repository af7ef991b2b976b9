// When do they pass? What the server answers, and how it is said: always a range, the tour's time first. Pure.
import { passingWords } from "../app/passingwords";
import { timeOfDay, words } from "../app/words";
import type { Leg } from "../wire/frames";
import { shortPlace } from "./saying";
import { type Units, wholeUnits } from "./units";

export interface Window {
  early_ms: number;
  late_ms: number;
  planned: boolean;
}

export interface VehicleWindow extends Window {
  number: string;
  kind: "participant" | "support";
}

/** GET /api/v1/tours/<slug>/passing */
export interface Passing {
  leg: number;
  along_m: number;
  now_ms: number;
  next: VehicleWindow[];
  overdue: VehicleWindow[];
  field: { early_ms: number | null; late_ms: number | null; coming: number; overdue: number; passed: number };
}

/** GET /api/v1/tours/<slug>/vehicles/<number>/arrivals */
export interface Arrivals {
  number: string;
  leg: number;
  now_ms: number;
  checkpoints: (Window & { id: string; name: string; kind: string; along_m: number })[];
}

const MINUTE_MS = 60_000;
const IN_MINUTES_MS = 99 * MINUTE_MS; // beyond, only the times of day say something
const AT_CHECKPOINT_M = 300;

/** "in 21–28 min", or "" where it is over, or too far ahead to be said so. */
export function sayWait(window: Window, nowMs: number): string {
  if (window.late_ms <= nowMs || window.late_ms - nowMs > IN_MINUTES_MS) return "";
  const from = Math.max(Math.floor((window.early_ms - nowMs) / MINUTE_MS), 0);
  const to = Math.max(Math.ceil((window.late_ms - nowMs) / MINUTE_MS), from + 1);
  if (to <= 2) return passingWords.soon;
  return from === 0 ? passingWords.within(to) : passingWords.inMinutes(from, to);
}

/** "11:42–11:49" at the tour. */
export function sayTimes(window: { early_ms: number; late_ms: number }, zone: string): string {
  return passingWords.times(timeOfDay(window.early_ms, zone), timeOfDay(window.late_ms, zone));
}

/** The same by the reader's own clock, or "" where that shows the same. */
export function sayOwnTimes(window: { early_ms: number; late_ms: number }, zone: string, ownZone: string): string {
  const own = sayTimes(window, ownZone);
  return own === sayTimes(window, zone) ? "" : passingWords.ownTimes(own);
}

/** "mile 54, between Bodega Bay and Jenner", or "Jenner, mile 61" where it is a checkpoint. */
export function sayPlace(leg: Leg, alongM: number, units: Units): string {
  const { name, along_m } = leg.checkpoints;
  const mark = words.mark(wholeUnits(alongM, units), units);
  const here = along_m.findIndex((m) => Math.abs(m - alongM) <= AT_CHECKPOINT_M);
  if (here >= 0) return passingWords.at(shortPlace(name[here]), mark);
  const next = along_m.findIndex((m) => m > alongM);
  if (next <= 0) return mark;
  return passingWords.between(mark, shortPlace(name[next - 1]), shortPlace(name[next]));
}

/** What a car has ahead that people ask for: the next checkpoint, the next halt, the finish; each once, in their order. */
export function milestones(arrivals: Arrivals): Arrivals["checkpoints"] {
  const ahead = arrivals.checkpoints;
  const wanted = [
    ahead[0],
    ahead.find((point) => point.kind === "halt"),
    ahead.find((point) => point.kind === "finish"),
  ];
  return ahead.filter((point) => wanted.includes(point));
}
