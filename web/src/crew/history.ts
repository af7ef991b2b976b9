// Who did what when: alerts with their steps and what was decided by hand, the newest first. Pure.
import { timeOfDay } from "../app/words";
import { shortPlace } from "../model/saying";
import type { Desk, Undoable } from "../wire/desk";
import { type Scene, sayAlert } from "./sentence";
import { crewWords as say } from "./words";

export interface Line {
  atMs: number;
  text: string;
  undo: string; // id of the decision that can be undone, "" = none
}

/** What is known of one car, or with `row` -1 everything that people decided. */
export function historyOf(desk: Desk, scene: Scene, row = -1): Line[] {
  const lines = desk.undo
    .filter((each) => row < 0 || rowOf(each, desk, scene) === row)
    .map((each): Line => ({ atMs: each.at_ms, text: sayDecision(each, desk, scene), undo: each.id }));
  if (row >= 0) lines.push(...stepsOf(desk, scene, row));
  return lines
    .filter(({ text }) => text !== "")
    .sort((a, b) => b.atMs - a.atMs)
    .map((line) => ({ ...line, text: `${timeOfDay(line.atMs, scene.tour.zone)} ${line.text}` }));
}

/** What happened by itself: people's steps are among the decisions. */
function stepsOf(desk: Desk, scene: Scene, row: number): Line[] {
  return desk.alerts
    .filter((alert) => alert.vehicle === row)
    .flatMap((alert) =>
      alert.steps
        .filter(([step, , who]) => who === "" && step !== "edited")
        .map(([step, atMs]): Line => {
          const what = sayAlert(alert, { ...scene, nowMs: atMs });
          return { atMs, text: step === "raised" ? what : say.stepDone[step], undo: "" };
        }),
    );
}

function rowOf(decision: Undoable, desk: Desk, { vehicles }: Scene): number {
  if (typeof decision.alert === "string") return desk.alerts.find((a) => a.id === decision.alert)?.vehicle ?? -1;
  return vehicles.findIndex((vehicle) => vehicle.number === decision.vehicle);
}

/** A decision as a sentence; "" for a kind that this page does not know. */
export function sayDecision(decision: Undoable, desk: Desk, scene: Scene): string {
  const { vehicles, legs } = scene;
  const text = (name: string) => (decision[name] === undefined ? "" : String(decision[name]));
  const row = rowOf(decision, desk, scene);
  const number = vehicles[row]?.number ?? text("vehicle");
  const { who } = decision;
  const leg = Number(decision.leg);
  switch (decision.decision) {
    case "alert": {
      const helper = text("helper") || vehicles[desk.alerts.find((a) => a.id === decision.alert)?.helper ?? -1]?.number;
      const { acknowledged, assigned, on_scene, resolved } = say.did;
      const steps: Record<string, typeof assigned> = { acknowledged, assigned, on_scene, resolved };
      return steps[text("step")]?.(who, number, helper ?? "") ?? "";
    }
    case "standing":
      return say.did.standing(who, number, say.standing[text("standing") as keyof typeof say.standing] ?? "");
    case "note":
      return say.did.note(who, number, text("text"));
    case "sighting": {
      const { id, name } = legs[leg - 1]?.checkpoints ?? { id: [], name: [] };
      return say.did.sighting(who, number, shortPlace(name[id.indexOf(text("checkpoint"))] ?? ""));
    }
    case "delay":
      return say.did.delay(who, leg, Number(decision.minutes));
    case "cancel":
      return say.did.cancel(who, leg);
    case "assign":
      return say.did.assign(who, number, text("device"));
    case "undo":
      return say.did.undo(who);
    default:
      return "";
  }
}
