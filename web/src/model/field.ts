// The field as people speak of it: who each vehicle is, what it is doing, who is first, last and in trouble.
import { Column, type State } from "../wire/fold";
import { type Leg, NEVER, type Roster, type SnapshotBody } from "../wire/frames";
import { OFF_COURSE } from "./tracks";

export interface Vehicle {
  row: number;
  number: string;
  support: boolean;
  role: string;
  name: string; // "Alfa Romeo 8C 2300", or the role of a support vehicle
  year: number; // 0 = unknown
  className: string;
  palette: string; // name of its class colour
  startOrder: number;
  searched: string; // everything that a search looks at, in lower case
}

/** One word for what a vehicle is doing, in falling order of precedence. */
export type Condition =
  | "out" // retired, trailered, withdrawn, out of time: decided by hand
  | "finished"
  | "never"
  | "offCourse"
  | "halt" // stopped where one is meant to stop
  | "silent"
  | "stopped"
  | "waiting"
  | "running";

export interface View {
  vehicle: Vehicle;
  condition: Condition;
  attention: boolean;
  legNumber: number; // 1-based, 0 = none
  alongM: number; // last known place on the course, OFF_COURSE if never
  fixTimeMs: number | null;
  sinceMs: number;
  checkpoint: number; // the halt it is at, or the next checkpoint; -1 = none
  earlyMs: number | null;
  lateMs: number | null;
  uncertain: [number, number] | null;
  standing: number;
}

const AT_CHECKPOINT_M = 1_500;
const Status = { waiting: 0, running: 1, stopped: 2, offCourse: 3, finished: 4 };
const Freshness = { silent: 2, never: 3 };
const EXTRA_PALETTES = ["class-c", "class-d", "class-e"];

/** Colours by class name: pre-war and post-war have their own, any other takes the next that is free. */
export function paletteOf(className: string, others: Map<string, string>): string {
  if (/pre.?war|ante.?guerra/i.test(className)) return "prewar";
  if (/post.?war|dopo.?guerra/i.test(className)) return "postwar";
  const key = className.toLowerCase();
  let palette = others.get(key);
  if (!palette) {
    palette = EXTRA_PALETTES[others.size % EXTRA_PALETTES.length];
    others.set(key, palette);
  }
  return palette;
}

function decadeOf(year: number): string {
  return `${year - (year % 10)}s`;
}

/** Text as a search sees it: without case, accents and hyphens, so that "prewar" finds "Pre-War" and "Citroen" Citroën. */
export function searchable(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f-]/g, "")
    .toLowerCase();
}

export function vehiclesFrom(roster: Roster): Vehicle[] {
  const others = new Map<string, string>();
  return roster.number.map((number, row) => {
    const support = roster.kind[row] === 1;
    const role = roster.role[row];
    const makeAndModel = [roster.make[row], roster.model[row]].filter(Boolean).join(" ");
    const className = roster.class[row];
    const year = roster.year[row];
    return {
      row,
      number,
      support,
      role,
      name: makeAndModel || role.charAt(0).toUpperCase() + role.slice(1) || number,
      year,
      className,
      palette: support ? "support" : paletteOf(className, others),
      startOrder: roster.start_order[row],
      searched: searchable(
        [number, makeAndModel, year ? `${year} ${decadeOf(year)}` : "", className, role, roster.colour[row]].join(" "),
      ),
    };
  });
}

export function conditionOf(state: State, row: number, leg: Leg | undefined): Condition {
  if (state[Column.standing][row] !== 0) return "out";
  const status = state[Column.status][row];
  const freshness = state[Column.freshness][row];
  if (status === Status.finished) return "finished";
  if (freshness === Freshness.never) return "never";
  if (status === Status.offCourse) return "offCourse";
  if (status === Status.stopped && leg && haltAt(leg, state[Column.along][row]) >= 0) return "halt";
  if (freshness === Freshness.silent && status !== Status.waiting) return "silent";
  if (status === Status.stopped) return "stopped";
  return status === Status.waiting ? "waiting" : "running";
}

