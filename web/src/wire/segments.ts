// Slices of the past and their manifest (docs/replay.md), decoded into columns. Keeps nothing, fetches nothing.
import { decode } from "@msgpack/msgpack";
import { inflate } from "./frames";

export interface Listed {
  start_ms: number;
  end_ms: number;
  hash: string;
  bytes: number;
}

export interface Manifest {
  leg: number;
  segments: Listed[];
}

interface Packed {
  leg: number;
  start_ms: number;
  end_ms: number;
  vehicles: string[];
  points: number[];
  since: number[];
  t: number[];
  lat: number[];
  lon: number[];
  along: number[];
  status: number[];
}

/** The points of one vehicle in a slice, as columns of equal length. */
export interface Trace {
  sinceMs: number; // when the status of the first point began
  timesMs: Float64Array;
  lats: Int32Array; // 1e-6 degrees, as in the live feed
  lons: Int32Array;
  alongM: Int32Array; // -1 = off the course
  statuses: Uint8Array;
}

export interface Slice {
  leg: number; // 1-based
  startMs: number;
  endMs: number;
  traces: Map<string, Trace>; // by the vehicle's number
}

const TIME_MS = 100;
const DEGREES = 10; // 1e-5 degrees in 1e-6

export async function readSlice(bytes: Uint8Array<ArrayBuffer>): Promise<Slice> {
  const packed = decode(await inflate(bytes)) as Packed;
  const traces = new Map<string, Trace>();
  let from = 0;
  packed.vehicles.forEach((number, i) => {
    const to = from + packed.points[i];
    const trace: Trace = {
      sinceMs: packed.start_ms + packed.since[i] * TIME_MS,
      timesMs: new Float64Array(to - from),
      lats: new Int32Array(to - from),
      lons: new Int32Array(to - from),
      alongM: new Int32Array(to - from),
      statuses: Uint8Array.from(packed.status.slice(from, to)),
    };
    let [t, lat, lon, along] = [0, 0, 0, 0];
    for (let k = from; k < to; k++) {
      t += packed.t[k];
      lat += packed.lat[k];
      lon += packed.lon[k];
      along += packed.along[k];
      trace.timesMs[k - from] = packed.start_ms + t * TIME_MS;
      trace.lats[k - from] = lat * DEGREES;
      trace.lons[k - from] = lon * DEGREES;
      trace.alongM[k - from] = along;
    }
    traces.set(number, trace);
    from = to;
  });
  return { leg: packed.leg, startMs: packed.start_ms, endMs: packed.end_ms, traces };
}
