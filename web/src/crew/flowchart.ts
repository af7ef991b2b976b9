// The race-flow chart on its canvas: slope is pace, flat is standing, a line per car, the plan as a thin band.
import { timeOfDay } from "../app/words";
import { beginDrawing, fitSurface, surfaceOn } from "../draw/canvas";
import type { Palette, Token } from "../draw/palette";
import { lookOf, type RoundelSprites } from "../draw/roundel";
import type { View } from "../model/field";
import { shortPlace } from "../model/saying";
import type { Leg, Tour } from "../wire/frames";
import { type FlowBox, type FlowHistory, type FlowPoint, partsOf, pixelsFrom, ticksOf, xOf, yOf } from "./flow";
import { crewWords as say } from "./words";

export interface FlowScene {
  tour: Tour;
  leg: Leg;
  legNumber: number;
  views: readonly View[];
  nowMs: number;
  selected: number;
  troubled: ReadonlySet<number>;
}

const REACH_PX = 14;
const SHORTEST_MS = 30 * 60_000;
const BEFORE_START_MS = 10 * 60_000;
const LABEL_R = 9;
const TICK_PX = 76;
const NAME_PX = 15;

export class FlowChart {
  private readonly surface;
  private readonly says;
  private scene: FlowScene | null = null;
  private box: FlowBox | null = null;
  private hovered = -1;

