import { describe, expect, it } from "vitest";
import {
  chooseLabels,
  type LadderSizes,
  type Rung,
  type Standing,
  standOnLadder,
  standUpright,
} from "../src/views/ladder-layout";

const sizes: LadderSizes = { pitch: 20, lanes: 4, dotPitch: 7, dotLanes: 8, length: 700, first: 16 };

function crowd(n: number, every: number, important: number[] = []): Rung[] {
  return Array.from({ length: n }, (_, row) => ({ row, at: 100 + row * every, important: important.includes(row) }));
}

describe("standing on the ladder", () => {
  it("stacks numbers, none on another", () => {
    const stood = standOnLadder(crowd(20, 6), sizes);
    expect(stood.every((s) => s.numbered)).toBe(true);
    stood.forEach((a, i) => {
      for (const b of stood.slice(i + 1)) {
        expect(Math.hypot(a.at - b.at, a.away - b.away)).toBeGreaterThan(sizes.pitch - 0.01);
      }
    });
  });

  it("keeps the middle of a crowd where it is", () => {
    const rungs = crowd(30, 2);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const stood = standOnLadder(rungs, sizes);
    expect(mean(stood.map((s) => s.at))).toBeCloseTo(mean(rungs.map((r) => r.at)), 6);
  });

  it("makes dots of a crowd without room, and keeps the important numbers above them", () => {
    const stood = standOnLadder(crowd(67, 0, [5]), sizes);
    expect(stood.filter((s) => s.numbered).map((s) => s.row)).toEqual([5]);
    expect(stood).toHaveLength(67);
    const dots = stood.filter((s) => !s.numbered && Math.abs(s.at - 100) < sizes.pitch / 2);
    expect(stood.find((s) => s.numbered)!.away).toBeGreaterThan(Math.max(...dots.map((d) => d.away)));
  });

  it("keeps a crowd at the finish on the strip", () => {
    const stood = standOnLadder(
      Array.from({ length: 67 }, (_, row) => ({ row, at: 700, important: false })),
      sizes,
    );
    expect(Math.max(...stood.map((s) => s.at))).toBeLessThanOrEqual(700);
  });

  it("keeps everybody in the lane of last time while that lane is free", () => {
    const lanes = (standings: Standing[]) => standings.map((s) => s.lane);
    const before = standOnLadder(crowd(12, 7), sizes);
    const looser = crowd(12, 11);
    expect(lanes(standOnLadder(looser, sizes, before))).toEqual(lanes(before));
    expect(lanes(standOnLadder(looser, sizes))).not.toEqual(lanes(before));
  });

  it("lets one that is alone come down", () => {
    const before = standOnLadder(crowd(2, 7), sizes);
    expect(standOnLadder(crowd(2, 50), sizes, before).map((s) => s.lane)).toEqual([0, 0]);
  });

  it("parts crowds: one that has room keeps its numbers beside one that has not", () => {
    const stood = standOnLadder([...crowd(60, 0), { row: 99, at: 600, important: false }], sizes);
    expect(stood.find((s) => s.row === 99)!.numbered).toBe(true);
  });
});

describe("standing beside an upright ladder", () => {
  const upright: LadderSizes = { pitch: 25, lanes: 1, dotPitch: 6.5, dotLanes: 4, length: 340, first: 28 };

  it("leaves every dot where its car is, however many there are", () => {
    const stood = standUpright(crowd(44, 0), upright);
    expect(stood.every((s) => !s.numbered && s.at === 100)).toBe(true);
  });

  it("puts the important on the other side, none on another and all on the strip, and knows where they are", () => {
    const rungs = [...crowd(6, 3, [0, 1, 2, 3, 4, 5]), { row: 9, at: 338, important: true }];
    const numbers = standUpright(rungs, upright).filter((s) => s.numbered);
    const places = numbers.map((s) => s.at).sort((a, b) => a - b);
    expect(numbers.every((s) => s.away < 0)).toBe(true);
    places.slice(1).forEach((at, i) => {
      expect(at - places[i]).toBeGreaterThanOrEqual(25);
    });
    expect(Math.max(...places)).toBeLessThanOrEqual(340);
    expect(numbers.map((s) => s.own)).toEqual([100, 103, 106, 109, 112, 115, 338]);
  });
});

describe("labels along the ladder", () => {
  it("keep the heavier where two touch, and stay inside", () => {
    const labels = [
      { name: "start", at: 0, size: 60, weight: 3 },
      { name: "next", at: 40, size: 50, weight: 1 },
      { name: "finish", at: 500, size: 60, weight: 3 },
    ];
    const shown = chooseLabels(labels, 500, 8);
    expect(shown.map((l) => l.name).sort()).toEqual(["finish", "start"]);
    expect(shown.map((l) => l.at).sort((a, b) => a - b)).toEqual([30, 470]);
  });
});
