// Fingers, mouse, wheel and keys on the map. Turns them into camera moves; knows nothing of what is drawn.
import { type Camera, panBy, zoomAround } from "./camera";

export interface GestureEvents {
  moved(): void; // the person moved the camera
  tapped(px: number, py: number): void;
  hovered(px: number, py: number): void;
}

const TAP_SLOP_PX = 8;
const KEY_PAN_PX = 80;
const KEY_ZOOM = Math.SQRT2;
const WHEEL_ZOOM = 0.0016;
const FRICTION_MS = 260;

export class Gestures {
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private travelled = 0;
  private velocity = { x: 0, y: 0, at: 0 };
  private gliding = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly camera: Camera,
    private readonly events: GestureEvents,
    private readonly calm: () => boolean, // reduced motion: no gliding on
  ) {
    element.addEventListener("pointerdown", (e) => this.down(e));
    element.addEventListener("pointermove", (e) => this.move(e));
    element.addEventListener("pointerup", (e) => this.up(e, true));
    element.addEventListener("pointercancel", (e) => this.up(e, false));
    element.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    element.addEventListener("dblclick", (e) => this.zoom(2, e.offsetX, e.offsetY));
    element.addEventListener("keydown", (e) => this.key(e));
  }

  zoom(factor: number, px = this.camera.width / 2, py = this.camera.height / 2): void {
    zoomAround(this.camera, factor, px, py);
    this.events.moved();
  }

  private at(event: PointerEvent): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    cancelAnimationFrame(this.gliding);
    this.element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    if (this.pointers.size === 1) this.travelled = 0;
    this.velocity = { x: 0, y: 0, at: event.timeStamp };
  }

  private move(event: PointerEvent): void {
    const from = this.pointers.get(event.pointerId);
    const to = this.at(event);
    if (!from) {
      this.events.hovered(to.x, to.y);
      return;
    }
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    this.travelled += Math.abs(dx) + Math.abs(dy);
    if (this.pointers.size === 1 && this.travelled < TAP_SLOP_PX) return;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor = Math.hypot(to.x - other.x, to.y - other.y) / Math.hypot(from.x - other.x, from.y - other.y) || 1;
      panBy(this.camera, dx / 2, dy / 2);
      zoomAround(this.camera, factor, (to.x + other.x) / 2, (to.y + other.y) / 2);
    } else {
      panBy(this.camera, dx, dy);
      const elapsed = Math.max(event.timeStamp - this.velocity.at, 1);
      this.velocity = { x: dx / elapsed, y: dy / elapsed, at: event.timeStamp };
    }
    this.pointers.set(event.pointerId, to);
    this.events.moved();
  }

  private up(event: PointerEvent, lifted: boolean): void {
    const from = this.pointers.get(event.pointerId);
    if (!from) return;
    this.pointers.delete(event.pointerId);
    if (this.pointers.size > 0 || !lifted) return;
    if (this.travelled < TAP_SLOP_PX) this.events.tapped(from.x, from.y);
    else if (event.timeStamp - this.velocity.at < 60 && !this.calm()) this.glide();
  }

  private glide(): void {
    let last = performance.now();
    const step = (now: number) => {
      const elapsed = now - last;
      last = now;
      panBy(this.camera, this.velocity.x * elapsed, this.velocity.y * elapsed);
      const slower = Math.exp(-elapsed / FRICTION_MS);
      this.velocity.x *= slower;
      this.velocity.y *= slower;
      this.events.moved();
      if (Math.hypot(this.velocity.x, this.velocity.y) > 0.02) this.gliding = requestAnimationFrame(step);
    };
    this.gliding = requestAnimationFrame(step);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    cancelAnimationFrame(this.gliding);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const delta = Math.max(Math.min(event.deltaY * lines, 240), -240);
    this.zoom(Math.exp(-delta * WHEEL_ZOOM * (event.ctrlKey ? 4 : 1)), event.offsetX, event.offsetY);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pans: Record<string, [number, number]> = {
      ArrowLeft: [KEY_PAN_PX, 0],
      ArrowRight: [-KEY_PAN_PX, 0],
      ArrowUp: [0, KEY_PAN_PX],
      ArrowDown: [0, -KEY_PAN_PX],
    };
    const pan = pans[event.key];
    if (pan) {
      panBy(this.camera, ...pan);
      this.events.moved();
    } else if (event.key === "+" || event.key === "=") this.zoom(KEY_ZOOM);
    else if (event.key === "-") this.zoom(1 / KEY_ZOOM);
    else return;
    event.preventDefault();
  }
}
