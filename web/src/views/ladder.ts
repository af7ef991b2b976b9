// The ladder: the leg as one straight strip, the field standing on it. Horizontal on desks, vertical on phones.
import { beginDrawing, fitSurface, surfaceOn } from "../draw/canvas";
import { DISC, type Palette, type Token } from "../draw/palette";
import { drawNose, lookOf, type RoundelSprites } from "../draw/roundel";
import type { View } from "../model/field";
import type { Group } from "../model/groups";
import { shortPlace } from "../model/saying";
import type { Leg } from "../wire/frames";
import { chooseLabels, type LadderSizes, type Rung, type Standing, standOnLadder } from "./ladder-layout";

export interface LadderScene {
  leg: Leg;
  legNumber: number;
  views: readonly View[];
  alongM: Float64Array; // as drawn at this moment, by row; negative = not on the strip
  groups: readonly Group[];
  important: ReadonlySet<number>;
  selected: number;
  drivenM: number;
  says: (group: Group) => string[];
}

interface Eased {
  at: number;
  away: number;
  size: number; // 0 = dot, 1 = number
  there: boolean;
}

const EASE_MS = 140;
const LAYOUT_MS = 400;
const UPRIGHT = { pitch: 25, lanes: 1, dotPitch: 7, dotLanes: 5, first: 21 };

export class Ladder {
  private readonly surface;
  private readonly eased: Eased[] = [];
  private standings: Standing[] = [];
  private scene: LadderScene | null = null;
  private laidOutAt = Number.NEGATIVE_INFINITY;
  private lastDraw = 0;

