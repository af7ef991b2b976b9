// Ways out of the page: the tour in a frame of one's own page, and the board for the hotel's lobby.
import { copies } from "./copy";
import { byId } from "./dom";
import { link, writeLink } from "./link";
import { words } from "./words";

export function offerToShare(slug: string): void {
  const name = encodeURIComponent(slug);
  copies(byId("embed-code"), words.embedCode, () => {
    const query = writeLink({ ...link.state, at: null, kiosk: false }).replaceAll("&", "&amp;");
    const address = `${location.origin}/embed/${name}${query}`;
    const style = "width:100%;height:480px;border:0";
    return `<iframe src="${address}" title="${words.embedMap}" style="${style}" loading="lazy"></iframe>`;
  });
  const arrivals = byId<HTMLAnchorElement>("arrivals");
  arrivals.textContent = words.arrivalsBoard;
  arrivals.addEventListener("click", () => {
    arrivals.href = `/arrivals/${name}${writeLink({ ...link.state, cars: [], at: null, kiosk: false })}`;
  });
  arrivals.href = `/arrivals/${name}`;
}
