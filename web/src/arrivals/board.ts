// What the arrivals board says, from what the server answers. Pure.
import { timeOfDay, weekday, words } from "../app/words";
import type { Vehicle, View } from "../model/field";
import { shortPlace } from "../model/saying";
import type { Leg } from "../wire/frames";

/** One window of `GET /api/v1/tours/<slug>/passing`. */
export interface Window {
  number: string;
  kind: string;
  early_ms: number;
  late_ms: number;
}

export interface Place {
  legNumber: number;
  name: string;
  alongM: number;
}

export interface BoardRow {
  vehicle: Vehicle;
  when: string; // "12–18 min", or a time of day where that is far off
  at: string; // "11:52–11:58"
}

const MINUTE_MS = 60_000;
const MINUTES_UP_TO = 90;

/** The checkpoint that somebody asked for by id or name, else the finish. */
export function placeOf(leg: Leg, legNumber: number, wanted: string | null): Place {
  const { id, name, along_m } = leg.checkpoints;
  const asked = wanted?.toLowerCase();
  const found = asked
    ? id.findIndex((v, i) => v.toLowerCase() === asked || shortPlace(name[i]).toLowerCase() === asked)
    : -1;
  const index = found >= 0 ? found : id.length - 1;
  return { legNumber, name: shortPlace(name[index]), alongM: along_m[index] };
}

export function boardRows(
  windows: readonly Window[],
  vehicles: readonly Vehicle[],
  nowMs: number,
  zone: string,
): BoardRow[] {
  const byNumber = new Map(vehicles.map((vehicle) => [vehicle.number, vehicle]));
  return windows.flatMap((window) => {
    const vehicle = byNumber.get(window.number);
    if (!vehicle || vehicle.support || window.late_ms < nowMs) return [];
    const at = words.range(timeOfDay(window.early_ms, zone), timeOfDay(window.late_ms, zone));
    return [{ vehicle, when: minutesOut(window, nowMs) ?? at, at }];
  });
}

/** "12–18 min", never one false minute; null where it is too far off to count in minutes. */
function minutesOut({ early_ms, late_ms }: Window, nowMs: number): string | null {
  const from = Math.max(Math.floor((early_ms - nowMs) / MINUTE_MS), 0);
  const to = Math.max(Math.ceil((late_ms - nowMs) / MINUTE_MS), from + 1);
  if (to > MINUTES_UP_TO) return null;
  if (to <= 2) return words.anyMinute;
  return from === 0 ? words.within(to) : words.minutesRange(from, to);
}

/** "34 arrived · 21 on the road · 2 no longer driving": participants of a leg. */
export function countWords(views: readonly View[], legNumber: number): string {
  const counts = { finished: 0, road: 0, waiting: 0, out: 0 };
  for (const { vehicle, legNumber: leg, condition } of views) {
    if (vehicle.support || (leg !== legNumber && condition !== "out" && condition !== "never")) continue;
    if (condition === "finished" || condition === "out") counts[condition]++;
    else if (condition === "waiting" || condition === "never") counts.waiting++;
    else counts.road++;
  }
  const say = words.count;
  return (Object.keys(counts) as (keyof typeof counts)[])
    .filter((key) => counts[key] > 0)
    .map((key) => say[key](counts[key]))
    .join(" · ");
}

/** What stands where nobody is on the way: everybody is home, or nobody has left yet. */
export function quietWords(views: readonly View[], legs: readonly Leg[], legNumber: number, zone: string): string {
  const cars = views.filter((v) => !v.vehicle.support && v.legNumber === legNumber);
  const place = shortPlace(legs[legNumber - 1].checkpoints.name.at(-1)!);
  const next = legs[legNumber];
  const home = cars.some((v) => v.condition === "finished");
  if (!home) return words.nobodyYet(startWords(legs[legNumber - 1], zone));
  return next ? `${words.allHome(place)}\n${words.tomorrow(startWords(next, zone))}` : words.allHome(place);
}

function startWords(leg: Leg, zone: string): string {
  return words.startsFrom(
    shortPlace(leg.checkpoints.name[0]),
    weekday(leg.start_ms, zone),
    timeOfDay(leg.start_ms, zone),
  );
}
