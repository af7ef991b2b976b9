// The check list as the server tells it (docs/devices.md), and what is made of it. Pure.

export const PROBLEMS = [
  "never",
  "silent",
  "no position",
  "old position",
  "twice",
  "mock",
  "rough",
  "clock",
  "slow",
  "battery",
] as const;
/** What can be wrong with a device, the worst first; the words of `core/devicecheck.py`. */
export type ProblemKind = (typeof PROBLEMS)[number];

export interface Device {
  device: string;
  of: string; // the vehicle whose it is by the roster
  vehicle: string; // the vehicle that it speaks for now
  box: boolean; // unattended: it has no card
  spare: boolean; // it rides along for whoever needs one
  heard_at_ms: number | null;
  fix_time_ms: number | null;
  accuracy_m: number | null;
  battery_pct: number | null;
  every_s: number | null;
  clock_error_s: number | null;
  problems: ProblemKind[];
}

export interface Seen {
  fix_time_ms: number;
  lat: number;
  lon: number;
  leg: number | null;
  along_m: number | null;
  standing: string;
}

export interface Vehicle {
  number: string;
  kind: "participant" | "support";
  class: string;
  name: string;
  year: number | null;
  crew: string;
  seen: Seen | null;
}

/** A device that was given to another vehicle by hand, and is still there. */
export interface Swap {
  id: string;
  device: string;
  vehicle: string;
  at_ms: number;
}

export interface Roll {
  tour: { slug: string; name: string; zone: string; units: "mi" | "km" };
  now_ms: number;
  rate: number;
  read_pct: number;
  vehicles: Vehicle[];
  devices: Device[];
  swaps: Swap[];
}

/** A vehicle with the devices that speak for it. What its best device says is how it stands. */
export interface Entry {
  vehicle: Vehicle;
  devices: Device[]; // the best first
  lead: Device | null;
  works: boolean; // somebody in it is heard
  driving: boolean;
}

export const HEARD_WITHIN_MS = 300_000;
const WELL = PROBLEMS.length;
const WORKS_FROM = PROBLEMS.indexOf("no position");

export function entriesOf(roll: Roll): Entry[] {
  return roll.vehicles.map((vehicle) => {
    const devices = roll.devices.filter((device) => device.vehicle === vehicle.number).sort(bestFirst);
    const lead = devices[0] ?? null;
    const works = lead !== null && healthOf(lead) >= WORKS_FROM;
    return { vehicle, devices, lead, works, driving: (vehicle.seen?.standing ?? "running") === "running" };
  });
}

/** How well a device is: the place of its worst problem, the higher the better. */
export function healthOf(device: Device): number {
  return Math.min(WELL, ...device.problems.map((kind) => PROBLEMS.indexOf(kind)));
}

function bestFirst(a: Device, b: Device): number {
  return healthOf(b) - healthOf(a) || (b.heard_at_ms ?? 0) - (a.heard_at_ms ?? 0);
}

export function wantsCare(entry: Entry): boolean {
  return entry.driving && (entry.lead === null || healthOf(entry.lead) < WELL);
}

/** Those who want something done first, the worst first; in the order of the roster otherwise. */
export function byTrouble(entries: readonly Entry[]): Entry[] {
  const rank = (entry: Entry) => (!entry.driving ? WELL + 1 : entry.lead === null ? -1 : healthOf(entry.lead));
  return [...entries].sort((a, b) => rank(a) - rank(b));
}

export interface Counts {
  all: number;
  heard: number; // within the last minutes
  care: number;
  never: number;
}

export function countsOf(entries: readonly Entry[], nowMs: number): Counts {
  const driving = entries.filter((entry) => entry.driving);
  return {
    all: driving.length,
    heard: driving.filter((entry) => nowMs - (heardAtMs(entry) ?? 0) <= HEARD_WITHIN_MS).length,
    care: driving.filter(wantsCare).length,
    never: driving.filter((entry) => heardAtMs(entry) === null).length,
  };
}

export function heardAtMs(entry: Entry): number | null {
  const times = entry.devices.map((device) => device.heard_at_ms).filter((ms) => ms !== null);
  return times.length > 0 ? Math.max(...times) : null;
}
