// The page's line to the server: opened, opened again when the network is back, fresh when the page is looked at again.
import { LiveSocket, type SocketEvents } from "../wire/socket";
import type { LiveTour } from "./live";

/** The feed of everybody, or the one of those who are signed in ("/crew"). */
export function openFeed(
  slug: string,
  { feed }: LiveTour,
  events: SocketEvents,
  audience: "" | "/crew" = "",
): LiveSocket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new LiveSocket(
    `${scheme}://${location.host}/live/${encodeURIComponent(slug)}${audience}`,
    () => (feed.body ? { epoch: feed.epoch, seq: feed.seq } : null),
    events,
  );
  socket.open();
  window.addEventListener("online", () => socket.open());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) socket.wantSnapshot();
  });
  return socket;
}
