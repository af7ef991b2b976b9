// The list on a phone: a sheet that is dragged or stepped between three heights.
import { words } from "./words";

const STEPS = ["peek", "half", "full"] as const;

export class Sheet {
  constructor(handle: HTMLElement, body: HTMLElement) {
    body.dataset.sheet = "half";
    handle.setAttribute("aria-label", words.sheetHandle);
    let from: { y: number; step: number } | null = null;
    const step = () => STEPS.indexOf(body.dataset.sheet as (typeof STEPS)[number]);
    const go = (to: number) => {
      body.dataset.sheet = STEPS[Math.min(Math.max(to, 0), STEPS.length - 1)];
    };
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      from = { y: event.clientY, step: step() };
    });
    handle.addEventListener("pointerup", (event) => {
      if (!from) return;
      const moved = from.y - event.clientY;
      if (Math.abs(moved) > 24) go(from.step + Math.sign(moved) * (Math.abs(moved) > 260 ? 2 : 1));
      else go((from.step + 1) % STEPS.length);
      from = null;
    });
    handle.addEventListener("keydown", (event) => {
      if (event.key === "ArrowUp") go(step() + 1);
      else if (event.key === "ArrowDown") go(step() - 1);
      else if (event.key === "Enter" || event.key === " ") go((step() + 1) % STEPS.length);
      else return;
      event.preventDefault();
    });
  }
}
