// What lies below the course: the base map, and MapLibre where the browser can carry it.
import { loadBaseMap } from "../map/basemap";
import type { MapView } from "../map/mapview";
import { mayUseGl, whenIdle } from "./browser";

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
    const { openGl } = await import("../map/gl");
    await map.upgrade(openGl);
  } catch (error) {
    console.warn("the plain map stays:", error);
  }
}
