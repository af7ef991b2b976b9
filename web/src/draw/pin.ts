// The pin that marks the place somebody asked for, on map and ladder.
import type { Palette } from "./palette";

const RADIUS = 8;
const HEIGHT = 24;

/** A pin whose point is at (x, y). */
export function drawPin(c: CanvasRenderingContext2D, x: number, y: number, palette: Palette): void {
  const top = y - HEIGHT + RADIUS;
  c.beginPath();
  c.moveTo(x, y);
  c.quadraticCurveTo(x - RADIUS, top + RADIUS, x - RADIUS, top);
  c.arc(x, top, RADIUS, Math.PI, 0);
  c.quadraticCurveTo(x + RADIUS, top + RADIUS, x, y);
  c.closePath();
  c.fillStyle = palette.accent;
  c.strokeStyle = palette.casing;
  c.lineJoin = "round";
  c.lineWidth = 2.5;
  c.stroke();
  c.fill();
  c.beginPath();
  c.arc(x, top, RADIUS * 0.42, 0, 2 * Math.PI);
  c.fillStyle = palette.casing;
  c.fill();
}
