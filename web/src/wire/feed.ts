// Which message follows which: epoch and seq, snapshots, gaps (docs/frames.md). Knows no socket and no screen.
import { foldDelta, hashState, type State, stateFrom } from "./fold";
import type { Message, SnapshotBody } from "./frames";

export type Outcome =
  | { kind: "snapshot"; body: SnapshotBody }
  | { kind: "moved"; rows: number[] }
  | { kind: "nothing" }
  | { kind: "gap" };

export class Feed {
  epoch = 0;
  seq = 0;
  state: State = [];
  body: SnapshotBody | null = null;

  /** Folds one message in, or says why not. A gap is never guessed over: ask for a snapshot. */
  accept(message: Message): Outcome {
    if (message.kind === "desk") return { kind: "nothing" }; // not numbered: it is whole each time
    if (message.kind === "snapshot") {
      this.epoch = message.epoch;
      this.seq = message.seq;
      this.body = message.body;
      this.state = stateFrom(message.body.state);
      return { kind: "snapshot", body: message.body };
    }
    if (!this.body) return { kind: "gap" };
    const { epoch, seq } = message;
    if (message.kind === "heartbeat") {
      return { kind: epoch !== this.epoch || seq > this.seq ? "gap" : "nothing" };
    }
    if (epoch < this.epoch || (epoch === this.epoch && seq <= this.seq)) return { kind: "nothing" };
    if (epoch !== this.epoch || seq !== this.seq + 1) return { kind: "gap" };
    this.seq = seq;
    return { kind: "moved", rows: foldDelta(this.state, message.groups) };
  }

  hash(): number {
    return hashState(this.state);
  }
}
