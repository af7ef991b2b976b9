// What the next step about an alert is, and who would take it. Pure.
import type { Alert, Helper } from "../wire/desk";
import { bestHelper } from "./needs";

export interface Step {
  step: "acknowledged" | "assigned" | "on_scene" | "resolved";
  helper: Helper | null; // for assigned: who, how far; for on_scene and resolved: who has it, as [row, …]
}

/** These are worth knowing, but nobody has to drive there. */
const NO_HELP = new Set(["low_battery", "left_behind", "not_started", "behind"]);

/** The one button of a card. `ownRow` is the row of the crew's own vehicle, -1 = none. */
export function nextStep(alert: Alert, ownRow: number): Step {
  const having: Helper | null = alert.helper < 0 ? null : [alert.helper, 0, 0, 0, ""];
  if (alert.state === "assigned") return { step: "on_scene", helper: having };
  if (alert.state === "on_scene") return { step: "resolved", helper: having };
  const helper = NO_HELP.has(alert.kind) ? null : bestHelper(alert, ownRow);
  if (helper) return { step: "assigned", helper };
  return { step: alert.state === "raised" ? "acknowledged" : "resolved", helper: null };
}

/** The fields of the decision that takes this step. */
export function fieldsOf(alert: Alert, step: Step, numberOf: (row: number) => string): Record<string, string> {
  const fields: Record<string, string> = { alert: alert.id, step: step.step };
  if (step.helper && step.step !== "resolved") fields.helper = numberOf(step.helper[0]);
  if (step.step === "assigned" && alert.helper >= 0) fields.instead_of = numberOf(alert.helper);
  return fields;
}
