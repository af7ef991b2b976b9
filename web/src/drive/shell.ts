// Makes the page open without coverage: the page itself puts what it is made of into the cache that the service
// worker serves from, so there is no list of files to keep in step with the build.

const CACHE = "milepost-drive"; // as in worker.ts
const PAGE = "/drive/"; // the page is the same for every token: it is kept once, and no token with it

export async function keepForLater(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/drive/worker.js", { scope: "/drive/" });
    const cache = await caches.open(CACHE);
    const page = await fetch(location.pathname);
    if (!page.ok) return;
    const parts = performance
      .getEntriesByType("resource")
      .map((entry) => new URL(entry.name))
      .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
      .map((url) => url.pathname);
    const named = (await page.clone().text()).match(/\/assets\/[\w.-]+/g) ?? [];
    if (!named.every((path) => parts.includes(path))) return; // newer than what runs here: its turn comes next time
    await cache.addAll([...new Set(parts)]);
    await cache.put(PAGE, page);
    for (const request of await cache.keys()) {
      const path = new URL(request.url).pathname;
      if (path !== PAGE && !parts.includes(path)) await cache.delete(request);
    }
  } catch {
    // no coverage now, or a browser that keeps nothing: the page works all the same while it is open
  }
}
