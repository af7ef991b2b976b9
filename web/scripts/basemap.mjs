// Converts a folder of GeoJSON layers (index.json beside them) into the two small files the page reads:
// `far.json`, enough for a whole leg on screen, and `near.json`, what only shows when one comes closer.
// Usage: node scripts/basemap.mjs FOLDER
//
// Coordinates become differences of whole 1e-4 degrees (11 m, the precision of the source), which compress well.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAME_PX_PER_LETTER = 4.2; // a name may be somewhat wider than what it names
const SHIELD_EVERY_DEGREES = 0.25;
const FAR_ZOOM = 7; // features that show from this zoom or earlier belong to the first file
const source = process.argv[2];
if (!source) {
  console.error("usage: node scripts/basemap.mjs FOLDER (with index.json and the GeoJSON files that it names)");
  process.exit(2);
}
const target = join(dirname(fileURLToPath(import.meta.url)), "../public/basemap");
const index = JSON.parse(readFileSync(join(source, "index.json"), "utf8"));

/** One line of [lon, lat] degrees as [lon, lat, dlon, dlat, ...] in 1e-4 degrees, repeated vertices dropped. */
function differences(line) {
  const out = [];
  let lon = 0;
  let lat = 0;
  for (const [x, y] of line) {
    const e = Math.round(x * 1e4);
    const n = Math.round(y * 1e4);
    if (out.length > 0 && e === lon && n === lat) continue;
    out.push(e - lon, n - lat);
    lon = e;
    lat = n;
  }
  return out;
}

function lines(geometry) {
  const { type, coordinates } = geometry;
  if (type === "LineString") return [coordinates];
  if (type === "MultiLineString" || type === "Polygon") return coordinates;
  if (type === "MultiPolygon") return coordinates.flat();
  throw new Error(`the base map has no use for a ${type}`);
}

/** What tells features of one layer apart when they are drawn, and the zoom from which they show. */
function classify(layer, properties) {
  if (layer.id === "highways") return [properties.cls, index.highway_class_minzoom[properties.cls]];
  if (layer.id === "borders") return [properties.kind, properties.kind === "state" ? 3 : 8];
  if (layer.id === "rivers") return ["", properties.rank <= 6 ? 6 : 8];
  return ["", layer.minzoom];
}

/** Middle and width (degrees) of the widest place inside a ring: where a name stands best. */
function roomiest(ring) {
  const [xs, ys] = [0, 1].map((axis) => ring.map((vertex) => vertex[axis]));
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  let best = { room: 0, lon: (left + right) / 2, lat: (bottom + top) / 2 };
  for (let row = 1; row < 24; row++) {
    const lat = bottom + ((top - bottom) * row) / 24;
    const crossings = ring
      .flatMap(([x, y], i) => {
        const [toX, toY] = ring[(i + 1) % ring.length];
        return y > lat === toY > lat ? [] : [x + ((lat - y) / (toY - y)) * (toX - x)];
      })
      .sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const room = crossings[i + 1] - crossings[i];
      if (room > best.room * 1.05) best = { room, lon: (crossings[i] + crossings[i + 1]) / 2, lat };
    }
  }
  return { ...best, width: right - left };
}

/** Name of a lake or park in its largest part, from the zoom at which the part is about as wide as the name. */
function areaLabel(layer, { properties, geometry }) {
  if (!properties.name) return [];
  const name = properties.name.replace(/\s+/g, " ");
  const parts = (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).map(([ring]) =>
    roomiest(ring),
  );
  const [{ lon, lat, width }] = parts.sort((a, b) => b.width - a.width);
  const zoom = Math.log2((name.length * NAME_PX_PER_LETTER * 360) / (512 * Math.max(width, 0.05)));
  return [[layer, name, Math.round(Math.min(Math.max(zoom, 6), 9.5) * 10) / 10, lon, lat]];
}

/** Numbers of a road along its line: "I-80" on the shield of its kind, and again every so often. */
function roadLabels({ properties, geometry }, zoom) {
  if (!properties.ref || !properties.shield) return [];
  const prefix = { "us-interstate": "I-", "us-highway": "US-", "ca-state": "CA-" }[properties.shield];
  const ref = properties.ref.split(";").find((r) => r.startsWith(prefix));
  if (!ref) return [];
  return lines(geometry).flatMap((line) => {
    const labels = [];
    let since = SHIELD_EVERY_DEGREES / 2;
    for (let i = 1; i < line.length; i++) {
      const [[ax, ay], [bx, by]] = [line[i - 1], line[i]];
      const length = Math.hypot((bx - ax) * 0.8, by - ay);
      for (let at = SHIELD_EVERY_DEGREES - since; at <= length; at += SHIELD_EVERY_DEGREES) {
        const f = at / length;
        labels.push([properties.shield, ref.slice(prefix.length), zoom, ax + f * (bx - ax), ay + f * (by - ay)]);
      }
      since = (since + length) % SHIELD_EVERY_DEGREES;
    }
    return labels;
  });
}

const files = { far: { shapes: [], towns: [], labels: [] }, near: { shapes: [], towns: [], labels: [] } };
function addLabels(labels) {
  for (const [kind, text, zoom, lon, lat] of labels) {
    const place = [lon, lat].map((degrees) => Math.round(degrees * 1e4));
    files[zoom <= FAR_ZOOM ? "far" : "near"].labels.push([kind, text, zoom, ...place]);
  }
}
for (const layer of index.layers) {
  const { features } = JSON.parse(readFileSync(join(source, layer.file), "utf8"));
  if (layer.geometry === "point") {
    for (const { properties, geometry } of features) {
      const zoom = index.town_rank_minzoom[properties.rank];
      const [lon, lat] = geometry.coordinates.map((degrees) => Math.round(degrees * 1e4));
      files[zoom <= FAR_ZOOM ? "far" : "near"].towns.push([properties.name, properties.rank, zoom, lon, lat]);
    }
    continue;
  }
  const groups = new Map();
  for (const { properties, geometry } of features) {
    const [kind, zoom] = classify(layer, properties);
    const key = `${kind}/${zoom}`;
    if (!groups.has(key))
      groups.set(key, { layer: layer.id, kind, zoom, area: layer.geometry === "polygon", lines: [] });
    groups.get(key).lines.push(...lines(geometry).map(differences));
    if (layer.id === "highways") addLabels(roadLabels({ properties, geometry }, zoom + 1.5));
    if (layer.id === "lakes" || layer.id === "parks") addLabels(areaLabel(layer.id, { properties, geometry }));
  }
  for (const group of groups.values()) files[group.zoom <= FAR_ZOOM ? "far" : "near"].shapes.push(group);
}
for (const [name, content] of Object.entries(files)) {
  content.towns.sort((a, b) => a[1] - b[1]);
  const text = JSON.stringify({ attribution: index.attribution, ...content });
  writeFileSync(join(target, `${name}.json`), `${text}\n`);
  console.log(`${name}.json ${text.length} bytes`);
}