/** When a vehicle is due to leave, or null for one without a start of its own (support, or a cancelled leg). */
export function dueMs(vehicle: Vehicle, leg: Leg, startIntervalS: number): number | null {
  if (vehicle.startOrder < 0 || leg.cancelled) return null;
  return leg.start_ms + (leg.delay_s + vehicle.startOrder * startIntervalS) * 1_000;
}

/** Index of the halt that a place on the course belongs to, or -1. */
export function haltAt(leg: Leg, alongM: number): number {
  const { kind, along_m } = leg.checkpoints;
  return kind.findIndex((k, i) => k === "halt" && alongM >= 0 && Math.abs(along_m[i] - alongM) <= AT_CHECKPOINT_M);
}

/** What may be said of every vehicle now. `lastAlong` keeps the last place on the course of those that left it. */
export function viewsOf(body: SnapshotBody, state: State, vehicles: Vehicle[], lastAlong: Int32Array): View[] {
  const time = (column: number, row: number) => {
    const value = state[column][row];
    return value === NEVER ? null : body.base_ms + value * 1_000;
  };
  return vehicles.map((vehicle) => {
    const { row } = vehicle;
    const legNumber = state[Column.leg][row];
    const leg = body.legs[legNumber - 1];
    const alongM = state[Column.along][row];
    if (alongM !== OFF_COURSE) lastAlong[row] = alongM;
    const condition = conditionOf(state, row, leg);
    const tenths = state[Column.time][row];
    const from = state[Column.uncertainFrom][row];
    return {
      vehicle,
      condition,
      attention: condition === "offCourse" || condition === "silent" || (condition === "stopped" && !vehicle.support),
      legNumber,
      alongM: lastAlong[row],
      fixTimeMs: tenths === NEVER ? null : body.base_ms + tenths * 100,
      sinceMs: body.base_ms + state[Column.since][row] * 1_000,
      checkpoint: condition === "halt" ? haltAt(leg, alongM) : state[Column.next][row],
      earlyMs: time(Column.early, row),
      lateMs: time(Column.late, row),
      uncertain: from >= 0 ? [from, state[Column.uncertainTo][row]] : null,
      standing: state[Column.standing][row],
    };
  });
}

/** The leg to show: where most of the participants are who are still out, else where most are. */
export function legOfTheDay(views: readonly View[], legs: number): number {
  const out = new Array<number>(legs + 1).fill(0);
  for (const { vehicle, legNumber, condition } of views) {
    if (vehicle.support || legNumber < 1 || legNumber > legs) continue;
    out[legNumber] += condition === "finished" || condition === "out" ? 0.01 : 1;
  }
  let best = 1;
  for (let leg = 2; leg <= legs; leg++) if (out[leg] > out[best]) best = leg;
  return best;
}

export interface Notable {
  first: number; // rows; -1 = none
  last: number;
  sweep: number;
}

const DRIVING: ReadonlySet<Condition> = new Set(["running", "stopped", "silent", "halt"]);

/** First and last participant out on a leg (nobody is last before all have started), and the sweep car. */
export function notable(views: readonly View[], leg: number): Notable {
  const result: Notable = { first: -1, last: -1, sweep: -1 };
  let front = -1;
  let back = Number.POSITIVE_INFINITY;
  let waiting = false;
  for (const { vehicle, condition, legNumber, alongM } of views) {
    if (legNumber !== leg) continue;
    if (condition === "waiting" && !vehicle.support) waiting = true;
    if (/sweep|scopa/i.test(vehicle.role)) result.sweep = vehicle.row;
    if (vehicle.support || !DRIVING.has(condition) || alongM < 0) continue;
    if (alongM > front) {
      front = alongM;
      result.first = vehicle.row;
    }
    if (alongM < back) {
      back = alongM;
      result.last = vehicle.row;
    }
  }
  if (waiting) result.last = -1;
  return result;
}
