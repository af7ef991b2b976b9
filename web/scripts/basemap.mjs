// Converts a folder of GeoJSON layers (index.json beside them) into the two small files the page reads:
// `far.json`, enough for a whole leg on screen, and `near.json`, what only shows when one comes closer.
// Usage: node scripts/basemap.mjs FOLDER
//
// Coordinates become differences of whole 1e-4 degrees (11 m, the precision of the source), which compress well.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

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

const files = { far: { shapes: [], towns: [] }, near: { shapes: [], towns: [] } };
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
  }
  for (const group of groups.values()) files[group.zoom <= FAR_ZOOM ? "far" : "near"].shapes.push(group);
}
for (const [name, content] of Object.entries(files)) {
  content.towns.sort((a, b) => a[1] - b[1]);
  const text = JSON.stringify({ attribution: index.attribution, ...content });
  writeFileSync(join(target, `${name}.json`), `${text}\n`);
  console.log(`${name}.json ${text.length} bytes`);
}
