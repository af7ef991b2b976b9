// Where a vehicle is drawn at a moment of the tour: between two fixes along the course, and never far beyond the last.
import type { CourseLine, Place } from "./course";
import { mercatorX, mercatorY } from "./mercator";
import { type Fix, OFF_COURSE, type Tracks } from "./tracks";

const MAX_EXTRAPOLATION_MS = 3_000;
const MAX_GAP_MS = 60_000;
const GAP_BEATS = 3; // a clock that runs fast sends fixes further apart: this many beats on screen are no gap

/** Longest time between two fixes that is filled with motion, in tour ms. */
export function gapLimitMs(rate: number): number {
  return Math.max(MAX_GAP_MS, GAP_BEATS * 1_000 * rate);
}

export interface Drawn extends Place {
  alongM: number; // OFF_COURSE where there is none
  fixTimeMs: number; // time of the fix that the place rests on
  moving: boolean;
  beyond: boolean; // the moment asked for lies after the newest fix: the place is held
}

export function newDrawn(): Drawn {
  return {
    lat: 0,
    lon: 0,
    x: 0,
    y: 0,
    dx: 0,
    dy: -1,
    alongM: OFF_COURSE,
    fixTimeMs: 0,
    moving: false,
    beyond: false,
  };
}

const older: Fix = { timeMs: 0, lat: 0, lon: 0, alongM: 0, leg: 0 };
const newer: Fix = { timeMs: 0, lat: 0, lon: 0, alongM: 0, leg: 0 };

/**
 * The place of vehicle `row` at `timeMs`, written into `out`; false where nothing is known of it.
 *
 * `courses` holds the lines known so far by leg number (1-based), `running` says whether the vehicle may be carried
 * on for a moment beyond its last fix.
 */
export function placeVehicle(
  tracks: Tracks,
  row: number,
  timeMs: number,
  courses: ReadonlyMap<number, CourseLine>,
  limitMs: number,
  running: boolean,
  out: Drawn,
): boolean {
  if (!tracks.read(row, 0, newer)) return false;
  out.beyond = timeMs > newer.timeMs;
  if (timeMs >= newer.timeMs) {
    const ahead = Math.min(timeMs - newer.timeMs, MAX_EXTRAPOLATION_MS);
    const carried = running && tracks.read(row, 1, older) && newer.timeMs - older.timeMs <= limitMs;
    if (carried && sameLine(older, newer)) {
      const speed = (newer.alongM - older.alongM) / (newer.timeMs - older.timeMs);
      setAlong(newer, newer.alongM + Math.max(speed, 0) * ahead, speed, courses, out);
      out.fixTimeMs = newer.timeMs;
    } else placeOn(newer, courses, out);
    return true;
  }
  for (let back = 1; ; back++) {
    if (!tracks.read(row, back, older)) {
      placeOn(newer, courses, out); // asked for a moment before anything that is known: the oldest
      return true;
    }
    if (older.timeMs <= timeMs) break;
    Object.assign(newer, older);
  }
  if (newer.timeMs - older.timeMs > limitMs) placeOn(older, courses, out);
  else placeBetween(older, newer, timeMs, courses, out);
  return true;
}

/** Between two fixes: along the course where both are on it, else straight. */
export function placeBetween(
  from: Fix,
  to: Fix,
  timeMs: number,
  courses: ReadonlyMap<number, CourseLine>,
  out: Drawn,
): void {
  out.fixTimeMs = from.timeMs;
  const span = to.timeMs - from.timeMs;
  const f = (timeMs - from.timeMs) / span;
  if (sameLine(from, to)) {
    const alongM = from.alongM + f * (to.alongM - from.alongM);
    setAlong(from, alongM, (to.alongM - from.alongM) / span, courses, out, to, f);
  } else setStraight(from, to, f, out);
}

/** Where a fix was, standing still. */
export function placeOn(fix: Fix, courses: ReadonlyMap<number, CourseLine>, out: Drawn): void {
  setAlong(fix, fix.alongM, 0, courses, out);
  out.fixTimeMs = fix.timeMs;
}

function sameLine(a: Fix, b: Fix): boolean {
  return a.leg === b.leg && a.alongM !== OFF_COURSE && b.alongM !== OFF_COURSE;
}

/** On the course where its line is known, else on the straight line from `from` to `to`. */
function setAlong(
  from: Fix,
  alongM: number,
  speed: number, // metres a ms, along the course
  courses: ReadonlyMap<number, CourseLine>,
  out: Drawn,
  to: Fix = from,
  f = 0,
): void {
  const line = from.alongM === OFF_COURSE ? undefined : courses.get(from.leg);
  if (line) line.placeAt(alongM, out);
  else setStraight(from, to, f, out);
  if (speed < 0) {
    out.dx = -out.dx;
    out.dy = -out.dy;
  }
  out.alongM = from.alongM === OFF_COURSE ? OFF_COURSE : alongM;
  out.moving = Math.abs(speed) > 0.0005;
}

function setStraight(from: Fix, to: Fix, f: number, out: Drawn): void {
  out.lat = (from.lat + f * (to.lat - from.lat)) / 1e6;
  out.lon = (from.lon + f * (to.lon - from.lon)) / 1e6;
  out.x = mercatorX(out.lon);
  out.y = mercatorY(out.lat);
  const dx = mercatorX(to.lon / 1e6) - mercatorX(from.lon / 1e6);
  const dy = mercatorY(to.lat / 1e6) - mercatorY(from.lat / 1e6);
  const length = Math.hypot(dx, dy);
  out.moving = length > 1e-9;
  if (out.moving) {
    out.dx = dx / length;
    out.dy = dy / length;
  }
  out.alongM = OFF_COURSE;
}
