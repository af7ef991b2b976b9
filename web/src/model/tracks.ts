// The last fixes of every vehicle, in typed rings: enough to draw a little behind the present, never to guess.

const KEPT = 16;
export const OFF_COURSE = -1;

export interface Fix {
  timeMs: number;
  lat: number; // 1e-6 degrees
  lon: number;
  alongM: number; // OFF_COURSE where there is none
  leg: number;
}

export class Tracks {
  private readonly times: Float64Array;
  private readonly values: Int32Array; // lat, lon, along, leg for each fix
  private readonly heads: Int32Array; // fixes ever pushed, for each vehicle
  private readonly firsts: Int32Array; // the first that still belongs to the same story

  constructor(readonly vehicles: number) {
    this.times = new Float64Array(vehicles * KEPT);
    this.values = new Int32Array(vehicles * KEPT * 4);
    this.heads = new Int32Array(vehicles);
    this.firsts = new Int32Array(vehicles);
  }

  push(row: number, fix: Fix): void {
    const head = this.heads[row];
    // A fix that is not newer rewrites the past (a late backlog): what was known before is no neighbour of it.
    if (head > this.firsts[row] && fix.timeMs <= this.time(row, head - 1)) this.firsts[row] = head;
    const slot = row * KEPT + (head % KEPT);
    this.times[slot] = fix.timeMs;
    this.values.set([fix.lat, fix.lon, fix.alongM, fix.leg], slot * 4);
    this.heads[row] = head + 1;
    this.firsts[row] = Math.max(this.firsts[row], head + 1 - KEPT);
  }

  count(row: number): number {
    return this.heads[row] - this.firsts[row];
  }

  /** The fix `back` steps before the newest (0 = newest), written into `out`; false where there is none. */
  read(row: number, back: number, out: Fix): boolean {
    const index = this.heads[row] - 1 - back;
    if (index < this.firsts[row]) return false;
    const slot = row * KEPT + (index % KEPT);
    out.timeMs = this.times[slot];
    out.lat = this.values[slot * 4];
    out.lon = this.values[slot * 4 + 1];
    out.alongM = this.values[slot * 4 + 2];
    out.leg = this.values[slot * 4 + 3];
    return true;
  }

  newestMs(row: number): number | null {
    return this.count(row) > 0 ? this.time(row, this.heads[row] - 1) : null;
  }

  private time(row: number, index: number): number {
    return this.times[row * KEPT + (index % KEPT)];
  }
}
