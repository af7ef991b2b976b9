// The map: three canvases (base, course, vehicles) under one camera. MapLibre may take the place of the base later.
import { beginDrawing, fitSurface, surfaceOn } from "../draw/canvas";
import type { Palette } from "../draw/palette";
import type { RoundelSprites } from "../draw/roundel";
import type { View } from "../model/field";
import type { Drawn } from "../model/motion";
import { type BaseMap, loadBaseMap, NEAR_ZOOM } from "./basemap";
import { type Box, boxAround, type Camera, fitted, type Padding, screenX, screenY, zoomOf } from "./camera";
import type { CheckpointNote, CoursePicture } from "./coursepicture";
import { Gestures } from "./gestures";
import { FORBIDDEN, Obstacles, type Rect } from "./obstacles";
import { PlainPicture } from "./plain";
import { VehicleLayer } from "./vehicles";

/** What can stand in for the plain picture below course and vehicles. */
export interface GlBase {
  /** `obstacles` is what the overlay has put where; names that the base draws keep off it. */
  draw(camera: Camera, obstacles: Obstacles): void;
  setPalette(palette: Palette): void;
  add(map: BaseMap): void;
}

/** Opens such a base in `container`; `lost` says that it is gone again. */
export type OpenBase = (
  container: HTMLElement,
  camera: Camera,
  ground: { palette: Palette; maps: BaseMap[] },
  lost: () => void,
) => Promise<GlBase>;

export interface Scene {
  views: readonly View[];
  drawn: readonly Drawn[];
  known: readonly boolean[];
  selected: number;
  important: ReadonlySet<number>;
  notes: ReadonlyMap<number, CheckpointNote>;
}

export interface MapEvents {
  picked(row: number): void;
  movedByHand(): void;
  /** Somebody tapped a place; true if that was meant for something else than a vehicle. */
  tapped(px: number, py: number, onCar: boolean): boolean;
}

/** Something else that is drawn with the vehicles, in CSS pixels. */
export type Overlay = (c: CanvasRenderingContext2D, camera: Camera, palette: Palette) => void;

const FIT: Padding = { top: 10, right: 48, bottom: 48, left: 48 };
const FIT_NARROW: Padding = { top: 14, right: 40, bottom: 64, left: 34 };
const CLOSEST_FIT = 512 * 2 ** 11;
const NO_NAMES: ReadonlySet<string> = new Set();
const FLIGHT_MS = 450;
const MEASURE_MS = 250; // where the page puts its buttons over the map: asking makes the browser lay it out

export class MapView {
  readonly below: Overlay[] = []; // below the vehicles
  readonly above: Overlay[] = [];
  readonly camera: Camera = { x: 0.16, y: 0.386, scale: 512 * 2 ** 7, width: 0, height: 0 };
  readonly plain = new PlainPicture();
  groundMs = 0; // what the base below the course took in the last draw
  private readonly furniture: readonly HTMLElement[];
  private readonly base;
  private readonly overlay;
  private readonly top;
  private readonly occupied = { roadAndNames: new Obstacles(), names: new Obstacles(), parks: [] as Rect[] };
  private readonly gestures: Gestures;
  private layer: VehicleLayer | null = null;
  private course: CoursePicture | null = null;
  private gl: GlBase | null = null;
  private maps: BaseMap[] = [];
  private nearWanted = false;
  private dirty = true;
  private kept: Rect[] = []; // what the page has put over the map
  private measuredAt = Number.NEGATIVE_INFINITY;
  private flight: { from: Camera; to: Camera; start: number } | null = null;

