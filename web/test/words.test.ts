import { describe, expect, it } from "vitest";
import { matches, sectionsOf } from "../src/app/sections";
import { duration, stay, timeOfDay } from "../src/app/words";
import { conditionOf, legOfTheDay, notable, paletteOf, type View, vehiclesFrom, viewsOf } from "../src/model/field";
import { groupsOf, paceMpmin } from "../src/model/groups";
import { type Setting, sayState } from "../src/model/saying";
import { Column, type State, stateFrom } from "../src/wire/fold";
import { type Leg, NEVER, type SnapshotBody } from "../src/wire/frames";

const MINUTE = 60_000;
const MILE = 1_609.344;
const NOON = Date.UTC(2027, 3, 28, 19, 0); // at the tour, seven hours behind

const leg: Leg = {
  title: "Nevada City to Sonora",
  start_ms: NOON - 180 * MINUTE,
  delay_s: 0,
  cancelled: 0,
  length_m: 290_000,
  course: "0",
  checkpoints: {
    id: ["a", "b", "c", "d"],
    name: ["Nevada City", "Placerville", "Plymouth (first pass)", "Sonora"],
    kind: ["start", "halt", "passage control", "finish"],
    along_m: [0, 178_000, 207_000, 290_000],
    halt_s: [0, 3_600, 0, 0],
  },
};

const roster = {
  number: ["12", "31", "44", "S7"],
  kind: [0, 0, 0, 1],
  role: ["", "", "", "sweep"],
  class: ["Pre-War", "Post-War", "Ante guerra", ""],
  year: [1932, 1949, 1938, 0],
  make: ["Alfa Romeo", "Healey", "Fiat", ""],
  model: ["8C 2300", "Silverstone", "508", ""],
  colour: ["", "", "", ""],
  start_order: [0, 1, 2, -1],
};
const body = {
  tour: {
    slug: "t",
    name: "T",
    zone: "America/Los_Angeles",
    units: "mi",
    version: 1,
    delay_s: 0,
    interval_s: 5,
    start_interval_s: 60,
  },
  base_ms: 0,
  legs: [leg],
  roster,
} as unknown as SnapshotBody;

/** Four vehicles that run at mile 100, but for what is changed. */
function field(change: (set: (column: number, row: number, value: number) => void) => void): View[] {
  const state: State = stateFrom(Array.from({ length: 14 }, () => [0, 0, 0, 0]));
  const set = (column: number, row: number, value: number) => {
    state[column][row] = value;
  };
  for (let row = 0; row < 4; row++) {
    set(Column.leg, row, 1);
    set(Column.status, row, 1);
    set(Column.along, row, Math.round(100.5 * MILE));
    set(Column.next, row, 2);
    set(Column.early, row, NEVER);
    set(Column.late, row, NEVER);
    set(Column.uncertainFrom, row, -1);
  }
  change(set);
  return viewsOf({ ...body, base_ms: NOON }, state, vehiclesFrom(roster), new Int32Array(4).fill(-1));
}

function says(view: View, setting: Partial<Setting> = {}): string {
  return sayState(view, { tour: body.tour, leg, nowMs: NOON, others: 0, near: null, ...setting });
}

describe("what a vehicle is doing, in words", () => {
  it("gives arrivals as a range, never as a second", () => {
    const [car] = field((set) => {
      set(Column.early, 0, 21 * 60);
      set(Column.late, 0, 28 * 60);
    });
    expect(says(car)).toBe("Plymouth in 21–28 min");
    expect(says(car, { nowMs: NOON + 22 * MINUTE })).toBe("Plymouth within 6 min");
    expect(says(car, { nowMs: NOON + 40 * MINUTE })).toBe("Plymouth any minute");
    expect(says(car, { nowMs: NOON - 90 * MINUTE })).toBe("Plymouth 12:21–12:28");
    const late = { ...body.tour, delay_s: 600 };
    expect(says(car, { tour: late })).toBe("Plymouth in 11–18 min");
    expect(says(car, { tour: late, nowMs: NOON + 20 * MINUTE })).toBe("Plymouth 12:21–12:28");
  });

  it("knows a stop from a halt", () => {
    const [stopped, resting] = field((set) => {
      for (const row of [0, 1]) set(Column.status, row, 2);
      set(Column.since, 0, -6 * 60);
      set(Column.along, 1, 178_200);
    });
    expect(says(stopped)).toBe("stopped 6 min at mile 100");
    expect(stopped.attention).toBe(true);
    expect(says(resting)).toBe("at lunch, Placerville");
    expect(says(resting, { nowMs: NOON + 300 * MINUTE })).toBe("at the halt, Placerville");
    expect(resting.attention).toBe(false);
  });

  it("says no signal, off the course and arrived", () => {
    const [silent, off, done, sweep] = field((set) => {
      set(Column.freshness, 0, 2);
      set(Column.time, 0, -29 * 600);
      set(Column.status, 1, 3);
      set(Column.along, 1, -1);
      set(Column.since, 1, -120);
      set(Column.status, 2, 4);
      set(Column.standing, 3, 1);
    });
    expect(says(silent)).toBe("no signal since 11:31");
    expect(says(silent, { others: 14 })).toBe("no signal since 11:31, like 14 others here");
    expect(says(off, { near: "Auburn" })).toBe("off the course near Auburn, 2 min");
    expect(says(done)).toBe("arrived in Sonora");
    expect(says(sweep)).toBe("retired");
  });

  it("says when somebody starts, by the tour's clock, and who is late is waiting", () => {
    const [first, , third, sweep] = field((set) => {
      for (const row of [0, 1, 2, 3]) set(Column.status, row, 0);
    });
    const startMs = leg.start_ms;
    expect(says(first, { nowMs: startMs - 30 * MINUTE })).toBe("starts 09:00");
    expect(says(third, { nowMs: startMs })).toBe("starts 09:02");
    expect(says(third, { nowMs: startMs - 14 * 60 * MINUTE })).toBe("starts Wed 09:02");
    expect(says(first, { nowMs: startMs + 5 * MINUTE })).toBe("waiting at the start");
    expect(says(sweep, { nowMs: startMs })).toBe("waiting at the start");
    expect(says(first, { nowMs: startMs, leg: { ...leg, delay_s: 1_200 } })).toBe("starts 09:20");
    expect(says(first, { nowMs: startMs - MINUTE, leg: { ...leg, cancelled: 1 } })).toBe("waiting at the start");
  });

  it("admits where the evidence does not decide", () => {
    const [car] = field((set) => {
      set(Column.uncertainFrom, 0, Math.round(50.5 * MILE));
      set(Column.uncertainTo, 0, Math.round(57.5 * MILE));
    });
    expect(says(car)).toBe("between mile 50 and 57");
  });

  it("keeps a vehicle that was never heard of apart", () => {
    const state = stateFrom(Array.from({ length: 14 }, () => [0]));
    state[Column.freshness][0] = 3;
    expect(conditionOf(state, 0, leg)).toBe("never");
  });
});

