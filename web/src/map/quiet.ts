// The base map's quieter labels (road numbers, lakes, parks): which of them find room between everything that is
// drawn above them. MapLibre draws them; it cannot know what the overlay has put where, so the choice is made here.
import { mercatorX, mercatorY } from "../model/mercator";
import type { Label } from "./basemap";
import { type Camera, screenX, screenY, zoomOf } from "./camera";
import type { Obstacles, Rect } from "./obstacles";

export interface QuietLabel extends Label {
  id: number;
  x: number; // Web Mercator
  y: number;
  shown: boolean;
}

export const SHIELD_PX = 21;
export const NAME_PX = 12;
const LETTER_PX = 6;
const SAME_AGAIN_PX = 240; // one road says its number no closer than this
const MARGIN_PX = 4;

export class QuietLabels {
  readonly all: QuietLabel[] = [];

  add(labels: readonly Label[]): void {
    for (const label of labels) {
      const { lon, lat } = label;
      this.all.push({ ...label, id: this.all.length + 1, x: mercatorX(lon), y: mercatorY(lat), shown: false });
    }
  }

  /** Marks those that are `shown`: who was shown before keeps its place while it is free, so that nothing flickers. */
  place(camera: Camera, obstacles: Obstacles): void {
    const zoom = zoomOf(camera);
    const said = new Map<string, { x: number; y: number }[]>();
    for (const label of [...this.all].sort((a, b) => Number(b.shown) - Number(a.shown))) {
      label.shown = false;
      if (zoom < label.zoom - 0.4) continue;
      const x = screenX(camera, label.x);
      const y = screenY(camera, label.y);
      const rect = spaceOf(label, x, y);
      if (rect.x < 0 || rect.y < 0 || rect.x + rect.width > camera.width || rect.y + rect.height > camera.height)
        continue;
      const same = said.get(label.text) ?? [];
      if (same.some((o) => Math.hypot(o.x - x, o.y - y) < SAME_AGAIN_PX) || obstacles.hits(rect) > 0) continue;
      label.shown = true;
      obstacles.addRect(rect);
      said.set(label.text, [...same, { x, y }]);
    }
  }
}

export function isShield({ kind }: Label): boolean {
  return kind !== "lakes" && kind !== "parks";
}

function spaceOf(label: Label, x: number, y: number): Rect {
  const width = (isShield(label) ? SHIELD_PX : label.text.length * LETTER_PX) + 2 * MARGIN_PX;
  const height = (isShield(label) ? SHIELD_PX : NAME_PX) + 2 * MARGIN_PX;
  return { x: x - width / 2, y: y - height / 2, width, height };
}
