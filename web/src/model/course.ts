// The line of a leg with metres along it, in degrees and in Web Mercator.
import { mercatorX, mercatorY } from "./mercator";

export interface CourseJson {
  length_m: number;
  lat: number[];
  lon: number[];
  elevation_m: number[] | null;
}

export interface Place {
  lat: number; // degrees
  lon: number;
  x: number; // Web Mercator, 0 to 1
  y: number;
  dx: number; // direction along the course in Web Mercator, length 1
  dy: number;
}

export class CourseLine {
  readonly vertices: number;
  readonly lats: Float64Array;
  readonly lons: Float64Array;
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly alongM: Float64Array; // metres from the start at each vertex
  readonly elevationM: number[] | null;

  constructor(json: CourseJson) {
    const n = json.lat.length;
    this.vertices = n;
    this.lats = new Float64Array(n);
    this.lons = new Float64Array(n);
    this.xs = new Float64Array(n);
    this.ys = new Float64Array(n);
    this.alongM = new Float64Array(n);
    let height = 0; // differences, as lat and lon
    this.elevationM = json.elevation_m?.map((metres) => (height += metres)) ?? null;
    let lat = 0;
    let lon = 0;
    for (let i = 0; i < n; i++) {
      lat += json.lat[i];
      lon += json.lon[i];
      this.lats[i] = lat / 1e6;
      this.lons[i] = lon / 1e6;
      this.xs[i] = mercatorX(this.lons[i]);
      this.ys[i] = mercatorY(this.lats[i]);
      if (i > 0) {
        this.alongM[i] = this.alongM[i - 1] + distanceM(this.lats[i - 1], this.lons[i - 1], this.lats[i], this.lons[i]);
      }
    }
    // The server's length is exact (from unrounded vertices); share the difference out, so that both ends agree.
    const correction = this.alongM[n - 1] > 0 ? json.length_m / this.alongM[n - 1] : 1;
    for (let i = 0; i < n; i++) this.alongM[i] *= correction;
  }

  get lengthM(): number {
    return this.alongM[this.vertices - 1];
  }

  /** Index of the vertex at or before a distance from the start (never the last vertex). */
  vertexBefore(alongM: number): number {
    let low = 0;
    let high = this.vertices - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.alongM[middle] <= alongM) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The place at a distance from the start, held to the line's ends, written into `out`. */
  placeAt(alongM: number, out: Place): Place {
    const i = this.vertexBefore(alongM);
    const length = this.alongM[i + 1] - this.alongM[i];
    const f = length > 0 ? Math.min(Math.max((alongM - this.alongM[i]) / length, 0), 1) : 0;
    out.lat = this.lats[i] + f * (this.lats[i + 1] - this.lats[i]);
    out.lon = this.lons[i] + f * (this.lons[i + 1] - this.lons[i]);
    out.x = this.xs[i] + f * (this.xs[i + 1] - this.xs[i]);
    out.y = this.ys[i] + f * (this.ys[i + 1] - this.ys[i]);
    const dx = this.xs[i + 1] - this.xs[i];
    const dy = this.ys[i + 1] - this.ys[i];
    const norm = Math.hypot(dx, dy) || 1;
    out.dx = dx / norm;
    out.dy = dy / norm;
    return out;
  }
}

export function newPlace(): Place {
  return { lat: 0, lon: 0, x: 0, y: 0, dx: 0, dy: -1 };
}

/** Ground distance between near places (degrees) by the ellipsoid's radii of curvature; 1 m in 100 km. */
export function distanceM(latA: number, lonA: number, latB: number, lonB: number): number {
  const degree = Math.PI / 180;
  const middle = ((latA + latB) / 2) * degree;
  const e2 = 6.69437999014e-3;
  const w2 = 1 - e2 * Math.sin(middle) ** 2;
  const meridian = (6378137 * (1 - e2)) / w2 ** 1.5;
  const normal = 6378137 / Math.sqrt(w2);
  return Math.hypot((latB - latA) * degree * meridian, (lonB - lonA) * degree * normal * Math.cos(middle));
}