describe("the field", () => {
  it("is searched by number, make, class and year", () => {
    const views = field(() => {});
    const found = (query: string) => views.filter((v) => matches(v, query.toLowerCase())).map((v) => v.vehicle.number);
    expect(found("12")).toEqual(["12"]);
    expect(found("Alfa")).toEqual(["12"]);
    expect(found("1949")).toEqual(["31"]);
    expect(found("pre-war")).toEqual(["12"]);
    expect(found("sweep")).toEqual(["S7"]);
    expect(found("alfa fiat")).toEqual([]);
  });

  it("lists favourites first, then who is not on the way, then the road from the front", () => {
    const views = field((set) => {
      set(Column.along, 0, 50_000);
      set(Column.along, 1, 60_000);
      set(Column.status, 2, 3);
    });
    const sections = sectionsOf(views, new Set(["31"]), "", (view) => ({
      view,
      state: "",
      place: "",
      unit: "mi",
    }));
    expect(sections.map((s) => s.rows.map((r) => r.view.vehicle.number))).toEqual([["31"], ["44"], ["12"], ["S7"]]);
  });

  it("knows first, last and sweep, and the leg that most are on", () => {
    const views = field((set) => {
      set(Column.along, 0, 50_000);
      set(Column.along, 1, 60_000);
      set(Column.along, 2, 55_000);
    });
    expect(notable(views, 1)).toEqual({ first: 1, last: 0, sweep: 3 });
    expect(legOfTheDay(views, 5)).toBe(1);
  });

  it("has the same colour for the same class in any spelling", () => {
    const others = new Map<string, string>();
    expect(["Pre-War", "prewar", "PRE WAR", "anteguerra"].map((c) => paletteOf(c, others))).toEqual(
      Array(4).fill("prewar"),
    );
    expect(paletteOf("Grand Touring", others)).toBe(paletteOf("grand touring", others));
    expect(paletteOf("Veteran", others)).not.toBe(paletteOf("Grand Touring", others));
  });

  it("drives in groups, apart where the road is empty, with minutes at today's pace", () => {
    const views = field((set) => {
      set(Column.along, 0, 100_000);
      set(Column.along, 1, 104_000);
      set(Column.along, 2, 150_000);
      set(Column.along, 3, 99_000);
      set(Column.early, 1, 100 * 60);
      set(Column.late, 1, 106 * 60);
    });
    const pace = paceMpmin(views, leg, NOON);
    expect(pace).toBeCloseTo(1_000);
    const groups = groupsOf(views, 1, leg, pace);
    expect(groups.map(({ rows, cars, minutes, place }) => ({ rows, cars, minutes, place }))).toEqual([
      { rows: [3, 0, 1], cars: 2, minutes: 5, place: "" },
      { rows: [2], cars: 1, minutes: 0, place: "front" },
    ]);
  });
});

describe("times", () => {
  it("are those of the tour, and no finer than they deserve", () => {
    expect(timeOfDay(NOON, "America/Los_Angeles")).toBe("12:00");
    expect(duration(8_400)).toBe("8 s");
    expect(duration(6 * MINUTE)).toBe("6 min");
    expect(stay(95_000)).toBe("1 min");
    expect(duration(134 * MINUTE)).toBe("2 h 10 min");
  });
});
