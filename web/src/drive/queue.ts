// What is not with the tour yet, kept in IndexedDB so that neither a reload nor a flat battery loses it.
// The key that the database hands out is the ping's sequence number: it grows, and is never given twice.
import { Database, settled } from "../outbox/database";
import type { Call, Ping } from "./ping";

export interface Queued {
  seq: number;
  ping: Ping;
}

/** A call from the car: when it was made, and when the tour had it. */
export interface Message {
  call: Call;
  seq: number;
  atMs: number;
  throughMs: number | null;
}

export interface QueueState {
  waiting: number;
  newestStoredMs: number | null; // the time of the newest fix that the tour has
  messages: Message[]; // the last call of each kind
}

const STORES = { pings: { autoIncrement: true }, facts: {} }; // in the order in which work gets them
const NEWEST_STORED = "newestStoredMs";
const MESSAGE_OF: Record<Call, string> = { sos: "message.sos", fine: "message.fine" };

export class Queue {
  private constructor(private readonly db: Database) {}

  /** Each token has its own queue: what another car's card recorded is not this car's. */
  static async open(token: string): Promise<Queue> {
    return new Queue(await Database.open(`milepost-drive-${token}`, STORES));
  }

  /** Durable once it resolves. */
  async add(ping: Ping, call?: Call): Promise<void> {
    await this.db.transact("readwrite", async (pings, facts) => {
      const seq = (await settled(pings.add(ping))) as number;
      if (!call) return;
      const message: Message = { call, seq, atMs: ping.fix_time_ms, throughMs: null };
      facts.put(message, MESSAGE_OF[call]);
    });
  }

  /** What to send next: calls from the car before all else, then the oldest. */
  async batch(limit: number): Promise<Queued[]> {
    return this.db.transact("readonly", async (pings, facts) => {
      const calls: Queued[] = [];
      for (const message of await messagesIn(facts)) {
        if (message.throughMs !== null) continue;
        const ping = (await settled(pings.get(message.seq))) as Ping | undefined;
        if (ping) calls.push({ seq: message.seq, ping });
      }
      const [seqs, bodies] = await Promise.all([
        settled(pings.getAllKeys(null, limit)),
        settled(pings.getAll(null, limit)),
      ]);
      const oldest = bodies.map((ping: Ping, i) => ({ seq: seqs[i] as number, ping }));
      const called = new Set(calls.map((queued) => queued.seq));
      return [...calls, ...oldest.filter((queued) => !called.has(queued.seq))].slice(0, limit);
    });
  }

  /** The tour has these: forget them, and remember how far it knows us. */
  async stored(sent: Queued[], nowMs: number): Promise<void> {
    await this.db.transact("readwrite", async (pings, facts) => {
      const seqs = new Set(sent.map((queued) => queued.seq));
      for (const seq of seqs) pings.delete(seq);
      for (const message of await messagesIn(facts)) {
        if (message.throughMs !== null || !seqs.has(message.seq)) continue;
        facts.put({ ...message, throughMs: nowMs }, MESSAGE_OF[message.call]);
      }
      const fixTimes = sent.filter(({ ping }) => !ping.sos && !ping.event).map(({ ping }) => ping.fix_time_ms);
      const before = ((await settled(facts.get(NEWEST_STORED))) as number | undefined) ?? 0;
      const newest = Math.max(before, ...fixTimes);
      if (newest > 0) facts.put(newest, NEWEST_STORED);
    });
  }

  async state(): Promise<QueueState> {
    return this.db.transact("readonly", async (pings, facts) => {
      const waiting = await settled(pings.count());
      const newest = (await settled(facts.get(NEWEST_STORED))) as number | undefined;
      return { waiting, newestStoredMs: newest ?? null, messages: await messagesIn(facts) };
    });
  }
}

async function messagesIn(facts: IDBObjectStore): Promise<Message[]> {
  const found = await Promise.all(Object.values(MESSAGE_OF).map((key) => settled(facts.get(key))));
  return found.filter((message): message is Message => message !== undefined);
}
