// The board's order: who needs help, what for, who has it, and who is outside of what somebody looks after. Pure.
import type { Vehicle, View } from "../model/field";
import type { Alert, Desk, Helper, Quiet } from "../wire/desk";

/** A car on the board with everything that is open about it, the most urgent first. */
export interface Need {
  row: number;
  score: number;
  alerts: Alert[];
  quiet: Quiet | null; // silent as usual; then there may be no alert at all
}

/** What one crew looks after. Checkpoints are indices in the leg of the day; null = no bound. */
export interface Choice {
  from: number | null;
  to: number | null;
  carClass: string; // "" = all
  vehicle: string; // number of their own support vehicle, "" = none
}

export const EVERYTHING: Choice = { from: null, to: null, carClass: "", vehicle: "" };

/** Open alerts and quiet cars by need; the feed's own troubles are not among them. */
export function needsOf(desk: Desk): Need[] {
  const alerts = new Map(desk.alerts.filter(isOpen).map((alert) => [alert.id, alert]));
  // While the feed is out all are silent, and one word about that is enough.
  const quiet = new Map(outageOf(desk) ? [] : desk.quiet.map((each) => [each.vehicle, each]));
  return desk.need.flatMap(([row, score, reasons]): Need[] => {
    if (row < 0) return [];
    const found = reasons.map(([, id]) => alerts.get(id)).filter((alert) => alert !== undefined);
    const silent = quiet.get(row) ?? null;
    return found.length === 0 && !silent ? [] : [{ row, score, alerts: found, quiet: silent }];
  });
}

/** The one alert about the feed itself, shown once instead of once per car. */
export function outageOf(desk: Desk): Alert | null {
  return desk.alerts.find((alert) => alert.kind === "feed_outage" && isOpen(alert)) ?? null;
}

export function isOpen(alert: Alert): boolean {
  return alert.closed_ms < 0;
}

/** Whether a crew with this choice sees to this car. Who calls for help is everybody's. */
export function isMine(need: Need, choice: Choice, view: View | undefined, alongM: readonly number[]): boolean {
  const [first] = need.alerts;
  if (!view || need.alerts.some((alert) => alert.kind === "sos")) return true;
  if (choice.vehicle && first && first.helper >= 0) return inClass(view.vehicle, choice);
  const along = first && first.along_m >= 0 ? first.along_m : view.alongM;
  return inClass(view.vehicle, choice) && inSector(along, choice, alongM);
}

function inClass(vehicle: Vehicle, { carClass }: Choice): boolean {
  return carClass === "" || vehicle.className === carClass;
}

function inSector(along: number, { from, to }: Choice, alongM: readonly number[]): boolean {
  if (along < 0) return true; // nobody knows that it is elsewhere
  if (from !== null && along < (alongM[from] ?? 0)) return false;
  return to === null || along <= (alongM[to] ?? Number.POSITIVE_INFINITY);
}

/** Who to send: one's own vehicle if there is one on the leg, else the soonest that is free, else the soonest. */
export function bestHelper(alert: Alert, ownRow: number): Helper | null {
  const own = alert.helpers.find(([row]) => row === ownRow);
  return own ?? alert.helpers.find(([, , , , busy]) => busy === "" || busy === alert.id) ?? alert.helpers[0] ?? null;
}
