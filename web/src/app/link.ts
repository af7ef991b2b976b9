// The page's state as its address says it, both ways. Pure.
import type { Units } from "../model/units";

export interface LinkState {
  cars: string[]; // numbers; the first is the one that is shown
  follow: boolean; // the map goes along with it
  leg: number; // 1-based; 0 = the leg of the day
  theme: "light" | "dark" | null; // null = as this browser likes it
  units: Units | null;
  language: string | null;
  kiosk: boolean;
  t: number | null; // a moment of the past, UTC ms; null = now
  at: { leg: number; alongM: number } | null; // the place where somebody waits
}

const LONGEST_NUMBER = 8;
const MOST_CARS = 20;

/** Reads a query such as `?car=12,31&follow=0&leg=2&t=2027-04-26T17:42:00Z&theme=dark&units=km&lang=it`; nonsense is left out. */
export function readLink(search: string): LinkState {
  const query = new URLSearchParams(search);
  const oneOf = <T extends string>(name: string, ...values: T[]) => values.find((v) => v === query.get(name)) ?? null;
  const cars = (query.get("car") ?? "").split(",").map((number) => number.trim());
  const leg = Number(query.get("leg"));
  const language = query.get("lang");
  const t = Date.parse(query.get("t") ?? "");
  const at = /^(\d{1,3}),(\d{1,8})$/.exec(query.get("at") ?? "");
  return {
    cars: [...new Set(cars)].filter((n) => n && n.length <= LONGEST_NUMBER).slice(0, MOST_CARS),
    follow: query.get("follow") !== "0",
    leg: Number.isInteger(leg) && leg > 0 ? leg : 0,
    theme: oneOf("theme", "light", "dark"),
    units: oneOf("units", "mi", "km"),
    language: language && /^[a-z]{2}$/.test(language) ? language : null,
    kiosk: query.get("kiosk") === "1",
    t: Number.isFinite(t) ? t : null,
    at: at && Number(at[1]) > 0 ? { leg: Number(at[1]), alongM: Number(at[2]) } : null,
  };
}

/** The query of a state, "" for a plain visit; what nobody asked for is not in it. */
export function writeLink(state: LinkState): string {
  const query: string[] = [];
  const say = (name: string, value: string) => query.push(`${name}=${value}`);
  if (state.cars.length > 0) say("car", state.cars.map(encodeURIComponent).join(","));
  if (state.cars.length > 0 && !state.follow) say("follow", "0");
  if (state.leg > 0) say("leg", String(state.leg));
  if (state.t !== null) say("t", new Date(state.t).toISOString().replace(/\.\d+Z$/, "Z"));
  if (state.at) say("at", `${state.at.leg},${state.at.alongM}`);
  if (state.theme) say("theme", state.theme);
  if (state.units) say("units", state.units);
  if (state.language) say("lang", state.language);
  if (state.kiosk) say("kiosk", "1");
  return query.length > 0 ? `?${query.join("&")}` : "";
}

/** The address bar as a LinkState that is kept in step with the page. */
export class Link {
  readonly state = readLink(location.search);

  change(change: Partial<LinkState>): void {
    Object.assign(this.state, change);
    history.replaceState(null, "", location.pathname + writeLink(this.state));
  }
}

export const link = new Link();
