// Where number roundels go when the road is full: aside, never on each other, as near to their place as possible.
import type { Obstacles, Rect } from "./obstacles";
import { Taken } from "./taken";

export interface Spot {
  x: number; // its place on screen
  y: number;
  dx: number; // direction of travel, length 1
  dy: number;
  r: number;
  side: 1 | -1; // of the road that is tried first
  offsetX: number; // where the roundel was put last time, from its place
  offsetY: number;
  placed: boolean;
}

/** What roundels keep off: the road and names when they stand aside, only names when they are on the road. */
export interface Ground {
  roadAndNames: Obstacles;
  names: Obstacles;
  parks: Rect[]; // of those who stand together
}

const GAP = 2;
const ROWS = 4;
const ALONG = 6; // roundels are shifted at most so many radii along the road
const ROOM_TO_RETURN = 1.25; // a roundel goes back onto the road only when there is clearly room for it

/**
 * Gives each spot an offset, in the order given (the most important first), and says how many found no good place:
 * none at all (not `placed`), or one whose leader line runs below another roundel.
 *
 * A roundel alone stays on the road. One that was put aside stays where it was as long as that place is free, so
 * that nothing jumps about while the field moves. More than `giveUp` bad places are enough to know that it is too full.
 */
export function spread(spots: readonly Spot[], ground: Ground, giveUp = Number.POSITIVE_INFINITY): number {
  const largest = spots.reduce((r, spot) => Math.max(r, spot.r), 0);
  const taken = new Taken(ground.roadAndNames.width, ground.roadAndNames.height, 2 * largest * ROOM_TO_RETURN + GAP);
  taken.reset(spots);
  let bad = 0;
  for (const spot of spots) {
    if (!settle(spot, taken, ground)) {
      bad++;
      if (bad > giveUp) break;
      spot.placed = aside(spot, taken, ground, isFree);
      if (!spot.placed) spot.offsetX = spot.offsetY = 0;
    }
    if (spot.placed) taken.add(spot);
  }
  return bad;
}

function settle(spot: Spot, taken: Taken, ground: Ground): boolean {
  const { offsetX: x, offsetY: y } = spot;
  const wasAside = spot.placed && (x !== 0 || y !== 0);
  const crowded = taken.nearVehicle(
    spot.x,
    spot.y,
    (o) => o !== spot && near(spot.x, spot.y, o.x, o.y, (spot.r + o.r) * ROOM_TO_RETURN),
  );
  if (!crowded && isClear(spot, 0, 0, taken) && keepsOff(spot, 0, 0, ground.names, ground.parks))
    return put(spot, 0, 0);
  if (wasAside && keepsOff(spot, x, y, ground.roadAndNames, ground.parks) && isClear(spot, x, y, taken)) return true;
  return aside(spot, taken, ground, isClear);
}

interface Candidate {
  row: number;
  along: number; // radii along the road
  side: 1 | -1; // 1 = the side that the spot tries first
}

/** Every place aside that is tried, the nearest first. */
const CANDIDATES: readonly Candidate[] = Array.from({ length: ROWS * (2 * ALONG + 1) * 2 }, (_, i): Candidate => {
  const along = (i >> 1) % (2 * ALONG + 1);
  return { row: Math.floor(i / 2 / (2 * ALONG + 1)), along: along - ALONG, side: i % 2 === 0 ? 1 : -1 };
}).sort((a, b) => cost(a) - cost(b));

function cost({ row, along, side }: Candidate): number {
  return Math.hypot(row * 2 + 1.7, along) + (side === 1 ? 0 : 0.4);
}

function aside(spot: Spot, taken: Taken, ground: Ground, accepts: typeof isFree): boolean {
  const step = 2 * spot.r + GAP;
  for (const candidate of CANDIDATES) {
    const away = (spot.r + 9 + candidate.row * step) * candidate.side * spot.side;
    const along = candidate.along * spot.r;
    const x = -spot.dy * away + spot.dx * along;
    const y = spot.dx * away + spot.dy * along;
    if (keepsOff(spot, x, y, ground.roadAndNames, ground.parks) && accepts(spot, x, y, taken)) return put(spot, x, y);
  }
  return false;
}

function put(spot: Spot, x: number, y: number): true {
  spot.offsetX = x;
  spot.offsetY = y;
  spot.placed = true;
  return true;
}

/** No roundel on another. */
function isFree(spot: Spot, offsetX: number, offsetY: number, taken: Taken): boolean {
  const x = spot.x + offsetX;
  const y = spot.y + offsetY;
  return !taken.nearRoundel(x, y, (o) => near(x, y, o.x + o.offsetX, o.y + o.offsetY, spot.r + o.r + GAP));
}

/** And none on another's leader line, and no two lines that cross. */
function isClear(spot: Spot, offsetX: number, offsetY: number, taken: Taken): boolean {
  if (!isFree(spot, offsetX, offsetY, taken)) return false;
  const { x: ax, y: ay, r } = spot;
  const x = ax + offsetX;
  const y = ay + offsetY;
  const onLine = (o: Spot) => nearSegment(x, y, o.x, o.y, o.x + o.offsetX, o.y + o.offsetY, r);
  const belowMine = (o: Spot) => nearSegment(o.x + o.offsetX, o.y + o.offsetY, ax, ay, x, y, o.r);
  const crossesMine = (o: Spot) => cross(ax, ay, x, y, o.x, o.y, o.x + o.offsetX, o.y + o.offsetY);
  if (taken.nearLine(x, y, onLine)) return false;
  if (offsetX === 0 && offsetY === 0) return true;
  return !taken.roundelAlong(ax, ay, x, y, belowMine) && !taken.lineAlong(ax, ay, x, y, crossesMine);
}

function keepsOff(spot: Spot, offsetX: number, offsetY: number, obstacles: Obstacles, parks: readonly Rect[]): boolean {
  const x = spot.x + offsetX;
  const y = spot.y + offsetY;
  const { r } = spot;
  for (const park of parks) {
    if (x + r > park.x && x - r < park.x + park.width && y + r > park.y && y - r < park.y + park.height) return false;
  }
  const half = r * 0.8;
  return obstacles.hits({ x: x - half, y: y - half, width: 2 * half, height: 2 * half }) === 0;
}

function near(ax: number, ay: number, bx: number, by: number, distance: number): boolean {
  const x = ax - bx;
  const y = ay - by;
  return x * x + y * y < distance * distance;
}

function nearSegment(
  px: number,
  py: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  distance: number,
): boolean {
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy;
  if (length2 === 0) return false; // a roundel on the road has no leader line
  const t = Math.min(Math.max(((px - ax) * dx + (py - ay) * dy) / length2, 0), 1);
  return near(px, py, ax + t * dx, ay + t * dy, distance);
}

function cross(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
): boolean {
  const side = (px: number, py: number, qx: number, qy: number, rx: number, ry: number) =>
    Math.sign((qx - px) * (ry - py) - (qy - py) * (rx - px));
  return (
    side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0 &&
    side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0
  );
}
