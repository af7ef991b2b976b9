// How wide words are. Asking the browser costs more than drawing them, and the same names are drawn every frame.

const MOST = 2_000; // words; then it starts anew
const widths = new Map<string, number>();

/** Width in CSS pixels; may leave `font` set. */
export function widthOf(c: CanvasRenderingContext2D, font: string, text: string): number {
  const key = `${font}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    c.font = font;
    width = c.measureText(text).width;
    if (widths.size >= MOST) widths.clear();
    widths.set(key, width);
  }
  return width;
}

/** Other fonts have arrived: everything is as wide as it is in them. */
export function forgetWidths(): void {
  widths.clear();
}
