// The catalogue in use, and times and durations in its words.
import { type Catalogue, en } from "../locales/en";
import { chooseCatalogue } from "./language";
import { durationIn, minutesIn, timeOfDayIn, weekdayIn } from "./times";

interface Language {
  language: string;
  languageName: string;
  load: () => Promise<Catalogue>;
}

/** English comes with the page, every other catalogue is fetched by who reads it. */
export const LANGUAGES: readonly Language[] = [
  { language: "en", languageName: en.languageName, load: async () => en },
  { language: "it", languageName: "Italiano", load: async () => (await import("../locales/it")).it },
];

// No network for it: better in English than not at all.
export const words = await chooseCatalogue(LANGUAGES)
  .load()
  .catch(() => en);

/** Where the reader's own clock goes. */
export const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Time of day at the tour, such as 11:42. */
export function timeOfDay(ms: number, zone: string): string {
  return timeOfDayIn(words.language, ms, zone);
}

/** Day of the week at the tour, such as Tue. */
export function weekday(ms: number, zone: string): string {
  return weekdayIn(words.language, ms, zone);
}

/** An age or a length of time, as coarse as it deserves: 8 s, 6 min, 2 h 10 min. */
export function duration(ms: number): string {
  return durationIn(words, ms);
}

/** How long somebody has been doing something: whole minutes, never seconds. */
export function stay(ms: number): string {
  return minutesIn(words, Math.max(Math.floor(ms / 60_000), 1));
}
