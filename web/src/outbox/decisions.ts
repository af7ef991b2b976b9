// Decisions on their way to the tour (docs/crew.md): kept in IndexedDB until it has answered, each sent under an id of
// this page's own, so that one that is sent twice counts once.
import type { Outcome } from "../wire/desk";
import { Database, settled } from "./database";
import { ANSWER_WITHIN_MS, type Answer, LAST_RETRY_MS, NO_ANSWER, type Outbox, Sender } from "./sender";

export interface Decision {
  id: string;
  decision: string;
  at_ms: number;
  [field: string]: string | number;
}

/** What the tour said: what came of it, or why it will not have it. */
export interface Reply {
  outcome: Outcome | "refused";
  who: string;
  helper: string;
  error: string;
}

export interface Kept {
  seq: number;
  decision: Decision;
  reply: Reply | null; // null = on its way
}

const STORES = { decisions: { keyPath: "seq", autoIncrement: true } };
const MOST_ANSWERED = 300; // what is shown of the past; what is on its way is never dropped
const REFUSED_FOR_GOOD = new Set([400, 413, 415]);

export function newDecision(decision: string, atMs: number, fields: Record<string, string | number>): Decision {
  return { id: newId(), decision, at_ms: Math.round(atMs), ...fields };
}

/** Random; pages without https (a club's own network) have no randomUUID. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface DecisionQueue extends Outbox<Kept> {
  add(decision: Decision): Promise<void>;
  all(): Promise<Kept[]>;
}

/** In IndexedDB; in a browser that keeps nothing, for as long as the page is open. */
export async function openDecisions(slug: string): Promise<DecisionQueue> {
  try {
    return new KeptDecisions(await Database.open(`milepost-decisions-${slug}`, STORES));
  } catch {
    return new FleetingDecisions();
  }
}

class KeptDecisions implements DecisionQueue {
  constructor(private readonly db: Database) {}

  /** Durable once it resolves. */
  async add(decision: Decision): Promise<void> {
    await this.db.transact("readwrite", async (store) => {
      await settled(store.add({ decision, reply: null }));
      const all = await settled(store.getAll() as IDBRequest<Kept[]>);
      const answered = all.filter((kept) => kept.reply !== null);
      for (const { seq } of answered.slice(0, Math.max(answered.length - MOST_ANSWERED, 0))) store.delete(seq);
    });
  }

  async all(): Promise<Kept[]> {
    return this.db.transact("readonly", (store) => settled(store.getAll() as IDBRequest<Kept[]>));
  }

  async batch(limit: number): Promise<Kept[]> {
    return (await this.all()).filter((kept) => kept.reply === null).slice(0, limit);
  }

  async stored(sent: Kept[]): Promise<void> {
    await this.db.transact("readwrite", async (store) => {
      for (const kept of sent) store.put(kept);
    });
  }
}

class FleetingDecisions implements DecisionQueue {
  private readonly kept: Kept[] = [];

  async add(decision: Decision): Promise<void> {
    this.kept.push({ seq: this.kept.length + 1, decision, reply: null });
  }

  async all(): Promise<Kept[]> {
    return [...this.kept];
  }

  async batch(limit: number): Promise<Kept[]> {
    return this.kept.filter((kept) => kept.reply === null).slice(0, limit);
  }

  async stored(): Promise<void> {} // what is sent is what is kept: the answer is in it
}

/** One person's decisions about a tour: keeps them, sends them, and knows what came of them. */
export class Decider {
  private readonly sender: Sender<Kept>;

  constructor(
    slug: string,
    private readonly queue: DecisionQueue,
    private readonly changed: () => void,
    private readonly answered: (kept: Kept) => void,
  ) {
    const tour = `/api/v1/tours/${encodeURIComponent(slug)}`;
    this.sender = new Sender(queue, (batch) => this.post(tour, batch), changed);
  }

  start(): void {
    this.sender.start();
  }

  get link() {
    return this.sender.link;
  }

  async decide(decision: Decision): Promise<void> {
    await this.queue.add(decision);
    this.changed();
    this.sender.sendNow();
  }

  /** One after the other, in the order in which they were made, until one gets no answer. */
  private async post(tour: string, batch: readonly Kept[]): Promise<Answer> {
    const seqs: number[] = [];
    for (const kept of batch) {
      const answer = await ask(`${tour}/decisions`, kept.decision);
      if (answer === null) return { ...NO_ANSWER, seqs };
      const { status, body, waitMs } = answer;
      if (status === 200 && typeof body.outcome === "string") kept.reply = replyOf(body, body.outcome as Outcome);
      else if (REFUSED_FOR_GOOD.has(status) || (status === 403 && (await isSignedIn(tour)))) {
        kept.reply = replyOf(body, "refused");
      } else if (status === 403) return { seqs, refused: true, waitMs: LAST_RETRY_MS };
      else return { ...NO_ANSWER, seqs, waitMs };
      seqs.push(kept.seq);
      this.answered(kept);
    }
    return { ...NO_ANSWER, seqs };
  }
}

function replyOf(body: Record<string, unknown>, outcome: Reply["outcome"]): Reply {
  const [who, helper, error] = [body.who, body.helper, body.error].map((value) => (value ? String(value) : ""));
  return { outcome, who, helper, error };
}

async function ask(
  url: string,
  decision: Decision,
): Promise<{ status: number; body: Record<string, unknown>; waitMs: number } | null> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(decision),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const waitMs = 1_000 * (Number(response.headers.get("Retry-After")) || 0);
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>; // a hotel's page, or nothing
    return { status: response.status, body, waitMs };
  } catch {
    return null;
  }
}

async function isSignedIn(tour: string): Promise<boolean> {
  const response = await fetch(`${tour}/me`, { cache: "no-store" }).catch(() => null);
  return response?.ok ?? false;
}
