// In which language a page speaks.
import { readPref } from "./prefs";

/** As the address says, or else the person, or else the browser; the first catalogue where none of these is known. */
export function chooseCatalogue<T extends { language: string }>(catalogues: readonly T[]): T {
  const asked = new URLSearchParams(location.search).get("lang");
  for (const tag of [asked, readPref("language"), ...navigator.languages]) {
    const found = catalogues.find((catalogue) => tag?.slice(0, 2) === catalogue.language);
    if (found) return found;
  }
  return catalogues[0];
}
