// What is the matter with a car, in one sentence. Pure.
import { stay, timeOfDay, words } from "../app/words";
import type { Vehicle } from "../model/field";
import { shortPlace } from "../model/saying";
import { inUnits, type Units, wholeUnits } from "../model/units";
import type { Alert, Quiet } from "../wire/desk";
import type { Leg, Tour } from "../wire/frames";
import { crewWords as say } from "./words";

export interface Scene {
  tour: Tour;
  legs: readonly Leg[];
  vehicles: readonly Vehicle[];
  nowMs: number;
}

const AT_CHECKPOINT_M = 400;

/** "4.2 miles": one place of decimals below ten, none above. */
export function distance(metres: number, units: Units): string {
  const value = inUnits(metres, units);
  return words.distance(value < 10 ? Math.round(value * 10) / 10 : Math.round(value), units);
}

/** " at mile 54, between Auburn and Placerville", or "" where the place on the course is not known. */
export function sayWhere(scene: Scene, leg: number, alongM: number): string {
  const { units } = scene.tour;
  if (alongM < 0) return "";
  const mark = words.mark(wholeUnits(alongM, units), units);
  const around = checkpointsAround(scene.legs[leg - 1], alongM);
  if (!around) return say.where.mark(mark);
  const { before, after, near } = around;
  if (near) return say.where.near(mark, near);
  return before === after ? say.where.near(mark, before) : say.where.between(mark, before, after);
}

/** Names of the checkpoints before and after a place; `near` is set where it is at one of them. */
export function checkpointsAround(
  leg: Leg | undefined,
  alongM: number,
): { before: string; after: string; near: string | null } | null {
  if (!leg) return null;
  const { along_m, name } = leg.checkpoints;
  const after = along_m.findIndex((m) => m > alongM);
  if (after <= 0) return null;
  const names = [shortPlace(name[after - 1]), shortPlace(name[after])] as const;
  const near = [after - 1, after].find((i) => Math.abs(along_m[i] - alongM) <= AT_CHECKPOINT_M);
  return { before: names[0], after: names[1], near: near === undefined ? null : shortPlace(name[near]) };
}

export function sayAlert(alert: Alert, scene: Scene): string {
  const { tour, nowMs } = scene;
  const { evidence, kind } = alert;
  const where = sayWhere(scene, alert.leg, alert.along_m);
  const lasted = stay(nowMs - alert.since_ms);
  const since = timeOfDay(alert.since_ms, tour.zone);
  const matter = say.matter;
  switch (kind) {
    case "sos":
      return matter.sos(lasted, where);
    case "stopped":
      return matter.stopped(lasted, where);
    case "off_course":
      return matter.wrongRoad(where, lasted, evidence.coming_back === true);
    case "not_started":
      return matter.notStarted(timeOfDay(number(evidence.due_ms) ?? alert.since_ms, tour.zone));
    case "silent": {
      const others = number(evidence.dead_zone_others);
      return others ? matter.silentTooLong(since, where, others) : matter.silent(since, where);
    }
    case "behind":
      return sayBehind(alert, scene);
    case "behind_sweep":
      return matter.behindSweep(distance(number(evidence.behind_m) ?? 0, tour.units), text(evidence.sweep));
    case "low_battery":
      return matter.lowBattery(number(evidence.battery_pct) ?? 0);
    case "left_behind":
      return matter.leftBehind(distance(number(evidence.apart_m) ?? 0, tour.units));
    case "trailered":
      return matter.trailered(text(evidence.by), distance(number(evidence.ride_m) ?? 0, tour.units));
    case "feed_outage":
      return say.outage(Array.isArray(evidence.vehicles) ? evidence.vehicles.length : 0, since);
    default:
      return matter.other(kind);
  }
}

function sayBehind({ evidence, leg }: Alert, { tour, legs }: Scene): string {
  const late = stay(1_000 * (number(evidence.behind_field_s) ?? 0));
  const [control, due, expected] = [evidence.control, evidence.due_ms, evidence.expected_ms].map(number);
  const name = control === null ? undefined : legs[leg - 1]?.checkpoints.name[control];
  if (!name || due === null || expected === null) return say.matter.behind(late);
  return say.matter.behindControl(late, shortPlace(name), timeOfDay(due, tour.zone), timeOfDay(expected, tour.zone));
}

/** Silent as usual: a dead zone that the field has. */
export function sayQuiet(quiet: Quiet, { tour }: Scene): string {
  const { units, zone } = tour;
  const known = quiet.back_along_m >= 0 && quiet.back_ms >= 0;
  const back = known
    ? say.matter.expected(words.mark(wholeUnits(quiet.back_along_m, units), units), timeOfDay(quiet.back_ms, zone))
    : "";
  return say.matter.quiet(timeOfDay(quiet.since_ms, zone), quiet.others, back);
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
