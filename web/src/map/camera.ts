// What part of the world is on screen: Web Mercator, north up, so that everything is one scale and one shift.

export interface Camera {
  x: number; // the middle, 0 to 1
  y: number;
  scale: number; // CSS pixels for the whole world
  width: number;
  height: number;
}

export interface Box {
  left: number; // Web Mercator
  top: number;
  right: number;
  bottom: number;
}

export interface Padding {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

const TILE = 512;
export const MIN_SCALE = TILE * 2 ** 4;
export const MAX_SCALE = TILE * 2 ** 15;

export function zoomOf(camera: Camera): number {
  return Math.log2(camera.scale / TILE);
}

export function screenX(camera: Camera, x: number): number {
  return (x - camera.x) * camera.scale + camera.width / 2;
}

export function screenY(camera: Camera, y: number): number {
  return (y - camera.y) * camera.scale + camera.height / 2;
}

export function clampScale(scale: number): number {
  return Math.min(Math.max(scale, MIN_SCALE), MAX_SCALE);
}

/** Zooms by a factor and keeps the world under the screen point (px, py). */
export function zoomAround(camera: Camera, factor: number, px: number, py: number): void {
  const scale = clampScale(camera.scale * factor);
  const fx = px - camera.width / 2;
  const fy = py - camera.height / 2;
  camera.x += fx / camera.scale - fx / scale;
  camera.y += fy / camera.scale - fy / scale;
  camera.scale = scale;
}

export function panBy(camera: Camera, px: number, py: number): void {
  camera.x -= px / camera.scale;
  camera.y = Math.min(Math.max(camera.y - py / camera.scale, 0), 1);
}

/** The camera that shows a box inside the padding. */
export function fitted(camera: Camera, box: Box, padding: Padding, maxScale = MAX_SCALE): Camera {
  const width = Math.max(camera.width - padding.left - padding.right, 40);
  const height = Math.max(camera.height - padding.top - padding.bottom, 40);
  const scale = Math.min(
    clampScale(Math.min(width / (box.right - box.left || 1e-9), height / (box.bottom - box.top || 1e-9))),
    maxScale,
  );
  return {
    ...camera,
    scale,
    x: (box.left + box.right) / 2 + (padding.right - padding.left) / 2 / scale,
    y: (box.top + box.bottom) / 2 + (padding.bottom - padding.top) / 2 / scale,
  };
}

export function boxAround(points: Iterable<{ x: number; y: number }>): Box | null {
  let box: Box | null = null;
  for (const { x, y } of points) {
    box = box
      ? {
          left: Math.min(box.left, x),
          top: Math.min(box.top, y),
          right: Math.max(box.right, x),
          bottom: Math.max(box.bottom, y),
        }
      : { left: x, top: y, right: x, bottom: y };
  }
  return box;
}