  constructor(
    private readonly element: HTMLElement,
    private palette: Palette,
    private readonly sprites: RoundelSprites,
    private readonly history: FlowHistory,
    picked: (row: number) => void,
  ) {
    this.surface = surfaceOn(element.querySelector("canvas")!);
    this.says = element.querySelector("p")!;
    element.setAttribute("aria-label", say.flow);
    new ResizeObserver(() => this.resize()).observe(element);
    element.addEventListener("click", (event) => picked(this.at(event)));
    element.addEventListener("pointermove", (event) => this.hover(this.at(event)));
    element.addEventListener("pointerleave", () => this.hover(-1));
    element.addEventListener("keydown", (event) => this.key(event, picked));
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.redraw();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth > 0 && clientHeight > 0) fitSurface(this.surface, clientWidth, clientHeight);
    this.redraw();
  }

  draw(scene: FlowScene): void {
    this.scene = scene;
    this.redraw();
  }

  private redraw(): void {
    const { scene, surface, palette } = this;
    if (!scene || surface.width === 0 || this.element.clientWidth === 0) return;
    const box = this.boxFor(scene);
    this.box = box;
    const c = beginDrawing(surface);
    this.drawAxes(c, box, scene);
    this.drawPlan(c, box, scene);
    const heavy = (row: number) => row === scene.selected || row === this.hovered;
    const order = (view: View) => {
      const { row } = view.vehicle;
      return heavy(row) ? 3 : scene.troubled.has(row) ? 2 : view.vehicle.support ? 1 : 0;
    };
    const shown = scene.views.filter((v) => this.history.line(scene.legNumber, v.vehicle.row).length > 1);
    c.save();
    c.beginPath();
    c.rect(box.left, 0, surface.width - box.left, box.bottom);
    c.clip();
    for (const view of [...shown].sort((a, b) => order(a) - order(b))) {
      const { row } = view.vehicle;
      const weight = order(view);
      c.globalAlpha = weight > 0 ? 1 : 0.5;
      c.lineWidth = weight === 3 ? 3.2 : weight === 2 ? 2.4 : weight === 1 ? 1.8 : 1.2;
      c.strokeStyle = weight === 2 ? palette.accent : palette[view.vehicle.palette as Token];
      const line = this.history.line(scene.legNumber, row);
      this.stroke(c, box, line);
      if (weight > 1) this.label(c, box, view, line[line.length - 1], scene.selected === row);
    }
    c.restore();
    this.element.dataset.lines = String(shown.length);
    const said = this.hovered >= 0 ? scene.views[this.hovered].vehicle : null;
    this.says.textContent = said ? `${said.number} · ${said.name}` : shown.length === 0 ? say.flowStarting : "";
  }

  private boxFor({ leg, views, nowMs, legNumber }: FlowScene): FlowBox {
    let fromMs = nowMs - SHORTEST_MS;
    for (const { vehicle } of views) {
      const [first] = this.history.line(legNumber, vehicle.row);
      if (first) fromMs = Math.min(fromMs, first.ms);
    }
    const startMs = leg.start_ms + leg.delay_s * 1_000 - BEFORE_START_MS;
    fromMs = Math.min(Math.max(fromMs, startMs), nowMs - SHORTEST_MS); // who waits for hours makes no picture
    const { width, height } = this.surface;
    const toMs = nowMs + (nowMs - fromMs) * 0.04;
    const left = width < 480 ? 12 : 92; // names of places stand beside the chart, or on it
    return { left, top: 26, right: width - 16, bottom: height - 22, fromMs, toMs, lengthM: leg.length_m };
  }

  private drawAxes(c: CanvasRenderingContext2D, box: FlowBox, { leg, tour }: FlowScene): void {
    const { palette } = this;
    c.font = "500 12px Barlow, sans-serif";
    c.lineWidth = 1;
    c.strokeStyle = palette.lines;
    c.fillStyle = palette.muted;
    c.textBaseline = "middle";
    c.beginPath();
    let lastY = Number.POSITIVE_INFINITY;
    const { along_m, name } = leg.checkpoints;
    const beside = box.left > 40;
    along_m.forEach((m, i) => {
      const y = yOf(box, m);
      c.moveTo(box.left, y);
      c.lineTo(box.right, y);
      if (lastY - y < NAME_PX) return;
      lastY = y;
      c.textAlign = beside ? "right" : "left";
      c.fillText(shortPlace(name[i]), beside ? box.left - 6 : box.left + 2, beside ? y : y - 8, 86);
    });
    c.textAlign = "center";
    for (const ms of ticksOf(box.fromMs, box.toMs, (box.right - box.left) / TICK_PX)) {
      const x = xOf(box, ms);
      c.moveTo(x, box.top);
      c.lineTo(x, box.bottom);
      c.fillText(timeOfDay(ms, tour.zone), Math.min(Math.max(x, 18), this.surface.width - 18), box.bottom + 12);
    }
    c.stroke();
  }

  /** Between the plan of the first car and that of the last. */
  private drawPlan(c: CanvasRenderingContext2D, box: FlowBox, { leg, legNumber, views, tour }: FlowScene): void {
    const plan = this.history.plan(legNumber, leg.length_m, leg.start_ms + leg.delay_s * 1_000);
    if (plan.length === 0) return;
    const starters = Math.max(...views.map((v) => v.vehicle.startOrder), 0);
    c.save();
    c.beginPath();
    c.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    c.clip();
    c.setLineDash([2, 4]);
    c.lineWidth = 1;
    c.strokeStyle = this.palette.ink;
    for (const lateMs of [0, starters * tour.start_interval_s * 1_000]) {
      this.stroke(
        c,
        box,
        plan.map(({ ms, alongM }) => ({ ms: ms + lateMs, alongM })),
      );
    }
    c.restore();
  }

  private stroke(c: CanvasRenderingContext2D, box: FlowBox, line: readonly FlowPoint[]): void {
    c.beginPath();
    for (const part of partsOf(line)) {
      part.forEach(({ ms, alongM }, i) => {
        if (i === 0) c.moveTo(xOf(box, ms), yOf(box, alongM));
        else c.lineTo(xOf(box, ms), yOf(box, alongM));
      });
    }
    c.stroke();
  }

  private label(c: CanvasRenderingContext2D, box: FlowBox, view: View, end: FlowPoint, selected: boolean): void {
    const x = Math.min(xOf(box, end.ms) + LABEL_R, this.surface.width - LABEL_R - 2);
    this.sprites.draw(c, x, yOf(box, end.alongM), LABEL_R, lookOf(view, selected), this.surface.ratio);
  }

  private at(event: MouseEvent): number {
    const { scene, box } = this;
    if (!scene || !box) return -1;
    const place = this.element.getBoundingClientRect();
    const [x, y] = [event.clientX - place.left, event.clientY - place.top];
    let best = -1;
    let nearest = REACH_PX;
    for (const { vehicle } of scene.views) {
      const away = pixelsFrom(box, this.history.line(scene.legNumber, vehicle.row), x, y);
      if (away < nearest) [best, nearest] = [vehicle.row, away];
    }
    return best;
  }

  private hover(row: number): void {
    if (row === this.hovered) return;
    this.hovered = row;
    this.element.classList.toggle("over-car", row >= 0);
    this.redraw();
  }

  /** Up and down go from car to car along the road. */
  private key(event: KeyboardEvent, picked: (row: number) => void): void {
    const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (step === 0 || !this.scene) return;
    event.preventDefault();
    const { views, legNumber, selected } = this.scene;
    const order = views
      .filter((v) => v.legNumber === legNumber && v.alongM >= 0)
      .sort((a, b) => a.alongM - b.alongM)
      .map((v) => v.vehicle.row);
    const next = order.indexOf(selected) + step;
    picked(order[Math.min(Math.max(next, 0), order.length - 1)] ?? -1);
  }
}
