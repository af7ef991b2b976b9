// What is written on the ladder: names of places, and the groups that drive together.
import type { Palette } from "../draw/palette";
import { widthOf } from "../draw/text";
import type { Group } from "../model/groups";
import { shortPlace } from "../model/saying";
import type { Leg } from "../wire/frames";
import type { LadderFrame } from "./ladder-frame";
import { chooseLabels, type Label } from "./ladder-layout";

const LINE_PX = 15;
const LOWER_TEXT_PX = 33; // first line of words above a horizontal strip, from the top; another fits above it
const BRACKET_PX = 40;
const UPRIGHT_BRACKET_PX = 90; // from the left of an upright strip
const WORTH_WORDS = 3; // beside an upright strip
const GROUP_FONT = '700 15px "Barlow Condensed", sans-serif';
const PLACE_FONT = "500 12.5px Barlow, sans-serif";
const PLACE_WIDTH_PX = 84;
const DODGE_PX = 6;
const MOST_DODGES = 36; // a label that finds no place so near to its own is left out

export interface Written {
  leg: Leg;
  groups: readonly Group[];
  says: (group: Group) => string[];
  gap: (minutes: number) => string;
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
  const labels = name.map((n, i) => {
    const text = shortPlace(n);
    const ends = kind[i] === "start" || kind[i] === "finish";
    const weight = ends ? 3 : kind[i] === "halt" ? 2 : kind[i] === "time control" ? 1 : 0;
    return { text, at: frame.scaled(along_m[i]) + frame.inset, size: widthOf(c, PLACE_FONT, text), weight };
  });
  c.font = PLACE_FONT;
  c.textBaseline = "alphabetic";
  c.fillStyle = palette.muted;
  c.textAlign = "center";
  for (const { text, at } of chooseLabels(labels, frame.width - 8, 10)) c.fillText(text, at, frame.height - 11);
}

/** Groups of two and more as brackets above a horizontal strip, and how far one is behind the other. */
export function drawBrackets(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  written: Written,
  palette: Palette,
): void {
  const brackets = written.groups
    .filter((g) => g.rows.length > 1)
    .map((group) => {
      const text = written.says(group).join(" · ");
      const from = frame.scaled(group.fromM) + frame.inset - 9;
      const to = frame.scaled(group.toM) + frame.inset + 9;
      return { text, from, to, at: (from + to) / 2, size: widthOf(c, PLACE_FONT, text), weight: group.rows.length };
    });
  const lower = chooseLabels(brackets, frame.width - 8, 14);
  const upper = chooseLabels(
    brackets.filter((b) => !lower.some((l) => l.from === b.from && l.text === b.text)),
    frame.width - 8,
    14,
  );
  c.font = PLACE_FONT;
  c.textAlign = "center";
  c.textBaseline = "alphabetic";
  c.strokeStyle = palette.muted;
  c.fillStyle = palette.muted;
  c.lineWidth = 1.2;
  for (const [line, labels] of [lower, upper].entries()) {
    const text = LOWER_TEXT_PX - line * LINE_PX;
    for (const label of labels) {
      c.fillText(label.text, label.at, text);
      c.beginPath();
      c.moveTo(label.from, BRACKET_PX + 6);
      c.lineTo(label.from, BRACKET_PX);
      c.lineTo(label.to, BRACKET_PX);
      c.lineTo(label.to, BRACKET_PX + 6);
      if (line > 0) {
        c.moveTo((label.from + label.to) / 2, BRACKET_PX);
        c.lineTo(label.at, text + 3);
      }
      c.stroke();
    }
  }
  drawGaps(c, frame, written);
}

/** "8 min" in the empty road between two groups that drive, where there is room for it. */
function drawGaps(c: CanvasRenderingContext2D, frame: LadderFrame, { groups, gap }: Written): void {
  for (const group of groups) {
    if (group.aheadMin === null || group.aheadM === null) continue;
    const from = frame.scaled(group.toM) + frame.inset + 16;
    const to = frame.scaled(group.aheadM) + frame.inset - 16;
    const text = gap(group.aheadMin);
    const width = widthOf(c, PLACE_FONT, text);
    if (to - from < width + 14) continue;
    const y = BRACKET_PX + 4;
    c.fillText(text, (from + to) / 2, y);
    const half = width / 2 + 5;
    c.beginPath();
    c.moveTo(from, y - 4);
    c.lineTo((from + to) / 2 - half, y - 4);
    c.moveTo((from + to) / 2 + half, y - 4);
    c.lineTo(to, y - 4);
    c.stroke();
  }
}

