// What a vehicle is doing, in words. One function, so that list, ladder, map and live region say the same.
import { stay, timeOfDay, weekday, words } from "../app/words";
import type { Leg, Tour } from "../wire/frames";
import { dueMs, type View } from "./field";
import { wholeUnits } from "./units";

export interface Setting {
  tour: Tour;
  leg: Leg | undefined;
  nowMs: number;
  others: number; // how many more are silent around here
  near: string | null; // the place nearest to one that is off the course
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const IN_MINUTES_MS = 60 * MINUTE_MS; // arrivals further away are said as times of day

/** "Grass Valley (first pass)" is for the organiser; people on the road say Grass Valley. */
export function shortPlace(name: string): string {
  return name.replace(/\s*\(.*\)$/, "").replace(/,.*$/, "");
}

export function sayState(view: View, setting: Setting): string {
  const { tour, leg, nowMs } = setting;
  const say = words.state;
  const checkpoint = leg && view.checkpoint >= 0 ? shortPlace(leg.checkpoints.name[view.checkpoint]) : null;
  const at = words.mark(wholeUnits(view.alongM, tour.units), tour.units);
  const since = stay(nowMs - view.sinceMs);
  switch (view.condition) {
    case "out":
      return say.standing[view.standing] ?? say.standing[1];
    case "never": {
      const start = sayStart(view, setting);
      return start === say.waiting ? say.never : start;
    }
    case "finished":
      return say.finished(leg ? shortPlace(leg.checkpoints.name[leg.checkpoints.name.length - 1]) : "");
    case "waiting":
      return sayStart(view, setting);
    case "halt":
      return (isLunchTime(nowMs, tour.zone) ? say.lunch : say.halt)(checkpoint ?? "");
    case "stopped":
      return say.stopped(since, at);
    case "offCourse":
      return setting.near ? say.offCourseNear(setting.near, since) : say.offCourse(since);
    case "silent": {
      const time = timeOfDay(view.fixTimeMs ?? nowMs, tour.zone);
      return setting.others > 0 ? say.silentWithOthers(time, setting.others) : say.silent(time);
    }
    case "running":
      return sayArrival(view, checkpoint, setting);
  }
}

/** "starts 08:12", with the day where it is not today; one that is late is waiting like those who have no time. */
function sayStart({ vehicle }: View, { tour, leg, nowMs }: Setting): string {
  const say = words.state;
  const due = leg ? dueMs(vehicle, leg, tour.start_interval_s) : null;
  if (due === null || due < nowMs - MINUTE_MS) return say.waiting;
  const time = timeOfDay(due, tour.zone);
  return due - nowMs < DAY_MS / 2 ? say.starts(time) : say.startsOn(weekday(due, tour.zone), time);
}

function sayArrival(view: View, place: string | null, { tour, nowMs }: Setting): string {
  const say = words.state;
  if (view.uncertain) {
    const [from, to] = view.uncertain.map((m) => wholeUnits(m, tour.units));
    return say.between(from, to, tour.units);
  }
  if (!place) return say.running;
  if (view.earlyMs === null || view.lateMs === null) return say.towards(place);
  // The picture may be late on purpose; whoever stands at the road waits in the present.
  const presentMs = nowMs + tour.delay_s * 1_000;
  const passedMeanwhile = view.lateMs > nowMs && view.lateMs <= presentMs;
  if (passedMeanwhile || view.lateMs - presentMs > IN_MINUTES_MS) {
    return say.arrivesAt(place, timeOfDay(view.earlyMs, tour.zone), timeOfDay(view.lateMs, tour.zone));
  }
  const from = Math.max(Math.floor((view.earlyMs - presentMs) / MINUTE_MS), 0);
  const to = Math.max(Math.ceil((view.lateMs - presentMs) / MINUTE_MS), from + 1);
  if (to <= 2) return say.arrivesSoon(place);
  return from === 0 ? say.arrivesWithin(place, to) : say.arrivesIn(place, from, to);
}

export function isLunchTime(ms: number, zone: string): boolean {
  const hour = Number(timeOfDay(ms, zone).slice(0, 2));
  return hour >= 11 && hour < 16;
}
