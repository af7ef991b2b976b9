// Pings on their way: what a batch looks like to /in/pings, and what its answer means.
import { ANSWER_WITHIN_MS, type Answer, LAST_RETRY_MS, NO_ANSWER } from "../outbox/sender";
import type { Queued } from "./queue";

export async function postPings(url: string, batch: readonly Queued[]): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ pings: batch.map(({ seq, ping }) => ({ ...ping, seq })) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (response.status === 401) return { ...NO_ANSWER, refused: true, waitMs: LAST_RETRY_MS };
    if (!response.ok) return { ...NO_ANSWER, waitMs: 1000 * (Number(response.headers.get("Retry-After")) || 0) };
    // A hotel's network answers 200 to everything, with a page of its own: that is no answer of the tour.
    const document: unknown = await response.json();
    const seqs = (document as { seqs?: unknown } | null)?.seqs;
    return { ...NO_ANSWER, seqs: Array.isArray(seqs) ? seqs : null };
  } catch {
    return NO_ANSWER;
  }
}
