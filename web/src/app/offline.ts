// What a visit leaves for a later one without a connection: the page with its parts, and how the field was.
import type { Desk } from "../wire/desk";
import type { Message } from "../wire/frames";
import type { LiveTour } from "./live";

const CACHE = "milepost-"; // with the page's own word behind it, as in watch/worker.ts
const PART = /^\/(assets|basemap|icon\.svg|api\/v1\/tours\/[^/]+\/courses)/;
const SETTLED_MS = 5_000;
const KEEP_EVERY_MS = 20_000;

/** Each page keeps its parts and its feed apart from the others'. */
export type PageKind = "watch" | "arrivals" | "crew" | "marshal";

interface Kept {
  heardAt: number; // wall clock, ms
  message: Extract<Message, { kind: "snapshot" }>;
  desk: Desk | null;
}

/** Keeps the page now and the field from time to time. Does nothing where the browser keeps nothing. */
export function keepForLater(
  kind: PageKind,
  slug: string,
  live: LiveTour,
  heardAt: () => number,
  desk: () => Desk | null = () => null,
): void {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  // No room, or not allowed: it is a courtesy.
  const keep = () => void keepAll(kind, slug, live, heardAt(), desk()).catch(() => {});
  navigator.serviceWorker.register("/watch.js", { scope: "/" }).then(keep, () => {});
  setTimeout(keep, SETTLED_MS); // by then the base map has come
  setInterval(keep, KEEP_EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) keep();
  });
}

async function keepAll(
  kind: PageKind,
  slug: string,
  live: LiveTour,
  heardAt: number,
  desk: Desk | null,
): Promise<void> {
  const cache = await caches.open(CACHE + kind);
  if (navigator.onLine) await keepPage(cache);
  const { body, epoch, seq, state } = live.feed;
  if (!body || heardAt === 0) return;
  const message: Kept["message"] = {
    kind: "snapshot",
    epoch,
    seq,
    nowMs: live.clock.nowMs(performance.now()) - live.clock.rate * (Date.now() - heardAt),
    rate: live.clock.rate,
    body: { ...body, state: state.map((column) => [...column]) },
  };
  await cache.put(addressOf(slug), Response.json({ heardAt, message, desk } satisfies Kept));
}

/** The page as it runs here with everything that it has loaded; what belongs to an older one goes. */
async function keepPage(cache: Cache): Promise<void> {
  const page = await fetch(location.pathname);
  if (!page.ok) return;
  const loaded = performance
    .getEntriesByType("resource")
    .map((entry) => new URL(entry.name))
    .filter((url) => url.origin === location.origin && PART.test(url.pathname))
    .map((url) => url.pathname);
  const named = (await page.clone().text()).match(/\/assets\/[\w.-]+/g) ?? [];
  if (!named.every((path) => loaded.includes(path))) return; // newer than what runs here: its turn comes next time
  const kept = (await cache.keys()).map((request) => new URL(request.url).pathname);
  await cache.addAll([...new Set(loaded)].filter((path) => !kept.includes(path)));
  await cache.put(location.pathname, page);
  const outdated = kept.filter((path) => path.startsWith("/assets/") && !loaded.includes(path));
  await Promise.all(outdated.map((path) => cache.delete(path)));
}

/** How the field was when this browser last heard of it, or null. */
export async function lastKept(kind: PageKind, slug: string): Promise<Kept | null> {
  try {
    const found = await (await caches.open(CACHE + kind)).match(addressOf(slug));
    return found ? ((await found.json()) as Kept) : null;
  } catch {
    return null;
  }
}

/** What was kept, as if it were heard now: the tour's clock has run on meanwhile. */
export function keptNow({ heardAt, message }: Kept): Kept["message"] {
  return { ...message, nowMs: message.nowMs + message.rate * (Date.now() - heardAt) };
}

function addressOf(slug: string): string {
  return `/kept/${encodeURIComponent(slug)}`;
}
