import { describe, expect, it } from "vitest";
import { easeMarks, type Mark } from "../src/map/marks";
import { Obstacles } from "../src/map/obstacles";
import { spread } from "../src/map/spread";

const RADIUS = 12;
const SHARE = 0.14; // of one frame at 60 a second

function mark(row: number, x: number): Mark {
  const place = { x, y: 200, dx: 1, dy: 0, r: RADIUS, side: row % 2 ? 1 : -1, offsetX: 0, offsetY: 0 } as const;
  const state = { placed: false, important: false, parked: false, inPark: false, seen: true, numbered: true };
  return { ...place, ...state, row, easedX: 0, easedY: 0, size: 0 };
}

function layOut(marks: Mark[]): void {
  const roadAndNames = new Obstacles();
  const names = new Obstacles();
  for (const obstacles of [roadAndNames, names]) obstacles.reset(800, 400);
  roadAndNames.addLine(0, 200, 800, 200);
  spread(marks, { roadAndNames, names, parks: [] });
}

/** How far any two numbers run into each other, as they are drawn. */
function overlap(marks: readonly Mark[]): number {
  let most = 0;
  marks.forEach((a, i) => {
    for (const b of marks.slice(i + 1)) {
      if (a.size === 0 || b.size === 0) continue;
      const apart = Math.hypot(a.x + a.easedX - b.x - b.easedX, a.y + a.easedY - b.y - b.easedY);
      most = Math.max(most, a.r * a.size + b.r * b.size - apart);
    }
  });
  return most;
}

describe("numbers on their way to their places", () => {
  it("never run over each other, from the road to aside and from there to another place", () => {
    const marks = Array.from({ length: 30 }, (_, i) => mark(i, 100 + 14 * i));
    for (let round = 0; round < 6; round++) {
      layOut(marks);
      for (let frame = 0; frame < 120 && !easeMarks(marks, SHARE); frame++) expect(overlap(marks)).toBeLessThan(2);
      expect(marks.every((m) => m.size === 1)).toBe(true);
      // The field is dealt anew: where some were, others want to be now.
      for (const m of marks) {
        m.placed = false;
        m.side = m.side === 1 ? -1 : 1;
      }
    }
  });

  it("close before any opens in its new place", () => {
    const [stays, goes, opens] = [mark(0, 100), mark(1, 300), mark(2, 500)];
    stays.size = goes.size = 1;
    goes.offsetY = 60;
    const marks = [stays, goes, opens];
    for (let frame = 0; frame < 100 && goes.easedY === 0; frame++) {
      expect(opens.size).toBe(0);
      easeMarks(marks, SHARE);
    }
    for (let frame = 0; frame < 100; frame++) easeMarks(marks, SHARE);
    expect(marks.map((m) => [m.size, m.easedY])).toEqual([
      [1, 0],
      [1, 60],
      [1, 0],
    ]);
  });
});
