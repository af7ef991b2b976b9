// Who is to come past a checkpoint, the next one first. Pure.
import type { View } from "../model/field";
import type { Kept } from "../outbox/decisions";
import type { Desk } from "../wire/desk";

export interface Post {
  leg: number;
  checkpoint: number; // index in the leg
  id: string;
  alongM: number;
}

const AT_THE_POST_M = 1_500; // a fix is a little old, and a car stands a little beyond

export interface Expected {
  next: View[]; // on their way here, the nearest first
  others: View[]; // not heard of, beyond, waiting or out: whoever passes can be tapped all the same
}

export function expectedAt(post: Post, views: readonly View[], seen: ReadonlySet<number>): Expected {
  const next: View[] = [];
  const others: View[] = [];
  for (const view of views) {
    const { vehicle, condition, legNumber, alongM } = view;
    if (seen.has(vehicle.row)) continue;
    const toCome = legNumber === post.leg && alongM >= 0 && alongM <= post.alongM + AT_THE_POST_M;
    const driving = condition !== "out" && condition !== "waiting" && condition !== "never" && condition !== "finished";
    (toCome && driving && !vehicle.support ? next : others).push(view);
  }
  next.sort((a, b) => b.alongM - a.alongM);
  others.sort(
    (a, b) =>
      Number(a.vehicle.support) - Number(b.vehicle.support) ||
      Number(a.condition === "out") - Number(b.condition === "out") ||
      a.vehicle.startOrder - b.vehicle.startOrder ||
      a.vehicle.row - b.vehicle.row,
  );
  return { next, others };
}

/** A car that was seen at the post: by this page or another marshal. */
export interface Passed {
  id: string; // of the decision
  number: string;
  atMs: number;
  who: string; // "" = this page
  state: "waiting" | "through" | "refused";
  error: string;
}

/** What this page noted at the post, without what was taken back, the newest first; and what others saw there. */
export function passedAt(post: Post, kept: readonly Kept[], desk: Desk | null, numbers: readonly string[]): Passed[] {
  const takenBack = new Set(
    kept
      .filter(({ decision, reply }) => decision.decision === "undo" && countsOrWaits(reply?.outcome))
      .map(({ decision }) => decision.of),
  );
  const own = kept
    .filter(({ decision }) => decision.decision === "sighting" && isAt(post, decision))
    .filter(({ decision }) => !takenBack.has(decision.id))
    .map(({ decision, reply }): Passed => {
      const through = reply !== null && reply.outcome !== "refused";
      const state = reply === null ? "waiting" : through ? "through" : "refused";
      const { id, at_ms: atMs, vehicle } = decision;
      return { id, number: String(vehicle), atMs, who: "", state, error: reply?.error ?? "" };
    });
  const known = new Set([...own.map(({ id }) => id), ...takenBack]);
  const theirs = (desk?.sightings ?? [])
    .filter((seen) => seen.leg === post.leg && seen.checkpoint === post.checkpoint && !known.has(seen.id))
    .map(
      ({ id, vehicle, at_ms: atMs, who }): Passed => ({
        id,
        number: numbers[vehicle],
        atMs,
        who,
        state: "through",
        error: "",
      }),
    );
  return [...own, ...theirs].sort((a, b) => b.atMs - a.atMs);
}

function isAt(post: Post, fields: Record<string, string | number>): boolean {
  return fields.leg === post.leg && fields.checkpoint === post.id;
}

function countsOrWaits(outcome: string | undefined): boolean {
  return outcome === undefined || outcome === "counts" || outcome === "noted" || outcome === "over";
}
