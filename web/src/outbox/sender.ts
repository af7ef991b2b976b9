// Carries what is kept to the tour: in batches, one at a time, again after every trouble until the tour has said
// which sequence numbers it holds. Only those are forgotten, so nothing is lost; the tour knows repeats.

/** How it stands between this phone and the tour. */
export type Link = "idle" | "good" | "waiting" | "refused";

export interface Outbox<T> {
  batch(limit: number): Promise<T[]>;
  stored(sent: T[], nowMs: number): Promise<void>;
}

/** What the tour said to a batch: the sequence numbers that it holds, or how long to wait. */
export interface Answer {
  seqs: number[] | null; // null: it was not the tour that answered
  refused: boolean; // this link or this person is not known, or no longer
  waitMs: number;
}

export const NO_ANSWER: Answer = { seqs: null, refused: false, waitMs: 0 };
export const LAST_RETRY_MS = 60_000;
const BATCH = 200;
const EVERY_MS = 5_000;
export const ANSWER_WITHIN_MS = 15_000;
const FIRST_RETRY_MS = 2_000;
const SPREAD = 0.2; // phones that lost the same cell come back one after the other

export class Sender<T extends { seq: number }> {
  link: Link = "idle";
  private sending = false;
  private again = false;
  private retryMs = FIRST_RETRY_MS;
  private notBeforeMs = 0;

  constructor(
    private readonly queue: Outbox<T>,
    private readonly post: (batch: T[]) => Promise<Answer>,
    private readonly changed: () => void,
  ) {}

  start(): void {
    setInterval(() => void this.send(), EVERY_MS);
    addEventListener("online", () => this.sendNow());
    document.addEventListener("visibilitychange", () => this.sendNow());
    this.sendNow();
  }

  /** Whether the tour knows this link at all is better said before the start than on the road. */
  async greet(): Promise<void> {
    const { seqs, refused } = await this.post([]);
    if (this.link !== "idle" || (seqs === null && !refused)) return;
    this.link = refused ? "refused" : "good";
    this.changed();
  }

  /** There is new hope or new urgency: no more waiting. */
  sendNow(): void {
    this.notBeforeMs = 0;
    this.retryMs = FIRST_RETRY_MS;
    void this.send();
  }

  private async send(): Promise<void> {
    if (this.sending) {
      this.again = true;
      return;
    }
    if (Date.now() < this.notBeforeMs) return;
    this.sending = true;
    try {
      do {
        this.again = false;
      } while ((await this.sendBatch()) || this.again);
    } finally {
      this.sending = false;
    }
  }

  /** One batch; true if it went well and there may be more. */
  private async sendBatch(): Promise<boolean> {
    const batch = await this.queue.batch(BATCH);
    if (batch.length === 0) return false;
    const answer = await this.post(batch);
    const known = new Set(answer.seqs ?? []);
    const arrived = batch.filter((queued) => known.has(queued.seq));
    if (arrived.length > 0) {
      await this.queue.stored(arrived, Date.now());
      this.retryMs = FIRST_RETRY_MS;
      this.link = "good";
    } else {
      const waitMs = Math.max(this.retryMs, answer.waitMs);
      this.notBeforeMs = Date.now() + waitMs * (1 + SPREAD * Math.random());
      this.retryMs = Math.min(2 * this.retryMs, LAST_RETRY_MS);
      this.link = answer.refused ? "refused" : "waiting";
      this.again = false;
    }
    this.changed();
    return arrived.length === BATCH;
  }
}
