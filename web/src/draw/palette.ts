// The colours of the canvases are those of the style sheet: one set of tokens, read again when the theme changes.

const TOKENS = [
  "land",
  "sea",
  "lines",
  "ink",
  "muted",
  "panel",
  "roads",
  "rivers",
  "parks",
  "water-name",
  "park-name",
  "course",
  "driven",
  "casing",
  "prewar",
  "postwar",
  "support",
  "class-c",
  "class-d",
  "class-e",
  "accent",
] as const;

export type Token = (typeof TOKENS)[number];
export type Palette = Record<Token, string>;

/** A roundel is what is painted on the car: the same disc and number in both themes. */
export const DISC = "#fffdf6";
export const NUMBER = "#1c1a17";

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(TOKENS.map((t) => [t, style.getPropertyValue(`--${t}`).trim()])) as Palette;
}
