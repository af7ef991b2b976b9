// A vehicle's mark on the map, and how it gets from one place aside of the road to another. Pure.
import type { Spot } from "./spread";

export interface Mark extends Spot {
  row: number;
  important: boolean; // keeps its number however crowded it is
  parked: boolean; // meant to stand: waiting, at a halt, arrived
  inPark: boolean;
  seen: boolean; // on screen
  numbered: boolean; // number or dot
  easedX: number; // the offset as drawn
  easedY: number;
  size: number; // 0 = dot, 1 = roundel, eased
}

const SLIDES_PX = 3; // a number moves at most so far as it is; for more it closes, and opens in its new place
const CLOSED = 0.06;
const OPEN = 0.98;

/**
 * One step of `share` (0 to 1) towards where every mark belongs; true when all are there.
 *
 * Numbers that go elsewhere close before any opens: a number in its place of before and one in its new place are
 * never on screen together, so none runs over another.
 */
export function easeMarks(marks: readonly Mark[], share: number): boolean {
  let settled = true;
  let closing = false;
  for (const mark of marks) {
    if (mark.size === 0) continue;
    if (mark.numbered && awayFrom(mark) <= SLIDES_PX) continue;
    mark.size -= mark.size * share;
    if (mark.size < CLOSED) mark.size = 0;
    else closing = true;
    settled = false;
  }
  for (const mark of marks) {
    if (mark.size === 0 && mark.numbered) {
      mark.easedX = mark.offsetX;
      mark.easedY = mark.offsetY;
    } else if (mark.size === 0 || awayFrom(mark) <= SLIDES_PX) {
      if (awayFrom(mark) > 0.1) settled = false;
      const aside = mark.numbered || mark.inPark;
      mark.easedX += ((aside ? mark.offsetX : 0) - mark.easedX) * share;
      mark.easedY += ((aside ? mark.offsetY : 0) - mark.easedY) * share;
    }
    if (closing || !mark.numbered || mark.size === 1 || awayFrom(mark) > SLIDES_PX) continue;
    mark.size += (1 - mark.size) * share;
    if (mark.size > OPEN) mark.size = 1;
    else settled = false;
  }
  return settled && !closing;
}

function awayFrom(mark: Mark): number {
  const aside = mark.numbered || mark.inPark;
  return Math.abs((aside ? mark.offsetX : 0) - mark.easedX) + Math.abs((aside ? mark.offsetY : 0) - mark.easedY);
}
