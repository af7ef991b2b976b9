// The race-flow chart's geometry: distance over time, a line per car. Pure but for the history that it gathers.

export interface FlowPoint {
  ms: number;
  alongM: number;
}

const TOLERANCE_M = 40; // the drawn line keeps so near to every fix
const GAP_MS = 15 * 60_000; // over a longer silence no line is drawn
const PLAN_STEPS = 200;

interface Line {
  points: FlowPoint[];
  slowest: number; // metres a ms from the last point but one that all fixes since allow
  fastest: number;
}

/** Where every car was when, as far as this page has heard; thinned as it comes (a swinging door). */
export class FlowHistory {
  private readonly lines = new Map<string, Line>();
  private readonly past = new Map<string, Line>(); // from before this page was opened
  private readonly plans = new Map<number, Float64Array>(); // per leg: when the first car is due, by along

  add(leg: number, row: number, ms: number, alongM: number): void {
    if (leg >= 1 && alongM >= 0) grow(this.lines, `${leg}/${row}`, ms, alongM);
  }

  addPast(leg: number, row: number, ms: number, alongM: number): void {
    if (alongM >= 0) grow(this.past, `${leg}/${row}`, ms, alongM);
  }

  /** Everything that is known of a car on a leg; what was heard live stands before what slices say of the same time. */
  line(leg: number, row: number): readonly FlowPoint[] {
    const key = `${leg}/${row}`;
    const live = this.lines.get(key)?.points ?? [];
    const firstMs = live[0]?.ms ?? Number.POSITIVE_INFINITY;
    const before = (this.past.get(key)?.points ?? []).filter(({ ms }) => ms < firstMs);
    return before.length > 0 ? [...before, ...live] : live;
  }

  /** A car's schedule deviation tells when the plan has the first car at this place. */
  addPlan(leg: number, lengthM: number, alongM: number, firstCarMs: number): void {
    let plan = this.plans.get(leg);
    if (!plan) {
      plan = new Float64Array(PLAN_STEPS + 1).fill(Number.NaN);
      this.plans.set(leg, plan);
    }
    const step = Math.round((alongM / lengthM) * PLAN_STEPS);
    if (step >= 0 && step <= PLAN_STEPS) plan[step] = firstCarMs;
  }

  /** The plan of the first car as far as it is known, from the start on. */
  plan(leg: number, lengthM: number, startMs: number): FlowPoint[] {
    const points: FlowPoint[] = [{ ms: startMs, alongM: 0 }];
    this.plans.get(leg)?.forEach((ms, step) => {
      const last = points[points.length - 1];
      if (ms > last.ms) points.push({ ms, alongM: (step / PLAN_STEPS) * lengthM });
    });
    return points.length > 1 ? points : [];
  }
}

function grow(lines: Map<string, Line>, key: string, ms: number, alongM: number): void {
  const line = lines.get(key);
  if (!line) {
    lines.set(key, { points: [{ ms, alongM }], slowest: 0, fastest: 0 });
    return;
  }
  const { points } = line;
  const last = points[points.length - 1];
  if (ms <= last.ms) return;
  const anchor = points[points.length - 2];
  if (anchor && ms - last.ms < GAP_MS) {
    narrow(line, anchor, ms, alongM);
    if (line.slowest <= line.fastest) {
      points[points.length - 1] = { ms, alongM };
      return;
    }
  }
  points.push({ ms, alongM });
  line.slowest = Number.NEGATIVE_INFINITY;
  line.fastest = Number.POSITIVE_INFINITY;
  narrow(line, last, ms, alongM);
}

function narrow(line: Line, anchor: FlowPoint, ms: number, alongM: number): void {
  const metres = alongM - anchor.alongM;
  line.slowest = Math.max(line.slowest, (metres - TOLERANCE_M) / (ms - anchor.ms));
  line.fastest = Math.min(line.fastest, (metres + TOLERANCE_M) / (ms - anchor.ms));
}

export interface FlowBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
  fromMs: number;
  toMs: number;
  lengthM: number;
}

export function xOf(box: FlowBox, ms: number): number {
  return box.left + ((ms - box.fromMs) / (box.toMs - box.fromMs || 1)) * (box.right - box.left);
}

export function yOf(box: FlowBox, alongM: number): number {
  return box.bottom - (alongM / (box.lengthM || 1)) * (box.bottom - box.top);
}

/** Parts of a line without the long silences in it. */
export function partsOf(line: readonly FlowPoint[]): FlowPoint[][] {
  const parts: FlowPoint[][] = [];
  line.forEach((point, i) => {
    if (i === 0 || point.ms - line[i - 1].ms > GAP_MS) parts.push([]);
    parts[parts.length - 1].push(point);
  });
  return parts;
}

/** How far a line passes from a place on the chart, in pixels; infinite where it is not there at that time. */
export function pixelsFrom(box: FlowBox, line: readonly FlowPoint[], x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const part of partsOf(line)) {
    part.forEach((point, i) => {
      const [ax, ay] = [xOf(box, point.ms), yOf(box, point.alongM)];
      const next = part[i + 1] ?? point;
      const [bx, by] = [xOf(box, next.ms), yOf(box, next.alongM)];
      const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
      const f = length2 > 0 ? Math.min(Math.max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2, 0), 1) : 0;
      nearest = Math.min(nearest, Math.hypot(ax + f * (bx - ax) - x, ay + f * (by - ay) - y));
    });
  }
  return nearest;
}

const STEPS_MIN = [5, 10, 15, 30, 60, 120, 180, 240];

/** Round times of day for the axis, so many minutes apart that `room` of them fit. */
export function ticksOf(fromMs: number, toMs: number, room: number): number[] {
  const minutes = (toMs - fromMs) / 60_000;
  const step = 60_000 * (STEPS_MIN.find((each) => minutes / each <= room) ?? 360);
  const ticks: number[] = [];
  for (let ms = Math.ceil(fromMs / step) * step; ms <= toMs; ms += step) ticks.push(ms);
  return ticks;
}