interface UprightLabel extends Label {
  lines: string[];
  group: boolean;
  width: number;
}

/** Beside an upright strip the groups come first, then places; nothing runs over the dots (at `dots`). */
export function drawUprightLabels(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  written: Written,
  palette: Palette,
  dots: readonly [number, number][],
): void {
  const right = frame.width - 8;
  const taken: Box[] = dots.map(([x, y]) => ({ left: x - 4, top: y - 4, right: x + 6, bottom: y + 4 }));
  drawUprightBrackets(c, frame, written, palette, taken);
  c.textBaseline = "middle";
  for (const label of uprightLabels(c, frame, written, right)) {
    const box = placeFor(label, frame, right, taken);
    if (!box) continue;
    taken.push(box);
    c.textAlign = label.group ? "left" : "right";
    label.lines.forEach((line, i) => {
      const first = label.group && i === 0;
      c.font = first ? GROUP_FONT : PLACE_FONT;
      c.fillStyle = first ? palette.ink : palette.muted;
      c.fillText(line, label.group ? box.left + 3 : right, box.top + (i + 0.5) * LINE_PX + 1, label.width);
    });
  }
}

function drawUprightBrackets(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  { groups }: Written,
  palette: Palette,
  taken: Box[],
): void {
  c.strokeStyle = palette.muted;
  c.lineWidth = 1.2;
  for (const group of groups) {
    if (group.rows.length < WORTH_WORDS || group.toM - group.fromM < 1) continue;
    const top = frame.point(frame.scaled(group.toM), 0)[1] - 4;
    const bottom = frame.point(frame.scaled(group.fromM), 0)[1] + 4;
    c.beginPath();
    c.moveTo(UPRIGHT_BRACKET_PX - 5, top);
    c.lineTo(UPRIGHT_BRACKET_PX, top);
    c.lineTo(UPRIGHT_BRACKET_PX, bottom);
    c.lineTo(UPRIGHT_BRACKET_PX - 5, bottom);
    c.stroke();
    taken.push({ left: UPRIGHT_BRACKET_PX - 6, top, right: UPRIGHT_BRACKET_PX + 2, bottom });
  }
}

/** The heaviest first. */
function uprightLabels(
  c: CanvasRenderingContext2D,
  frame: LadderFrame,
  { leg, groups, says }: Written,
  right: number,
): UprightLabel[] {
  const room = right - UPRIGHT_BRACKET_PX - 6;
  const labels = groups
    .filter((g) => g.rows.length >= WORTH_WORDS)
    .map((g): UprightLabel => {
      const lines = says(g);
      const at = (frame.scaled(g.fromM) + frame.scaled(g.toM)) / 2;
      const size = LINE_PX * lines.length + 2;
      return { lines, group: true, width: room, at, size, weight: 100 + g.rows.length };
    });
  leg.checkpoints.name.forEach((name, i) => {
    const kind = leg.checkpoints.kind[i];
    const weight = kind === "start" || kind === "finish" ? 50 : kind === "halt" ? 40 : kind === "time control" ? 2 : 1;
    const lines = [shortPlace(name)];
    const width = Math.min(widthOf(c, PLACE_FONT, lines[0]), PLACE_WIDTH_PX);
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
  const left = label.group ? UPRIGHT_BRACKET_PX + 3 : right - label.width - 3;
  for (let dodge = 0; dodge <= (label.group ? MOST_DODGES : 0); dodge++) {
    const shift = (dodge % 2 ? -1 : 1) * Math.ceil(dodge / 2) * DODGE_PX;
    const top = Math.min(Math.max(middle + shift - label.size / 2, 2), frame.height - label.size - 16);
    const box = { left, top, right, bottom: top + label.size };
    if (!taken.some((o) => box.left < o.right && o.left < box.right && box.top < o.bottom && o.top < box.bottom))
      return box;
  }
  return null;
}
