import { describe, expect, it } from "vitest";
import { readLink, writeLink } from "../src/app/link";
import { CourseLine } from "../src/model/course";
import { mercatorX, mercatorY } from "../src/model/mercator";
import { type Arrivals, milestones, sayOwnTimes, sayPlace, sayTimes, sayWait } from "../src/model/passing";
import { passesNear } from "../src/model/places";
import type { Leg } from "../src/wire/frames";

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2027, 3, 26, 18, 30);
const ZONE = "America/Los_Angeles";

const window = (from: number, to: number) => ({
  early_ms: NOW_MS + from * MINUTE_MS,
  late_ms: NOW_MS + to * MINUTE_MS,
  planned: false,
});

describe("a window in words", () => {
  it("is a range in whole minutes, rounded outwards, and never in the past", () => {
    expect(sayWait(window(21, 28), NOW_MS)).toBe("in 21–28 min");
    expect(sayWait(window(21, 28), NOW_MS + 30_000)).toBe("in 20–28 min");
    expect(sayWait(window(-3, 5), NOW_MS)).toBe("within 5 min");
    expect(sayWait(window(-3, 1), NOW_MS)).toBe("any minute");
    expect(sayWait(window(90, 120), NOW_MS)).toBe("");
    expect(sayWait(window(-9, -2), NOW_MS)).toBe("");
  });

  it("says the tour's time, and the reader's own only where it is another", () => {
    expect(sayTimes(window(12, 19), ZONE)).toBe("11:42–11:49");
    expect(sayOwnTimes(window(12, 19), ZONE, "Europe/Berlin")).toBe("your time 20:42–20:49");
    expect(sayOwnTimes(window(12, 19), ZONE, "America/Vancouver")).toBe("");
  });
});

describe("a place on the course", () => {
  const leg = {
    checkpoints: { name: ["San Francisco", "Bodega Bay, dock", "Jenner"], along_m: [0, 80_000, 100_000] },
  } as unknown as Leg;

  it("is named by its mark and its neighbours, or by the checkpoint that it is", () => {
    expect(sayPlace(leg, 87_000, "mi")).toBe("mile 54, between Bodega Bay and Jenner");
    expect(sayPlace(leg, 79_900, "km")).toBe("Bodega Bay, km 79");
  });

  it("is found where the course passes, each time that it does, and nowhere else", () => {
    // Three kilometres to the east and back on the same road.
    const there = [0, 10_000, 10_000, 10_000, -10_000, -10_000, -10_000];
    const line = new CourseLine({ length_m: 5_248, lat: [38e6, 0, 0, 0, 0, 0, 0], lon: there, elevation_m: null });
    const at = (lon: number, lat: number) => [mercatorX(lon), mercatorY(lat)] as const;
    const passes = passesNear(line, ...at(0.005, 38.0009), 300);
    expect(passes).toHaveLength(2);
    expect(passes[0].alongM).toBeCloseTo(437, -1);
    expect(passes[1].alongM).toBeCloseTo(5_248 - 437, -1);
    expect(passes[0].awayM).toBeCloseTo(100, -1);
    expect(passesNear(line, ...at(0.005, 38.01), 300)).toEqual([]);
  });

  it("is in the address, and nonsense is not", () => {
    expect(readLink("?at=2,54000").at).toEqual({ leg: 2, alongM: 54_000 });
    expect(writeLink(readLink("?at=2,54000"))).toBe("?at=2,54000");
    for (const at of ["", "0,5", "2", "2,-5", "2,1e9", "a,b", "2,5,6"]) expect(readLink(`?at=${at}`).at).toBeNull();
  });
});

it("a car's milestones are its next checkpoint, halt and finish, each once", () => {
  const point = (kind: string, id: string) => ({ kind, id, name: id, along_m: 0, ...window(1, 2) });
  const named = (checkpoints: Arrivals["checkpoints"]) =>
    milestones({ number: "12", leg: 1, now_ms: 0, checkpoints }).map((p) => p.id);
  const [a, b, halt, end] = [
    point("passage control", "a"),
    point("fuel", "b"),
    point("halt", "halt"),
    point("finish", "end"),
  ];
  expect(named([a, b, halt, end])).toEqual(["a", "halt", "end"]);
  expect(named([halt, end])).toEqual(["halt", "end"]);
  expect(named([end])).toEqual(["end"]);
  expect(named([])).toEqual([]);
});
