// What lies below the course: the plain base map at once, and MapLibre (with the organiser's own map, if there is one)
// where the browser can carry it.
import { loadBaseMap } from "../map/basemap";
import type { MapView, OpenBase } from "../map/mapview";
import { findTour, mayUseGl, whenIdle } from "./browser";
import { byId } from "./dom";
import { loadPresentation } from "./presentation";

export function layGround(map: MapView): void {
  loadBaseMap("far").then(
    (base) => {
      map.addBaseMap(base);
      if (mayUseGl()) whenIdle(() => void upgrade(map));
    },
    () => console.warn("the base map did not load; the course is shown without it"),
  );
}

async function upgrade(map: MapView): Promise<void> {
  try {
    await map.upgrade(await betterGround());
  } catch (error) {
    console.warn("the plain map stays:", error);
  }
}

async function betterGround(): Promise<OpenBase> {
  const slug = await findTour();
  const own = slug ? (await loadPresentation(slug)).map : null;
  if (!own) return (await import("../map/gl")).openGl;
  const { openOwnMap } = await import("../map/glown");
  return openOwnMap(own, slug!, (text) => {
    byId("credits").textContent = text;
  });
}
