// What the chosen car has ahead: its next checkpoint, its next halt, the finish, each with a window.

import type { View } from "../model/field";
import { type Arrivals, milestones, sayOwnTimes, sayTimes } from "../model/passing";
import { isLunchTime, shortPlace } from "../model/saying";
import { element } from "./element";
import { passingWords } from "./passingwords";
import { OWN_ZONE } from "./words";

type Point = Arrivals["checkpoints"][number];

const REFRESH_MS = 20_000;
const LONG_STOP_MS = 15 * 60_000;
const LONG_SILENCE_MS = 30 * 60_000; // a longer one is no dead zone any more

export class CarArrivals {
  private number: string | null = null;
  private answer: Arrivals | null = null;
  private askedAt = Number.NEGATIVE_INFINITY;
  private shown = "";

  constructor(private readonly list: HTMLElement) {}

  /** Shows those of a vehicle, or nothing; asks for newer ones now and then. `rate` is the tour clock's. */
  show(slug: string, zone: string, nowMs: number, rate: number, view: View | null): void {
    const number = view?.vehicle.number ?? null;
    if (number !== this.number) {
      this.number = number;
      this.answer = null;
      this.askedAt = Number.NEGATIVE_INFINITY;
    }
    const now = performance.now();
    if (number !== null && now - this.askedAt > Math.max(REFRESH_MS / rate, 3_000)) {
      this.askedAt = now;
      void this.ask(slug, number);
    }
    const ahead = this.answer ? milestones(this.answer).filter((point) => point.late_ms > nowMs) : [];
    const instead = ahead.length > 0 && view ? insteadOfTimes(view, nowMs) : "";
    const lines = instead ? [[instead, ""]] : ahead.map((p) => sayPoint(notBefore(p, view, nowMs), zone));
    const key = JSON.stringify(lines);
    if (key === this.shown) return;
    this.shown = key;
    this.list.replaceChildren(...lines.map(([text, own]) => element("li", "", text, own)));
  }

  private async ask(slug: string, number: string): Promise<void> {
    const path = `/api/v1/tours/${encodeURIComponent(slug)}/vehicles/${encodeURIComponent(number)}/arrivals`;
    const response = await fetch(path).catch(() => null);
    if (!response?.ok) return; // what was known stays
    const answer = (await response.json()) as Arrivals;
    if (number === this.number) this.answer = answer;
  }
}

/** A window holds for a car that drives: nobody knows when one goes on that has stood, or was not heard, for long. */
function insteadOfTimes(view: View, nowMs: number): string {
  if (view.condition === "stopped" && nowMs - view.sinceMs > LONG_STOP_MS) return passingWords.onceMoving;
  if (view.condition === "silent" && nowMs - (view.fixTimeMs ?? 0) > LONG_SILENCE_MS) return passingWords.onceHeard;
  return "";
}

/** One that is heard has not been there yet, so its window begins now at the earliest. */
function notBefore(point: Point, view: View | null, nowMs: number): Point {
  const heard = view !== null && view.condition !== "silent";
  return heard ? { ...point, early_ms: Math.max(point.early_ms, nowMs) } : point;
}

function sayPoint(point: Point, zone: string): [string, string] {
  const lunch = point.kind === "halt" && isLunchTime(point.early_ms, zone);
  const place = shortPlace(point.name);
  const name = lunch ? passingWords.lunch(place) : point.kind === "finish" ? passingWords.finish(place) : place;
  return [`${name} ${sayTimes(point, zone)}`, sayOwnTimes(point, zone, OWN_ZONE)];
}
