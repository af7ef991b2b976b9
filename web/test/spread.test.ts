import { describe, expect, it } from "vitest";
import { Obstacles } from "../src/map/obstacles";
import { type Spot, spread } from "../src/map/spread";

const RADIUS = 12;

function spot(x: number, y: number, index: number): Spot {
  return { x, y, dx: 1, dy: 0, r: RADIUS, side: index % 2 ? 1 : -1, offsetX: 0, offsetY: 0, placed: false };
}

function ground() {
  const roadAndNames = new Obstacles();
  roadAndNames.reset(800, 400);
  roadAndNames.addLine(0, 200, 800, 200);
  const names = new Obstacles();
  names.reset(800, 400);
  return { roadAndNames, names, parks: [] };
}

function clearance(spots: readonly Spot[]): number {
  let least = Number.POSITIVE_INFINITY;
  spots.forEach((a, i) => {
    for (const b of spots.slice(i + 1)) {
      least = Math.min(least, Math.hypot(a.x + a.offsetX - b.x - b.offsetX, a.y + a.offsetY - b.y - b.offsetY));
    }
  });
  return least;
}

describe("numbers on a crowded road", () => {
  it("leaves a car that is alone on the road", () => {
    const alone = spot(100, 200, 0);
    expect(spread([alone], ground())).toBe(0);
    expect([alone.offsetX, alone.offsetY]).toEqual([0, 0]);
  });

  it("puts forty cars in a row aside, none on another", () => {
    const spots = Array.from({ length: 40 }, (_, i) => spot(100 + 12 * i, 200, i));
    spread(spots, ground());
    expect(spots.every((s) => s.placed)).toBe(true);
    expect(clearance(spots)).toBeGreaterThanOrEqual(2 * RADIUS);
  });

  it("leaves them where they are when the field has moved a little", () => {
    const spots = Array.from({ length: 20 }, (_, i) => spot(100 + 20 * i, 200, i));
    spread(spots, ground());
    const before = spots.map((s) => [s.offsetX, s.offsetY]);
    for (const s of spots) s.x += 1;
    spread(spots, ground());
    expect(spots.map((s) => [s.offsetX, s.offsetY])).toEqual(before);
  });

  it("says when it is too full: all on one spot", () => {
    const spots = Array.from({ length: 80 }, (_, i) => spot(400, 200, i));
    expect(spread(spots, ground())).toBeGreaterThan(40);
    expect(spots.every((s) => s.placed)).toBe(false);
    expect(clearance(spots.filter((s) => s.placed))).toBeGreaterThanOrEqual(2 * RADIUS);
  });
});
