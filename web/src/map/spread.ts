// Where number roundels go when the road is full: aside, never on each other, as near to their place as possible.
import type { Obstacles } from "./obstacles";

export interface Spot {
  x: number; // its place on screen
  y: number;
  dx: number; // direction of travel, length 1
  dy: number;
  r: number;
  offsetX: number; // where the roundel was put last time, from its place
  offsetY: number;
  placed: boolean;
}

const GAP = 2;
const ROWS = 6;
const ALONG_STEPS = [0, 1, -1, 2, -2, 3, -3, 4, -4];
const ROOM_TO_RETURN = 1.25; // a roundel goes back onto the road only when there is clearly room for it

/**
 * Gives each spot an offset, in the order given (the most important first), and says how many found no room.
 *
 * A roundel alone stays on the road. One that was put aside stays where it was as long as that place is free, so
 * that nothing jumps about while the field moves.
 */
export function spread(spots: Spot[], obstacles: Obstacles): number {
  const taken: Spot[] = [];
  let homeless = 0;
  for (const spot of spots) {
    const crowded = spots.some((o) => o !== spot && near(spot.x, spot.y, o.x, o.y, (spot.r + o.r) * ROOM_TO_RETURN));
    const wasAside = spot.placed && (spot.offsetX !== 0 || spot.offsetY !== 0);
    if (!crowded && isFree(spot, 0, 0, taken)) put(spot, 0, 0);
    else if (wasAside && isFree(spot, spot.offsetX, spot.offsetY, taken) && offRoad(spot, obstacles))
      spot.placed = true;
    else if (!aside(spot, taken, obstacles)) {
      spot.placed = false;
      homeless++;
      continue;
    }
    taken.push(spot);
  }
  return homeless;
}

function aside(spot: Spot, taken: readonly Spot[], obstacles: Obstacles): boolean {
  const step = 2 * spot.r + GAP;
  // To the right of the road first, as one sees it; both sides in turn, row by row.
  for (let row = 0; row < ROWS; row++) {
    const away = spot.r + 8 + row * step;
    for (const along of ALONG_STEPS) {
      if (Math.abs(along) > row + 3) continue;
      for (const side of [1, -1]) {
        const x = -spot.dy * away * side + spot.dx * along * spot.r;
        const y = spot.dx * away * side + spot.dy * along * spot.r;
        if (!isFree(spot, x, y, taken)) continue;
        put(spot, x, y);
        if (offRoad(spot, obstacles)) return true;
      }
    }
  }
  return false;
}

function put(spot: Spot, x: number, y: number): void {
  spot.offsetX = x;
  spot.offsetY = y;
  spot.placed = true;
}

function isFree(spot: Spot, offsetX: number, offsetY: number, taken: readonly Spot[]): boolean {
  const x = spot.x + offsetX;
  const y = spot.y + offsetY;
  return !taken.some((o) => near(x, y, o.x + o.offsetX, o.y + o.offsetY, spot.r + o.r + GAP));
}

function offRoad(spot: Spot, obstacles: Obstacles): boolean {
  const half = spot.r * 0.8;
  const x = spot.x + spot.offsetX - half;
  const y = spot.y + spot.offsetY - half;
  return obstacles.hits({ x, y, width: 2 * half, height: 2 * half }) === 0;
}

function near(ax: number, ay: number, bx: number, by: number, distance: number): boolean {
  const x = ax - bx;
  const y = ay - by;
  return x * x + y * y < distance * distance;
}
