import { describe, expect, it } from "vitest";
import { fieldsOf, nextStep } from "../src/crew/actions";
import { sayHeld, sayStep } from "../src/crew/board";
import { historyOf } from "../src/crew/history";
import { bestHelper, EVERYTHING, isMine, needsOf, outageOf } from "../src/crew/needs";
import { News } from "../src/crew/news";
import { passedOf, sayOwnPower } from "../src/crew/passed";
import { type Scene, sayAlert, sayQuiet, sayWhere } from "../src/crew/sentence";
import { sayClear, sayField } from "../src/crew/summary";
import { type View, vehiclesFrom } from "../src/model/field";
import type { Alert, Clear, Desk } from "../src/wire/desk";
import type { Leg } from "../src/wire/frames";

const MINUTE = 60_000;
const MILE = 1_609.344;
const NOW = Date.UTC(2027, 3, 28, 17, 42); // 10:42 at the tour

const leg: Leg = {
  title: "Nevada City to Sonora",
  start_ms: NOW - 180 * MINUTE,
  length_m: 290_000,
  delay_s: 0,
  cancelled: 0,
  course: "0",
  checkpoints: {
    id: ["a", "b", "c", "d"],
    name: ["Nevada City", "Auburn", "Placerville (lunch)", "Sonora"],
    kind: ["start", "passage control", "halt", "finish"],
    along_m: [0, 50 * MILE, 60 * MILE, 290_000],
    halt_s: [0, 0, 3_600, 0],
  },
};
const vehicles = vehiclesFrom({
  number: ["12", "31", "S3", "S7"],
  kind: [0, 0, 1, 1],
  role: ["", "", "mechanics", "sweep"],
  class: ["Pre-War", "Post-War", "", ""],
  year: [1932, 1949, 0, 0],
  make: ["Alfa Romeo", "Healey", "", ""],
  model: ["8C 2300", "Silverstone", "", ""],
  colour: ["", "", "", ""],
  start_order: [0, 1, -1, -1],
});
const scene: Scene = {
  tour: {
    slug: "t",
    name: "T",
    zone: "America/Los_Angeles",
    units: "mi",
    version: 1,
    delay_s: 0,
    interval_s: 10,
    start_interval_s: 60,
  },
  legs: [leg],
  vehicles,
  nowMs: NOW,
};

function alert(kind: string, more: Partial<Alert> = {}): Alert {
  return {
    id: `${kind}-12-1`,
    kind,
    vehicle: 0,
    evidence: {},
    state: "raised",
    raised_ms: NOW - 3 * MINUTE,
    since_ms: NOW - 11 * MINUTE,
    closed_ms: -1,
    lat: 38.9,
    lon: -121.07,
    leg: 1,
    along_m: 54 * MILE,
    before: 1,
    after: 2,
    helper: -1,
    steps: [["raised", NOW - 3 * MINUTE, "", "", -1, ""]],
    helpers: [],
    ...more,
  };
}

function desk(more: Partial<Desk>): Desk {
  return {
    position: 1,
    answers: {},
    alerts: [],
    need: [],
    quiet: [],
    field: [],
    clear: [],
    notes: [],
    sightings: [],
    seen: [],
    observed: [[], [], [], [], [], []],
    undo: [],
    legs: [[0, 0]],
    standings: [],
    phones: [[], [], [], []],
    own_m: [],
    ...more,
  };
}

const quiet = {
  vehicle: 1,
  since_ms: NOW - 11 * MINUTE,
  lat: 38.9,
  lon: -121,
  leg: 1,
  along_m: 41 * MILE,
  others: 14,
  passed: 20,
  back_along_m: 49 * MILE + 10,
  back_ms: NOW,
  missed_ms: NOW + 20 * MINUTE,
};

