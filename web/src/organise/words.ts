// The organiser's page's catalogue, and what it says of times and devices.
import { chooseCatalogue } from "../app/language";
import { durationIn, timeOfDayIn } from "../app/times";
import { type OrganiseCatalogue, organiseEn } from "../locales/organise-en";
import { organiseIt } from "../locales/organise-it";
import { wholeUnits } from "../model/units";
import type { Device, ProblemKind, Roll, Seen, Vehicle } from "./roll";

export const words: OrganiseCatalogue = chooseCatalogue([organiseEn, organiseIt]);

export function duration(ms: number): string {
  return durationIn(words, ms);
}

export function timeOfDay(ms: number, zone: string): string {
  return timeOfDayIn(words.language, ms, zone);
}

/** What is wrong with a device, and what to do about it. */
export function adviceOf(kind: ProblemKind, device: Device, nowMs: number): { what: string; mend: string } {
  const clockErrorMs = (device.clock_error_s ?? 0) * 1000;
  return words.problem(kind, {
    ago: duration(nowMs - (device.heard_at_ms ?? nowMs)),
    every: duration((device.every_s ?? 0) * 1000),
    accuracy: `${Math.round(device.accuracy_m ?? 0)} m`,
    battery: `${Math.round(device.battery_pct ?? 0)} %`,
    clock: duration(Math.abs(clockErrorMs)),
    clockAhead: clockErrorMs > 0,
    positionAge: duration(nowMs - (device.fix_time_ms ?? nowMs)),
    box: device.box,
  });
}

/** When and where a vehicle was last believed to be. */
export function lastSeen(seen: Seen | null, tour: Roll["tour"], nowMs: number): string {
  if (seen === null) return words.neverSeen;
  const [time, ago] = [timeOfDay(seen.fix_time_ms, tour.zone), duration(nowMs - seen.fix_time_ms)];
  if (seen.along_m === null) return words.seen(time, ago);
  return words.seenAt(time, ago, words.mark(wholeUnits(seen.along_m, tour.units), tour.units));
}

export function carName({ number, name }: Vehicle): string {
  return words.carOf(number, name);
}
