// Trails behind those whom somebody watches: where they came along in the last minutes, silences dashed.
import type { Palette, Token } from "../draw/palette";
import { type Camera, screenX, screenY } from "../map/camera";
import type { CourseLine } from "../model/course";
import { newPlace } from "../model/course";
import { mercatorX, mercatorY } from "../model/mercator";
import { gapLimitMs } from "../model/motion";
import { type Fix, OFF_COURSE } from "../model/tracks";
import { trailOf } from "../model/trail";
import { Column } from "../wire/fold";
import { NEVER } from "../wire/frames";
import type { Picture } from "./picture";
import { SliceBook } from "./slices";

const ALL_UP_TO = 12; // so few vehicles on a leg all have a trail
const HEARD = 400; // fixes of one vehicle that are kept until they are in a slice
const MAKE_MS = 500;
const UNIT = 2 ** 22; // of Web Mercator: small numbers in paths, exact to centimetres
const SILENT_MS = gapLimitMs(1);

interface Trail {
  colour: Token;
  driven: Path2D;
  silent: Path2D; // where nobody knows
}

export class Trails {
  minutes = 0; // 0 = none, Infinity = the whole leg
  private readonly book: SliceBook;
  private readonly heard = new Map<number, Fix[]>(); // by row
  private trails: Trail[] = [];
  private madeAt = Number.NEGATIVE_INFINITY;
  private origin = { x: 0, y: 0 };
  private openedLeg = 0;

  constructor(
    slug: string,
    private readonly picture: Picture,
    private readonly watched: () => ReadonlySet<string>,
  ) {
    this.book = new SliceBook(slug);
    picture.map.below.push((c, camera, palette) => this.draw(c, camera, palette));
  }

  private draw(c: CanvasRenderingContext2D, camera: Camera, palette: Palette): void {
    if (this.minutes === 0) return;
    const now = performance.now();
    if (now - this.madeAt > MAKE_MS) {
      this.madeAt = now;
      this.make();
    }
    const scale = camera.scale / UNIT;
    c.save();
    c.translate(screenX(camera, this.origin.x), screenY(camera, this.origin.y));
    c.scale(scale, scale);
    c.lineJoin = c.lineCap = "round";
    for (const { colour, driven, silent } of this.trails) {
      c.lineWidth = 7 / scale;
      c.strokeStyle = palette.casing;
      c.setLineDash([]);
      c.stroke(driven);
      c.lineWidth = 4 / scale;
      c.strokeStyle = palette[colour];
      c.stroke(driven);
      c.lineWidth = 2 / scale;
      c.setLineDash([5 / scale, 6 / scale]);
      c.stroke(silent);
    }
    c.restore();
  }

  private make(): void {
    const { live, legNumber, outlook } = this.picture;
    const line = live.courses.get(legNumber);
    if (!line) return;
    this.hear();
    this.origin = { x: line.xs[0], y: line.ys[0] };
    if (this.openedLeg !== legNumber) {
      this.openedLeg = legNumber;
      void this.book.open(legNumber);
    }
    const toMs = this.picture.nowMs();
    const fromMs = this.minutes === Number.POSITIVE_INFINITY ? 0 : toMs - this.minutes * 60_000;
    this.book.sceneAt(legNumber, toMs, 0); // the newest slice grows
    const slices = this.book.between(legNumber, fromMs, toMs);
    const there = outlook.views.filter((view) => view.legNumber === legNumber && view.condition !== "never");
    const watched = this.watched();
    const { selected } = this.picture;
    const chosen = there.filter(({ vehicle: { row, number } }) => row === selected || watched.has(number));
    this.trails = (there.length <= ALL_UP_TO ? there : chosen).map(({ vehicle }) => {
      const heard = live.past ? [] : (this.heard.get(vehicle.row) ?? []);
      const points = trailOf(slices, heard, vehicle.number, fromMs, toMs);
      return { colour: vehicle.palette as Token, ...this.paths(points, vehicle.row, line, fromMs) };
    });
  }

  /** What the live feed says now, kept until the slices know it too. */
  private hear(): void {
    const { live } = this.picture;
    const { state, body } = live.feed;
    for (const { row } of live.vehicles) {
      const tenths = state[Column.time][row];
      if (tenths === NEVER) continue;
      const timeMs = body!.base_ms + tenths * 100;
      const heard = this.heard.get(row) ?? [];
      this.heard.set(row, heard);
      if (heard.length > 0 && heard[heard.length - 1].timeMs >= timeMs) continue;
      const [lat, lon] = [state[Column.lat][row], state[Column.lon][row]];
      heard.push({ timeMs, lat, lon, alongM: state[Column.along][row], leg: state[Column.leg][row] });
      if (heard.length > HEARD) heard.shift();
    }
  }

  private paths(points: readonly Fix[], row: number, line: CourseLine, fromMs: number) {
    const driven = new Path2D();
    const silent = new Path2D();
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1], points[i]];
      const start = a.timeMs < fromMs ? between(a, b, fromMs) : a;
      this.addWay(b.timeMs - a.timeMs > SILENT_MS ? silent : driven, start, b, line);
    }
    const last = points[points.length - 1];
    const drawn = this.picture.live.drawn[row];
    if (last && this.picture.live.known[row]) {
      const here: Fix = { ...last, lat: drawn.lat * 1e6, lon: drawn.lon * 1e6, alongM: drawn.alongM };
      if (last.timeMs <= drawn.fixTimeMs) this.addWay(driven, last, here, line);
    }
    return { driven, silent };
  }

  private addWay(path: Path2D, a: Fix, b: Fix, line: CourseLine): void {
    const to = (x: number, y: number, first = false) => {
      const [px, py] = [(x - this.origin.x) * UNIT, (y - this.origin.y) * UNIT];
      if (first) path.moveTo(px, py);
      else path.lineTo(px, py);
    };
    if (a.alongM === OFF_COURSE || b.alongM === OFF_COURSE) {
      to(mercatorX(a.lon / 1e6), mercatorY(a.lat / 1e6), true);
      to(mercatorX(b.lon / 1e6), mercatorY(b.lat / 1e6));
      return;
    }
    const [low, high] = a.alongM < b.alongM ? [a.alongM, b.alongM] : [b.alongM, a.alongM];
    const from = line.placeAt(low, newPlace());
    to(from.x, from.y, true);
    const end = line.vertexBefore(high);
    for (let i = line.vertexBefore(low) + 1; i <= end; i++) to(line.xs[i], line.ys[i]);
    const last = line.placeAt(high, newPlace());
    to(last.x, last.y);
  }
}

/** Where it was at a moment between two fixes. */
function between(a: Fix, b: Fix, timeMs: number): Fix {
  const f = (timeMs - a.timeMs) / (b.timeMs - a.timeMs);
  const onCourse = a.alongM !== OFF_COURSE && b.alongM !== OFF_COURSE;
  return {
    ...a,
    timeMs,
    lat: a.lat + f * (b.lat - a.lat),
    lon: a.lon + f * (b.lon - a.lon),
    alongM: onCourse ? a.alongM + f * (b.alongM - a.alongM) : OFF_COURSE,
  };
}