describe("what is the matter, in one sentence", () => {
  it.each<[Alert, string]>([
    [alert("stopped"), "stopped 11 min at mile 54, between Auburn and Placerville"],
    [alert("stopped", { along_m: 50 * MILE + 100 }), "stopped 11 min at mile 50, near Auburn"],
    [alert("stopped", { along_m: -1 }), "stopped 11 min"],
    [alert("sos"), "called for help 11 min ago at mile 54, between Auburn and Placerville"],
    [
      alert("off_course", { since_ms: NOW - 4 * MINUTE, along_m: 31.2 * MILE, evidence: { coming_back: true } }),
      "took the wrong road 4 min ago at mile 31, between Nevada City and Auburn, coming back",
    ],
    [
      alert("off_course", { since_ms: NOW - 4 * MINUTE, along_m: -1, evidence: { coming_back: null } }),
      "took the wrong road 4 min ago, not coming back yet",
    ],
    [alert("silent", { along_m: -1 }), "silent since 10:31, where others are heard"],
    [
      alert("silent", { along_m: -1, evidence: { dead_zone_others: 14 } }),
      "silent since 10:31, longer than the 14 others who fell silent there",
    ],
    [
      alert("not_started", { evidence: { due_ms: NOW - 30 * MINUTE } }),
      "was due to start at 10:12 and is still waiting",
    ],
    [alert("behind", { evidence: { behind_field_s: 4_020 } }), "67 min behind the field"],
    [
      alert("behind", { evidence: { behind_field_s: 4_020, control: 2, due_ms: NOW, expected_ms: NOW + 45 * MINUTE } }),
      "67 min behind the field: Placerville was due 10:42, expected 11:27",
    ],
    [alert("behind_sweep", { evidence: { sweep: "S7", behind_m: 4_000 } }), "2.5 miles behind the sweep S7"],
    [alert("low_battery", { evidence: { battery_pct: 12 } }), "its tracker has 12 % battery left"],
    [
      alert("left_behind", { evidence: { apart_m: 30_000 } }),
      "one of its trackers stayed behind, 19 miles from the car",
    ],
    [
      alert("trailered", { evidence: { by: "S3", ride_m: 5_000 } }),
      "has moved together with S3 for 3.1 miles: on the trailer, it seems",
    ],
    [
      alert("feed_outage", { vehicle: -1, evidence: { vehicles: ["12", "31"] } }),
      "No news of 2 cars since 10:31. All fell silent at once: that is the network, not the cars. What is shown is as of then.",
    ],
  ])("%#", (given, sentence) => expect(sayAlert(given, scene)).toBe(sentence));

  it("silent as usual is another state, and says when to expect it", () => {
    expect(sayQuiet(quiet, scene)).toBe("silent since 10:31, like 14 others here; expected near mile 49 at 10:42");
    expect(sayQuiet({ ...quiet, others: 1, back_ms: -1 }, scene)).toBe("silent since 10:31, like 1 other here");
  });

  it("says nothing of a place that is not known", () => expect(sayWhere(scene, 1, -1)).toBe(""));
});

describe("the board's order", () => {
  const [stopped, outage] = [alert("stopped"), alert("feed_outage", { id: "feed", vehicle: -1 })];
  const given = desk({
    alerts: [stopped, alert("silent", { id: "old", vehicle: 1, closed_ms: NOW })],
    quiet: [quiet],
    need: [
      [-1, 900, [["feed_outage", "feed"]]],
      [0, 600, [["stopped", stopped.id]]],
      [1, 10, [["dead_zone", ""]]],
    ],
  });

  it("is the server's, with what is over left out", () => {
    const rows = needsOf(given).map(({ row, alerts, quiet: calm }) => [row, alerts.map(({ id }) => id), calm !== null]);
    expect(rows).toEqual([
      [0, [stopped.id], false],
      [1, [], true],
    ]);
    expect(outageOf(given)).toBeNull();
  });

  it("says once that the feed is out, and nothing of those who are silent for it", () => {
    const out = { ...given, alerts: [outage, stopped] };
    expect(needsOf(out).map(({ row }) => row)).toEqual([0]);
    expect(outageOf(out)).toBe(outage);
  });

  it("keeps what is outside of a sector or a class, but never one who calls for help", () => {
    const alongM = leg.checkpoints.along_m;
    const view = { vehicle: vehicles[0], alongM: 54 * MILE } as View;
    const [need] = needsOf(given);
    const mine = (choice: object, from = need) => isMine(from, { ...EVERYTHING, ...choice }, view, alongM);
    expect(mine({})).toBe(true);
    expect(mine({ from: 1, to: 2 })).toBe(true);
    expect(mine({ from: 2 })).toBe(false);
    expect(mine({ to: 1 })).toBe(false);
    expect(mine({ carClass: "Post-War" })).toBe(false);
    expect(mine({ from: 2 }, { ...need, alerts: [alert("sos")] })).toBe(true);
  });

  it("tells what is new once, and nothing of what was there before", () => {
    const news = new News();
    expect(news.take([stopped])).toEqual([]);
    expect(news.take([outage, stopped])).toEqual([outage]);
    expect(news.take([outage, stopped])).toEqual([]);
  });
});

