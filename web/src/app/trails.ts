// Trails behind those whom somebody watches: where they came along in the last minutes, silences dashed.
import type { Palette, Token } from "../draw/palette";
import { type Camera, screenX, screenY } from "../map/camera";
import { type CourseLine, newPlace } from "../model/course";
import type { View } from "../model/field";
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
const LAY_MS = 10_000; // in between, what is new is added
const UNIT = 2 ** 22; // of Web Mercator: small numbers in paths, exact to centimetres
const SILENT_MS = gapLimitMs(1);

/** What vehicles of one colour have driven. */
interface Ways {
  driven: Path2D;
  silent: Path2D; // where nobody knows
  tips: Path2D; // from the last that is known to where they are drawn
}

interface Trail {
  row: number;
  ways: Ways;
  end: Fix | null; // the last that is laid
}

export class Trails {
  minutes = 0; // 0 = none, Infinity = the whole leg
  private readonly book: SliceBook;
  private readonly heard = new Map<number, Fix[]>(); // by row
  private trails: Trail[] = [];
  private ways = new Map<Token, Ways>();
  private laid = ""; // what was laid: of whom, how much
  private laidAt = Number.NEGATIVE_INFINITY;
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
    c.lineWidth = 7 / scale;
    c.strokeStyle = palette.casing;
    for (const { driven, tips } of this.ways.values()) {
      c.stroke(driven);
      c.stroke(tips);
    }
    for (const [colour, { driven, silent, tips }] of this.ways) {
      c.lineWidth = 4 / scale;
      c.strokeStyle = palette[colour];
      c.stroke(driven);
      c.stroke(tips);
      c.lineWidth = 2 / scale;
      c.setLineDash([5 / scale, 6 / scale]);
      c.stroke(silent);
      c.setLineDash([]);
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
    const toMs = live.past ? this.picture.nowMs() : live.renderMs; // a trail ends where its vehicle is drawn
    const fromMs = this.minutes === Number.POSITIVE_INFINITY ? 0 : toMs - this.minutes * 60_000;
    this.book.sceneAt(legNumber, toMs, 0); // the newest slice grows
    const slices = this.book.between(legNumber, fromMs, toMs);
    const there = outlook.views.filter((view) => view.legNumber === legNumber && view.condition !== "never");
    const watched = this.watched();
    const { selected } = this.picture;
    const chosen = there.filter(({ vehicle: { row, number } }) => row === selected || watched.has(number));
    const shown = there.length <= ALL_UP_TO ? there : chosen;
    const pointsOf = (row: number) => {
      const heard = live.past ? [] : (this.heard.get(row) ?? []);
      return trailOf(slices, heard, live.vehicles[row].number, fromMs, toMs);
    };
    const what = [legNumber, this.minutes, slices.length, ...shown.map(({ vehicle }) => vehicle.row)].join();
    if (live.past || what !== this.laid || this.madeAt - this.laidAt > LAY_MS) {
      this.laid = what;
      this.laidAt = this.madeAt;
      this.begin(shown);
      for (const trail of this.trails) this.lay(trail, pointsOf(trail.row), line, fromMs);
    } else {
      for (const trail of this.trails) {
        const lastMs = trail.end?.timeMs ?? toMs;
        const since = (this.heard.get(trail.row) ?? []).filter(({ timeMs }) => timeMs > lastMs && timeMs <= toMs);
        if (trail.end) this.lay(trail, [trail.end, ...since], line, fromMs);
      }
    }
    for (const ways of this.ways.values()) ways.tips = new Path2D();
    for (const trail of this.trails) this.tip(trail, line);
  }

  private begin(shown: readonly View[]): void {
    this.ways = new Map();
    this.trails = shown.map(({ vehicle: { row, palette } }) => {
      const colour = palette as Token;
      const ways = this.ways.get(colour) ?? { driven: new Path2D(), silent: new Path2D(), tips: new Path2D() };
      this.ways.set(colour, ways);
      return { row, ways, end: null };
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

  private lay(trail: Trail, points: readonly Fix[], line: CourseLine, fromMs: number): void {
    const { driven, silent } = trail.ways;
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1], points[i]];
      const start = a.timeMs < fromMs ? between(a, b, fromMs) : a;
      this.addWay(b.timeMs - a.timeMs > SILENT_MS ? silent : driven, start, b, line);
    }
    trail.end = points.at(-1) ?? null;
  }

  private tip({ row, end, ways }: Trail, line: CourseLine): void {
    const { live } = this.picture;
    const drawn = live.drawn[row];
    if (!end || !live.known[row] || end.timeMs > drawn.fixTimeMs) return;
    const here: Fix = { ...end, lat: drawn.lat * 1e6, lon: drawn.lon * 1e6, alongM: drawn.alongM };
    this.addWay(ways.tips, end, here, line);
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
