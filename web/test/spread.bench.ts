// How long one layout of the numbers takes: `npm run bench`. Cars close together, where every place has to be looked for.
import { bench, describe } from "vitest";
import { Obstacles } from "../src/map/obstacles";
import { type Spot, spread } from "../src/map/spread";

function ground(width: number, height: number) {
  const roadAndNames = new Obstacles();
  const names = new Obstacles();
  for (const obstacles of [roadAndNames, names]) obstacles.reset(width, height);
  for (let x = 0; x < width; x += 20) roadAndNames.addLine(x, bend(x), x + 20, bend(x + 20));
  return { roadAndNames, names, parks: [] };
}

function bend(x: number): number {
  return 400 + 60 * Math.sin(x / 90);
}

function field(cars: number, everyPx: number): Spot[] {
  return Array.from({ length: cars }, (_, i) => {
    const x = 60 + i * everyPx;
    const slope = (60 / 90) * Math.cos(x / 90);
    const norm = Math.hypot(1, slope);
    const side = i % 2 ? 1 : -1;
    return { x, y: bend(x), dx: 1 / norm, dy: slope / norm, r: 12.5, side, offsetX: 0, offsetY: 0, placed: false };
  });
}

describe.each([
  ["74 cars, 9 px apart", 74, 9, 800],
  ["74 cars, 4 px apart", 74, 4, 800],
  ["500 cars, 2.4 px apart", 500, 2.4, 1280],
  ["500 cars, 8 px apart", 500, 8, 4200],
])("%s", (_, cars, every, width) => {
  const there = ground(width, 800);
  bench("from nothing", () => {
    spread(field(cars, every), there, 0.55 * cars);
  });
  const settled = field(cars, every);
  spread(settled, there, 0.55 * cars);
  bench("once more", () => {
    spread(settled, there, 0.55 * cars);
  });
});
