import { describe, expect, it } from "vitest";
import { byTrouble, countsOf, type Device, entriesOf, type Roll, type Vehicle, wantsCare } from "../src/organise/roll";

const NOW = 1_781_342_130_000;

function vehicle(number: string, standing?: string): Vehicle {
  const seen = standing ? { fix_time_ms: NOW, lat: 38, lon: -122.8, leg: 1, along_m: 0, standing } : null;
  return { number, kind: "participant", class: "", name: "", year: null, crew: "", seen };
}

function device(name: string, problems: Device["problems"] = [], change: Partial<Device> = {}): Device {
  const heard = problems.includes("never") ? null : NOW - 8_000;
  const said = {
    heard_at_ms: heard,
    fix_time_ms: heard,
    accuracy_m: 6,
    battery_pct: 80,
    every_s: 10,
    clock_error_s: 0,
  };
  return { device: name, of: name, vehicle: name, box: false, spare: false, ...said, problems, ...change };
}

function roll(vehicles: Vehicle[], devices: Device[]): Roll {
  const tour = { slug: "t", name: "T", zone: "UTC", units: "mi" as const };
  return { tour, now_ms: NOW, rate: 1, read_pct: 100, vehicles, devices, swaps: [] };
}

const numbers = (of: Roll) => byTrouble(entriesOf(of)).map((entry) => entry.vehicle.number);

describe("the check list", () => {
  it("has the worst on top, the well in the order of the roster, and below all who no longer drives", () => {
    const vehicles = [vehicle("1", "retired"), ...["2", "3", "4", "5", "6"].map((number) => vehicle(number))];
    const devices = [
      device("1", ["silent"]),
      device("2"),
      device("3", ["battery"]),
      device("4", ["battery", "never"]),
      device("5"),
    ];
    expect(numbers(roll(vehicles, devices))).toEqual(["6", "4", "3", "2", "5", "1"]);
  });
  it("takes a vehicle for as well as the best device in it", () => {
    const spare = device("spare-1", [], { of: "S7", vehicle: "41", spare: true });
    const [entry] = entriesOf(roll([vehicle("41")], [device("41", ["silent"]), spare]));
    expect(entry.lead?.device).toBe("spare-1");
    expect(entry.works).toBe(true);
    expect(wantsCare(entry)).toBe(false);
  });
  it("says that a vehicle whose device was given away has no tracker", () => {
    const [entry] = entriesOf(roll([vehicle("41")], [device("41", [], { vehicle: "44" })]));
    expect(entry.works).toBe(false);
    expect(wantsCare(entry)).toBe(true);
  });
  it("counts who was heard in the last five minutes, those who no longer drive left out", () => {
    const vehicles = [vehicle("1"), vehicle("2"), vehicle("3"), vehicle("4", "retired")];
    const late = { heard_at_ms: NOW - 301_000 };
    const devices = [device("1"), device("2", ["silent"], late), device("3", ["never"]), device("4")];
    expect(countsOf(entriesOf(roll(vehicles, devices)), NOW)).toEqual({ all: 3, heard: 1, care: 2, never: 1 });
  });
});
