// The field in groups: who drives together, how far apart in minutes. Pure.
import type { Leg } from "../wire/frames";
import type { View } from "./field";

export interface Group {
  rows: number[]; // from the back to the front
  fromM: number;
  toM: number;
  cars: number; // participants among them
  minutes: number | null; // from its first car to its last, at today's pace
  aheadM: number | null; // where the last of the next group ahead is, if both drive
  aheadMin: number | null; // and how far that is, at today's pace
  place: "front" | "main" | "tail" | "halt" | "waiting" | "finished" | "";
  checkpoint: number; // of a halt; else -1
}

const GAP_FRACTION = 0.022; // of the leg: an emptier stretch of road than this parts two groups
const MAIN_CARS = 5;

/** Metres a minute of the field, from the expected arrivals; null while nothing is expected. */
export function paceMpmin(views: readonly View[], leg: Leg, nowMs: number): number | null {
  const paces: number[] = [];
  for (const view of views) {
    if (view.condition !== "running" || view.earlyMs === null || view.lateMs === null || view.checkpoint < 0) continue;
    const minutes = ((view.earlyMs + view.lateMs) / 2 - nowMs) / 60_000;
    const metres = leg.checkpoints.along_m[view.checkpoint] - view.alongM;
    if (minutes > 3 && metres > 1_000) paces.push(metres / minutes);
  }
  paces.sort((a, b) => a - b);
  return paces.length > 0 ? paces[paces.length >> 1] : null;
}

/** Groups on a leg from the back to the front. Only vehicles whose place on the course is known. */
export function groupsOf(views: readonly View[], legNumber: number, leg: Leg, paceMetres: number | null): Group[] {
  const there = views
    .filter((v) => v.legNumber === legNumber && v.alongM >= 0 && v.condition !== "out" && v.condition !== "never")
    .sort((a, b) => parkingOrder(a) - parkingOrder(b) || a.alongM - b.alongM);
  const groups: Group[] = [];
  let previous: View | null = null;
  for (const view of there) {
    const parted =
      previous === null ||
      parkingOrder(previous) !== parkingOrder(view) ||
      (view.condition === "halt"
        ? previous.checkpoint !== view.checkpoint
        : view.alongM - previous.alongM > GAP_FRACTION * leg.length_m);
    if (parted) groups.push(emptyGroup(view));
    const group = groups[groups.length - 1];
    group.rows.push(view.vehicle.row);
    group.fromM = Math.min(group.fromM, view.alongM);
    group.toM = Math.max(group.toM, view.alongM);
    if (!view.vehicle.support) group.cars++;
    previous = view;
  }
  for (const group of groups) {
    if (paceMetres !== null && group.place === "") group.minutes = Math.round((group.toM - group.fromM) / paceMetres);
  }
  const driving = groups.filter((g) => g.place === "" && g.rows.length > 1).sort((a, b) => a.fromM - b.fromM);
  driving.forEach((group, i) => {
    const ahead = driving[i + 1];
    if (!ahead || paceMetres === null) return;
    group.aheadM = ahead.fromM;
    group.aheadMin = Math.round((ahead.fromM - group.toM) / paceMetres);
  });
  nameGroups(groups);
  return groups.sort((a, b) => a.fromM - b.fromM);
}

/** Those who wait, rest or have arrived stand together, apart from those who drive past them. */
function parkingOrder(view: View): number {
  if (view.condition === "waiting") return 0;
  if (view.condition === "halt") return 2;
  return view.condition === "finished" ? 3 : 1;
}

function emptyGroup(view: View): Group {
  const parked = view.condition === "waiting" || view.condition === "halt" || view.condition === "finished";
  return {
    rows: [],
    fromM: view.alongM,
    toM: view.alongM,
    cars: 0,
    minutes: null,
    aheadM: null,
    aheadMin: null,
    place: parked ? (view.condition as "waiting" | "halt" | "finished") : "",
    checkpoint: view.condition === "halt" ? view.checkpoint : -1,
  };
}

function nameGroups(groups: Group[]): void {
  const driving = groups.filter((g) => g.place === "" && g.cars > 0);
  if (driving.length < 2) return;
  let main = driving[0];
  for (const group of driving) if (group.cars > main.cars) main = group;
  if (main.cars >= MAIN_CARS) main.place = "main";
  const [tail, front] = [driving[0], driving[driving.length - 1]];
  if (tail !== main) tail.place = "tail";
  if (front !== main) front.place = "front";
}
