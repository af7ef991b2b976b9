// Which roundels and leader lines are where, in cells: looking around a place costs the same however large the field.
import type { Spot } from "./spread";

const NONE = -1;
const MARGIN_CELLS = 4; // for what stands a little outside the picture

/** Lists of spots by cell, without an object per cell. */
class Cells {
  private readonly heads: Int32Array;
  private next: number[] = [];
  private entries: Spot[] = [];

  constructor(private readonly size: number) {
    this.heads = new Int32Array(size);
    this.clear();
  }

  clear(): void {
    this.heads.fill(NONE);
    this.next.length = this.entries.length = 0;
  }

  add(cell: number, spot: Spot): void {
    if (cell < 0 || cell >= this.size) return;
    if (this.heads[cell] !== NONE && this.entries[this.heads[cell]] === spot) return; // a line comes by twice in a row
    this.next.push(this.heads[cell]);
    this.heads[cell] = this.entries.push(spot) - 1;
  }

  /** Whether any spot in the cell satisfies. */
  some(cell: number, test: (spot: Spot) => boolean): boolean {
    if (cell < 0 || cell >= this.size) return false;
    for (let i = this.heads[cell]; i !== NONE; i = this.next[i]) if (test(this.entries[i])) return true;
    return false;
  }
}

export class Taken {
  private readonly columns: number;
  private readonly origins: Cells; // where vehicles are
  private readonly roundels: Cells; // where their numbers were put
  private readonly lines: Cells; // and the leader lines between

  /** `reach` is the largest distance at which two of them may still touch. */
  constructor(
    width: number,
    height: number,
    private readonly reach: number,
  ) {
    this.columns = Math.ceil(width / reach) + 2 * MARGIN_CELLS;
    const size = this.columns * (Math.ceil(height / reach) + 2 * MARGIN_CELLS);
    this.origins = new Cells(size);
    this.roundels = new Cells(size);
    this.lines = new Cells(size);
  }

  reset(spots: readonly Spot[]): void {
    for (const cells of [this.origins, this.roundels, this.lines]) cells.clear();
    for (const spot of spots) this.origins.add(this.cell(spot.x, spot.y), spot);
  }

  add(spot: Spot): void {
    const x = spot.x + spot.offsetX;
    const y = spot.y + spot.offsetY;
    this.roundels.add(this.cell(x, y), spot);
    this.along(spot.x, spot.y, x, y, (cell) => {
      this.lines.add(cell, spot);
      return false;
    });
  }

  nearVehicle(x: number, y: number, test: (spot: Spot) => boolean): boolean {
    return this.around(this.origins, this.cell(x, y), test);
  }

  nearRoundel(x: number, y: number, test: (spot: Spot) => boolean): boolean {
    return this.around(this.roundels, this.cell(x, y), test);
  }

  nearLine(x: number, y: number, test: (spot: Spot) => boolean): boolean {
    return this.around(this.lines, this.cell(x, y), test);
  }

  /** Whether a roundel near the line from a to b satisfies. */
  roundelAlong(ax: number, ay: number, bx: number, by: number, test: (spot: Spot) => boolean): boolean {
    return this.along(ax, ay, bx, by, (cell) => this.around(this.roundels, cell, test));
  }

  lineAlong(ax: number, ay: number, bx: number, by: number, test: (spot: Spot) => boolean): boolean {
    return this.along(ax, ay, bx, by, (cell) => this.around(this.lines, cell, test));
  }

  private along(ax: number, ay: number, bx: number, by: number, visit: (cell: number) => boolean): boolean {
    const steps = Math.ceil(Math.max(Math.abs(bx - ax), Math.abs(by - ay)) / (this.reach / 2)) || 1;
    let last = Number.NaN;
    for (let i = 0; i <= steps; i++) {
      const cell = this.cell(ax + ((bx - ax) * i) / steps, ay + ((by - ay) * i) / steps);
      if (cell === last) continue;
      last = cell;
      if (visit(cell)) return true;
    }
    return false;
  }

  private around(cells: Cells, cell: number, test: (spot: Spot) => boolean): boolean {
    for (let row = -this.columns; row <= this.columns; row += this.columns) {
      for (let column = -1; column <= 1; column++) if (cells.some(cell + row + column, test)) return true;
    }
    return false;
  }

  private cell(x: number, y: number): number {
    const column = Math.floor(x / this.reach) + MARGIN_CELLS;
    return (Math.floor(y / this.reach) + MARGIN_CELLS) * this.columns + column;
  }
}