  constructor(
    private readonly element: HTMLElement,
    private palette: Palette,
    private readonly sprites: RoundelSprites,
    picked: (row: number) => void,
    private readonly calm: () => boolean,
  ) {
    this.surface = surfaceOn(element.querySelector("canvas")!);
    new ResizeObserver(() => this.resize()).observe(element);
    this.resize();
    element.addEventListener("click", (event) => {
      const box = element.getBoundingClientRect();
      picked(this.at(event.clientX - box.left, event.clientY - box.top));
    });
    element.addEventListener("keydown", (event) => this.key(event, picked));
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth > 0 && clientHeight > 0) fitSurface(this.surface, clientWidth, clientHeight);
    this.laidOutAt = Number.NEGATIVE_INFINITY;
  }

  private get upright(): boolean {
    return this.surface.height > this.surface.width;
  }

  private get length(): number {
    return this.upright ? this.surface.height - 2 * this.inset : this.surface.width - 2 * this.inset;
  }

  private get inset(): number {
    return this.upright ? 26 : 40;
  }

  private get sizes(): LadderSizes {
    const { length } = this;
    if (this.upright) return { ...UPRIGHT, length };
    const lanes = Math.max(Math.floor((this.surface.height - 40 - 46) / 21), 2);
    return { pitch: 21, lanes, length, dotPitch: 8, dotLanes: Math.floor(((lanes - 1) * 21) / 8), first: 17 };
  }

  /** Pixels along the strip and away from it, on screen. */
  private point(at: number, away: number): [number, number] {
    if (this.upright) return [24 + away, this.inset + this.length - at];
    return [this.inset + at, this.surface.height - 34 - away];
  }

  private scaled(alongM: number): number {
    const length = this.scene?.leg.length_m || 1;
    return (Math.min(Math.max(alongM, 0), length) / length) * this.length;
  }

  /** Draws the strip; true while something is still easing into its place. */
  draw(nowMs: number, scene: LadderScene): boolean {
    this.scene = scene;
    if (this.surface.width === 0) return false;
    if (nowMs - this.laidOutAt > LAYOUT_MS) this.layOut(nowMs);
    const c = beginDrawing(this.surface);
    this.drawStrip(c);
    if (!this.upright) {
      this.drawNames(c);
      this.drawBrackets(c);
    }
    const busy = this.drawField(c, nowMs);
    if (this.upright) this.drawUprightLabels(c);
    return busy;
  }

  private layOut(nowMs: number): void {
    this.laidOutAt = nowMs;
    const { views, alongM, important, legNumber } = this.scene!;
    const rungs: Rung[] = [];
    for (const { vehicle, legNumber: leg, condition } of views) {
      const { row } = vehicle;
      if (leg !== legNumber || alongM[row] < 0 || condition === "out" || condition === "never") continue;
      rungs.push({ row, at: this.scaled(alongM[row]), important: important.has(row) });
    }
    this.standings = standOnLadder(rungs, this.sizes, this.standings, !this.upright);
  }

  private drawStrip(c: CanvasRenderingContext2D): void {
    const { palette } = this;
    const { leg, drivenM } = this.scene!;
    c.lineWidth = 5;
    c.lineCap = "round";
    const driven = this.scaled(drivenM);
    for (const [from, to, colour] of [
      [0, driven, palette.driven],
      [driven, this.length, palette.course],
    ] as const) {
      c.strokeStyle = colour;
      c.beginPath();
      c.moveTo(...this.point(from, 0));
      c.lineTo(...this.point(to, 0));
      c.stroke();
    }
    const { along_m, kind } = leg.checkpoints;
    along_m.forEach((m, i) => {
      const important = kind[i] === "start" || kind[i] === "finish" || kind[i] === "halt";
      c.beginPath();
      c.arc(...this.point(this.scaled(m), 0), important ? 6 : 4.5, 0, 2 * Math.PI);
      c.fillStyle = DISC;
      c.fill();
      c.lineWidth = important ? 3 : 2.2;
      c.strokeStyle = palette.course;
      c.stroke();
    });
  }

  private drawNames(c: CanvasRenderingContext2D): void {
    const { along_m, name, kind } = this.scene!.leg.checkpoints;
    c.font = "500 12.5px Barlow, sans-serif";
    c.textBaseline = "alphabetic";
    const labels = name.map((n, i) => {
      const text = shortPlace(n);
      const ends = kind[i] === "start" || kind[i] === "finish";
      const weight = ends ? 3 : kind[i] === "halt" ? 2 : kind[i] === "time control" ? 1 : 0;
      return { text, at: this.scaled(along_m[i]) + this.inset, size: c.measureText(text).width, weight };
    });
    c.fillStyle = this.palette.muted;
    c.textAlign = "center";
    for (const { text, at } of chooseLabels(labels, this.surface.width - 8, 10)) {
      c.fillText(text, at, this.surface.height - 11);
    }
  }

  private drawBrackets(c: CanvasRenderingContext2D): void {
    const { groups, says } = this.scene!;
    c.font = "500 12.5px Barlow, sans-serif";
    const labels = groups
      .filter((g) => g.rows.length > 1)
      .map((g) => {
        const text = says(g).join(" · ");
        const from = this.scaled(g.fromM) + this.inset - 9;
        const to = this.scaled(g.toM) + this.inset + 9;
        return {
          text,
          from,
          to,
          at: (from + to) / 2,
          size: Math.max(c.measureText(text).width, to - from),
          weight: g.rows.length,
        };
      });
    c.textAlign = "center";
    c.textBaseline = "alphabetic";
    c.strokeStyle = this.palette.muted;
    c.fillStyle = this.palette.muted;
    c.lineWidth = 1.2;
    for (const { text, from, to, at } of chooseLabels(labels, this.surface.width - 8, 14)) {
      c.fillText(text, at, 18);
      c.beginPath();
      c.moveTo(from, 32);
      c.lineTo(from, 26);
      c.lineTo(to, 26);
      c.lineTo(to, 32);
      c.stroke();
    }
  }

  /** On a phone the groups come first, then the names of places where there is room. */
  private drawUprightLabels(c: CanvasRenderingContext2D): void {
    const { groups, says, leg } = this.scene!;
    const right = this.surface.width - 10;
    const middle = (at: number) => this.point(at, 0)[1];
    const groupLabels = groups
      .filter((g) => g.rows.length > 2)
      .map((g) => {
        const lines = says(g);
        const from = this.scaled(g.fromM);
        const to = this.scaled(g.toM);
        return {
          group: g,
          lines,
          name: "",
          at: (from + to) / 2,
          size: 15 * lines.length + 4,
          weight: 100 + g.rows.length,
          from,
          to,
        };
      });
    const placeLabels = leg.checkpoints.name.map((n, i) => {
      const kind = leg.checkpoints.kind[i];
      const weight =
        kind === "start" || kind === "finish" ? 50 : kind === "halt" ? 40 : kind === "time control" ? 2 : 1;
      const at = this.scaled(leg.checkpoints.along_m[i]);
      return { group: null, lines: [] as string[], name: shortPlace(n), at, size: 17, weight, from: at, to: at };
    });
    c.textAlign = "right";
    c.textBaseline = "middle";
    c.lineWidth = 4;
    c.lineJoin = "round";
    c.strokeStyle = this.palette.panel;
    for (const label of chooseLabels([...groupLabels, ...placeLabels], this.length + 20, 3)) {
      const y = middle(label.at);
      if (!label.group) {
        c.font = "500 12.5px Barlow, sans-serif";
        if (this.covered(right - Math.min(c.measureText(label.name).width, 84), y)) continue;
        c.fillStyle = this.palette.muted;
        c.fillText(label.name, right, y, 84);
        continue;
      }
      label.lines.forEach((line, i) => {
        c.font = `${i === 0 ? 600 : 500} 13px Barlow, sans-serif`;
        c.fillStyle = i === 0 ? this.palette.ink : this.palette.muted;
        const at = y + (i - (label.lines.length - 1) / 2) * 15;
        c.strokeText(line, right, at, 92);
        c.fillText(line, right, at, 92);
      });
    }
  }

  /** Whether a number stands where a name would begin. */
  private covered(left: number, y: number): boolean {
    return this.standings.some(({ row, numbered }) => {
      const { at, away } = this.eased[row];
      const [x, top] = this.point(at, away);
      return numbered && x + 13 > left && Math.abs(top - y) < 20;
    });
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
    const r = this.upright ? 11.5 : 10.5;
    const order = [...this.standings].sort((a, b) => this.height(a, selected) - this.height(b, selected));
    for (const { row, numbered } of order) {
      const { at, away, size } = this.eased[row];
      const [x, y] = this.point(at, away);
      const view = views[row];
      const look = lookOf(view, row === selected);
      if (!numbered || size < 0.5) {
        c.beginPath();
        c.arc(x, y, 3.1, 0, 2 * Math.PI);
        c.fillStyle = this.palette[look.colour as Token];
        c.fill();
        continue;
      }
      if (away > this.sizes.first + 2 && this.upright) {
        c.strokeStyle = this.palette.lines;
        c.lineWidth = 1;
        c.beginPath();
        c.moveTo(...this.point(at, 6));
        c.lineTo(x, y);
        c.stroke();
      }
      if (view.condition === "running")
        drawNose(c, x, y, r, this.upright ? 0 : 0.9, this.upright ? -0.9 : 0, this.palette[look.colour]);
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
      const [x, y] = this.point(at, away);
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
