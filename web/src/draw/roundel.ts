// Number roundels as on the cars' doors. The state changes the shape, never the colour alone.
import type { Condition, View } from "../model/field";
import { DISC, NUMBER, type Palette, type Token } from "./palette";

export type Shape = "disc" | "stopped" | "silent" | "diamond" | "chequered" | "struck";

export interface Look {
  number: string;
  colour: Token;
  filled: boolean; // support vehicles
  shape: Shape;
  selected: boolean;
}

const SHAPES: Partial<Record<Condition, Shape>> = {
  stopped: "stopped",
  silent: "silent",
  never: "silent",
  offCourse: "diamond",
  finished: "chequered",
  out: "struck",
};

export function lookOf(view: View, selected: boolean): Look {
  const { vehicle, condition } = view;
  return {
    number: vehicle.number,
    colour: vehicle.palette as Token,
    filled: vehicle.support,
    shape: SHAPES[condition] ?? "disc",
    selected,
  };
}

/** Draws a roundel with its middle at (x, y) and outer radius `r`. */
export function drawRoundel(
  c: CanvasRenderingContext2D,
  x: number,
  y: number,
  r: number,
  look: Look,
  palette: Palette,
): void {
  const colour = palette[look.colour];
  const ring = r * 0.2;
  c.save();
  c.translate(x, y);
  if (look.selected) {
    c.beginPath();
    outline(c, look.shape, r + 3);
    c.fillStyle = palette.accent;
    c.fill();
    c.beginPath();
    outline(c, look.shape, r + 1);
    c.fillStyle = palette.casing;
    c.fill();
  }
  c.beginPath();
  outline(c, look.shape, r);
  if (look.shape === "silent") {
    c.fillStyle = look.filled ? blend(colour) : DISC;
    c.globalAlpha = 0.82;
    c.fill();
    c.globalAlpha = 1;
    drawDashes(c, r, ring, look.filled ? NUMBER : palette.muted);
  } else {
    c.fillStyle = look.shape === "diamond" ? palette.accent : colour;
    c.fill();
    if (!look.filled) {
      c.beginPath();
      outline(c, look.shape, r - ring);
      c.fillStyle = DISC;
      c.fill();
      if (look.shape === "chequered") drawChequers(c, r, ring, colour);
    }
  }
  if (look.shape === "stopped") drawBar(c, r, palette);
  c.fillStyle = NUMBER;
  c.globalAlpha = look.shape === "silent" || look.shape === "struck" ? 0.7 : 1;
  const size = r * (look.number.length > 2 ? 0.88 : look.number.length > 1 ? 1.06 : 1.18);
  c.font = `700 ${size}px "Barlow Condensed", "Arial Narrow", sans-serif`;
  c.textAlign = "center";
  c.textBaseline = "alphabetic";
  c.fillText(look.number, 0, size * 0.36);
  if (look.shape === "struck") drawStrike(c, r, palette);
  c.restore();
}

/** Fills a square canvas of `size` CSS pixels with one roundel. */
export function paintRoundel(canvas: HTMLCanvasElement, size: number, r: number, look: Look, palette: Palette): void {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = canvas.height = size * ratio;
  const c = canvas.getContext("2d");
  c?.scale(ratio, ratio);
  if (c) drawRoundel(c, size / 2, size / 2, r, look, palette);
}

const SHOWN_MARGIN = 1.34; // a diamond and its bar reach beyond the disc

/** Shows a vehicle in a canvas of its own, painting it only if it looks otherwise than before. */
export function showRoundel(canvas: HTMLCanvasElement, view: View, r: number, palette: Palette): void {
  const look = lookOf(view, false);
  const key = JSON.stringify([look, palette.panel]);
  if (canvas.dataset.drawn === key) return;
  canvas.dataset.drawn = key;
  paintRoundel(canvas, Math.ceil(2 * r * SHOWN_MARGIN), r, look, palette);
}

function outline(c: CanvasRenderingContext2D, shape: Shape, r: number): void {
  if (shape !== "diamond") {
    c.arc(0, 0, r, 0, 2 * Math.PI);
    return;
  }
  const d = r * 1.22;
  c.moveTo(0, -d);
  c.lineTo(d, 0);
  c.lineTo(0, d);
  c.lineTo(-d, 0);
  c.closePath();
}

