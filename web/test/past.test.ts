import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { newDrawn } from "../src/model/motion";
import { around, lastUpTo, placeAt, type Scene, stateAt } from "../src/model/past";
import { slicesBetween, trailOf } from "../src/model/trail";
import { Column } from "../src/wire/fold";
import type { Leg } from "../src/wire/frames";
import { readSlice, type Slice } from "../src/wire/segments";

const GOLDEN = join(__dirname, "../../tests/golden/segments");
const BASE_MS = 1_808_751_600_000;
const NUMBERS = ["1", "44", "S1"];
const LEGS = [{ checkpoints: { along_m: [0, 5_000, 9_000] } }] as unknown as Leg[];

let slice: Slice;
let scene: Scene;
beforeAll(async () => {
  slice = await readSlice(new Uint8Array(readFileSync(join(GOLDEN, "slice.bin"))));
  scene = { slice, next: null };
});

describe("a slice of the past", () => {
  it("is read as Python reads it", () => {
    const expected = JSON.parse(readFileSync(join(GOLDEN, "slice.json"), "utf8")) as Record<string, number[][]>;
    expect([...slice.traces.keys()]).toEqual(Object.keys(expected));
    for (const [number, trace] of slice.traces) {
      const read = Array.from(trace.timesMs, (timeMs, i) => [
        timeMs,
        trace.lats[i] / 1e6,
        trace.lons[i] / 1e6,
        trace.alongM[i],
        trace.statuses[i],
      ]);
      expect(read).toEqual(expected[number]);
    }
  });

  it("knows the last point before any moment", () => {
    const times = Float64Array.from([10, 20, 30]);
    expect([9, 10, 19, 20, 30, 99].map((t) => lastUpTo(times, t))).toEqual([-1, 0, 0, 1, 2, 2]);
  });
});

describe("the field at a moment of the past", () => {
  const at = (afterS: number) => stateAt(scene, NUMBERS, LEGS, BASE_MS, BASE_MS + afterS * 1_000);

  it("has the columns of the live feed", () => {
    const state = at(100);
    expect(Array.from(state[Column.status])).toEqual([1, 1, 0]);
    expect(Array.from(state[Column.leg])).toEqual([1, 1, 0]);
    expect(state[Column.along][0]).toBe(1_350); // the point at 90 s
    expect(state[Column.next][0]).toBe(1);
    expect(state[Column.next][1]).toBe(2);
    expect(state[Column.freshness][2]).toBe(3); // S1 is heard only at 480 s
  });

  it("says since when, also from before the slice", () => {
    expect(at(60)[Column.since][1]).toBe(-900);
    expect(at(250)[Column.since][1]).toBe(200);
  });

  it("calls a silence a silence, and waiting none", () => {
    expect(at(60)[Column.freshness][1]).toBe(2); // its last point is 72 s old
    expect(at(40)[Column.freshness][1]).toBe(0);
    expect(at(599)[Column.freshness][2]).toBe(0);
  });

  it("moves a vehicle between two points and holds it over a silence", () => {
    const out = newDrawn();
    const place = (number: string, afterS: number) =>
      placeAt(scene, number, BASE_MS + afterS * 1_000, new Map(), out) ? out.alongM : null;
    expect(place("1", 75)).toBeCloseTo(1_125);
    expect(place("44", 50)).toBe(5_200); // until 100 s nobody saw it
    expect(place("S1", 400)).toBeNull();
    expect(place("1", 599)).toBe(8_100);
    expect(out.beyond).toBe(true);
  });

  it("goes on into the next slice without a step", async () => {
    const later: Slice = { ...slice, startMs: slice.endMs, traces: new Map() };
    const trace = slice.traces.get("1")!;
    const end = trace.timesMs.length - 1;
    const moved = (values: Int32Array, by: number) => Int32Array.from([values[end], values[end] + by]);
    later.traces.set("1", {
      sinceMs: 0,
      timesMs: Float64Array.from([trace.timesMs[end], trace.timesMs[end] + 30_000]),
      lats: moved(trace.lats, 0),
      lons: moved(trace.lons, 0),
      alongM: moved(trace.alongM, 450),
      statuses: Uint8Array.from([1, 1]),
    });
    const found = around({ slice, next: later }, "1", trace.timesMs[end] + 10_000)!;
    expect(found.after!.alongM).toBe(8_550);
    const out = newDrawn();
    placeAt({ slice, next: later }, "1", trace.timesMs[end] + 10_000, new Map(), out);
    expect(out.alongM).toBeCloseTo(8_250);
  });
});

describe("a trail", () => {
  const times = (from: number, to: number, heard: number[] = []) =>
    trailOf(
      [slice],
      heard.map((s) => ({ timeMs: BASE_MS + s * 1_000, lat: 0, lon: 0, alongM: 9_000, leg: 1 })),
      "1",
      BASE_MS + from * 1_000,
      BASE_MS + to * 1_000,
    ).map((fix) => (fix.timeMs - BASE_MS) / 1_000);

  it("begins with the last point before its length and ends at the moment", () => {
    expect(times(100, 200)).toEqual([90, 120, 150, 180]);
    expect(times(90, 119)).toEqual([90]);
    expect(times(-1_000, 40)).toEqual([-4.2, 30]);
  });

  it("goes on with what was heard since, each moment once", () => {
    expect(times(500, 700, [500, 540, 560, 590, 800])).toEqual([480, 510, 540, 560, 590]);
  });

  it("needs the slices that cover it", () => {
    const listed = [0, 10, 20, 30].map((at) => ({ start_ms: at, end_ms: at + 10 }));
    expect(slicesBetween(listed, 10, 25).map((each) => each.start_ms)).toEqual([10, 20]);
  });
});
