// The vehicles on the map: dots while the whole field is on screen, numbers when one comes closer.
import type { Surface } from "../draw/canvas";
import type { Palette, Token } from "../draw/palette";
import { drawNose, lookOf, type RoundelSprites } from "../draw/roundel";
import type { View } from "../model/field";
import type { Drawn } from "../model/motion";
import { type Camera, screenX, screenY } from "./camera";
import { easeMarks, type Mark } from "./marks";
import type { Rect } from "./obstacles";
import { type Ground, spread } from "./spread";

const RADIUS = 12.5;
const IMPORTANT_RADIUS = 14;
const DOT = 4.2;
const LAYOUT_MS = 250;
const MOVED_LAYOUT_MS = 120; // while the map is moved under a finger
const DOTS_LAYOUT_MS = 1_000;
const EASE_MS = 110;
const MARGIN = 2; // who is this far outside is not on screen
const TOO_FULL = 0.55; // share of numbers in a bad place at which numbers become dots
const CLEARED = 0.4;
const PARK_FROM = 16; // so many standing on one spot are shown as a car park
const PARK_REACH = 14;
const PARK_COLUMNS = 10;
const PARK_PITCH = 9;
const PARK_MAY_HIDE = 2; // cells of road or names

export class VehicleLayer {
  readonly marks: Mark[];
  private numbered = false;
  private laidOutAt = Number.NEGATIVE_INFINITY;
  private lastDraw = 0;
  private moved = false;
  settled = true;

  constructor(
    vehicles: number,
    private readonly sprites: RoundelSprites,
  ) {
    this.marks = Array.from({ length: vehicles }, (_, row) => ({
      row,
      x: 0,
      y: 0,
      dx: 0,
      dy: -1,
      r: RADIUS,
      side: row % 2 === 0 ? 1 : -1,
      offsetX: 0,
      offsetY: 0,
      placed: false,
      important: false,
      parked: false,
      inPark: false,
      seen: false,
      numbered: false,
      easedX: 0,
      easedY: 0,
      size: 0,
    }));
  }

  /** Puts every vehicle where it is on screen now. */
  place(camera: Camera, drawn: readonly Drawn[], known: readonly boolean[]): void {
    for (const mark of this.marks) {
      const at = drawn[mark.row];
      mark.x = screenX(camera, at.x);
      mark.y = screenY(camera, at.y);
      mark.dx = at.dx;
      mark.dy = at.dy;
      mark.seen =
        known[mark.row] &&
        mark.x > -MARGIN &&
        mark.y > -MARGIN &&
        mark.x < camera.width + MARGIN &&
        mark.y < camera.height + MARGIN;
    }
  }

  /** Decides who gets a number and where it goes; a few times a second is enough. */
  layOut(
    nowMs: number,
    views: readonly View[],
    importantRows: ReadonlySet<number>,
    ground: Ground,
    moved: boolean,
  ): void {
    this.moved ||= moved;
    const due = this.moved ? MOVED_LAYOUT_MS : this.numbered ? LAYOUT_MS : DOTS_LAYOUT_MS;
    if (nowMs - this.laidOutAt < due) return;
    this.moved = false;
    this.laidOutAt = nowMs;
    for (const mark of this.marks) {
      const { condition } = views[mark.row];
      mark.important = importantRows.has(mark.row);
      mark.parked = condition === "waiting" || condition === "halt" || condition === "finished";
      mark.r = mark.important ? IMPORTANT_RADIUS : RADIUS;
    }
    const along = (mark: Mark) => views[mark.row].alongM;
    const seen = this.marks.filter((m) => m.seen);
    seen.sort((a, b) => Number(b.important) - Number(a.important) || along(b) - along(a));
    const parked = new Set(this.park(seen, ground));
    const all = seen.filter((m) => !parked.has(m));
    const important = all.filter((m) => m.important);
    const allowed = (this.numbered ? TOO_FULL : CLEARED) * Math.max(all.length - important.length, 1);
    this.numbered = spread(all, ground, allowed) <= allowed;
    if (!this.numbered) spread(important, ground);
    const shown = new Set(this.numbered ? all : important);
    for (const mark of this.marks) {
      mark.numbered = shown.has(mark) && (mark.placed || mark.important);
      mark.inPark = parked.has(mark);
    }
  }

