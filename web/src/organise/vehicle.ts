// One vehicle: where it was last seen, its devices, and what can be done about them.
import { byId, el } from "../app/dom";
import type { CardSheet } from "./card";
import type { Desk } from "./desk";
import { type Device, type Entry, entriesOf } from "./roll";
import { roundelOf } from "./roundel";
import { adviceOf, carName, duration, lastSeen, words } from "./words";

export class VehicleSheet {
  private readonly sheet = byId<HTMLDialogElement>("vehicle");
  private number = "";
  private drawn = "";

  constructor(
    private readonly desk: Desk,
    private readonly card: CardSheet,
    private readonly swap: (device: string | null, number: string | null) => void,
  ) {
    this.sheet.addEventListener("close", () => {
      this.number = "";
    });
  }

  open(number: string): void {
    this.number = number;
    this.drawn = "";
    this.draw();
    this.sheet.showModal();
  }

  draw(): void {
    const { roll } = this.desk;
    const entry = roll && entriesOf(roll).find(({ vehicle }) => vehicle.number === this.number);
    if (!roll || !entry) return;
    const now = this.desk.now();
    const { vehicle } = entry;
    const seen = lastSeen(vehicle.seen, roll.tour, now);
    const state = JSON.stringify([
      seen,
      entry.devices,
      entry.devices.map((device) => this.desk.protocols.get(device.device)),
      Math.floor(now / 10_000),
    ]);
    if (state === this.drawn) return; // under somebody's finger nothing is made anew without need
    this.drawn = state;
    const focused = this.sheet.contains(document.activeElement) ? document.activeElement?.id : "";
    const map = `/tour/${encodeURIComponent(roll.tour.slug)}?car=${encodeURIComponent(vehicle.number)}`;
    this.sheet.setAttribute("aria-label", carName(vehicle));
    this.sheet.replaceChildren(
      el(
        "header",
        {},
        roundelOf(vehicle),
        el("div", {}, el("h2", {}, vehicle.name || vehicle.number), el("p", {}, vehicle.crew)),
        el("button", { type: "button", class: "close", "aria-label": words.close, onclick: () => this.close() }, "×"),
      ),
      el(
        "p",
        { class: "seen" },
        entry.works ? "" : `${words.noTracker}, `,
        seen,
        ". ",
        vehicle.seen ? el("a", { href: map, target: "_blank", rel: "noopener" }, words.onTheMap) : null,
      ),
      ...entry.devices.map((device) => this.device(device, entry, now)),
      el(
        "div",
        { class: "acts" },
        el(
          "button",
          {
            type: "button",
            id: "give",
            class: entry.works ? "" : "primary",
            onclick: () => this.leave(null, vehicle.number),
          },
          words.giveSpare,
        ),
      ),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  private device(device: Device, { vehicle }: Entry, now: number): HTMLElement {
    const protocol = this.desk.protocols.get(device.device);
    const title = [
      words.device(device.device),
      ...(device.box ? [words.unattended] : []),
      ...(protocol ? [words.protocols[protocol] ?? protocol.toUpperCase()] : []),
      ...(device.of !== vehicle.number ? [words.since(device.of)] : []),
    ].join(", ");
    const said = device.problems.map((kind) => adviceOf(kind, device, now));
    const heard = device.heard_at_ms === null ? "" : words.heard(duration(now - device.heard_at_ms));
    const id = (what: string) => `${what}-${device.device}`;
    return el(
      "section",
      { class: "device" },
      el("h3", {}, title),
      el("p", { class: "muted" }, said.length === 0 ? `${heard} · ${words.well}` : heard),
      el("ul", {}, ...said.map(({ what, mend }) => el("li", {}, el("b", {}, `${what}. `), mend))),
      el(
        "div",
        { class: "acts" },
        device.box
          ? null
          : el("button", { type: "button", id: id("card"), onclick: () => this.show(device) }, words.showCard),
        el(
          "button",
          { type: "button", id: id("move"), onclick: () => this.leave(device.device, null) },
          words.putElsewhere,
        ),
        device.box
          ? null
          : el("button", { type: "button", id: id("lost"), onclick: () => this.lost(device) }, words.lost),
      ),
    );
  }

  private show(device: Device): void {
    this.close();
    void this.card.open(device.device);
  }

  private lost(device: Device): void {
    this.close();
    this.card.askAnew(device.device);
  }

  private leave(device: string | null, number: string | null): void {
    this.close();
    this.swap(device, number);
  }

  private close(): void {
    this.sheet.close();
  }
}
