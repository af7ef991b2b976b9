// What is written on the ladder: names of places, and the groups that drive together.
import type { Palette } from "../draw/palette";
import type { Group } from "../model/groups";
import { shortPlace } from "../model/saying";
import type { Leg } from "../wire/frames";
import type { LadderFrame } from "./ladder-frame";
import { chooseLabels, type Label } from "./ladder-layout";

const LINE_PX = 15;
const GROUP_WIDTH_PX = 92;
const PLACE_WIDTH_PX = 84;
const DODGE_PX = 6;
const MOST_DODGES = 36; // a label that finds no place so near to its own is left out

export interface Written {
  leg: Leg;
  groups: readonly Group[];
  says: (group: Group) => string[];
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Names of places below a horizontal strip. */
export function drawNames(c: CanvasRenderingContext2D, frame: LadderFrame, { leg }: Written, palette: Palette): void {
  const { along_m, name, kind } = leg.checkpoints;
  c.font = "500 12.5px Barlow, sans-serif";
  c.textBaseline = "alphabetic";
  const labels = name.map((n, i) => {
    const text = shortPlace(n);
    const ends = kind[i] === "start" || kind[i] === "finish";
    const weight = ends ? 3 : kind[i] === "halt" ? 2 : kind[i] === "time control" ? 1 : 0;
    return { text, at: frame.scaled(along_m[i]) + frame.inset, size: c.measureText(text).width, weight };
  });
  c.fillStyle = palette.muted;
  c.textAlign = "center";
  for (const { text, at } of chooseLabels(labels, frame.width - 8, 10)) c.fillText(text, at, frame.height - 11);
}

/** Groups of two and more as brackets above a horizontal strip. */
export function drawBrackets(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  written: Written,
  palette: Palette,
): void {
  c.font = "500 12.5px Barlow, sans-serif";
  const labels = written.groups
    .filter((g) => g.rows.length > 1)
    .map((g) => {
      const text = written.says(g).join(" · ");
      const from = frame.scaled(g.fromM) + frame.inset - 9;
      const to = frame.scaled(g.toM) + frame.inset + 9;
      const size = Math.max(c.measureText(text).width, to - from);
      return { text, from, to, at: (from + to) / 2, size, weight: g.rows.length };
    });
  c.textAlign = "center";
  c.textBaseline = "alphabetic";
  c.strokeStyle = palette.muted;
  c.fillStyle = palette.muted;
  c.lineWidth = 1.2;
  for (const { text, from, to, at } of chooseLabels(labels, frame.width - 8, 14)) {
    c.fillText(text, at, 18);
    c.beginPath();
    c.moveTo(from, 32);
    c.lineTo(from, 26);
    c.lineTo(to, 26);
    c.lineTo(to, 32);
    c.stroke();
  }
}

interface UprightLabel extends Label {
  lines: string[];
  group: boolean;
  width: number;
}

/** Beside an upright strip the groups come first, then places; none below a number (at `numbers`, radius `r`). */
export function drawUprightLabels(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  written: Written,
  palette: Palette,
  numbers: readonly [number, number][],
  r: number,
): void {
  const right = frame.width - 10;
  const taken: Box[] = numbers.map(([x, y]) => ({ left: x - r, top: y - r, right: x + r, bottom: y + r + 2 }));
  c.textAlign = "right";
  c.textBaseline = "middle";
  c.lineWidth = 4;
  c.lineJoin = "round";
  c.strokeStyle = palette.panel;
  for (const label of uprightLabels(c, frame, written)) {
    const box = placeFor(label, frame, right, taken);
    if (!box) continue;
    taken.push(box);
    label.lines.forEach((line, i) => {
      const first = label.group && i === 0;
      c.font = first ? "600 13px Barlow, sans-serif" : "500 12.5px Barlow, sans-serif";
      c.fillStyle = first ? palette.ink : palette.muted;
      const at = box.top + (i + 0.5) * LINE_PX + 1;
      c.strokeText(line, right, at, label.width);
      c.fillText(line, right, at, label.width);
    });
  }
}

/** The heaviest first. */
function uprightLabels(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  { leg, groups, says }: Written,
): UprightLabel[] {
  const labels = groups
    .filter((g) => g.rows.length > 2)
    .map((g): UprightLabel => {
      const lines = says(g);
      c.font = "600 13px Barlow, sans-serif";
      const width = Math.min(Math.max(...lines.map((line) => c.measureText(line).width)), GROUP_WIDTH_PX);
      const at = (frame.scaled(g.fromM) + frame.scaled(g.toM)) / 2;
      return { lines, group: true, width, at, size: LINE_PX * lines.length + 2, weight: 100 + g.rows.length };
    });
  c.font = "500 12.5px Barlow, sans-serif";
  leg.checkpoints.name.forEach((name, i) => {
    const kind = leg.checkpoints.kind[i];
    const weight = kind === "start" || kind === "finish" ? 50 : kind === "halt" ? 40 : kind === "time control" ? 2 : 1;
    const lines = [shortPlace(name)];
    const width = Math.min(c.measureText(lines[0]).width, PLACE_WIDTH_PX);
    labels.push({
      lines,
      group: false,
      width,
      at: frame.scaled(leg.checkpoints.along_m[i]),
      size: LINE_PX + 2,
      weight,
    });
  });
  return labels.sort((a, b) => b.weight - a.weight);
}

/** A place's name stands at its place or not at all; a group's words may move along until they are free. */
function placeFor(label: UprightLabel, frame: LadderFrame, right: number, taken: readonly Box[]): Box | null {
  const middle = frame.point(label.at, 0)[1];
  for (let dodge = 0; dodge <= (label.group ? MOST_DODGES : 0); dodge++) {
    const shift = (dodge % 2 ? -1 : 1) * Math.ceil(dodge / 2) * DODGE_PX;
    const top = Math.min(Math.max(middle + shift - label.size / 2, 2), frame.height - label.size - 2);
    const box = { left: right - label.width - 3, top, right, bottom: top + label.size };
    if (!taken.some((o) => box.left < o.right && o.left < box.right && box.top < o.bottom && o.top < box.bottom))
      return box;
  }
  return null;
}