  /** More than a handful standing on one spot become a little car park of dots beside it; returns who is in one. */
  private park(seen: readonly Mark[], ground: Ground): Mark[] {
    const parks: Mark[][] = [];
    for (const mark of seen) {
      if (!mark.parked || mark.important) continue;
      const park = parks.find(([first]) => Math.abs(first.x - mark.x) + Math.abs(first.y - mark.y) < PARK_REACH);
      if (park) park.push(mark);
      else parks.push([mark]);
    }
    const crowded = parks.filter((marks) => marks.length > PARK_FROM);
    ground.parks.length = 0;
    for (const marks of crowded) {
      const columns = Math.min(PARK_COLUMNS, Math.ceil(Math.sqrt(marks.length * 2)));
      const [{ x, y }] = marks;
      const width = columns * PARK_PITCH;
      const height = Math.ceil(marks.length / columns) * PARK_PITCH;
      const sides: Rect[] = [
        { x: x - width - 10, y: y - height / 2, width, height },
        { x: x + 10, y: y - height / 2, width, height },
        { x: x - width / 2, y: y + 10, width, height },
        { x: x - width / 2, y: y - height - 10, width, height },
        { x: x - width - 6, y: y + 6, width, height },
        { x: x + 6, y: y + 6, width, height },
        { x: x - width - 6, y: y - height - 6, width, height },
        { x: x + 6, y: y - height - 6, width, height },
      ];
      const hits = sides.map((side) => ground.roadAndNames.hits(side));
      const place = sides[hits.indexOf(Math.min(...hits))];
      if (Math.min(...hits) > PARK_MAY_HIDE) {
        for (const mark of marks) mark.offsetX = mark.offsetY = 0; // no room: the name says how many they are
        continue;
      }
      ground.parks.push(place);
      marks.forEach((mark, i) => {
        mark.offsetX = place.x + ((i % columns) + 0.5) * PARK_PITCH - mark.x;
        mark.offsetY = place.y + (Math.floor(i / columns) + 0.5) * PARK_PITCH - mark.y;
      });
    }
    return crowded.flat();
  }

  draw(
    surface: Surface,
    nowMs: number,
    palette: Palette,
    views: readonly View[],
    drawn: readonly Drawn[],
    selected: number,
    calm: boolean,
  ): void {
    const c = surface.context;
    const ease = calm ? 1 : 1 - Math.exp(-Math.min(nowMs - this.lastDraw, 100) / EASE_MS);
    this.lastDraw = nowMs;
    this.settled = easeMarks(this.marks, ease) && !this.moved;
    const seen = this.marks.filter((m) => m.seen);
    this.drawDots(c, seen, views, palette);
    c.strokeStyle = palette.ink;
    c.lineWidth = 1;
    c.globalAlpha = 0.55;
    c.beginPath();
    for (const mark of seen) {
      if (mark.size < 0.5 || Math.hypot(mark.easedX, mark.easedY) < mark.r + 2) continue;
      c.moveTo(mark.x, mark.y);
      c.lineTo(mark.x + mark.easedX, mark.y + mark.easedY);
    }
    c.stroke();
    c.globalAlpha = 1;
    const numbered = seen
      .filter((m) => m.size > 0.02)
      .sort((a, b) => this.height(a, selected) - this.height(b, selected));
    for (const mark of numbered) {
      const view = views[mark.row];
      const x = mark.x + mark.easedX;
      const y = mark.y + mark.easedY;
      const look = lookOf(view, mark.row === selected);
      const r = mark.r * mark.size;
      if (drawn[mark.row].moving && (view.condition === "running" || view.condition === "offCourse")) {
        drawNose(c, x, y, r, mark.dx, mark.dy, look.shape === "diamond" ? palette.accent : palette[look.colour]);
      }
      this.sprites.draw(c, x, y, mark.r, look, surface.ratio, mark.size);
    }
  }

  private height(mark: Mark, selected: number): number {
    return mark.row === selected ? 2 : Number(mark.important);
  }

  private drawDots(c: CanvasRenderingContext2D, seen: readonly Mark[], views: readonly View[], palette: Palette): void {
    const byColour = new Map<string, Mark[]>();
    for (const mark of seen) {
      const colour = palette[views[mark.row].vehicle.palette as Token];
      const marks = byColour.get(colour);
      if (marks) marks.push(mark);
      else byColour.set(colour, [mark]);
    }
    c.lineWidth = 1.4;
    c.strokeStyle = palette.casing;
    for (const [colour, marks] of byColour) {
      c.fillStyle = colour;
      for (const mark of marks) {
        const parked = mark.inPark && !mark.numbered;
        const r = mark.numbered ? 3 : parked ? 3.6 : DOT;
        c.beginPath();
        c.arc(mark.x + (parked ? mark.easedX : 0), mark.y + (parked ? mark.easedY : 0), r, 0, 2 * Math.PI);
        c.fill();
        c.stroke();
      }
    }
  }

  /** The vehicle under a finger: numbers before dots, the nearest first; -1 = none. */
  at(px: number, py: number, reach: number): number {
    let best = -1;
    let nearest = reach;
    for (const mark of this.marks) {
      if (!mark.seen) continue;
      const aside = mark.numbered || mark.inPark;
      const distance =
        Math.hypot(mark.x + (aside ? mark.easedX : 0) - px, mark.y + (aside ? mark.easedY : 0) - py) -
        (mark.numbered ? mark.r : 0);
      if (distance < nearest) {
        nearest = distance;
        best = mark.row;
      }
    }
    return best;
  }
}
