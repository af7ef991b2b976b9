// The ladder's geometry: where the strip runs on its canvas, horizontal on desks, upright on phones.
import type { LadderSizes } from "./ladder-layout";

const UPRIGHT = { pitch: 25, lanes: 1, dotPitch: 6.5, dotLanes: 4, first: 28 };
const PITCH = 20; // of numbers on a horizontal strip
const UPRIGHT_STRIP = 52; // numbers stand on the left of an upright strip, dots and words on the right
const BELOW_SHEET = 14; // the list's sheet covers so much of the lower end

export class LadderFrame {
  readonly upright: boolean;
  readonly inset: number;
  readonly length: number; // of the strip, pixels

  constructor(
    readonly width: number,
    readonly height: number,
    private readonly lengthM: number,
  ) {
    this.upright = height > width;
    this.inset = this.upright ? 26 : 40;
    this.length = (this.upright ? height - BELOW_SHEET : width) - 2 * this.inset;
  }

  get sizes(): LadderSizes {
    if (this.upright) return { ...UPRIGHT, length: this.length };
    const lanes = Math.max(Math.floor((this.height - 40 - 58) / PITCH), 2);
    return {
      pitch: PITCH,
      lanes,
      length: this.length,
      dotPitch: 8,
      dotLanes: Math.floor(((lanes - 1) * PITCH) / 8),
      first: 17,
    };
  }

  /** Pixels along the strip and away from it, on screen. */
  point(at: number, away: number): [number, number] {
    if (this.upright) return [UPRIGHT_STRIP + away, this.inset + this.length - at];
    return [this.inset + at, this.height - 34 - away];
  }

  /** Metres along the leg at a point of the screen. */
  alongAt(px: number, py: number): number {
    const at = this.upright ? this.inset + this.length - py : px - this.inset;
    return (Math.min(Math.max(at, 0), this.length) / (this.length || 1)) * this.lengthM;
  }

  /** Metres along the leg as pixels along the strip. */
  scaled(alongM: number): number {
    return (Math.min(Math.max(alongM, 0), this.lengthM) / (this.lengthM || 1)) * this.length;
  }
}
