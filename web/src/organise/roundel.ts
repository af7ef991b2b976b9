// The roundel of a car as an element: ivory disc, black number, a ring in the colour of its class.
import { el } from "../app/dom";
import { paletteOf } from "../model/field";
import type { Vehicle } from "./roll";

const others = new Map<string, string>();

export function roundelOf(vehicle: Vehicle): HTMLElement {
  const support = vehicle.kind === "support";
  const roundel = el("span", { class: support ? "roundel support" : "roundel" }, vehicle.number);
  if (!support) roundel.style.setProperty("--ring", `var(--${paletteOf(vehicle.class, others)})`);
  return roundel;
}
