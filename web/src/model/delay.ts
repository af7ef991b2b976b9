// How far behind the present the picture runs, so that vehicles move between two known places instead of being guessed.

const FLOOR_MS = 3_000;
const CEILING_MS = 30_000; // at rate 1; a clock that runs fast needs more of its own time for the same wait on screen
const SAMPLES = 500;
const ENOUGH = 20;
const QUANTILE = 0.9;
const CATCH_UP = 0.05; // the picture's clock runs at most this much faster or slower than the tour's

export class PictureDelay {
  private readonly needs: number[] = [];
  private targetMs: number;
  private currentMs: number;
  private lastMs: number | null = null;

  constructor(
    private readonly rate: number,
    intervalS: number,
  ) {
    this.targetMs = this.clamp(intervalS * 1_000 + 1_000 * rate + FLOOR_MS);
    this.currentMs = this.targetMs;
  }

  /** Fixes arrived when the ones before them were so old: that much delay shows the motion between them. */
  need(agesMs: readonly number[]): void {
    this.needs.push(...agesMs);
    if (this.needs.length > SAMPLES) this.needs.splice(0, this.needs.length - SAMPLES);
    if (this.needs.length < ENOUGH) return;
    const sorted = [...this.needs].sort((a, b) => a - b);
    this.targetMs = this.clamp(sorted[Math.floor(sorted.length * QUANTILE)]);
  }

  /** The moment to draw at tour time `nowMs`; never runs backwards while the clock does not. */
  renderMs(nowMs: number): number {
    const elapsed = this.lastMs === null ? 0 : Math.max(nowMs - this.lastMs, 0);
    this.lastMs = nowMs;
    const step = elapsed * CATCH_UP;
    this.currentMs += Math.min(Math.max(this.targetMs - this.currentMs, -step), step);
    return nowMs - this.currentMs;
  }

  get ms(): number {
    return this.currentMs;
  }

  private clamp(ms: number): number {
    return Math.min(Math.max(ms, FLOOR_MS), CEILING_MS * Math.max(this.rate, 1));
  }
}
