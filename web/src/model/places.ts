// Where does the course pass a place on the ground? On a road that is driven twice, at two places of the leg. Pure.
import type { CourseLine } from "./course";
import { latitude } from "./mercator";

const EARTH_M = 40_075_017;
const SAME_ROAD_M = 150; // so much farther away than the nearest pass another one is still the same road
const MOST = 4;

export interface Pass {
  alongM: number;
  awayM: number; // from the place that was asked for
}

/** Metres on the ground of one unit of Web Mercator at a height of the map. */
export function metresPerUnit(y: number): number {
  return EARTH_M * Math.cos((latitude(y) * Math.PI) / 180);
}

/** The passes nearest to (x, y) in Web Mercator, within `reachM`, in the order of the leg; none if it is too far. */
export function passesNear(line: CourseLine, x: number, y: number, reachM: number): Pass[] {
  const scale = metresPerUnit(y);
  const found: Pass[] = [];
  let best: Pass | null = null; // of the stretch within reach that is being walked
  const leave = () => {
    if (best) found.push(best);
    best = null;
  };
  for (let i = 0; i + 1 < line.vertices; i++) {
    const pass = nearestOn(line, i, x, y, scale);
    if (pass.awayM > reachM) leave();
    else if (!best || pass.awayM < (best as Pass).awayM) best = pass;
  }
  leave();
  const nearest = Math.min(...found.map((pass) => pass.awayM));
  return found.filter((pass) => pass.awayM <= nearest + SAME_ROAD_M).slice(0, MOST);
}

function nearestOn(line: CourseLine, i: number, x: number, y: number, scale: number): Pass {
  const dx = line.xs[i + 1] - line.xs[i];
  const dy = line.ys[i + 1] - line.ys[i];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((x - line.xs[i]) * dx + (y - line.ys[i]) * dy) / squared;
  const f = Math.min(Math.max(along, 0), 1);
  return {
    alongM: line.alongM[i] + f * (line.alongM[i + 1] - line.alongM[i]),
    awayM: Math.hypot(line.xs[i] + f * dx - x, line.ys[i] + f * dy - y) * scale,
  };
}
