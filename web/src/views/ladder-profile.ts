// The heights of the course behind the ladder: how it climbs and falls, where the GPX file has elevations.
import type { Palette } from "../draw/palette";
import type { CourseLine } from "../model/course";
import type { LadderFrame } from "./ladder-frame";

const SAMPLES = 240;
const LEAST_SPAN_M = 150; // flat country looks flat
const HIGH_PX = 64; // of the highest place above a horizontal strip
const WIDE_PX = 34; // beside an upright one

/** Heights along the line as shares of its highest, evenly spaced; null where the course has no elevations. */
export function profileOf(line: CourseLine): Float32Array | null {
  const { elevationM } = line;
  if (!elevationM) return null;
  const heights = new Float32Array(SAMPLES + 1);
  for (let i = 0; i <= SAMPLES; i++) {
    const alongM = (line.lengthM * i) / SAMPLES;
    const vertex = line.vertexBefore(alongM);
    const length = line.alongM[vertex + 1] - line.alongM[vertex];
    const f = length > 0 ? Math.min((alongM - line.alongM[vertex]) / length, 1) : 0;
    heights[i] = elevationM[vertex] + f * (elevationM[vertex + 1] - elevationM[vertex]);
  }
  const low = Math.min(...heights);
  const span = Math.max(Math.max(...heights) - low, LEAST_SPAN_M);
  return heights.map((height) => (height - low) / span);
}

export function drawProfile(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  profile: Float32Array,
  palette: Palette,
): void {
  const size = frame.upright ? -WIDE_PX : HIGH_PX; // on the left of an upright strip
  c.beginPath();
  c.moveTo(...frame.point(0, 0));
  profile.forEach((share, i) => {
    c.lineTo(...frame.point((frame.length * i) / (profile.length - 1), (0.08 + 0.92 * share) * size));
  });
  c.lineTo(...frame.point(frame.length, 0));
  c.closePath();
  c.globalAlpha = 0.6;
  c.fillStyle = palette.lines;
  c.fill();
  c.globalAlpha = 1;
}
