// A canvas that fits its element and its screen.

const MAX_RATIO = 2; // beyond this nobody sees the difference, but the battery does

export interface Surface {
  canvas: HTMLCanvasElement;
  context: CanvasRenderingContext2D;
  width: number; // CSS pixels
  height: number;
  ratio: number;
}

export function surfaceOn(canvas: HTMLCanvasElement, opaque = false): Surface {
  const context = canvas.getContext("2d", { alpha: !opaque })!;
  return { canvas, context, width: 0, height: 0, ratio: 1 };
}

/** Gives the canvas the size of the box; true if that changed anything. */
export function fitSurface(surface: Surface, width: number, height: number): boolean {
  const ratio = Math.min(window.devicePixelRatio || 1, MAX_RATIO);
  if (surface.width === width && surface.height === height && surface.ratio === ratio) return false;
  surface.width = width;
  surface.height = height;
  surface.ratio = ratio;
  surface.canvas.width = Math.round(width * ratio);
  surface.canvas.height = Math.round(height * ratio);
  return true;
}

/** Clears the canvas and makes CSS pixels its unit. */
export function beginDrawing(surface: Surface): CanvasRenderingContext2D {
  const { context, ratio, width, height } = surface;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
