// What the crew's columns of the feed say about one car, in short words (docs/frames.md).

import type { LiveTour } from "../app/live";
import { stay } from "../app/words";
import { inUnits } from "../model/units";
import { Column } from "../wire/fold";
import { NEVER } from "../wire/frames";
import type { Car } from "./carsheet";
import { crewWords as say } from "./words";

const LATE_S = 300; // nearer to the plan is on time

/** A column that only crews get, null where the feed does not know. */
export function crewValue(live: LiveTour, name: string, row: number): number | null {
  const column = live.feed.body!.columns.indexOf(name);
  const value = live.feed.state[column]?.[row] ?? -1;
  return value === -1 || value === NEVER ? null : value;
}

export function factsOf(live: LiveTour, row: number): string[] {
  const { units } = live.feed.body!.tour;
  const facts: string[] = [];
  const speed = crewValue(live, "speed", row);
  if (speed !== null) facts.push(say.speed(Math.round(inUnits(speed * 360, units)), units)); // 0.1 m/s to m/h
  const offset = crewValue(live, "offset", row);
  if (offset !== null && offset > 50) facts.push(say.offset(offset));
  const deviation = crewValue(live, "deviation", row);
  if (deviation !== null && Math.abs(deviation) > LATE_S)
    facts.push(say.plan(stay(Math.abs(deviation) * 1_000), deviation > 0));
  const battery = crewValue(live, "battery", row);
  if (battery !== null) facts.push(say.battery(battery));
  return facts;
}

/** Where the newest fix of a vehicle is, degrees. */
export function placeOf(live: LiveTour, row: number): Pick<Car, "lat" | "lon"> {
  const { state } = live.feed;
  if (state[Column.time][row] === NEVER) return { lat: null, lon: null };
  return { lat: state[Column.lat][row] / 1e6, lon: state[Column.lon][row] / 1e6 };
}

export function peopleOf(live: LiveTour, row: number): string {
  return live.feed.body!.roster.crew?.[row] ?? "";
}