  constructor(
    private readonly element: HTMLElement,
    private palette: Palette,
    private readonly sprites: RoundelSprites,
    events: MapEvents,
    private readonly calm: () => boolean,
  ) {
    this.furniture = [...document.querySelectorAll<HTMLElement>("#credits, .zoom, .tools, .lip, #ask, #said, #whole")];
    const [base, overlay, top] = element.querySelectorAll("canvas");
    this.base = surfaceOn(base, true);
    this.overlay = surfaceOn(overlay);
    this.top = surfaceOn(top);
    this.gestures = new Gestures(
      element,
      this.camera,
      {
        moved: () => {
          this.flight = null;
          this.dirty = true;
          events.movedByHand();
        },
        tapped: (x, y) => {
          const row = this.layer?.at(x, y, 18) ?? -1;
          if (!events.tapped(x, y, row >= 0)) events.picked(row);
        },
        hovered: (x, y) => element.classList.toggle("over-car", (this.layer?.at(x, y, 8) ?? -1) >= 0),
      },
      calm,
    );
    new ResizeObserver(() => this.resize()).observe(element);
    this.resize();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    for (const surface of [this.base, this.overlay, this.top]) fitSurface(surface, width, height);
    this.camera.width = width;
    this.camera.height = height;
    this.measuredAt = Number.NEGATIVE_INFINITY;
    this.dirty = true;
  }

  setVehicles(count: number): void {
    this.layer = new VehicleLayer(count, this.sprites);
  }

  setCourse(course: CoursePicture): void {
    this.course = course;
    this.dirty = true;
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.gl?.setPalette(palette);
    this.dirty = true;
  }

  addBaseMap(map: BaseMap): void {
    this.maps.push(map);
    this.plain.add(map);
    this.gl?.add(map);
    this.dirty = true;
  }

  /** Lets another base draw what lies below the course, once it can; where it cannot, the plain picture stays. */
  async upgrade(open: OpenBase): Promise<void> {
    const container = this.element.querySelector<HTMLElement>("#gl")!;
    const ground = { palette: this.palette, maps: [...this.maps] };
    const gl = await open(container, this.camera, ground, () => this.useGround(null));
    for (const map of this.maps.slice(ground.maps.length)) gl.add(map); // came while it was loading
    if (ground.palette !== this.palette) gl.setPalette(this.palette);
    this.useGround(gl);
  }

  get ground(): "plain" | "maplibre" {
    return this.gl ? "maplibre" : "plain";
  }

  private useGround(gl: GlBase | null): void {
    this.gl = gl;
    this.base.canvas.hidden = gl !== null;
    this.dirty = true;
  }

  redraw(): void {
    this.dirty = true;
  }

  zoom(factor: number): void {
    this.gestures.zoom(factor);
  }

  fit(box: Box | null, now = false): void {
    if (!box || this.camera.width === 0) return;
    const padding = this.camera.width < 420 ? FIT_NARROW : FIT;
    const tools = this.element.querySelector<HTMLElement>(".tools")!; // what is fitted keeps below them
    const top = padding.top + tools.offsetTop + tools.offsetHeight;
    this.flyTo(fitted(this.camera, box, { ...padding, top }, CLOSEST_FIT), now);
  }

  fitCourse(now = false): void {
    const line = this.course?.line;
    if (line) this.fit(boxAround(Array.from(line.xs, (x, i) => ({ x, y: line.ys[i] }))), now);
  }

  /** Brings a place into the middle, coming closer if the map is far out. */
  follow(x: number, y: number, closer: boolean): void {
    const scale = closer ? Math.max(this.camera.scale, 512 * 2 ** 9.6) : this.camera.scale;
    const px = (x - this.camera.x) * this.camera.scale;
    const py = (y - this.camera.y) * this.camera.scale;
    const inside = Math.abs(px) < this.camera.width * 0.2 && Math.abs(py) < this.camera.height * 0.2;
    if (this.flight || (inside && scale === this.camera.scale)) return;
    this.flyTo({ ...this.camera, x, y, scale }, false);
  }

