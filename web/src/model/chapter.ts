// Where the tour is in its story: before the first start, on the road, overnight, over. What a page says about it. Pure.
import { duration, timeOfDay, weekday, words } from "../app/words";
import type { Leg, SnapshotBody } from "../wire/frames";
import type { View } from "./field";
import { shortPlace } from "./saying";
import { inUnits } from "./units";

export interface Chapter {
  title: string;
  lines: string[];
}

const SOON_MS = 14 * 3_600_000; // the next start is worth a word from the evening on

/** What to say above the list, or null while the field is simply on the road. */
export function chapterOf(
  body: SnapshotBody,
  views: readonly View[],
  legNumber: number,
  nowMs: number,
): Chapter | null {
  const { legs, tour } = body;
  const leg = legs[legNumber - 1];
  const presentMs = nowMs + tour.delay_s * 1_000; // a start is awaited in the present, however late the picture is
  const cars = views.filter((v) => !v.vehicle.support);
  const here = cars.filter((v) => v.legNumber === legNumber || v.condition === "never");
  const home = here.filter((v) => v.condition === "finished").length;
  const onRoad = here.some((v) => !RESTING.has(v.condition));
  const next = legs.findIndex((l, i) => i >= legNumber && !l.cancelled) + 1; // its number; 0 = none
  if (leg.cancelled)
    return { title: words.chapter.cancelled(legNumber), lines: next ? [startOf(body, next, nowMs)] : [] };
  if (startMs(leg) > presentMs && home === 0) {
    const first = cars.find((v) => v.vehicle.startOrder === 0);
    const lines = [`${leg.title} · ${lengthOf(leg, tour.units)}`, startOf(body, legNumber, nowMs)];
    if (leg.delay_s > 0) lines.push(words.chapter.delayed(timeOfDay(leg.start_ms, tour.zone)));
    if (first) lines.push(words.chapter.firstCar(words.cars(cars.length), first.vehicle.number, first.vehicle.name));
    return { title: words.chapter.startsIn(duration(startMs(leg) - presentMs)), lines };
  }
  if (onRoad || home === 0) return null;
  const place = shortPlace(leg.checkpoints.name.at(-1)!);
  const arrived = words.chapter.arrived(home, cars.length, place);
  if (next) {
    const soon = startMs(legs[next - 1]) - nowMs < SOON_MS * 2;
    return { title: arrived, lines: soon ? [startOf(body, next, nowMs)] : [] };
  }
  const driven = legs.filter((l) => !l.cancelled);
  const metres = driven.reduce((sum, l) => sum + l.length_m, 0);
  const miles = words.distance(Math.round(inUnits(metres, tour.units)), tour.units);
  return { title: words.chapter.over, lines: [arrived, words.chapter.summary(driven.length, miles)] };
}

const RESTING: ReadonlySet<View["condition"]> = new Set(["finished", "out", "never", "waiting"]);

function startMs(leg: Leg): number {
  return leg.start_ms + leg.delay_s * 1_000;
}

function lengthOf(leg: Leg, units: "mi" | "km"): string {
  return words.distance(Math.round(inUnits(leg.length_m, units)), units);
}

/** "Leg 2 starts Tue 08:00 from Fort Bragg". */
function startOf({ legs, tour }: SnapshotBody, legNumber: number, nowMs: number): string {
  const leg = legs[legNumber - 1];
  const from = shortPlace(leg.checkpoints.name[0]);
  const at = startMs(leg);
  const day =
    weekday(at, tour.zone) === weekday(nowMs, tour.zone) && at - nowMs < 86_400_000 ? "" : weekday(at, tour.zone);
  return words.chapter.starts(legNumber, day, timeOfDay(at, tour.zone), from);
}
