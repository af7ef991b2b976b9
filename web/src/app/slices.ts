// Slices of the past as this page has them: fetched when a moment near them is looked at, a bounded number kept.
import type { Scene } from "../model/past";
import { slicesBetween } from "../model/trail";
import { type Listed, type Manifest, readSlice, type Slice } from "../wire/segments";

const KEPT = 72; // half a day of a leg, decoded: some 5 MB
const STALE_MS = 20_000; // a manifest older than this is asked for again where its end is looked at
const TRY_AGAIN_MS = 4_000;

interface Known {
  listed: Listed[];
  askedAt: number;
}

export class SliceBook {
  private readonly manifests = new Map<number, Known>(); // by leg
  private readonly slices = new Map<string, Slice>(); // by hash, the one looked at last behind the others
  private readonly loading = new Set<string>();
  private readonly failedAt = new Map<string, number>();

  constructor(private readonly slug: string) {}

  /** Asks which slices a leg has; what was known stays where there is no answer. */
  async open(leg: number): Promise<readonly Listed[]> {
    const askedAt = performance.now();
    const response = await fetch(this.path(leg)).catch(() => null);
    if (response?.ok) this.manifests.set(leg, { listed: ((await response.json()) as Manifest).segments, askedAt });
    return this.listed(leg);
  }

  listed(leg: number): readonly Listed[] {
    return this.manifests.get(leg)?.listed ?? [];
  }

  /** What is known around a moment; what is missing, and `ahead` slices more, is on its way then. */
  sceneAt(leg: number, timeMs: number, ahead: number): Scene & { missing: boolean } {
    const known = this.manifests.get(leg);
    const listed = known?.listed ?? [];
    let index = listed.length - 1;
    while (index >= 0 && listed[index].start_ms > timeMs) index--;
    if (known && index >= listed.length - 1 - ahead && performance.now() - known.askedAt > STALE_MS) {
      known.askedAt = performance.now();
      void this.open(leg);
    }
    const at = (i: number) => (listed[i] ? this.slice(leg, listed[i].hash) : null);
    const slice = at(index);
    const next = at(index + 1);
    for (let more = 2; more <= ahead; more++) at(index + more);
    return { slice, next, missing: index >= 0 && slice === null };
  }

  /** The slices that cover the time from one moment to another, as far as they are here; the others are fetched. */
  between(leg: number, fromMs: number, toMs: number): Slice[] {
    const slices = slicesBetween(this.listed(leg), fromMs, toMs).map((each) => this.slice(leg, each.hash));
    return slices.filter((slice) => slice !== null);
  }

  /** A slice if it is here; else it is fetched. */
  private slice(leg: number, hash: string): Slice | null {
    const found = this.slices.get(hash);
    if (found) {
      this.slices.delete(hash);
      this.slices.set(hash, found);
      return found;
    }
    const failed = this.failedAt.get(hash) ?? Number.NEGATIVE_INFINITY;
    if (!this.loading.has(hash) && performance.now() - failed > TRY_AGAIN_MS) void this.load(leg, hash);
    return null;
  }

  private async load(leg: number, hash: string): Promise<void> {
    this.loading.add(hash);
    try {
      const response = await fetch(`${this.path(leg)}/${hash}`);
      if (response.status === 404) void this.open(leg); // it was replaced long ago
      if (!response.ok) throw new Error(String(response.status));
      this.slices.set(hash, await readSlice(new Uint8Array(await response.arrayBuffer())));
      for (const oldest of this.slices.keys()) {
        if (this.slices.size <= KEPT) break;
        this.slices.delete(oldest);
      }
    } catch {
      this.failedAt.set(hash, performance.now()); // whoever still looks there tries again
    } finally {
      this.loading.delete(hash);
    }
  }

  private path(leg: number): string {
    return `/api/v1/tours/${encodeURIComponent(this.slug)}/legs/${leg}/segments`;
  }
}
