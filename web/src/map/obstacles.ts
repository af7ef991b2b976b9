// What is already on the picture, in cells of a few pixels, so that labels and roundels keep off it.

const CELL = 8;
export const FORBIDDEN = 9; // what nothing may cover, however little room there is

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Obstacles {
  private cells = new Uint8Array(0);
  private columns = 0;
  private rows = 0;
  width = 0;
  height = 0;

  reset(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.columns = Math.ceil(width / CELL) + 1;
    this.rows = Math.ceil(height / CELL) + 1;
    const size = this.columns * this.rows;
    if (this.cells.length === size) this.cells.fill(0);
    else this.cells = new Uint8Array(size);
  }

  addPoint(x: number, y: number, weight = 1): void {
    const column = Math.floor(x / CELL);
    const row = Math.floor(y / CELL);
    if (column >= 0 && row >= 0 && column < this.columns && row < this.rows)
      this.cells[row * this.columns + column] = weight;
  }

  addLine(x0: number, y0: number, x1: number, y1: number): void {
    const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / (CELL * 0.75)) || 1;
    for (let i = 0; i <= steps; i++) this.addPoint(x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps);
  }

  addRect(rect: Rect, weight = 1): void {
    for (let y = rect.y; y <= rect.y + rect.height + CELL; y += CELL) {
      for (let x = rect.x; x <= rect.x + rect.width + CELL; x += CELL) {
        this.addPoint(Math.min(x, rect.x + rect.width), Math.min(y, rect.y + rect.height), weight);
      }
    }
  }

  /** How many taken cells a rectangle would cover, by their weight; outside the picture counts as taken. */
  hits(rect: Rect): number {
    const { x, y, width, height } = rect;
    let hits = x < 0 || y < 0 || x + width > this.width || y + height > this.height ? 8 : 0;
    const left = Math.floor(rect.x / CELL);
    const right = Math.floor((rect.x + rect.width) / CELL);
    const top = Math.floor(rect.y / CELL);
    const bottom = Math.floor((rect.y + rect.height) / CELL);
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        if (row < 0 || column < 0 || row >= this.rows || column >= this.columns) hits += 4;
        else hits += this.cells[row * this.columns + column];
      }
    }
    return hits;
  }
}
