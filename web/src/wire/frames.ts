// The messages of the live feed (docs/frames.md), decoded and given names. Nothing here keeps state.
import type { Desk } from "./desk";
import { decode } from "./msgpack";

export const NEVER = -2147483648;

export interface Tour {
  slug: string;
  name: string;
  zone: string;
  units: "mi" | "km";
  version: number;
  delay_s: number;
  interval_s: number;
  start_interval_s: number;
}

export interface Checkpoints {
  id: string[];
  name: string[];
  kind: string[];
  along_m: number[];
  halt_s: number[];
}

export interface Leg {
  title: string;
  start_ms: number;
  delay_s: number;
  cancelled: number;
  length_m: number;
  course: string;
  checkpoints: Checkpoints;
}

export interface Roster {
  number: string[];
  kind: number[];
  role: string[];
  class: string[];
  year: number[];
  make: string[];
  model: string[];
  colour: string[];
  start_order: number[];
  crew?: string[]; // crew feeds only
}

export interface SnapshotBody {
  tour: Tour;
  base_ms: number;
  legs: Leg[];
  roster: Roster;
  columns: string[];
  state: number[][];
  hash: number;
}

export type Groups = Record<string, number[][]>;

interface Stamp {
  epoch: number;
  seq: number;
  nowMs: number;
}
export type Message =
  | ({ kind: "snapshot"; rate: number; body: SnapshotBody } & Stamp)
  | ({ kind: "delta"; groups: Groups } & Stamp)
  | ({ kind: "heartbeat" } & Stamp)
  | { kind: "desk"; nowMs: number; desk: Desk }; // for crews, beside the numbered ones (docs/crew.md)

/** The message in one websocket frame, or null for a kind that this page does not know. */
export async function readMessage(bytes: Uint8Array<ArrayBuffer>): Promise<Message | null> {
  const message = decode(bytes) as unknown[];
  const [kind, epoch, seq, nowMs, ...rest] = message as [number, number, number, number, ...unknown[]];
  switch (kind) {
    case 0: {
      const body = decode(await inflate(rest[1] as Uint8Array<ArrayBuffer>)) as SnapshotBody;
      return { kind: "snapshot", epoch, seq, nowMs, rate: rest[0] as number, body };
    }
    case 1:
      return { kind: "delta", epoch, seq, nowMs, groups: rest[0] as Groups };
    case 2:
      return { kind: "heartbeat", epoch, seq, nowMs };
    case 3: {
      const [, now, packed] = message as [number, number, Uint8Array<ArrayBuffer>];
      return { kind: "desk", nowMs: now, desk: decode(await inflate(packed)) as Desk };
    }
    default:
      return null;
  }
}

/** RFC 1950, the browser's own decoder ("deflate" is its name for zlib). */
export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
