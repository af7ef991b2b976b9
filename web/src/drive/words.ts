// The driver's page's catalogue, and the few figures that it says in words.
import { chooseCatalogue } from "../app/language";
import { type DriveCatalogue, driveEn } from "../locales/drive-en";
import { driveIt } from "../locales/drive-it";
import { LOW_PCT } from "./battery";

export interface Dial {
  big: string;
  small: string;
}

const GOOD_ACCURACY_M = 25;

export const words: DriveCatalogue = chooseCatalogue([driveEn, driveIt]);

/** How long ago, in the roundest unit that says enough. */
export function ageDial(ageMs: number): Dial {
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  const minutes = Math.round(seconds / 60);
  const big =
    seconds < 100
      ? words.seconds(seconds)
      : minutes < 100
        ? words.minutes(minutes)
        : words.hours(Math.round(minutes / 60));
  return { big, small: words.dial.since };
}

export function gpsWords(accuracyM: number): string {
  if (accuracyM <= GOOD_ACCURACY_M) return words.gps.good;
  return words.gps.rough(accuracyM < 100 ? Math.round(accuracyM / 5) * 5 : Math.round(accuracyM / 100) * 100);
}

export function batteryWords(percent: number | null, charging: boolean): string {
  if (percent === null) return words.battery.unknown;
  if (charging) return words.battery.charging(percent);
  return percent <= LOW_PCT ? words.battery.low(percent) : words.battery.enough(percent);
}
