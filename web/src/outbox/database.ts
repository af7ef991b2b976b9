// An IndexedDB database as promises: durable writes, and a second try where a browser closed it while the page slept.

export type Stores = Record<string, IDBObjectStoreParameters>;

export class Database {
  private constructor(
    private readonly name: string,
    private readonly stores: Stores,
    private db: IDBDatabase,
  ) {}

  static async open(name: string, stores: Stores): Promise<Database> {
    return new Database(name, stores, await connect(name, stores));
  }

  /** Runs `work` on all stores; what it wrote is on the disk once this resolves. */
  async transact<T>(mode: IDBTransactionMode, work: (...stores: IDBObjectStore[]) => Promise<T>): Promise<T> {
    try {
      return await this.attempt(mode, work);
    } catch {
      // Browsers close the database of a page that slept (iOS above all): one more attempt with a new connection.
      this.db.close();
      this.db = await connect(this.name, this.stores);
      return this.attempt(mode, work);
    }
  }

  private async attempt<T>(mode: IDBTransactionMode, work: (...stores: IDBObjectStore[]) => Promise<T>): Promise<T> {
    const names = Object.keys(this.stores);
    const transaction = this.db.transaction(names, mode, { durability: "strict" });
    const [result] = await Promise.all([work(...names.map((n) => transaction.objectStore(n))), finished(transaction)]);
    return result;
  }
}

function connect(name: string, stores: Stores): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    for (const [store, options] of Object.entries(stores)) opening.result.createObjectStore(store, options);
  };
  return settled(opening);
}

export function settled<T>(request: IDBRequest<T>): Promise<T> {
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
