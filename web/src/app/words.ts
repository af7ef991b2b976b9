// The catalogue in use, and times and durations as people read them. Only Intl, no date library.
import { type Catalogue, en } from "../locales/en";
import { it } from "../locales/it";
import { link } from "./link";
import { readPref } from "./prefs";

export const LANGUAGES: readonly Catalogue[] = [en, it];

/** As the address says, or else the person, or else the browser; English where none of these is known. */
function chooseCatalogue(): Catalogue {
  const wanted = [link.state.language, readPref("language"), ...navigator.languages];
  for (const tag of wanted) {
    const found = LANGUAGES.find((catalogue) => tag?.slice(0, 2) === catalogue.language);
    if (found) return found;
  }
  return en;
}

export const words = chooseCatalogue();

/** Where the reader's own clock goes. */
export const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map<string, Intl.DateTimeFormat>(); // making one costs far more than using it

function formatted(ms: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${words.language}/${zone}/${Object.keys(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(words.language, { ...options, timeZone: zone });
    formats.set(key, format);
  }
  return format.format(ms);
}

/** Time of day at the tour, such as 11:42. */
export function timeOfDay(ms: number, zone: string): string {
  return formatted(ms, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Day of the week at the tour, such as Tue. */
export function weekday(ms: number, zone: string): string {
  return formatted(ms, zone, { weekday: "short" });
}

/** An age or a length of time, as coarse as it deserves: 8 s, 6 min, 2 h 10 min. */
export function duration(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1_000), 0);
  if (seconds < 100) return words.seconds(seconds);
  return inMinutes(Math.round(seconds / 60));
}

/** How long somebody has been doing something: whole minutes, never seconds. */
export function stay(ms: number): string {
  return inMinutes(Math.max(Math.floor(ms / 60_000), 1));
}

function inMinutes(minutes: number): string {
  if (minutes < 100) return words.minutes(minutes);
  return words.hours(Math.floor(minutes / 60), Math.floor((minutes % 60) / 10) * 10);
}
