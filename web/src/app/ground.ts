// What lies below the course: the base map, and MapLibre where the browser can carry it.
import { loadBaseMap } from "../map/basemap";
import type { MapView } from "../map/mapview";
import { mayUseGl, whenIdle } from "./browser";

export function layGround(map: MapView): void {
  loadBaseMap("far").then(
    (base) => {
      map.addBaseMap(base);
      if (mayUseGl()) whenIdle(() => map.upgrade().catch((error) => console.warn("the plain map stays:", error)));
    },
    () => console.warn("the base map did not load; the course is shown without it"),
  );
}
