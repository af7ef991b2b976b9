// The flow's lines from before this page was opened: slices of the past, fetched once they are looked at.
import { type Manifest, readSlice, type Slice } from "../wire/segments";
import type { FlowHistory } from "./flow";

const AGAIN_MS = 60_000; // after a failure, and where there was nothing yet

export class PastLines {
  private readonly known = new Set<number>(); // legs whose slices are in the history
  private notBefore = 0;
  private busy = false;

  constructor(private readonly history: FlowHistory) {}

  /** Fetches what is missing of a leg, the oldest first; `taken` after each slice. */
  async want(slug: string, leg: number, numbers: readonly string[], taken: () => void): Promise<void> {
    if (this.busy || this.known.has(leg) || Date.now() < this.notBefore) return;
    this.busy = true;
    try {
      const address = `/api/v1/tours/${encodeURIComponent(slug)}/legs/${leg}/segments`;
      const { segments } = (await (await fetched(address)).json()) as Manifest;
      const rows = new Map(numbers.map((number, row) => [number, row]));
      const slices = segments.map(({ hash }) => sliceAt(`${address}/${hash}`));
      for (const coming of slices) {
        const slice = await coming;
        if (!slice) throw new Error("a slice was replaced, or the network went");
        for (const [number, trace] of slice.traces) {
          const row = rows.get(number);
          if (row === undefined) continue;
          trace.timesMs.forEach((ms, i) => {
            this.history.addPast(leg, row, ms, trace.alongM[i]);
          });
        }
        taken();
      }
      if (segments.length > 0) this.known.add(leg);
      else this.notBefore = Date.now() + AGAIN_MS;
    } catch {
      this.notBefore = Date.now() + AGAIN_MS;
    } finally {
      this.busy = false;
    }
  }
}

/** Null where there is none: all are on their way together, and none may fail alone. */
async function sliceAt(address: string): Promise<Slice | null> {
  try {
    return await readSlice(new Uint8Array(await (await fetched(address)).arrayBuffer()));
  } catch {
    return null;
  }
}

async function fetched(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response;
}
