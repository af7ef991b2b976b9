// The course of the leg, driven and to drive, with its checkpoints and their names.
import { beginDrawing, type Surface } from "../draw/canvas";
import type { Palette } from "../draw/palette";
import { widthOf } from "../draw/text";
import { type CourseLine, newPlace } from "../model/course";
import { shortPlace } from "../model/saying";
import type { Leg } from "../wire/frames";
import { type Camera, screenX, screenY } from "./camera";
import type { Obstacles, Rect } from "./obstacles";
import { LocalUnits } from "./paths";
import type { Ground } from "./spread";

const NAME_FONT = "600 14px Barlow, sans-serif";
const NOTE_FONT = "500 12.5px Barlow, sans-serif";
const COURSE_PX = 4.5;
const CASING_PX = 8.5;
const SEEN_SPACING_PX = 5; // vertices closer than this on screen add nothing for what keeps off the course

export interface CheckpointNote {
  text: string; // "14 at lunch"
}

export class CoursePicture {
  readonly names: ReadonlySet<string>;
  private readonly whole: Path2D;
  private readonly units: LocalUnits;
  private driven = new Path2D();
  private toDrive = new Path2D();
  private drivenM = Number.NaN;

  constructor(
    readonly leg: Leg,
    readonly line: CourseLine,
  ) {
    this.units = new LocalUnits(line.xs[0], line.ys[0]);
    this.whole = this.path(0, line.lengthM);
    this.names = new Set(leg.checkpoints.name.map(shortPlace));
  }

  /** How far the first of the field is (or the one that is followed). */
  setDriven(alongM: number): boolean {
    const rounded = Math.round(Math.max(alongM, 0) / 20) * 20;
    if (rounded === this.drivenM) return false;
    this.drivenM = rounded;
    this.driven = this.path(0, rounded);
    this.toDrive = this.path(rounded, this.line.lengthM);
    return true;
  }

  private path(fromM: number, toM: number): Path2D {
    const { line, units } = this;
    const path = new Path2D();
    const from = line.placeAt(fromM, newPlace());
    path.moveTo(units.x(from.x), units.y(from.y));
    const last = line.vertexBefore(toM);
    for (let i = line.vertexBefore(fromM) + 1; i <= last; i++) path.lineTo(units.x(line.xs[i]), units.y(line.ys[i]));
    const to = line.placeAt(toM, newPlace());
    path.lineTo(units.x(to.x), units.y(to.y));
    return path;
  }

  draw(surface: Surface, camera: Camera, palette: Palette): void {
    const context = beginDrawing(surface);
    const pixel = this.units.apply(surface, camera);
    context.lineJoin = "round";
    context.lineCap = "round";
    context.strokeStyle = palette.casing;
    context.lineWidth = CASING_PX * pixel;
    context.stroke(this.whole);
    context.lineWidth = COURSE_PX * pixel;
    context.strokeStyle = palette.driven;
    context.stroke(this.driven);
    // On a road that is driven twice, what is still to come is what matters.
    context.strokeStyle = palette.course;
    context.stroke(this.toDrive);
  }

  /** Marks where the course runs on screen. */
  mark(camera: Camera, obstacles: Obstacles): void {
    const { xs, ys, vertices } = this.line;
    let lastX = screenX(camera, xs[0]);
    let lastY = screenY(camera, ys[0]);
    for (let i = 1; i < vertices; i++) {
      const x = screenX(camera, xs[i]);
      const y = screenY(camera, ys[i]);
      if (i < vertices - 1 && Math.abs(x - lastX) + Math.abs(y - lastY) < SEEN_SPACING_PX) continue;
      const seen = (x > -50 || lastX > -50) && (y > -50 || lastY > -50);
      if (seen && Math.min(x, lastX) < camera.width + 50 && Math.min(y, lastY) < camera.height + 50) {
        obstacles.addLine(lastX, lastY, x, y);
      }
      lastX = x;
      lastY = y;
    }
  }

  /** Checkpoints as ringed dots and their names where there is room; start, halts and finish first. */
  drawCheckpoints(
    surface: Surface,
    camera: Camera,
    palette: Palette,
    ground: Ground,
    notes: ReadonlyMap<number, CheckpointNote>,
  ): void {
    const { context, ratio } = surface;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { kind, name, along_m } = this.leg.checkpoints;
    const spots = kind.map((k, i) => {
      const place = this.line.placeAt(along_m[i], newPlace());
      const important = k === "start" || k === "finish" || k === "halt" || notes.has(i);
      return { i, important, x: screenX(camera, place.x), y: screenY(camera, place.y) };
    });
    for (const { x, y, important } of spots) {
      const r = important ? 6.5 : 4.5;
      context.beginPath();
      context.arc(x, y, r, 0, 2 * Math.PI);
      context.fillStyle = palette.casing;
      context.fill();
      context.lineWidth = important ? 3 : 2.2;
      context.strokeStyle = palette.course;
      context.stroke();
    }
    const said = new Set<string>();
    for (const { i, x, y } of [...spots].sort((a, b) => Number(b.important) - Number(a.important))) {
      if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue;
      const text = shortPlace(name[i]);
      if (said.has(text) && !notes.has(i)) continue;
      if (drawLabel(context, x, y, text, notes.get(i)?.text ?? "", palette, ground)) said.add(text);
    }
  }
}

function drawLabel(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  name: string,
  note: string,
  palette: Palette,
  ground: Ground,
): boolean {
  const width = Math.max(widthOf(context, NAME_FONT, name), note ? widthOf(context, NOTE_FONT, note) : 0) + 4;
  const height = note ? 32 : 17;
  const away = 12;
  const candidates: Rect[] = [
    { x: x + away, y: y - height / 2, width, height },
    { x: x - away - width, y: y - height / 2, width, height },
    { x: x + away - 2, y: y - height - 4, width, height },
    { x: x - away - width + 2, y: y - height - 4, width, height },
    { x: x + away - 2, y: y + 4, width, height },
    { x: x - away - width + 2, y: y + 4, width, height },
    { x: x - width / 2, y: y - height - away, width, height },
    { x: x - width / 2, y: y + away, width, height },
  ];
  let best: Rect | null = null;
  let fewest = note ? 6 : 2; // a note may touch the course, a mere name gives way
  for (const candidate of candidates) {
    const hits = ground.roadAndNames.hits(candidate);
    if (hits < fewest) {
      best = candidate;
      fewest = hits;
    }
  }
  if (!best) return false;
  ground.roadAndNames.addRect(best);
  ground.names.addRect(best);
  const right = best.x + best.width / 2 < x - 1;
  const middle = Math.abs(best.x + best.width / 2 - x) < 1;
  context.textAlign = middle ? "center" : right ? "right" : "left";
  const at = middle ? x : right ? best.x + best.width - 2 : best.x + 2;
  context.textBaseline = "alphabetic";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = palette.land;
  context.font = NAME_FONT;
  context.strokeText(name, at, best.y + 13);
  context.fillStyle = palette.ink;
  context.fillText(name, at, best.y + 13);
  if (note) {
    context.font = NOTE_FONT;
    context.strokeText(note, at, best.y + 28);
    context.fillStyle = palette.muted;
    context.fillText(note, at, best.y + 28);
  }
  return true;
}
