// The built-in base map as it is shipped (public/basemap/SOURCES.md): two files, the near one only when it is needed.

export interface Shape {
  layer: string;
  kind: string;
  zoom: number; // shows from here on
  area: boolean;
  lines: number[][]; // [lon, lat, dlon, dlat, ...] in 1e-4 degrees
}

export interface Town {
  name: string;
  rank: number;
  zoom: number;
  lon: number; // degrees
  lat: number;
}

/** A quiet name: of a lake, a park, or a road's number by the kind of its shield. */
export interface Label {
  kind: "lakes" | "parks" | "us-interstate" | "us-highway" | "ca-state";
  text: string;
  zoom: number;
  lon: number; // degrees
  lat: number;
}

export interface BaseMap {
  shapes: Shape[];
  towns: Town[];
  labels: Label[];
}

/** Zoom from which the near file adds anything. */
export const NEAR_ZOOM = 7.6;

export async function loadBaseMap(name: "far" | "near"): Promise<BaseMap> {
  const response = await fetch(`/basemap/${name}.json`);
  if (!response.ok) throw new Error(`base map ${name}: HTTP ${response.status}`);
  const json = (await response.json()) as {
    shapes: Shape[];
    towns: [string, number, number, number, number][];
    labels: [Label["kind"], string, number, number, number][];
  };
  return {
    shapes: json.shapes,
    towns: json.towns.map(([name, rank, zoom, lon, lat]) => ({ name, rank, zoom, lon: lon / 1e4, lat: lat / 1e4 })),
    labels: json.labels.map(([kind, text, zoom, lon, lat]) => ({ kind, text, zoom, lon: lon / 1e4, lat: lat / 1e4 })),
  };
}

/** Calls `visit` with each vertex in degrees. */
export function eachVertex(line: readonly number[], visit: (lon: number, lat: number, first: boolean) => void): void {
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < line.length; i += 2) {
    lon += line[i];
    lat += line[i + 1];
    visit(lon / 1e4, lat / 1e4, i === 0);
  }
}
