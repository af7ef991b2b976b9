// How the built-in base map is painted: one table for the plain picture and for MapLibre.
import type { Token } from "../draw/palette";

export interface Paint {
  layer: string;
  kind: string | null; // null = every kind of the layer
  token: Token;
  width: number | null; // CSS pixels at zoom 8; null = filled
  dash?: [number, number];
}

/** In the order of drawing. */
export const PAINTS: readonly Paint[] = [
  { layer: "land", kind: null, token: "land", width: null },
  { layer: "parks", kind: null, token: "parks", width: null },
  { layer: "lakes", kind: null, token: "sea", width: null },
  { layer: "rivers", kind: null, token: "rivers", width: 1 },
  { layer: "borders", kind: "county", token: "lines", width: 0.8 },
  { layer: "borders", kind: "state", token: "lines", width: 1.8, dash: [6, 3] },
  { layer: "coast", kind: null, token: "rivers", width: 1.2 },
  { layer: "highways", kind: "minor", token: "roads", width: 0.8 },
  { layer: "highways", kind: "secondary", token: "roads", width: 1.1 },
  { layer: "highways", kind: "primary", token: "roads", width: 1.4 },
  { layer: "highways", kind: "trunk", token: "roads", width: 1.8 },
  { layer: "highways", kind: "motorway", token: "roads", width: 2.4 },
];

const GROWTH = 0.35; // lines grow this many doublings a zoom level

/** Width factor of lines by zoom. */
export function growth(zoom: number): number {
  return Math.min(Math.max(2 ** ((zoom - 8) * GROWTH), 0.6), 3);
}

export const TOWN_FONT = "500 12.5px Barlow, sans-serif";
export const LARGE_TOWN_FONT = "500 14px Barlow, sans-serif";
export const LARGE_TOWN_RANK = 2;
