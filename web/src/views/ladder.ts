// The ladder: the leg as one straight strip, the field standing on it. Horizontal on desks, vertical on phones.
import { beginDrawing, fitSurface, surfaceOn } from "../draw/canvas";
import type { Palette, Token } from "../draw/palette";
import { drawNose, lookOf, type RoundelSprites } from "../draw/roundel";
import type { View } from "../model/field";
import type { Group } from "../model/groups";
import type { Leg } from "../wire/frames";
import { LadderFrame } from "./ladder-frame";
import { drawBrackets, drawNames, drawUprightLabels } from "./ladder-labels";
import { type Rung, type Standing, standOnLadder, standUpright } from "./ladder-layout";
import { drawProfile } from "./ladder-profile";

export interface LadderScene {
  leg: Leg;
  legNumber: number;
  views: readonly View[];
  alongM: Float64Array; // as drawn at this moment, by row; negative = not on the strip
  groups: readonly Group[];
  important: ReadonlySet<number>;
  selected: number;
  drivenM: number;
  profile: Float32Array | null; // heights of the course, evenly spaced along it, 0 to 1
  says: (group: Group) => string[];
  gap: (minutes: number) => string;
}

export interface LadderEvents {
  picked(row: number): void;
  /** Somebody tapped a place; true if that was meant for something else than a vehicle. */
  tapped(alongM: number, onCar: boolean): boolean;
}

/** Something else that is drawn on the strip. */
export type StripOverlay = (c: CanvasRenderingContext2D, frame: LadderFrame, palette: Palette) => void;

interface Eased {
  at: number;
  away: number;
  size: number; // 0 = dot, 1 = number
  there: boolean;
}

const EASE_MS = 140;
const LAYOUT_MS = 400;
const RADIUS = 9.7;
const UPRIGHT_RADIUS = 11.5;

export class Ladder {
  readonly above: StripOverlay[] = [];
  private readonly surface;
  private readonly eased: Eased[] = [];
  private standings: Standing[] = [];
  private scene: LadderScene | null = null;
  private laidOutAt = Number.NEGATIVE_INFINITY;
  private lastDraw = 0;
  private frame = new LadderFrame(1, 1, 1);

