import { describe, expect, it } from "vitest";
import { boardRows, placeOf, quietWords } from "../src/arrivals/board";
import { chapterOf } from "../src/model/chapter";
import { CourseLine } from "../src/model/course";
import type { View } from "../src/model/field";
import { profileOf } from "../src/views/ladder-profile";
import type { Leg, SnapshotBody } from "../src/wire/frames";

const HOUR = 3_600_000;
const EIGHT = Date.UTC(2027, 4, 3, 6); // in Rome
const DAY = 24 * HOUR;

function leg(day: number, change: Partial<Leg> = {}): Leg {
  const checkpoints = { id: ["s", "f"], name: ["Zero", "Far End"], kind: ["start", "finish"], along_m: [0, 40_000] };
  return {
    title: "Out",
    start_ms: EIGHT + day * DAY,
    delay_s: 0,
    cancelled: 0,
    length_m: 40_000,
    course: "",
    checkpoints,
    ...change,
  } as Leg;
}

function body(...legs: Leg[]): SnapshotBody {
  return { tour: { delay_s: 0, zone: "Europe/Rome", units: "km" }, legs } as unknown as SnapshotBody;
}

function cars(legNumber: number, ...conditions: View["condition"][]): View[] {
  return conditions.map((condition, row) => {
    const vehicle = { row, number: String(row + 1), name: "Lancia", startOrder: row, support: false };
    return { vehicle, condition, legNumber } as unknown as View;
  });
}

describe("the chapter of the tour", () => {
  it("says before the first start when, where and who", () => {
    const said = chapterOf(body(leg(0), leg(1)), cars(0, "never", "never"), 1, EIGHT - 2 * HOUR)!;
    expect(said.title).toBe("The start is in 2 h");
    expect(said.lines).toEqual([
      "Out · 40 km",
      "Leg 1 starts 08:00 from Zero",
      "2 cars; the first to leave is 1, Lancia",
    ]);
  });

  it("says when the start is later than planned", () => {
    const said = chapterOf(body(leg(0, { delay_s: 1_800 })), cars(1, "waiting"), 1, EIGHT)!;
    expect(said.title).toBe("The start is in 30 min");
    expect(said.lines).toContain("Leg 1 starts 08:30 from Zero");
    expect(said.lines).toContain("later than planned (08:00)");
  });

  it("is silent while they drive", () => {
    expect(chapterOf(body(leg(0), leg(1)), cars(1, "running", "finished"), 1, EIGHT + HOUR)).toBeNull();
    expect(chapterOf(body(leg(0), leg(1)), cars(1, "running", "waiting"), 1, EIGHT + 60_000)).toBeNull();
  });

  it("says overnight who has arrived, and where and when they start tomorrow", () => {
    const said = chapterOf(body(leg(0), leg(1)), cars(1, "finished", "out", "finished"), 1, EIGHT + 12 * HOUR)!;
    expect(said).toEqual({ title: "2 of 3 have arrived in Far End", lines: ["Leg 2 starts Tue 08:00 from Zero"] });
  });

  it("passes over a leg that is cancelled", () => {
    const legs = [leg(0), leg(1, { cancelled: 1 }), leg(2)];
    expect(chapterOf(body(...legs), cars(1, "finished"), 1, EIGHT + 30 * HOUR)!.lines).toEqual([
      "Leg 3 starts Wed 08:00 from Zero",
    ]);
    const said = chapterOf(body(...legs), cars(2, "waiting"), 2, EIGHT + 24 * HOUR)!;
    expect(said.title).toBe("Leg 2 is cancelled");
  });

  it("sums up when it is over, without the legs that were not driven", () => {
    const said = chapterOf(body(leg(0, { cancelled: 1 }), leg(1)), cars(2, "finished", "out"), 2, EIGHT + 40 * HOUR)!;
    expect(said).toEqual({ title: "The tour is over", lines: ["1 of 2 have arrived in Far End", "40 km in 1 leg"] });
  });
});

describe("the arrivals board", () => {
  const [one, two] = cars(1, "running", "running").map((view) => view.vehicle);
  const window = (number: string, early: number, late: number) => ({
    number,
    kind: "participant",
    early_ms: EIGHT + early * 60_000,
    late_ms: EIGHT + late * 60_000,
  });

  it("says ranges, minutes while they are near and times of day while they are not", () => {
    const windows = [window("1", 12.5, 17.2), window("2", 95, 110), window("9", 1, 2)];
    expect(boardRows(windows, [one, two], EIGHT, "Europe/Rome")).toEqual([
      { vehicle: one, when: "12–18 min", at: "08:12–08:17" },
      { vehicle: two, when: "09:35–09:50", at: "09:35–09:50" },
    ]);
    const near = boardRows([window("1", -1, 1.5), window("2", -1, 7)], [one, two], EIGHT, "Europe/Rome");
    expect(near.map((row) => row.when)).toEqual(["any minute", "within 7 min"]);
  });

  it("leaves out who must have passed already", () => {
    expect(boardRows([window("1", -9, -1)], [one], EIGHT, "Europe/Rome")).toEqual([]);
  });

  it("looks at a checkpoint by its id or name, else at the finish", () => {
    expect(placeOf(leg(0), 1, "ZERO").alongM).toBe(0);
    expect(placeOf(leg(0), 1, "S").alongM).toBe(0);
    expect(placeOf(leg(0), 1, "elsewhere").name).toBe("Far End");
  });

  it("is never blank: nobody has left, or everybody is home", () => {
    const legs = [leg(0), leg(1)];
    expect(quietWords(cars(1, "waiting"), legs, 1, "Europe/Rome")).toContain("first start from Zero Mon 08:00");
    expect(quietWords(cars(1, "finished"), legs, 1, "Europe/Rome")).toContain("Next: first start from Zero Tue 08:00");
  });
});

describe("the heights behind the ladder", () => {
  const line = (elevation_m: number[] | null) =>
    new CourseLine({ length_m: 3_000, lat: [0, 0, 0], lon: [0, 9_000, 9_000], elevation_m });

  it("come as differences, and are shares of the highest", () => {
    const profile = profileOf(line([100, 400, -400]))!;
    expect([profile[0], Math.max(...profile), profile.at(-1)]).toEqual([0, 1, 0]);
    expect(profile[60]).toBeCloseTo(0.5, 1);
  });

  it("do not make mountains of flat country", () => {
    expect(Math.max(...profileOf(line([0, 15, 0]))!)).toBeCloseTo(0.1, 5);
  });

  it("are not there where the course has none", () => {
    expect(profileOf(line(null))).toBeNull();
  });
});
