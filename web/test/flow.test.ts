import { describe, expect, it } from "vitest";
import { FlowHistory, partsOf, pixelsFrom, ticksOf, xOf, yOf } from "../src/crew/flow";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe("the flow's lines", () => {
  it("keep near to every fix, and drop those that say nothing", () => {
    const history = new FlowHistory();
    const driven: [number, number][] = [];
    let along = 0;
    for (let s = 0; s <= 3_600; s++) {
      along += s > 1_200 && s <= 1_800 ? 0 : 15; // ten minutes at the roadside
      driven.push([s * SECOND, along]);
      history.add(1, 7, s * SECOND, along);
    }
    const line = history.line(1, 7);
    expect(line.length).toBeLessThan(12);
    for (const [ms, alongM] of driven) {
      const i = Math.max(
        line.findIndex((point) => point.ms >= ms),
        1,
      );
      const [a, b] = [line[i - 1], line[i]];
      const drawn = a.alongM + ((ms - a.ms) / (b.ms - a.ms)) * (b.alongM - a.alongM);
      expect(Math.abs(drawn - alongM)).toBeLessThan(85); // twice the tolerance
    }
    const standing = line.filter(({ ms }) => ms > 1_150 * SECOND && ms < 1_850 * SECOND);
    expect(standing.length).toBeGreaterThanOrEqual(2);
  });

  it("are not drawn over a long silence, and take nothing that is older", () => {
    const history = new FlowHistory();
    for (const [minute, along] of [
      [0, 0],
      [1, 900],
      [40, 30_000],
      [20, 5],
      [41, 30_900],
    ])
      history.add(1, 0, minute * MINUTE, along);
    expect(partsOf(history.line(1, 0)).map((part) => part.map(({ ms }) => ms / MINUTE))).toEqual([
      [0, 1],
      [40, 41],
    ]);
    history.add(1, 0, 42 * MINUTE, -1); // off the course
    history.add(0, 0, 43 * MINUTE, 5);
    expect(history.line(1, 0)).toHaveLength(4);
    expect(history.line(2, 0)).toEqual([]);
  });

  it("begin with what slices tell of the time before this page", () => {
    const history = new FlowHistory();
    history.add(1, 0, 10 * MINUTE, 9_000);
    history.add(1, 0, 11 * MINUTE, 9_000);
    for (const minute of [0, 5, 10, 12]) history.addPast(1, 0, minute * MINUTE, minute === 5 ? 4_000 : 1_000);
    history.addPast(1, 0, 13 * MINUTE, -1); // off the course
    expect(history.line(1, 0).map(({ ms }) => ms / MINUTE)).toEqual([0, 5, 10, 11]);
  });

  it("have a plan once a car's deviation tells it", () => {
    const history = new FlowHistory();
    expect(history.plan(1, 100_000, 0)).toEqual([]);
    history.addPlan(1, 100_000, 50_000, 60 * MINUTE);
    history.addPlan(1, 100_000, 25_000, 30 * MINUTE);
    expect(history.plan(1, 100_000, 0)).toEqual([
      { ms: 0, alongM: 0 },
      { ms: 30 * MINUTE, alongM: 25_000 },
      { ms: 60 * MINUTE, alongM: 50_000 },
    ]);
  });
});

describe("the flow's picture", () => {
  const box = { left: 100, top: 20, right: 500, bottom: 220, fromMs: 0, toMs: 40 * MINUTE, lengthM: 100_000 };

  it("has time to the right and distance upwards", () => {
    expect([xOf(box, 0), xOf(box, 40 * MINUTE)]).toEqual([100, 500]);
    expect([yOf(box, 0), yOf(box, 100_000)]).toEqual([220, 20]);
  });

  it("finds the line below a finger", () => {
    const line = [
      { ms: 0, alongM: 0 },
      { ms: 10 * MINUTE, alongM: 50_000 },
    ];
    expect(pixelsFrom(box, line, 150, 170)).toBeCloseTo(0);
    expect(pixelsFrom(box, line, 150, 190)).toBeCloseTo(20 / Math.SQRT2);
    expect(pixelsFrom(box, line, 300, 120)).toBeCloseTo(100);
    expect(pixelsFrom(box, [], 150, 170)).toBe(Number.POSITIVE_INFINITY);
  });

  it("has ticks at round times, as many as there is room for", () => {
    expect(ticksOf(3 * MINUTE, 63 * MINUTE, 4).map((ms) => ms / MINUTE)).toEqual([15, 30, 45, 60]);
    expect(ticksOf(0, 8 * 60 * MINUTE, 5).map((ms) => ms / MINUTE)).toEqual([0, 120, 240, 360, 480]);
  });
});
