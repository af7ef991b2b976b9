// The desk: what crews read beside the crew feed, whole each time (docs/crew.md). Rows are rows of the roster.

export type StepWord = "raised" | "edited" | "acknowledged" | "assigned" | "on_scene" | "resolved" | "cleared";

/** [step, at_ms, who, role, helper, id of the decision] */
export type Step = [StepWord, number, string, string, number, string];
/** [vehicle, road_m, seconds, turn_back, id of the alert that it has] */
export type Helper = [number, number, number, number, string];

export interface Alert {
  id: string;
  kind: string;
  vehicle: number; // -1 = the feed's own
  evidence: Record<string, unknown>;
  state: StepWord;
  raised_ms: number;
  since_ms: number;
  closed_ms: number; // -1 = open
  lat: number | null;
  lon: number | null;
  leg: number;
  along_m: number; // -1 = not known
  before: number; // checkpoints between which it is; -1 = none
  after: number;
  helper: number; // who has it; -1 = nobody
  steps: Step[];
  helpers: Helper[];
}

/** Silent where others were too, and not missed yet. */
export interface Quiet {
  vehicle: number;
  since_ms: number;
  lat: number | null;
  lon: number | null;
  leg: number;
  along_m: number;
  others: number;
  passed: number;
  back_along_m: number;
  back_ms: number;
  missed_ms: number;
}

export interface FieldSummary {
  leg: number;
  head: [number, number] | null; // [vehicle, along_m]
  tail: [number, number] | null;
  sweep: [number, number] | null;
  spread_m: number;
  spread_s: number;
  cars: Record<string, number>;
}

export interface Clear {
  leg: number;
  checkpoint: number;
  through: number;
  to_come: number;
  last: [number, number] | null; // [vehicle, ms]
  expected: [number, number, number] | null; // [vehicle, early_ms, late_ms]
  unsure: number[];
  sweep_ms: number; // -1 = not yet
  sweep_expected: [number, number] | null;
  stand_down: number;
}

export interface Note {
  id: string;
  at_ms: number;
  who: string;
  role: string;
  vehicle: number; // -1 = to all
  text: string;
}

export interface Sighting {
  id: string;
  at_ms: number;
  who: string;
  role: string;
  vehicle: number;
  leg: number;
  checkpoint: number;
}

/** A decision that can be undone, with its fields as they were sent. */
export interface Undoable {
  id: string;
  at_ms: number;
  who: string;
  role: string;
  decision: string;
  [field: string]: unknown;
}

export type Outcome = "counts" | "taken" | "over" | "unknown" | "not_allowed" | "noted";

export interface Desk {
  position: number;
  answers: Record<string, [Outcome, string, number]>;
  alerts: Alert[];
  need: [number, number, [string, string][]][];
  quiet: Quiet[];
  field: FieldSummary[];
  clear: Clear[];
  notes: Note[];
  sightings: Sighting[];
  seen: ([number, number, number, string] | null)[];
  /** Columns vehicle, leg, checkpoint, tracked_ms (-1 = not tracked), seen_ms, who saw it. */
  observed: [number[], number[], number[], number[], number[], string[]];
  undo: Undoable[];
  legs: [number, number][]; // [delay_s, cancelled]
  standings: ([number, string] | null)[];
  phones: string[][];
  own_m: [number, number][]; // [under its own power, on a trailer]
}
