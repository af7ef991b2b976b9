// What this person decides: said at once with a way back, sent for sure, and a word where it came to nothing.
import { Decider, type Kept, newDecision, openDecisions } from "../outbox/decisions";
import type { Alert } from "../wire/desk";
import { fieldsOf, type Step } from "./actions";
import { sayStep } from "./board";
import type { Scene } from "./sentence";
import { Toast } from "./toast";
import { crewWords as say } from "./words";

const LATE_ANSWER_MS = 3_000; // an answer that takes longer is worth a word

export class Deeds {
  private readonly toast = new Toast();
  private decider: Decider | null = null;
  private onTheirWay: { kept: Kept; sinceMs: number }[] = [];

  constructor(
    private readonly nowMs: () => number, // by the tour's clock
    private readonly changed: () => void,
  ) {}

  async start(slug: string): Promise<void> {
    const queue = await openDecisions(slug);
    this.decider = new Decider(
      slug,
      queue,
      () => void queue.all().then((all) => this.noteWaiting(all)),
      (kept) => this.answered(kept),
    );
    this.decider.start();
  }

  step(alert: Alert, step: Step, scene: Scene, ownRow: number): void {
    const numberOf = (row: number) => scene.vehicles[row]?.number ?? "";
    const number = alert.vehicle < 0 ? "" : `${numberOf(alert.vehicle)}: `;
    this.decide("alert", fieldsOf(alert, step, numberOf), `${number}${sayStep(step, scene, ownRow)}`);
  }

  setStanding(number: string, standing: string): void {
    const word = say.standing[standing as keyof typeof say.standing];
    this.decide("standing", { vehicle: number, standing }, `${number}: ${word}`);
  }

  undo(of: string): void {
    this.decide("undo", { of }, say.done);
  }

  decide(kind: string, fields: Record<string, string | number>, done: string): void {
    const decision = newDecision(kind, this.nowMs(), fields);
    void this.decider?.decide(decision);
    this.toast.show(done, kind === "undo" ? null : () => this.undo(decision.id));
  }

  /** What came of it, where it is not simply so. */
  private answered({ reply }: Kept): void {
    if (reply?.outcome === "taken") this.toast.show(say.takenBy(reply.who, reply.helper));
    if (reply?.outcome === "over") this.toast.show(say.over);
    if (reply?.outcome === "unknown") this.toast.show(say.unknownNow);
    if (reply?.outcome === "not_allowed") this.toast.show(say.notAllowed);
    if (reply?.outcome === "refused") this.toast.show(say.refused(reply.error));
  }

  private noteWaiting(all: readonly Kept[]): void {
    const before = new Map(this.onTheirWay.map((each) => [each.kept.seq, each.sinceMs]));
    this.onTheirWay = all
      .filter((kept) => kept.reply === null)
      .map((kept) => ({ kept, sinceMs: before.get(kept.seq) ?? performance.now() }));
    this.changed();
  }

  /** Alerts with a step that has had no answer for a while. */
  lateAlerts(): ReadonlySet<string> {
    const late = this.onTheirWay.filter(({ sinceMs }) => performance.now() - sinceMs > LATE_ANSWER_MS);
    return new Set(late.map(({ kept }) => String(kept.decision.alert)));
  }
}
