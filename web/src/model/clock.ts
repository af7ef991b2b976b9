// The tour's clock as this page knows it: the server's time, running on at its rate between messages.

const NEWER_WEIGHT = 0.02; // how fast a rising delay is believed; a falling one is believed at once
const JUMP_MS = 5_000;

export class TourClock {
  rate = 1;
  private offset = 0; // tour ms minus rate x local ms
  private set = false;

  /** A message made at `nowMs` (tour) arrived at `localMs` (performance.now). */
  hear(nowMs: number, localMs: number, rate = this.rate): void {
    const offset = nowMs - rate * localMs;
    const change = offset - this.offset;
    const restart = !this.set || rate !== this.rate || Math.abs(change) > JUMP_MS * rate;
    this.rate = rate;
    this.set = true;
    // The message that travelled fastest tells the time best.
    this.offset += restart || change > 0 ? change : change * NEWER_WEIGHT;
  }

  nowMs(localMs: number): number {
    return this.offset + this.rate * localMs;
  }
}