  /** Moves so that all these places are in view, when one is near the edge or they have come much closer together. */
  keepInView(places: readonly { x: number; y: number }[]): void {
    const { camera } = this;
    const away = ({ x, y }: { x: number; y: number }) =>
      Math.max(Math.abs(screenX(camera, x) / camera.width - 0.5), Math.abs(screenY(camera, y) / camera.height - 0.5));
    const farthest = Math.max(...places.map(away));
    if (!this.flight && (farthest > 0.44 || (farthest < 0.15 && camera.scale < CLOSEST_FIT / 2))) {
      this.fit(boxAround(places));
    }
  }

  private flyTo(to: Camera, now: boolean): void {
    if (now || this.calm()) {
      Object.assign(this.camera, { x: to.x, y: to.y, scale: to.scale });
      this.flight = null;
    } else this.flight = { from: { ...this.camera }, to, start: performance.now() };
    this.dirty = true;
  }

  private fly(nowMs: number): void {
    if (!this.flight) return;
    const { from, to, start } = this.flight;
    const t = Math.min((nowMs - start) / FLIGHT_MS, 1);
    const f = t * t * (3 - 2 * t);
    this.camera.scale = from.scale * (to.scale / from.scale) ** f;
    this.camera.x = from.x + (to.x - from.x) * f;
    this.camera.y = from.y + (to.y - from.y) * f;
    this.dirty = true;
    if (t >= 1) this.flight = null;
  }

  /** Draws what has changed; true while something is still moving by itself. */
  draw(nowMs: number, scene: Scene): boolean {
    if (this.camera.width === 0) return false;
    this.fly(nowMs);
    const moved = this.dirty;
    this.groundMs = 0;
    if (moved) this.drawGround(nowMs, scene);
    const { layer } = this;
    if (layer) {
      layer.place(this.camera, scene.drawn, scene.known);
      layer.layOut(nowMs, scene.views, scene.important, this.occupied, moved);
      const c = beginDrawing(this.top);
      for (const draw of this.below) draw(c, this.camera, this.palette);
      layer.draw(this.top, nowMs, this.palette, scene.views, scene.drawn, scene.selected, this.calm());
      for (const draw of this.above) draw(c, this.camera, this.palette);
    }
    return moved || !(layer?.settled ?? true);
  }

  private drawGround(nowMs: number, scene: Scene): void {
    this.dirty = false;
    const { camera, palette, course, occupied } = this;
    const { roadAndNames, names } = occupied;
    roadAndNames.reset(camera.width, camera.height);
    names.reset(camera.width, camera.height);
    course?.mark(camera, roadAndNames);
    this.keepPageFree(nowMs);
    if (course) {
      course.draw(this.overlay, camera, palette);
      course.drawCheckpoints(this.overlay, camera, palette, occupied, scene.notes);
    } else beginDrawing(this.overlay);
    this.plain.drawTowns(this.overlay, camera, palette, roadAndNames, course?.names ?? NO_NAMES);
    const started = performance.now();
    if (this.gl) this.gl.draw(camera, roadAndNames);
    else this.plain.draw(this.base, camera, palette);
    this.groundMs = performance.now() - started;
    if (!this.nearWanted && this.maps.length > 0 && zoomOf(camera) > NEAR_ZOOM) this.loadNear();
  }

  /** Names and numbers keep off the page's own buttons and the line of credits. */
  private keepPageFree(nowMs: number): void {
    if (nowMs - this.measuredAt > MEASURE_MS) {
      this.measuredAt = nowMs;
      const { left, top } = this.element.getBoundingClientRect();
      this.kept = this.furniture.map((item) => {
        const { x, y, width, height } = item.getBoundingClientRect();
        return { x: x - left, y: y - top, width, height };
      });
    }
    for (const rect of this.kept)
      for (const taken of [this.occupied.roadAndNames, this.occupied.names]) taken.addRect(rect, FORBIDDEN);
  }

  private loadNear(): void {
    this.nearWanted = true;
    loadBaseMap("near").then(
      (map) => this.addBaseMap(map),
      () => {
        this.nearWanted = false;
      },
    );
  }
}