describe("one button", () => {
  const helpers: Alert["helpers"] = [
    [2, 3_000, 240, 1, "other-alert"],
    [3, 9_000, 700, 0, ""],
  ];

  it("sends the soonest that is free, or one's own vehicle", () => {
    expect(bestHelper(alert("stopped", { helpers }), -1)?.[0]).toBe(3);
    expect(bestHelper(alert("stopped", { helpers }), 2)?.[0]).toBe(2);
    expect(bestHelper(alert("stopped", { helpers: [helpers[0]] }), -1)?.[0]).toBe(2);
    expect(bestHelper(alert("stopped"), -1)).toBeNull();
  });

  it.each<[Partial<Alert>, number, string]>([
    [{ helpers }, -1, "S7 has it · 12 min"],
    [{ helpers }, 2, "We have it · 4 min, must turn back"],
    [{ helpers: [] }, -1, "Seen"],
    [{ helpers: [], state: "acknowledged" }, -1, "Resolved"],
    [{ helpers, state: "assigned", helper: 2 }, -1, "S3 is there"],
    [{ helpers, state: "assigned", helper: 2 }, 2, "We are there"],
    [{ helpers, state: "on_scene", helper: 2 }, -1, "Resolved"],
  ])("%#: says the next step", (more, own, label) => {
    expect(sayStep(nextStep(alert("stopped", more), own), scene, own)).toBe(label);
  });

  it("asks nobody to drive to a flat battery", () => {
    expect(nextStep(alert("low_battery", { helpers }), -1)).toEqual({ step: "acknowledged", helper: null });
  });

  it("becomes a decision that two crews cannot both win", () => {
    const numberOf = (row: number) => vehicles[row].number;
    const raised = alert("stopped", { helpers });
    const first = fieldsOf(raised, nextStep(raised, -1), numberOf);
    expect(first).toEqual({ alert: "stopped-12-1", step: "assigned", helper: "S7" });
    const taken = alert("stopped", { helpers, state: "assigned", helper: 2 });
    const over = fieldsOf(taken, { step: "assigned", helper: helpers[1] }, numberOf);
    expect(over).toEqual({ alert: "stopped-12-1", step: "assigned", helper: "S7", instead_of: "S3" });
    const there = alert("stopped", { state: "on_scene", helper: 2 });
    expect(fieldsOf(there, nextStep(there, -1), numberOf)).toEqual({ alert: "stopped-12-1", step: "resolved" });
  });

  it("says who has it, since when and who said so", () => {
    const steps: Alert["steps"] = [["assigned", NOW - MINUTE, "Ann", "crew", 2, "x"]];
    expect(sayHeld(alert("stopped", { state: "assigned", helper: 2, steps }), scene)).toBe(
      "S3 has it since 10:41 (Ann)",
    );
    expect(sayHeld(alert("stopped"), scene)).toBe("nobody has it yet");
  });
});

