// The field at a moment of the past, from slices: the same columns and places that the live feed gives. Pure.

import { Column, type State } from "../wire/fold";
import type { Leg } from "../wire/frames";
import { NEVER } from "../wire/frames";
import type { Slice, Trace } from "../wire/segments";
import type { CourseLine } from "./course";
import { type Drawn, gapLimitMs, placeBetween, placeOn } from "./motion";
import type { Fix } from "./tracks";

const SILENT_MS = gapLimitMs(1); // a longer time between two points is a silence
const Status = { waiting: 0, finished: 4 };
const Freshness = { live: 0, silent: 2, never: 3 };
const COLUMNS = 14;

/** Where a vehicle is in the slices around a moment: its last point before, and the next one if it is known. */
interface Around {
  before: Fix;
  after: Fix | null;
  status: number;
  sinceMs: number;
}

/** What is known around a moment: the slice it lies in (or the last one before), and the one behind that. */
export interface Scene {
  slice: Slice | null;
  next: Slice | null;
}

/** The index of the last time that is not after a moment; -1 = all are. */
export function lastUpTo(timesMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle] <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function around(scene: Scene, number: string, timeMs: number): Around | null {
  const trace = scene.slice?.traces.get(number);
  if (!scene.slice || !trace) return null;
  const index = lastUpTo(trace.timesMs, timeMs);
  if (index < 0) return null;
  let after = index + 1 < trace.timesMs.length ? fixAt(trace, index + 1, scene.slice.leg) : null;
  const later = scene.next?.traces.get(number);
  if (!after && later) {
    const first = lastUpTo(later.timesMs, trace.timesMs[index]) + 1;
    if (first < later.timesMs.length) after = fixAt(later, first, scene.slice.leg);
  }
  return {
    before: fixAt(trace, index, scene.slice.leg),
    after,
    status: trace.statuses[index],
    sinceMs: sinceMs(trace, index),
  };
}

function sinceMs(trace: Trace, index: number): number {
  let first = index;
  while (first > 0 && trace.statuses[first - 1] === trace.statuses[index]) first--;
  return first === 0 ? trace.sinceMs : trace.timesMs[first];
}

function fixAt(trace: Trace, index: number, leg: number): Fix {
  return {
    timeMs: trace.timesMs[index],
    lat: trace.lats[index],
    lon: trace.lons[index],
    alongM: trace.alongM[index],
    leg,
  };
}

/** Whether nobody heard of the vehicle at that moment; who waits or has arrived has nothing to say. */
function isSilent({ before, status }: Around, timeMs: number): boolean {
  return status !== Status.waiting && status !== Status.finished && timeMs - before.timeMs > SILENT_MS;
}

/** The field's state at a moment, as the live feed would fold it. Nothing is expected: arrivals are known or they are not. */
export function stateAt(
  scene: Scene,
  numbers: readonly string[],
  legs: readonly Leg[],
  baseMs: number,
  timeMs: number,
): State {
  const state: State = Array.from({ length: COLUMNS }, () => new Int32Array(numbers.length));
  const set = (row: number, values: Partial<Record<keyof typeof Column, number>>) => {
    for (const [name, value] of Object.entries(values)) state[Column[name as keyof typeof Column]][row] = value;
  };
  numbers.forEach((number, row) => {
    set(row, { time: NEVER, along: -1, next: -1, early: NEVER, late: NEVER, uncertainFrom: -1, uncertainTo: -1 });
    set(row, { since: NEVER, freshness: Freshness.never });
    const found = around(scene, number, timeMs);
    if (!found) return;
    const { before } = found;
    const ahead = legs[before.leg - 1]?.checkpoints.along_m ?? [];
    set(row, {
      time: Math.floor((before.timeMs - baseMs) / 100),
      lat: before.lat,
      lon: before.lon,
      along: before.alongM,
      leg: before.leg,
      status: found.status,
      freshness: isSilent(found, timeMs) ? Freshness.silent : Freshness.live,
      since: Math.floor((found.sinceMs - baseMs) / 1_000),
      next: before.alongM < 0 ? -1 : ahead.findIndex((m) => m > before.alongM),
    });
  });
  return state;
}

/** The place of a vehicle at a moment, written into `out`; false where it was not heard on the leg by then. */
export function placeAt(
  scene: Scene,
  number: string,
  timeMs: number,
  courses: ReadonlyMap<number, CourseLine>,
  out: Drawn,
): boolean {
  const found = around(scene, number, timeMs);
  if (!found) return false;
  const { before, after } = found;
  out.beyond = after === null;
  if (after && after.timeMs - before.timeMs <= SILENT_MS) placeBetween(before, after, timeMs, courses, out);
  else placeOn(before, courses, out);
  return true;
}
