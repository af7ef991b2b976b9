// The service worker of the driver's page: without coverage the page comes from the cache, as it was last seen.
// It may import nothing: a classic script is what every browser takes.

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WorkerScope {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
}

const scope = self as unknown as WorkerScope;
const CACHE = "milepost-drive"; // as in shell.ts
const PAGE = "/drive/";
const NETWORK_WITHIN_MS = 3_000; // a bar of signal that carries nothing is worse than none

scope.addEventListener("install", () => void scope.skipWaiting());
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    event.respondWith(page(request));
  } else if (request.method === "GET" && new URL(request.url).pathname.startsWith("/assets/")) {
    event.respondWith(part(request));
  }
});

async function page(request: Request): Promise<Response> {
  const kept = await inCache(PAGE);
  try {
    const fresh = await fetch(request, kept ? { signal: AbortSignal.timeout(NETWORK_WITHIN_MS) } : {});
    if (fresh.ok || !kept) return fresh;
  } catch (error) {
    if (!kept) throw error;
  }
  return kept;
}

async function part(request: Request): Promise<Response> {
  return (await inCache(request)) ?? fetch(request);
}

async function inCache(request: Request | string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(request);
}
