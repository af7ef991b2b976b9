// Cards for everybody: on paper, or one on the screen.
import { byId, el } from "../app/dom";
import type { Desk } from "./desk";
import type { Roll } from "./roll";
import { roundelOf } from "./roundel";
import { words } from "./words";

export class CardsView {
  private drawn = "";

  constructor(
    private readonly desk: Desk,
    private readonly open: (device: string) => void,
  ) {}

  draw(): void {
    const { roll } = this.desk;
    if (roll === null) return;
    const state = roll.devices.map((device) => `${device.device}/${device.vehicle}`).join("|");
    if (state === this.drawn) return;
    this.drawn = state;
    const print = `/api/v1/tours/${encodeURIComponent(roll.tour.slug)}/devices/cards`;
    byId("cards").replaceChildren(
      ...(isSecureContext ? [] : [el("p", { class: "bad" }, words.noHttps)]),
      el("ol", { class: "steps" }, ...words.cardsAbout.map((step) => el("li", {}, step))),
      el("a", { class: "button primary", href: print, target: "_blank", rel: "noopener" }, words.printAll),
      el("h2", {}, words.oneCard),
      el("ul", { class: "grid" }, ...this.tiles(roll)),
    );
  }

  private tiles(roll: Roll): HTMLElement[] {
    const vehicles = new Map(roll.vehicles.map((vehicle) => [vehicle.number, vehicle]));
    return roll.devices
      .filter((device) => !device.box)
      .map((device) => {
        const vehicle = vehicles.get(device.vehicle);
        const name = device.device === device.vehicle ? (vehicle?.name ?? "") : device.device;
        const tile = el(
          "button",
          { type: "button", onclick: () => this.open(device.device) },
          vehicle ? roundelOf(vehicle) : null,
          el("span", { class: "label" }, name),
        );
        return el("li", {}, tile);
      });
  }
}
