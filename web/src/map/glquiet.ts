// Road numbers and the names of lakes and parks as MapLibre draws them, in the page's own font (`font-faces`).

import italic from "@fontsource/barlow/files/barlow-latin-500-italic.woff2?url";
import barlow from "@fontsource/barlow/files/barlow-latin-600-normal.woff2?url";
import type { Map as GlMap, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Palette } from "../draw/palette";
import { isShield, NAME_PX, type QuietLabel, SHIELD_PX } from "./quiet";

const SOURCE = "labels";
const WHEN_SHOWN = ["case", ["boolean", ["feature-state", "shown"], false], 1, 0] as never;
// Where names go is decided by the page: MapLibre's own rules must not take any of them away again.
const AS_TOLD = { "text-allow-overlap": true, "text-ignore-placement": true } as const;

/** What the style needs for them; font addresses must be absolute. */
export function quietStyle(
  labels: readonly QuietLabel[],
  palette: Palette,
): {
  faces: NonNullable<StyleSpecification["font-faces"]>;
  sources: StyleSpecification["sources"];
  layers: LayerSpecification[];
} {
  const absolute = (path: string) => new URL(path, location.href).href;
  return {
    faces: { "Barlow SemiBold": absolute(barlow), "Barlow Italic": absolute(italic) },
    sources: {
      [SOURCE]: {
        type: "geojson",
        data: {
          type: "FeatureCollection",
          features: labels.map((label) => ({
            type: "Feature",
            id: label.id,
            properties: { text: label.text, kind: label.kind, image: isShield(label) ? imageId(label, palette) : "" },
            geometry: { type: "Point", coordinates: [label.lon, label.lat] },
          })),
        },
      },
    },
    layers: [
      {
        id: "names",
        type: "symbol",
        source: SOURCE,
        filter: ["in", ["get", "kind"], ["literal", ["lakes", "parks"]]],
        layout: {
          ...AS_TOLD,
          "text-field": ["get", "text"],
          "text-font": ["Barlow Italic"],
          "text-size": NAME_PX,
          "text-letter-spacing": 0.03,
          "text-max-width": 20,
        },
        paint: {
          "text-color": ["match", ["get", "kind"], "lakes", palette["water-name"], palette["park-name"]],
          "text-halo-color": ["match", ["get", "kind"], "lakes", palette.sea, palette.parks],
          "text-halo-width": 1,
          "text-opacity": WHEN_SHOWN,
        },
      },
      {
        id: "shields",
        type: "symbol",
        source: SOURCE,
        filter: ["!=", ["get", "image"], ""],
        layout: {
          ...AS_TOLD,
          "icon-image": ["get", "image"],
          "icon-allow-overlap": true,
          "icon-ignore-placement": true,
          "text-field": ["get", "text"],
          "text-font": ["Barlow SemiBold"],
          "text-size": 10,
        },
        paint: { "text-color": palette.muted, "text-opacity": WHEN_SHOWN, "icon-opacity": WHEN_SHOWN },
      },
    ],
  };
}

/** Draws the shields that a style asks for. */
export function provideShields(map: GlMap, palette: () => Palette): void {
  map.setMissingStyleImageResolver((id) => {
    if (id) map.addImage(id, shield(id.split("/")[0], palette()), { pixelRatio: 2 });
  });
}

/** Tells the map which labels are shown now; `told` remembers what it knows already. */
export function tellShown(map: GlMap, labels: readonly QuietLabel[], told: Set<number>): void {
  for (const { id, shown } of labels) {
    if (shown === told.has(id)) continue;
    map.setFeatureState({ source: SOURCE, id }, { shown });
    if (shown) told.add(id);
    else told.delete(id);
  }
}

/** Another theme has other images, so its colours are part of their name. */
function imageId({ kind }: QuietLabel, palette: Palette): string {
  return `${kind}/${palette.panel}`;
}

/** The outline of a road sign: interstate, United States highway, or the spade of a Californian state route. */
function shield(kind: string, palette: Palette): ImageData {
  const size = SHIELD_PX * 2;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const c = canvas.getContext("2d")!;
  c.scale(size / 20, size / 20);
  c.beginPath();
  if (kind === "ca-state") {
    c.moveTo(10, 1.4);
    c.bezierCurveTo(12.5, 5, 19, 8.4, 18.4, 13.6);
    c.bezierCurveTo(18, 17.6, 14, 18.6, 10, 18.6);
    c.bezierCurveTo(6, 18.6, 2, 17.6, 1.6, 13.6);
    c.bezierCurveTo(1, 8.4, 7.5, 5, 10, 1.4);
  } else {
    const shoulder = kind === "us-interstate" ? 3.4 : 1.6;
    c.moveTo(3, 1.8);
    c.quadraticCurveTo(6.5, shoulder, 10, 1.6);
    c.quadraticCurveTo(13.5, shoulder, 17, 1.8);
    c.bezierCurveTo(17.4, 4.4, 19.2, 6, 18.8, 10);
    c.bezierCurveTo(18.4, 14.8, 14, 17, 10, 18.8);
    c.bezierCurveTo(6, 17, 1.6, 14.8, 1.2, 10);
    c.bezierCurveTo(0.8, 6, 2.6, 4.4, 3, 1.8);
  }
  c.closePath();
  c.fillStyle = palette.panel;
  c.fill();
  c.lineWidth = 1.1;
  c.strokeStyle = palette.roads;
  c.stroke();
  return c.getImageData(0, 0, size, size);
}
