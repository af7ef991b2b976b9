// MapLibre as the ground below course and vehicles: loaded late, only where there is WebGL2, and driven by our camera.
// It draws land, water, roads and the quiet labels that belong to them. Towns and checkpoints are named by the overlay,
// on either ground.

import type { Geometry } from "geojson";
import { Map as GlMap, type LayerSpecification, type StyleSpecification, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Palette } from "../draw/palette";
import { latitude, longitude } from "../model/mercator";
import { type BaseMap, eachVertex, type Shape } from "./basemap";
import { type Camera, zoomOf } from "./camera";
import { provideShields, quietStyle, tellShown } from "./glquiet";
import type { GlBase } from "./mapview";
import { QuietLabels } from "./quiet";
import { growth, PAINTS } from "./style";

setWorkerUrl(workerUrl);

interface Ground {
  palette: Palette;
  maps: BaseMap[];
}

/** Resolves when the ground is drawn; rejects where the browser cannot carry it (the plain picture stays). */
export function openGl(container: HTMLElement, camera: Camera, ground: Ground, lost: () => void): Promise<GlBase> {
  const labels = new QuietLabels();
  for (const { labels: more } of ground.maps) labels.add(more);
  const map = new GlMap({
    container,
    style: styleFor(ground, labels),
    ...viewOf(camera),
    interactive: false, // one set of gestures and one camera for both grounds: ours
    attributionControl: false, // the page shows the credits itself, whatever the ground
    fadeDuration: 0,
    trackResize: false,
    renderWorldCopies: false,
    pixelRatio: Math.min(window.devicePixelRatio || 1, 2),
  });
  let size = "";
  const told = new Set<number>();
  const restyle = () => {
    map.setStyle(styleFor(ground, labels));
    told.clear();
  };
  provideShields(map, () => ground.palette);
  const base: GlBase = {
    draw(to, obstacles) {
      const wanted = `${to.width}/${to.height}`;
      if (wanted !== size) map.resize();
      size = wanted;
      map.jumpTo(viewOf(to));
      labels.place(to, obstacles);
      tellShown(map, labels.all, told);
      map.redraw(); // at once, so that the ground moves in the very frame in which the course does
    },
    setPalette(palette) {
      ground.palette = palette;
      restyle();
    },
    add(more) {
      ground.maps.push(more);
      labels.add(more.labels);
      restyle();
    },
  };
  return new Promise((resolve, reject) => {
    map.once("idle", () => resolve(base));
    map.once("error", ({ error }) => reject(error));
    map.once("webglcontextlost", () => {
      map.remove();
      lost();
    });
  });
}

function viewOf(camera: Camera): { center: [number, number]; zoom: number } {
  return { center: [longitude(camera.x), latitude(camera.y)], zoom: zoomOf(camera) };
}

function styleFor({ palette, maps }: Ground, labels: QuietLabels): StyleSpecification {
  const quiet = quietStyle(labels.all, palette);
  const style: StyleSpecification = {
    version: 8,
    "font-faces": quiet.faces,
    sources: quiet.sources,
    layers: [{ id: "sea", type: "background", paint: { "background-color": palette.sea } }],
  };
  for (const paint of PAINTS) {
    for (const shape of maps.flatMap((m) => m.shapes)) {
      if (shape.layer !== paint.layer || (paint.kind !== null && shape.kind !== paint.kind)) continue;
      const id = `${shape.layer}/${shape.kind}/${shape.zoom}`;
      style.sources[id] = { type: "geojson", data: geometryOf(shape), maxzoom: 12, tolerance: 0.3 };
      style.layers.push(layerFor(id, shape, paint.width, palette[paint.token], paint.dash));
    }
  }
  style.layers.push(...quiet.layers);
  return style;
}

function layerFor(
  id: string,
  shape: Shape,
  width: number | null,
  color: string,
  dash: [number, number] | undefined,
): LayerSpecification {
  const common = { id, source: id, minzoom: Math.max(shape.zoom - 0.5, 0) };
  if (width === null) return { ...common, type: "fill", paint: { "fill-color": color, "fill-antialias": true } };
  const widths = [4, 5.9, 8, 10, 12.5].flatMap((zoom) => [zoom, width * growth(zoom)]);
  return {
    ...common,
    type: "line",
    layout: { "line-join": "round", "line-cap": "round" },
    paint: {
      "line-color": color,
      "line-width": ["interpolate", ["linear"], ["zoom"], ...widths] as never,
      ...(dash ? { "line-dasharray": dash } : {}),
    },
  };
}

function geometryOf(shape: Shape): Geometry {
  const lines = shape.lines.map((line) => {
    const points: [number, number][] = [];
    eachVertex(line, (lon, lat) => points.push([lon, lat]));
    return points;
  });
  if (!shape.area) return { type: "MultiLineString", coordinates: lines };
  return { type: "MultiPolygon", coordinates: lines.map((ring) => [closed(ring)]) };
}

function closed(ring: [number, number][]): [number, number][] {
  const [first, last] = [ring[0], ring[ring.length - 1]];
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}
