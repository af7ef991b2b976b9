// Where vehicles stand on the ladder: stacked away from the strip, as numbers where they fit and as dots where not.

export interface Rung {
  row: number;
  at: number; // pixels along the strip
  important: boolean; // keeps its number
}

export interface Standing {
  row: number;
  own: number; // pixels along the strip where it is
  at: number; // and where it stands, moved a little where it is crowded
  away: number; // pixels from the strip to the middle of the mark
  numbered: boolean;
  lane: number;
}

export interface LadderSizes {
  pitch: number; // of roundels
  lanes: number; // of roundels
  dotPitch: number;
  dotLanes: number;
  length: number; // of the strip
  first: number; // pixels from the strip to the middle of the first lane
}

/**
 * Stacks the rungs; a crowd that has no room for its numbers becomes dots, above which the important ones stay.
 * `before` is how they stood last time: who can keeps to the same lane.
 */
export function standOnLadder(
  rungs: readonly Rung[],
  sizes: LadderSizes,
  before: readonly Standing[] = [],
): Standing[] {
  const lanes = new Map(before.map((s) => [s.row, s]));
  const lane = (row: number, numbered: boolean) => {
    const last = lanes.get(row);
    return last?.numbered === numbered ? last.lane : -1;
  };
  const sorted = [...rungs].sort((a, b) => a.at - b.at || a.row - b.row);
  const out: Standing[] = [];
  for (const crowd of crowdsOf(sorted, sizes.pitch)) {
    const width = crowd[crowd.length - 1].at - crowd[0].at;
    const room = sizes.lanes * (Math.floor(width / sizes.pitch) + 1.5);
    const numbered = crowd.length <= room;
    const asDots = numbered ? [] : crowd.filter((r) => !r.important);
    const asNumbers = numbered ? crowd : crowd.filter((r) => r.important);
    const dots = stack(asDots, sizes.dotPitch, sizes.dotLanes, sizes.length, (row) => lane(row, false)).map((s) => ({
      row: s.row,
      own: s.own,
      at: s.at,
      away: sizes.first - sizes.pitch / 2 + sizes.dotPitch * (s.lane + 0.5),
      numbered: false,
      lane: s.lane,
    }));
    out.push(...dots);
    const numbers = stack(asNumbers, sizes.pitch, sizes.lanes, sizes.length, (row) => lane(row, true));
    numbers.sort((a, b) => a.at - b.at);
    for (const stacked of crowdsOf(numbers, sizes.pitch)) {
      const below = heightBelow(stacked, dots, sizes);
      for (const s of stacked) out.push({ ...s, away: sizes.first + below + s.lane * sizes.pitch, numbered: true });
    }
  }
  return out;
}

/** Numbers that stand together stand on the highest of the dots below them. */
function heightBelow(numbers: readonly { at: number }[], dots: readonly Standing[], sizes: LadderSizes): number {
  const reach = (sizes.pitch + sizes.dotPitch) / 2;
  const tops = dots
    .filter((dot) => numbers.some((s) => Math.abs(dot.at - s.at) < reach))
    .map((dot) => dot.away + sizes.dotPitch / 2 + sizes.pitch / 2 - sizes.first);
  return Math.max(0, ...tops);
}

/** Parts the rungs where there is more than a mark's room between two. */
function crowdsOf<T extends { at: number }>(sorted: readonly T[], pitch: number): T[][] {
  const crowds: T[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const rung of sorted) {
    if (rung.at - last > pitch) crowds.push([]);
    crowds[crowds.length - 1].push(rung);
    last = rung.at;
  }
  return crowds;
}

/** The lane of last time if it is free, so that nothing hops about, else the lowest; where all are taken, the lane that is free soonest, moved on along the strip. */
function stack(
  rungs: readonly Rung[],
  pitch: number,
  lanes: number,
  length: number,
  before: (row: number) => number,
): { row: number; own: number; at: number; lane: number }[] {
  const ends: number[] = new Array(lanes).fill(Number.NEGATIVE_INFINITY);
  const placed = rungs.map(({ row, at }) => {
    let lane = before(row);
    if (rungs.length === 1 || !(ends[lane] + pitch <= at)) lane = ends.findIndex((end) => end + pitch <= at);
    if (lane < 0) {
      lane = 0;
      for (let i = 1; i < lanes; i++) if (ends[i] < ends[lane] - 0.01) lane = i;
    }
    const free = Math.max(at, ends[lane] + pitch);
    ends[lane] = free;
    return { row, own: at, at: free, lane };
  });
  if (placed.length === 0) return placed;
  // Moving on along the strip must not make the whole crowd look further than it is, nor push it off an end.
  const ahead = placed.reduce((sum, p, i) => sum + p.at - rungs[i].at, 0) / placed.length;
  const from = Math.min(...placed.map((p) => p.at)) - ahead;
  const to = Math.max(...placed.map((p) => p.at)) - ahead;
  const inside = from < 0 ? -from : to > length ? length - to : 0;
  return placed.map((p) => ({ ...p, at: p.at - ahead + inside }));
}

const UPRIGHT_FIRST = 12; // pixels from an upright strip to its first lane of dots

/**
 * On an upright strip the important ones stand as numbers in one lane on the left, all others are dots on the right
 * that stay where they are: a crowd gets thicker, and where it is thickest dots lie on each other.
 */
export function standUpright(rungs: readonly Rung[], sizes: LadderSizes): Standing[] {
  const sorted = [...rungs].sort((a, b) => a.at - b.at || a.row - b.row);
  const ends: number[] = new Array(sizes.dotLanes).fill(Number.NEGATIVE_INFINITY);
  const dots = sorted
    .filter((r) => !r.important)
    .map(({ row, at }): Standing => {
      let lane = ends.findIndex((end) => end + sizes.dotPitch <= at);
      if (lane < 0) lane = ends.indexOf(Math.min(...ends));
      ends[lane] = at;
      return { row, own: at, at, away: UPRIGHT_FIRST + lane * sizes.dotPitch, numbered: false, lane };
    });
  const important = sorted.filter((r) => r.important);
  const numbers = crowdsOf(important, sizes.pitch).flatMap((crowd) =>
    stack(crowd, sizes.pitch, sizes.lanes, sizes.length, () => 0),
  );
  return [...dots, ...apart(numbers, sizes).map((s) => ({ ...s, away: -sizes.first, numbered: true }))];
}

/** Crowds that have grown into each other are pushed apart along the strip, and back inside it. */
function apart<T extends { at: number }>(marks: readonly T[], { pitch, length }: LadderSizes): T[] {
  const placed = marks.map((mark) => ({ ...mark }));
  for (let i = 1; i < placed.length; i++) placed[i].at = Math.max(placed[i].at, placed[i - 1].at + pitch);
  let ceiling = length;
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i].at = Math.min(placed[i].at, ceiling);
    ceiling = placed[i].at - pitch;
  }
  return placed;
}

export interface Label {
  at: number; // the middle, pixels along the strip
  size: number; // length along the strip
  weight: number; // the heavier stays
}

/** Which labels can be shown so that none touches another, the heaviest first, held inside [0, length]. */
export function chooseLabels<T extends Label>(labels: readonly T[], length: number, gap: number): T[] {
  const shown: T[] = [];
  for (const label of [...labels].sort((a, b) => b.weight - a.weight)) {
    const at = Math.min(Math.max(label.at, label.size / 2), length - label.size / 2);
    if (shown.some((o) => Math.abs(o.at - at) < (o.size + label.size) / 2 + gap)) continue;
    shown.push({ ...label, at });
  }
  return shown;
}