  constructor(
    private readonly element: HTMLElement,
    private palette: Palette,
    private readonly sprites: RoundelSprites,
    events: LadderEvents,
    private readonly calm: () => boolean,
  ) {
    this.surface = surfaceOn(element.querySelector("canvas")!);
    new ResizeObserver(() => this.resize()).observe(element);
    this.resize();
    element.addEventListener("click", (event) => {
      const box = element.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const row = this.at(x, y);
      if (!events.tapped(this.frame.alongAt(x, y), row >= 0)) events.picked(row);
    });
    element.addEventListener("keydown", (event) => this.key(event, events.picked));
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth > 0 && clientHeight > 0) fitSurface(this.surface, clientWidth, clientHeight);
    this.laidOutAt = Number.NEGATIVE_INFINITY;
  }

  /** Draws the strip; true while something is still easing into its place. */
  draw(nowMs: number, scene: LadderScene): boolean {
    this.scene = scene;
    if (this.surface.width === 0) return false;
    this.frame = new LadderFrame(this.surface.width, this.surface.height, scene.leg.length_m);
    if (nowMs - this.laidOutAt > LAYOUT_MS) this.layOut(nowMs);
    const c = beginDrawing(this.surface);
    const { frame, palette } = this;
    if (scene.profile) drawProfile(c, frame, scene.profile, palette);
    this.drawStrip(c);
    if (frame.upright) drawUprightLabels(c, frame, scene, palette, this.dotsOnScreen());
    else {
      drawNames(c, frame, scene, palette);
      drawBrackets(c, frame, scene, palette);
    }
    const busy = this.drawField(c, nowMs);
    for (const draw of this.above) draw(c, frame, palette);
    return busy;
  }

  private layOut(nowMs: number): void {
    this.laidOutAt = nowMs;
    const { views, alongM, important, legNumber } = this.scene!;
    const rungs: Rung[] = [];
    for (const { vehicle, legNumber: leg, condition } of views) {
      const { row } = vehicle;
      if (leg !== legNumber || alongM[row] < 0 || condition === "out" || condition === "never") continue;
      rungs.push({ row, at: this.frame.scaled(alongM[row]), important: important.has(row) });
    }
    const { upright, sizes } = this.frame;
    this.standings = upright ? standUpright(rungs, sizes) : standOnLadder(rungs, sizes, this.standings);
  }

  private drawStrip(c: CanvasRenderingContext2D): void {
    const { palette } = this;
    const { leg, drivenM } = this.scene!;
    c.lineWidth = 5;
    c.lineCap = "round";
    const driven = this.frame.scaled(drivenM);
    for (const [from, to, colour] of [
      [0, driven, palette.driven],
      [driven, this.frame.length, palette.course],
    ] as const) {
      c.strokeStyle = colour;
      c.beginPath();
      c.moveTo(...this.frame.point(from, 0));
      c.lineTo(...this.frame.point(to, 0));
      c.stroke();
    }
    const { along_m, kind } = leg.checkpoints;
    along_m.forEach((m, i) => {
      const important = kind[i] === "start" || kind[i] === "finish" || kind[i] === "halt";
      c.beginPath();
      c.arc(...this.frame.point(this.frame.scaled(m), 0), important ? 6 : 4.5, 0, 2 * Math.PI);
      c.fillStyle = palette.casing;
      c.fill();
      c.lineWidth = important ? 3 : 2.2;
      c.strokeStyle = palette.course;
      c.stroke();
    });
  }

  private dotsOnScreen(): [number, number][] {
    return this.standings.filter((s) => !s.numbered).map(({ at, away }) => this.frame.point(at, away));
  }

  private drawField(c: CanvasRenderingContext2D, nowMs: number): boolean {
    const { views, selected } = this.scene!;
    const f = this.calm() ? 1 : 1 - Math.exp(-Math.min(nowMs - this.lastDraw, 100) / EASE_MS);
    this.lastDraw = nowMs;
    let busy = false;
    for (const eased of this.eased) if (eased) eased.there = false;
    for (const { row, at, away, numbered } of this.standings) {
      this.eased[row] ??= { at, away, size: numbered ? 1 : 0, there: true };
      const eased = this.eased[row];
      if (Math.abs(at - eased.at) + Math.abs(away - eased.away) > 0.5) busy = true;
      eased.at += (at - eased.at) * f;
      eased.away += (away - eased.away) * f;
      eased.size += ((numbered ? 1 : 0) - eased.size) * f;
      eased.there = true;
    }
    const r = this.frame.upright ? UPRIGHT_RADIUS : RADIUS;
    const order = [...this.standings].sort((a, b) => this.height(a, selected) - this.height(b, selected));
    for (const { row, numbered, own } of order) {
      const { at, away, size } = this.eased[row];
      const [x, y] = this.frame.point(at, away);
      const view = views[row];
      const look = lookOf(view, row === selected);
      if (!numbered || size < 0.5) {
        c.beginPath();
        c.arc(x, y, 3.1, 0, 2 * Math.PI);
        c.fillStyle = this.palette[look.colour as Token];
        c.fill();
        continue;
      }
      if (this.frame.upright) {
        c.strokeStyle = this.palette.muted;
        c.lineWidth = 1;
        c.beginPath();
        c.moveTo(...this.frame.point(own, -3));
        c.lineTo(x, y);
        c.stroke();
      }
      if (view.condition === "running")
        drawNose(c, x, y, r, this.frame.upright ? 0 : 0.9, this.frame.upright ? -0.9 : 0, this.palette[look.colour]);
      this.sprites.draw(c, x, y, r, look, this.surface.ratio);
    }
    return busy;
  }

  private height(standing: Standing, selected: number): number {
    return standing.row === selected ? 2 : Number(standing.numbered);
  }

  private at(px: number, py: number): number {
    let best = -1;
    let nearest = 22;
    for (const { row } of this.standings) {
      const { at, away } = this.eased[row];
      const [x, y] = this.frame.point(at, away);
      const distance = Math.hypot(px - x, py - y);
      if (distance < nearest) {
        nearest = distance;
        best = row;
      }
    }
    return best;
  }

  /** Arrow keys go from vehicle to vehicle along the strip. */
  private key(event: KeyboardEvent, picked: (row: number) => void): void {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step || !this.scene) return;
    event.preventDefault();
    const order = [...this.standings].sort((a, b) => a.at - b.at || a.row - b.row).map((s) => s.row);
    const here = order.indexOf(this.scene.selected);
    const next = here < 0 ? (step > 0 ? 0 : order.length - 1) : here + step;
    if (order[next] !== undefined) picked(order[next]);
  }
}
