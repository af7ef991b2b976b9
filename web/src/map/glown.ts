// The organiser's own base map below course and vehicles: a style, raster tiles, or one PMTiles file. Loaded late, only
// where there is WebGL2; whatever fails, the plain map is there already and stays.

import { addProtocol, Map as GlMap, type LayerSpecification, type StyleSpecification, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { PMTiles, Protocol, TileType } from "pmtiles";
import { fileOf, type OwnMap } from "../app/presentation";
import type { Palette, Token } from "../draw/palette";
import { latitude, longitude } from "../model/mercator";
import { type Camera, zoomOf } from "./camera";
import type { GlBase, OpenBase } from "./mapview";

setWorkerUrl(workerUrl);

const PATIENCE_MS = 20_000;

/** Opens it; `credit` is told whose data it is. Rejects where it cannot be had. */
export function openOwnMap(own: OwnMap, slug: string, credit: (text: string) => void): OpenBase {
  return async (container, camera, ground, lost) => {
    const styleFor = await stylesOf(own, slug);
    const map = new GlMap({
      container,
      style: styleFor(ground.palette),
      ...viewOf(camera),
      interactive: false, // one set of gestures and one camera for every ground: ours
      attributionControl: false, // the page shows the credits itself
      fadeDuration: 0,
      trackResize: false,
      renderWorldCopies: false,
      pixelRatio: Math.min(window.devicePixelRatio || 1, 2),
    });
    let size = "";
    const base: GlBase = {
      draw(to) {
        const wanted = `${to.width}/${to.height}`;
        if (wanted !== size) map.resize();
        size = wanted;
        map.jumpTo(viewOf(to));
        map.redraw();
      },
      setPalette(palette) {
        if (typeof styleFor(palette) !== "string") map.setStyle(styleFor(palette));
      },
      add() {}, // the built-in map's own parts stay below
    };
    await shown(map);
    map.once("webglcontextlost", () => {
      map.remove();
      lost();
    });
    credit(own.attribution || attributionOf(map));
    return base;
  };
}

/** Resolves once something is drawn; rejects when the style or every tile fails, or nothing comes for too long. */
function shown(map: GlMap): Promise<void> {
  return new Promise((resolve, reject) => {
    let tiles = 0;
    let problem: unknown = new Error("the organiser's map did not come in time");
    const give = () => {
      map.remove();
      reject(problem);
    };
    const timer = setTimeout(give, PATIENCE_MS);
    map.on("sourcedata", (event) => {
      if (event.tile) tiles++;
    });
    map.on("error", ({ error }) => {
      problem = error;
      if (tiles === 0 && !map.isStyleLoaded()) {
        clearTimeout(timer);
        give();
      }
    });
    map.once("idle", () => {
      clearTimeout(timer);
      if (tiles > 0) resolve();
      else give();
    });
  });
}

function viewOf(camera: Camera): { center: [number, number]; zoom: number } {
  return { center: [longitude(camera.x), latitude(camera.y)], zoom: zoomOf(camera) };
}

async function stylesOf(own: OwnMap, slug: string): Promise<(palette: Palette) => StyleSpecification | string> {
  if (own.kind === "style") return () => own.url;
  if (own.kind === "tiles") return () => rasterStyle({ tiles: [own.url] });
  const address = own.url.includes("://") ? own.url : new URL(fileOf(slug, own.url), location.href).href;
  const file = new PMTiles(address);
  const protocol = new Protocol();
  protocol.add(file);
  addProtocol("pmtiles", protocol.tile);
  const { tileType } = await file.getHeader();
  const url = `pmtiles://${address}`;
  return tileType === TileType.Mvt ? (palette) => vectorStyle(url, palette) : () => rasterStyle({ url });
}

function rasterStyle(source: { tiles: string[] } | { url: string }): StyleSpecification {
  return {
    version: 8,
    sources: { own: { type: "raster", tileSize: 256, ...source } },
    layers: [{ id: "own", type: "raster", source: "own" }],
  };
}

/** Vector tiles in the Protomaps schema, in our own colours; towns are named by the overlay. */
function vectorStyle(url: string, palette: Palette): StyleSpecification {
  const area = (layer: string, token: Token): LayerSpecification => {
    return { id: layer, type: "fill", source: "own", "source-layer": layer, paint: { "fill-color": palette[token] } };
  };
  const line = (layer: string, token: Token, width: number): LayerSpecification => {
    return {
      id: layer,
      type: "line",
      source: "own",
      "source-layer": layer,
      paint: { "line-color": palette[token], "line-width": width },
    };
  };
  return {
    version: 8,
    sources: { own: { type: "vector", url } },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": palette.sea } },
      area("earth", "land"),
      area("landuse", "parks"),
      area("water", "sea"),
      line("boundaries", "lines", 1),
      line("roads", "roads", 1.4),
    ],
  };
}

function attributionOf(map: GlMap): string {
  const said = Object.keys(map.getStyle().sources).map((id) => map.getSource(id)?.attribution ?? "");
  const text = (html: string) => new DOMParser().parseFromString(html, "text/html").body.textContent ?? "";
  return [...new Set(said.filter(Boolean).map(text))].join(" · ");
}
