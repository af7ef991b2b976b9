// Times and durations as people read them. Only Intl, no date library.

export interface DurationWords {
  seconds(n: number): string;
  minutes(n: number): string;
  hours(h: number, m: number): string;
}

const formats = new Map<string, Intl.DateTimeFormat>(); // making one costs far more than using it

function formatted(language: string, ms: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${language}/${zone}/${Object.keys(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(language, { ...options, timeZone: zone });
    formats.set(key, format);
  }
  return format.format(ms);
}

/** Time of day, such as 11:42. */
export function timeOfDayIn(language: string, ms: number, zone: string): string {
  return formatted(language, ms, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Day of the week, such as Tue. */
export function weekdayIn(language: string, ms: number, zone: string): string {
  return formatted(language, ms, zone, { weekday: "short" });
}

/** An age or a length of time, as coarse as it deserves: 8 s, 6 min, 2 h 10 min. */
export function durationIn(words: DurationWords, ms: number): string {
  const seconds = Math.max(Math.round(ms / 1_000), 0);
  return seconds < 100 ? words.seconds(seconds) : minutesIn(words, Math.round(seconds / 60));
}

export function minutesIn(words: DurationWords, minutes: number): string {
  if (minutes < 100) return words.minutes(minutes);
  return words.hours(Math.floor(minutes / 60), Math.floor((minutes % 60) / 10) * 10);
}
