// Lines kept as Path2D in units of their own and drawn through a transform: moving the camera costs no new paths.
import type { Surface } from "../draw/canvas";
import { type Camera, screenX, screenY } from "./camera";

const UNITS = 1e6; // for the whole world: exact enough in 32-bit floats near the origin

export class LocalUnits {
  constructor(
    private readonly originX: number,
    private readonly originY: number,
  ) {}

  x(mercator: number): number {
    return (mercator - this.originX) * UNITS;
  }

  y(mercator: number): number {
    return (mercator - this.originY) * UNITS;
  }

  /** Sets the transform; returns how many units one CSS pixel is (for line widths). */
  apply(surface: Surface, camera: Camera): number {
    const scale = camera.scale / UNITS;
    const { ratio } = surface;
    surface.context.setTransform(
      ratio * scale,
      0,
      0,
      ratio * scale,
      ratio * screenX(camera, this.originX),
      ratio * screenY(camera, this.originY),
    );
    return 1 / scale;
  }
}