describe("who did what", () => {
  const made = (decision: string, more: object) => ({
    id: decision,
    at_ms: NOW,
    who: "Ann",
    role: "crew",
    decision,
    ...more,
  });
  const given = desk({
    alerts: [alert("stopped")],
    undo: [
      made("alert", { alert: "stopped-12-1", step: "assigned", helper: "S3" }),
      made("standing", { vehicle: "31", standing: "trailered", at_ms: NOW - MINUTE }),
      made("note", { text: "fuel pump", vehicle: "12", at_ms: NOW - 2 * MINUTE }),
      made("note", { text: "road closed", at_ms: NOW - 3 * MINUTE }),
      made("sighting", { vehicle: "31", leg: 1, checkpoint: "b", at_ms: NOW - 4 * MINUTE }),
      made("delay", { leg: 1, minutes: 15, at_ms: NOW - 5 * MINUTE }),
      made("something new", { at_ms: NOW - 6 * MINUTE }),
    ],
  });

  it("is said in sentences, each with its undo", () => {
    expect(historyOf(given, scene).map(({ text, undo }) => [text, undo])).toEqual([
      ["10:42 Ann: S3 has 12", "alert"],
      ["10:41 Ann: 31 On the trailer", "standing"],
      ["10:40 Ann, about 12: fuel pump", "note"],
      ["10:39 Ann, to all: road closed", "note"],
      ["10:38 Ann saw 31 pass Auburn", "sighting"],
      ["10:37 Ann: leg 1 starts 15 min later", "delay"],
    ]);
  });

  it("of one car has what happened by itself as well", () => {
    expect(historyOf(given, scene, 0).map(({ text }) => text)).toEqual([
      "10:42 Ann: S3 has 12",
      "10:40 Ann, about 12: fuel pump",
      "10:39 stopped 8 min at mile 54, between Auburn and Placerville",
    ]);
  });
});

describe("the field and the course behind it", () => {
  it("is a few lines", () => {
    const field = {
      leg: 1,
      head: [0, 80 * MILE + 1] as [number, number],
      tail: [1, 54 * MILE + 1] as [number, number],
      sweep: [3, 50 * MILE + 1] as [number, number],
      spread_m: 26 * MILE,
      spread_s: 2_460,
      cars: { running: 60, stopped: 1, finished: 0 },
    };
    expect(sayField(field, scene)).toEqual([
      ["First", "12 · mile 80"],
      ["Last", "31 · mile 54"],
      ["Sweep", "S7 · mile 50"],
      ["Spread", "26 miles, 41 min"],
      ["on the road", "60 cars"],
      ["stopped", "1 car"],
    ]);
  });

  it("says who was last, who is to come, and when one may go home", () => {
    const clear: Clear = {
      leg: 1,
      checkpoint: 2,
      through: 65,
      to_come: 2,
      last: [0, NOW - 5 * MINUTE],
      expected: [1, NOW + 10 * MINUTE, NOW + 20 * MINUTE],
      unsure: [1],
      sweep_ms: -1,
      sweep_expected: [NOW + 30 * MINUTE, NOW + 40 * MINUTE],
      stand_down: 0,
    };
    expect(sayClear(clear, scene)).toEqual({
      name: "Placerville",
      free: false,
      says: [
        "65 through, 2 to come",
        "last 12 at 10:37",
        "last to come 31, 10:52–11:02",
        "not known whether behind: 31",
        "sweep 11:12–11:22",
      ],
    });
    const done = { ...clear, to_come: 0, expected: null, unsure: [], sweep_ms: NOW, stand_down: 1 };
    expect(sayClear(done, scene)).toMatchObject({
      free: true,
      says: ["65 through, 0 to come", "last 12 at 10:37", "sweep at 10:42"],
    });
  });
});

describe("a car's record", () => {
  const seen = desk({
    observed: [
      [0, 0, 1],
      [1, 1, 1],
      [1, 2, 1],
      [NOW - 40 * MINUTE, -1, NOW],
      [NOW - 39 * MINUTE, NOW - 11 * MINUTE, NOW],
      ["Ann", "Bob", "Ann"],
    ],
    own_m: [
      [54 * MILE, 0],
      [40 * MILE, 6.2 * MILE],
      [0, 0],
    ],
  });

  it("says where marshals saw it, beside what was tracked, the newest first", () => {
    expect(passedOf(seen, scene, 0)).toEqual([
      "Placerville: seen at 10:31 by Bob, not tracked",
      "Auburn: seen at 10:03 by Ann, tracked at 10:02",
    ]);
    expect(passedOf(seen, scene, 3)).toEqual([]);
  });

  it("says how far it came by itself, and how far on a trailer", () => {
    expect(sayOwnPower(seen, scene, 0)).toBe("54 miles under its own power");
    expect(sayOwnPower(seen, scene, 1)).toBe("40 miles under its own power, 6.2 miles on a trailer");
    expect([sayOwnPower(seen, scene, 2), sayOwnPower(seen, scene, 3)]).toEqual(["", ""]);
  });
});
