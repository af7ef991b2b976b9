// What is not with the tour yet, kept in IndexedDB so that neither a reload nor a flat battery loses it.
// The key that the database hands out is the ping's sequence number: it grows, and is never given twice.
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

const PINGS = "pings";
const FACTS = "facts";
const NEWEST_STORED = "newestStoredMs";
const MESSAGE_OF: Record<Call, string> = { sos: "message.sos", fine: "message.fine" };

export class Queue {
  private constructor(private readonly db: IDBDatabase) {}

  /** Each token has its own queue: what another car's card recorded is not this car's. */
  static async open(token: string): Promise<Queue> {
    const opening = indexedDB.open(`milepost-drive-${token}`, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(PINGS, { autoIncrement: true });
      opening.result.createObjectStore(FACTS);
    };
    return new Queue(await settled(opening));
  }

  /** Durable once it resolves. */
  async add(ping: Ping, call?: Call): Promise<void> {
    const work = this.begin("readwrite");
    const seq = (await settled(work.objectStore(PINGS).add(ping))) as number;
    if (call) {
      const message: Message = { call, seq, atMs: ping.fix_time_ms, throughMs: null };
      work.objectStore(FACTS).put(message, MESSAGE_OF[call]);
    }
    await finished(work);
  }

  /** What to send next: calls from the car before all else, then the oldest. */
  async batch(limit: number): Promise<Queued[]> {
    const work = this.begin("readonly");
    const pings = work.objectStore(PINGS);
    const calls: Queued[] = [];
    for (const message of await messagesIn(work)) {
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
  }

  /** The tour has these: forget them, and remember how far it knows us. */
  async stored(sent: Queued[], nowMs: number): Promise<void> {
    const work = this.begin("readwrite");
    const facts = work.objectStore(FACTS);
    const seqs = new Set(sent.map((queued) => queued.seq));
    for (const seq of seqs) work.objectStore(PINGS).delete(seq);
    for (const message of await messagesIn(work)) {
      if (message.throughMs !== null || !seqs.has(message.seq)) continue;
      facts.put({ ...message, throughMs: nowMs }, MESSAGE_OF[message.call]);
    }
    const fixTimes = sent.filter(({ ping }) => !ping.sos && !ping.event).map(({ ping }) => ping.fix_time_ms);
    const before = ((await settled(facts.get(NEWEST_STORED))) as number | undefined) ?? 0;
    const newest = Math.max(before, ...fixTimes);
    if (newest > 0) facts.put(newest, NEWEST_STORED);
    await finished(work);
  }

  async length(): Promise<number> {
    return settled(this.begin("readonly").objectStore(PINGS).count());
  }

  /** The time of the newest fix that the tour has. */
  async newestStoredMs(): Promise<number | null> {
    const found = await settled(this.begin("readonly").objectStore(FACTS).get(NEWEST_STORED));
    return (found as number | undefined) ?? null;
  }

  /** The last call of each kind. */
  async messages(): Promise<Message[]> {
    return messagesIn(this.begin("readonly"));
  }

  private begin(mode: IDBTransactionMode): IDBTransaction {
    return this.db.transaction([PINGS, FACTS], mode, { durability: "strict" });
  }
}

async function messagesIn(work: IDBTransaction): Promise<Message[]> {
  const found = await Promise.all(Object.values(MESSAGE_OF).map((key) => settled(work.objectStore(FACTS).get(key))));
  return found.filter((message): message is Message => message !== undefined);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(work: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onerror = work.onabort = () => reject(work.error);
  });
}
