// The service worker of the pages that show a tour: without a connection the page, its parts, the base map and the courses
// come from what an earlier visit left, and slices of the past are kept as they are watched: a replay that was seen once
// is seen again. It may import nothing: a classic script is what every browser takes.

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
const CREW_CACHES = ["milepost-crew", "milepost-marshal"]; // as in app/offline.ts
const PAGES = /^\/((tour|arrivals|crew|marshal)\/[^/]+)?$/;
const SIGNED_OUT = 403;
const PARTS = /^\/(assets\/|basemap\/|icon\.svg|api\/v1\/tours\/[^/]+\/courses\/)/;
const SLICES = "milepost-past"; // for whoever replays or draws trails: public, whoever is signed in
const SLICE = /^\/api\/v1\/tours\/[^/]+\/legs\/\d+\/segments\/\w+$/;
const MANIFEST = /^\/api\/v1\/tours\/[^/]+\/legs\/\d+\/segments$/;
const MOST_SLICES = 400; // five long days, some 3 MB
const NETWORK_WITHIN_MS = 3_000; // a bar of signal that carries nothing is worse than none

scope.addEventListener("install", () => void scope.skipWaiting());
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && PAGES.test(pathname)) event.respondWith(page(request));
  else if (PARTS.test(pathname)) event.respondWith(part(request));
  else if (SLICE.test(pathname)) event.respondWith(slice(event));
  else if (MANIFEST.test(pathname)) event.respondWith(manifest(event));
});

/** The newest page while there is a network, else the one that was kept; whatever the query asks for, it is the same. */
async function page(request: Request): Promise<Response> {
  const kept = await inCache(request);
  try {
    const fresh = await fetch(request, kept ? { signal: AbortSignal.timeout(NETWORK_WITHIN_MS) } : {});
    if (fresh.status === SIGNED_OUT) await Promise.all(CREW_CACHES.map((name) => caches.delete(name)));
    if (fresh.ok || fresh.status === SIGNED_OUT || !kept) return fresh;
  } catch (error) {
    if (!kept) throw error;
  }
  return kept;
}

/** Parts carry their content's hash in their address (the base map changes with a release): what is kept is right. */
async function part(request: Request): Promise<Response> {
  return (await inCache(request)) ?? fetch(request);
}

/** A slice's address carries its content's hash: what is kept is right for ever, and the oldest goes when there are many. */
async function slice(event: Fetching): Promise<Response> {
  return (await inCache(event.request)) ?? fetchAndKeep(event);
}

/** Which slices there are changes all the time: the last list is for when there is no other. */
async function manifest(event: Fetching): Promise<Response> {
  try {
    return await fetchAndKeep(event);
  } catch (error) {
    const kept = await inCache(event.request);
    if (!kept) throw error;
    return kept;
  }
}

async function fetchAndKeep(event: Fetching): Promise<Response> {
  const fresh = await fetch(event.request);
  if (fresh.ok) event.waitUntil(keep(event.request, fresh.clone())); // nobody waits for the keeping
  return fresh;
}

/** A browser that has no room for it still shows it. */
async function keep(request: Request, response: Response): Promise<void> {
  try {
    const cache = await caches.open(SLICES);
    await cache.put(request, response);
    const kept = await cache.keys();
    const slices = kept.filter(({ url }) => SLICE.test(new URL(url).pathname));
    await Promise.all(slices.slice(0, -MOST_SLICES).map((each) => cache.delete(each)));
  } catch {
    // it is a courtesy
  }
}

async function inCache(request: Request): Promise<Response | undefined> {
  return caches.match(request, { ignoreSearch: true });
}

export {}; // of a scope of its own; nothing of it is left in the built script
