// A screen that nobody touches: no controls, and the picture changes by itself between leg, field and chosen cars.
import type { Picture } from "./picture";

const EVERY_MS = 20_000;

export function runKiosk(picture: Picture, chosen: () => readonly number[], choose: (row: number) => void): void {
  document.body.toggleAttribute("data-kiosk", true);
  let turn = 0;
  setInterval(() => {
    const cars = chosen();
    turn = (turn + 1) % (2 + cars.length);
    if (turn >= 2) {
      choose(cars[turn - 2]);
      return;
    }
    choose(-1);
    if (turn === 0) picture.map.fitCourse();
    else picture.fitField();
  }, EVERY_MS);
  const awake = async () => {
    if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => {}); // the screen's own settings must do
  };
  document.addEventListener("visibilitychange", () => void awake());
  void awake();
}
