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
}

export interface LadderSizes {
  pitch: number; // of roundels
  lanes: number; // of roundels
  dotPitch: number;
  dotLanes: number;
  length: number; // of the strip
  first: number; // pixels from the strip to the middle of the first lane
}

/** Stacks the rungs; a crowd that has no room for its numbers becomes dots, above which the important ones stay. */
export function standOnLadder(rungs: readonly Rung[], sizes: LadderSizes, withNumbers = true): Standing[] {
  const sorted = [...rungs].sort((a, b) => a.at - b.at || a.row - b.row);
  const out: Standing[] = [];
  for (const crowd of crowdsOf(sorted, sizes.pitch)) {
    const width = crowd[crowd.length - 1].at - crowd[0].at;
    const room = sizes.lanes * (Math.floor(width / sizes.pitch) + 1.5);
    const numbered = withNumbers && crowd.length <= room;
    const asDots = numbered ? [] : crowd.filter((r) => !r.important);
    const asNumbers = numbered ? crowd : crowd.filter((r) => r.important);
    const dots = stack(asDots, sizes.dotPitch, sizes.dotLanes, sizes.length).map((s) => ({
      row: s.row,
      at: s.at,
      away: sizes.first - sizes.pitch / 2 + sizes.dotPitch * (s.lane + 0.5),
      numbered: false,
    }));
    out.push(...dots);
    for (const s of stack(asNumbers, sizes.pitch, sizes.lanes, sizes.length)) {
      // Numbers stand on whatever dots there are below them.
      let below = 0;
      for (const dot of dots) {
        if (Math.abs(dot.at - s.at) < (sizes.pitch + sizes.dotPitch) / 2) {
          below = Math.max(below, dot.away + sizes.dotPitch / 2 + sizes.pitch / 2 - sizes.first);
        }
      }
      out.push({ row: s.row, at: s.at, away: sizes.first + below + s.lane * sizes.pitch, numbered: true });
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

/** Lowest lane first; where all are taken, the lane that is free soonest, moved on along the strip. */
function stack(
  rungs: readonly Rung[],
  pitch: number,
  lanes: number,
  length: number,
): { row: number; at: number; lane: number }[] {
  const ends: number[] = new Array(lanes).fill(Number.NEGATIVE_INFINITY);
  const placed = rungs.map(({ row, at }) => {
    let lane = ends.findIndex((end) => end + pitch <= at);
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
