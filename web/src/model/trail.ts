// A vehicle's way up to a moment: from slices of the past, and what was heard since. Pure.
import type { Slice } from "../wire/segments";
import { lastUpTo } from "./past";
import type { Fix } from "./tracks";

/** The points of a vehicle between two moments, in their order; the last one before `fromMs` leads in. */
export function trailOf(
  slices: readonly Slice[],
  heard: readonly Fix[],
  number: string,
  fromMs: number,
  toMs: number,
): Fix[] {
  const points: Fix[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  const add = (fix: Fix) => {
    if (fix.timeMs <= lastMs || fix.timeMs > toMs) return;
    if (fix.timeMs < fromMs) points.length = 0; // only the last of those before
    points.push(fix);
    lastMs = fix.timeMs;
  };
  for (const slice of slices) {
    const trace = slice.traces.get(number);
    if (!trace) continue;
    for (let i = Math.max(lastUpTo(trace.timesMs, fromMs), 0); i < trace.timesMs.length; i++) {
      add({
        timeMs: trace.timesMs[i],
        lat: trace.lats[i],
        lon: trace.lons[i],
        alongM: trace.alongM[i],
        leg: slice.leg,
      });
    }
  }
  for (const fix of heard) add(fix);
  return points;
}

/** Which slices cover the time from one moment to another, by the listing. */
export function slicesBetween<T extends { start_ms: number; end_ms: number }>(
  listed: readonly T[],
  fromMs: number,
  toMs: number,
): T[] {
  return listed.filter((each) => each.start_ms <= toMs && each.end_ms > fromMs);
}
