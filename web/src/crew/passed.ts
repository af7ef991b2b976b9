// What is on a car's record: where marshals saw it pass, beside what was tracked, and how far it came by itself. Pure.
import { timeOfDay } from "../app/words";
import { shortPlace } from "../model/saying";
import type { Desk } from "../wire/desk";
import { distance, type Scene } from "./sentence";
import { crewWords as say } from "./words";

const LEAST_M = 100; // on a trailer: less is nothing

/** A line for every checkpoint where a marshal saw the car, the newest first. */
export function passedOf(desk: Desk, { legs, tour }: Scene, row: number): string[] {
  const [vehicles, legNumbers, checkpoints, trackedMs, seenMs, who] = desk.observed;
  const time = (ms: number) => timeOfDay(ms, tour.zone);
  return vehicles
    .flatMap((vehicle, i) => (vehicle === row ? [i] : []))
    .sort((a, b) => seenMs[b] - seenMs[a])
    .map((i) => {
      const place = shortPlace(legs[legNumbers[i] - 1]?.checkpoints.name[checkpoints[i]] ?? "");
      return say.seenAt(place, time(seenMs[i]), who[i], trackedMs[i] < 0 ? "" : time(trackedMs[i]));
    });
}

/** How far it came under its own power in the whole tour, and how far on a trailer. */
export function sayOwnPower(desk: Desk, { tour }: Scene, row: number): string {
  const [ownM, carriedM] = desk.own_m[row] ?? [0, 0];
  if (ownM < LEAST_M && carriedM < LEAST_M) return "";
  return say.ownPower(distance(ownM, tour.units), carriedM < LEAST_M ? "" : distance(carriedM, tour.units));
}