function drawDashes(c: CanvasRenderingContext2D, r: number, ring: number, colour: string): void {
  const around = 2 * Math.PI * (r - ring / 2);
  const dashes = 14;
  c.setLineDash([(around / dashes) * 0.55, (around / dashes) * 0.45]);
  c.lineWidth = ring;
  c.strokeStyle = colour;
  c.beginPath();
  c.arc(0, 0, r - ring / 2, 0, 2 * Math.PI);
  c.stroke();
  c.setLineDash([]);
}

function drawChequers(c: CanvasRenderingContext2D, r: number, ring: number, colour: string): void {
  const squares = 16;
  c.lineWidth = ring / 2;
  c.strokeStyle = DISC;
  for (const [lane, phase] of [
    [0.25, 0],
    [0.75, 1],
  ]) {
    for (let i = phase; i < squares; i += 2) {
      c.beginPath();
      c.arc(0, 0, r - ring * lane, (i / squares) * 2 * Math.PI, ((i + 1) / squares) * 2 * Math.PI);
      c.stroke();
    }
  }
  c.lineWidth = 0.8;
  c.strokeStyle = colour;
  c.beginPath();
  c.arc(0, 0, r - 0.4, 0, 2 * Math.PI);
  c.stroke();
}

function drawBar(c: CanvasRenderingContext2D, r: number, palette: Palette): void {
  c.beginPath();
  c.roundRect(-r * 0.72, r * 0.78, r * 1.44, r * 0.36, r * 0.1);
  c.fillStyle = palette.casing;
  c.lineWidth = 2;
  c.strokeStyle = palette.casing;
  c.stroke();
  c.fillStyle = palette.accent;
  c.fill();
}

function drawStrike(c: CanvasRenderingContext2D, r: number, palette: Palette): void {
  c.globalAlpha = 1;
  c.lineWidth = r * 0.16;
  c.strokeStyle = palette.accent;
  c.beginPath();
  c.moveTo(-r * 0.62, r * 0.62);
  c.lineTo(r * 0.62, -r * 0.62);
  c.stroke();
}

function blend(colour: string): string {
  return `color-mix(in srgb, ${colour} 55%, ${DISC})`;
}

/** The nose that shows the bearing of a moving vehicle: drawn first, the disc covers its root. */
export function drawNose(
  c: CanvasRenderingContext2D,
  x: number,
  y: number,
  r: number,
  dx: number,
  dy: number,
  colour: string,
): void {
  const tip = r + 6;
  const root = r * 0.72;
  const half = r * 0.62;
  c.beginPath();
  c.moveTo(x + dx * tip, y + dy * tip);
  c.lineTo(x + dx * root - dy * half, y + dy * root + dx * half);
  c.lineTo(x + dx * root + dy * half, y + dy * root - dx * half);
  c.closePath();
  c.fillStyle = colour;
  c.fill();
}

/** Roundels drawn once and kept: drawing 500 of them each frame is then only copying. */
export class RoundelSprites {
  private readonly sprites = new Map<string, HTMLCanvasElement>();

  constructor(private palette: Palette) {}

  /** Another theme, or the fonts have arrived: everything is drawn anew. */
  reset(palette: Palette): void {
    this.palette = palette;
    this.sprites.clear();
  }

  draw(c: CanvasRenderingContext2D, x: number, y: number, r: number, look: Look, ratio: number, scale = 1): void {
    const size = Math.ceil((r * 1.3 + 5) * 2);
    const key = `${look.number}/${look.colour}/${look.shape}/${look.selected}/${r}/${ratio}`;
    let sprite = this.sprites.get(key);
    if (!sprite) {
      sprite = document.createElement("canvas");
      sprite.width = sprite.height = size * ratio;
      const context = sprite.getContext("2d")!;
      context.scale(ratio, ratio);
      drawRoundel(context, size / 2, size / 2, r, look, this.palette);
      this.sprites.set(key, sprite);
    }
    const drawn = size * scale;
    c.drawImage(sprite, x - drawn / 2, y - drawn / 2, drawn, drawn);
  }
}
