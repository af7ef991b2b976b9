// Metres in, what people read out.

export type Units = "mi" | "km";

const METRES_PER_MILE = 1609.344;

export function inUnits(metres: number, units: Units): number {
  return units === "mi" ? metres / METRES_PER_MILE : metres / 1_000;
}

/** Whole miles or kilometres, for a place on the course. */
export function wholeUnits(metres: number, units: Units): number {
  return Math.floor(inUnits(Math.max(metres, 0), units) + 1e-6);
}
