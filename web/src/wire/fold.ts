// The state as columns of 32-bit integers, and how a delta changes it (docs/frames.md). Pure but for the columns.
import type { Groups } from "./frames";

/** Column numbers of the public state, in the order of the wire. */
export const Column = {
  time: 0,
  lat: 1,
  lon: 2,
  along: 3,
  leg: 4,
  status: 5,
  freshness: 6,
  standing: 7,
  since: 8,
  next: 9,
  early: 10,
  late: 11,
  uncertainFrom: 12,
  uncertainTo: 13,
} as const;

const PUBLIC_COLUMNS = 14;
const SET_GROUPS: Record<number, readonly number[]> = {
  1: [Column.time, Column.lat, Column.lon, Column.along],
  2: [Column.leg, Column.status, Column.freshness, Column.standing, Column.since],
  3: [Column.next, Column.early, Column.late],
  4: [Column.uncertainFrom, Column.uncertainTo],
};
const CREW_GROUP = 5;

export type State = Int32Array[];

export function stateFrom(columns: number[][]): State {
  return columns.map((column) => Int32Array.from(column));
}

/** Folds a delta in; returns the rows whose newest fix changed. */
export function foldDelta(state: State, groups: Groups): number[] {
  const moved: number[] = [];
  const differences = groups[0];
  if (differences) {
    const rows = differences[0];
    for (let column = 0; column < 4; column++) {
      const target = state[column];
      const values = differences[column + 1];
      for (let i = 0; i < rows.length; i++) target[rows[i]] += values[i];
    }
    moved.push(...rows);
  }
  for (const key of [1, 2, 3, 4]) {
    const group = groups[key];
    if (!group) continue;
    setColumns(state, group, SET_GROUPS[key]);
    if (key === 1) moved.push(...group[0]);
  }
  const crew = groups[CREW_GROUP];
  if (crew) {
    setColumns(
      state,
      crew,
      crew.slice(1).map((_, i) => PUBLIC_COLUMNS + i),
    );
  }
  return moved;
}

function setColumns(state: State, group: number[][], columns: readonly number[]): void {
  const rows = group[0];
  columns.forEach((column, c) => {
    const target = state[column];
    const values = group[c + 1];
    for (let i = 0; i < rows.length; i++) target[rows[i]] = values[i];
  });
}

/** FNV-1a, 32 bit, over the columns in order, each value as four little-endian bytes. */
export function hashState(state: State): number {
  let hash = 2166136261;
  for (const column of state) {
    for (const value of column) {
      hash = Math.imul(hash ^ (value & 255), 16777619);
      hash = Math.imul(hash ^ ((value >> 8) & 255), 16777619);
      hash = Math.imul(hash ^ ((value >> 16) & 255), 16777619);
      hash = Math.imul(hash ^ ((value >> 24) & 255), 16777619);
    }
  }
  return hash >>> 0;
}
