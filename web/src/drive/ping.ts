// A ping as /in/pings takes it (docs/protocols.md), and which fixes are worth one.

export interface Ping {
  fix_time_ms: number;
  lat?: number;
  lon?: number;
  accuracy_m?: number;
  speed_mps?: number;
  bearing_deg?: number;
  altitude_m?: number;
  battery_pct?: number;
  valid?: false; // an old place, said again: a sighting, not a fix
  sos?: true;
  event?: "fine";
}

/** What the browser tells of a position; the parts that we read. */
export interface Told {
  readonly timestamp: number;
  readonly coords: {
    readonly latitude: number;
    readonly longitude: number;
    readonly accuracy: number;
    readonly speed: number | null;
    readonly heading: number | null;
    readonly altitude: number | null;
  };
}

export type Call = "sos" | "fine";

// The rhythm that the tour asks of every phone: a fix each 10 s, or after 100 m, or in a bend.
const INTERVAL_MS = 9_500; // a watch ticks about once a second: waiting for a full 10 s would make it 11
const DISTANCE_M = 100;
const TURN_DEG = 30;
const MOVING_MPS = 2;
const PRESENT_MS = 10_000; // an older place is no fix of this moment

const METRES_PER_DEGREE = 111_195;
const RADIANS = Math.PI / 180;

export function worthKeeping(last: Told | null, next: Told): boolean {
  if (last === null) return true;
  const gap = next.timestamp - last.timestamp;
  if (gap <= 0) return false;
  return gap >= INTERVAL_MS || metresBetween(last, next) >= DISTANCE_M || turned(last, next);
}

export function pingOf(told: Told, batteryPct: number | null): Ping {
  const { latitude, longitude, accuracy, speed, heading, altitude } = told.coords;
  const ping: Ping = { fix_time_ms: Math.round(told.timestamp), lat: latitude, lon: longitude, accuracy_m: accuracy };
  if (isKnown(speed)) ping.speed_mps = speed;
  if (isKnown(heading)) ping.bearing_deg = heading;
  if (altitude !== null) ping.altitude_m = altitude;
  if (batteryPct !== null) ping.battery_pct = batteryPct;
  return ping;
}

/** A call from the car, from the last place that is known. */
export function callOf(call: Call, nowMs: number, last: Told | null, batteryPct: number | null): Ping {
  const ping: Ping = last === null ? { fix_time_ms: nowMs } : pingOf(last, batteryPct);
  if (last !== null && nowMs - last.timestamp > PRESENT_MS) {
    delete ping.speed_mps;
    delete ping.bearing_deg;
    ping.valid = false;
  }
  ping.fix_time_ms = Math.round(nowMs);
  if (call === "sos") ping.sos = true;
  else ping.event = "fine";
  return ping;
}

// Standing still, some browsers give NaN and some -1.
function isKnown(value: number | null): value is number {
  return value !== null && value >= 0;
}

function metresBetween(a: Told, b: Told): number {
  const north = b.coords.latitude - a.coords.latitude;
  const east = ((b.coords.longitude - a.coords.longitude + 540) % 360) - 180;
  return Math.hypot(north, east * Math.cos(a.coords.latitude * RADIANS)) * METRES_PER_DEGREE;
}

function turned(a: Told, b: Told): boolean {
  const [from, to, speed] = [a.coords.heading, b.coords.heading, b.coords.speed];
  if (!isKnown(from) || !isKnown(to) || !isKnown(speed) || speed < MOVING_MPS) return false;
  return Math.abs(((to - from + 540) % 360) - 180) >= TURN_DEG;
}
