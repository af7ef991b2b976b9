// Where vehicles stand on the ladder: stacked away from the strip, as numbers where they fit and as dots where not.

export interface Rung {
  row: number;
  at: number; // pixels along the strip
  important: boolean; // keeps its number
}

export interface Standing {
  row: number;
  at: number; // pixels along the strip, moved a little where it is crowded
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
  withNumbers = true,
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
    const numbered = withNumbers && crowd.length <= room;
    const asDots = numbered ? [] : crowd.filter((r) => !r.important);
    const asNumbers = numbered ? crowd : crowd.filter((r) => r.important);
    const dots = stack(asDots, sizes.dotPitch, sizes.dotLanes, sizes.length, (row) => lane(row, false)).map((s) => ({
      row: s.row,
      at: s.at,
      away: sizes.first - sizes.pitch / 2 + sizes.dotPitch * (s.lane + 0.5),
      numbered: false,
      lane: s.lane,
    }));
    out.push(...dots);
    for (const s of stack(asNumbers, sizes.pitch, sizes.lanes, sizes.length, (row) => lane(row, true))) {
      // Numbers stand on whatever dots there are below them.
      let below = 0;
      for (const dot of dots) {
        if (Math.abs(dot.at - s.at) < (sizes.pitch + sizes.dotPitch) / 2) {
          below = Math.max(below, dot.away + sizes.dotPitch / 2 + sizes.pitch / 2 - sizes.first);
        }
      }
      out.push({
        row: s.row,
        at: s.at,
        away: sizes.first + below + s.lane * sizes.pitch,
        numbered: true,
        lane: s.lane,
      });
    }
  }
  return out;
}

/** Parts the rungs where there is more than a mark's room between two. */
function crowdsOf(sorted: readonly Rung[], pitch: number): Rung[][] {
  const crowds: Rung[][] = [];
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
): { row: number; at: number; lane: number }[] {
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
    return { row, at: free, lane };
  });
  if (placed.length === 0) return placed;
  // Moving on along the strip must not make the whole crowd look further than it is, nor push it off an end.
  const ahead = placed.reduce((sum, p, i) => sum + p.at - rungs[i].at, 0) / placed.length;
  const from = Math.min(...placed.map((p) => p.at)) - ahead;
  const to = Math.max(...placed.map((p) => p.at)) - ahead;
  const inside = from < 0 ? -from : to > length ? length - to : 0;
  return placed.map((p) => ({ ...p, at: p.at - ahead + inside }));
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
