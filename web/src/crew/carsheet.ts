// Everything about one car: what is the matter, where, who can come, whom to call, notes, and what people decide by hand.
import { button, el, rebuild, say as setText } from "../app/dom";
import { timeOfDay, words } from "../app/words";
import type { Palette } from "../draw/palette";
import { showRoundel } from "../draw/roundel";
import type { View } from "../model/field";
import { wholeUnits } from "../model/units";
import type { Alert, Desk, Helper } from "../wire/desk";
import { nextStep, type Step } from "./actions";
import { sayHeld, sayRoad, sayStep } from "./board";
import { historyOf } from "./history";
import type { Need } from "./needs";
import { passedOf, sayOwnPower } from "./passed";
import { distance, type Scene, sayAlert, sayQuiet, sayWhere } from "./sentence";
import { crewWords as say } from "./words";

export interface CarEvents {
  closed(): void;
  stepped(alert: Alert, step: Step): void;
  noted(row: number, text: string): void;
  standing(row: number, standing: string): void;
  undone(decision: string): void;
}

export interface Car {
  view: View;
  need: Need | null;
  state: string; // what it is doing, in the spectators' words
  facts: string[]; // speed, battery and the like
  people: string; // who sits in it
  lat: number | null; // degrees
  lon: number | null;
}

export interface CarSetting {
  scene: Scene;
  desk: Desk | null;
  ownRow: number;
  may: ReadonlySet<string>;
  palette: Palette;
}

const ROUNDEL = 28;
const STANDINGS = ["retired", "trailered", "withdrawn", "out_of_time"] as const;
const COPIED_MS = 2_000;

export class CarSheet {
  private readonly picture = el("canvas");
  private readonly title = el("h2");
  private readonly about = el("p", { class: "about" });
  private readonly matters = el("ul", { class: "matters" });
  private readonly place = el("section");
  private readonly helpers = el("section");
  private readonly calls = el("section", { class: "calls" });
  private readonly record = el("section");
  private readonly notes = el("section");
  private readonly noteList = el("ul", { class: "notes" });
  private readonly text = el("input");
  private readonly noteForm = el("form", { class: "write" });
  private readonly byHand = el("section");
  private readonly history = el("section");
  private row = -1;

  constructor(
    private readonly element: HTMLElement,
    private readonly events: CarEvents,
  ) {
    const close = button("close", "×", () => events.closed());
    close.setAttribute("aria-label", say.close);
    this.picture.setAttribute("aria-hidden", "true");
    this.text.setAttribute("aria-label", say.addNote);
    this.text.placeholder = say.addNote;
    this.text.maxLength = 500;
    const send = el("button", { class: "plain" }, say.send);
    this.noteForm.append(this.text, send);
    this.noteForm.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = this.text.value.trim();
      if (!said) return;
      this.text.value = "";
      events.noted(this.row, said);
    });
    this.notes.append(el("h3", {}, say.notes), this.noteList, this.noteForm);
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") events.closed();
    });
    const head = el("div", { class: "head" }, this.picture, el("div", {}, this.title, this.about), close);
    const { matters, place, helpers, calls, record, notes, byHand, history } = this;
    element.append(head, matters, helpers, calls, place, record, notes, byHand, history);
  }

  /** Opened by a person: what is read next is this car. */
  focus(): void {
    this.element.focus({ preventScroll: true });
    this.element.scrollTop = 0;
  }

  show(car: Car | null, setting: CarSetting): void {
    this.element.hidden = car === null;
    if (!car) return;
    const { vehicle } = car.view;
    if (vehicle.row !== this.row) this.text.value = "";
    this.row = vehicle.row;
    this.element.setAttribute("aria-label", words.carTitle(vehicle.number, vehicle.name));
    showRoundel(this.picture, car.view, ROUNDEL, setting.palette);
    setText(this.title, words.carTitle(vehicle.number, vehicle.name));
    const about = [vehicle.year || "", vehicle.className, vehicle.support ? vehicle.role : "", car.people];
    setText(this.about, about.filter(Boolean).join(" · "));
    this.showMatters(car, setting);
    this.showHelpers(car, setting);
    this.showCalls(car, setting);
    this.showPlace(car, setting);
    this.showRecord(setting);
    this.showNotes(setting);
    this.showByHand(car, setting);
    this.showHistory(setting);
  }

  private showMatters({ need, state, facts }: Car, { scene, ownRow, may }: CarSetting): void {
    const alerts = (need?.alerts ?? []).map((alert) => {
      const step = nextStep(alert, ownRow);
      return {
        alert,
        step,
        label: sayStep(step, scene, ownRow),
        says: sayAlert(alert, scene),
        held: sayHeld(alert, scene),
      };
    });
    const calm = need?.quiet && alerts.length === 0 ? sayQuiet(need.quiet, scene) : state;
    const mayAct = may.has("alert");
    const key = [alerts.map(({ alert, label, says, held }) => [alert.id, label, says, held]), calm, facts, mayAct];
    rebuild(this.matters, key, () => [
      ...alerts.map(({ alert, step, label, says, held }, i) => {
        const actions = el("div", { class: "actions" });
        if (mayAct) {
          // Help comes for the car: only what is most urgent offers it.
          const offers = i === 0 || step.step !== "assigned";
          if (offers) actions.append(button(i === 0 ? "act" : "plain", label, () => this.events.stepped(alert, step)));
          if (alert.state === "raised" && step.step !== "acknowledged") {
            actions.append(this.stepButton(alert, "acknowledged", say.noted));
          }
          if (step.step !== "resolved") actions.append(this.stepButton(alert, "resolved", say.resolved));
        }
        return el("li", {}, el("p", { class: "matter" }, says), el("p", { class: "held" }, held), actions);
      }),
      el("li", {}, el("p", { class: alerts.length === 0 ? "matter calm" : "held" }, [calm, ...facts].join(" · "))),
    ]);
  }

  private stepButton(alert: Alert, step: Step["step"], label: string): HTMLButtonElement {
    return button("plain", label, () => this.events.stepped(alert, { step, helper: null }));
  }

  /** Who can come, soonest first along the course; each is one tap. */
  private showHelpers({ need }: Car, { scene, may, ownRow, desk }: CarSetting): void {
    const alert = need?.alerts[0];
    const list = alert?.helpers ?? [];
    const key = [alert?.id, alert?.helper, list.map((h) => [h[0], sayRoad(h), h[4]]), may.has("alert"), ownRow];
    rebuild(this.helpers, key, () => {
      if (!alert) return [];
      const title = el("h3", {}, say.nearest);
      if (list.length === 0) return [title, el("p", { class: "held" }, say.noHelper)];
      const items = list.map((helper) => this.helperLine(alert, helper, scene, may, desk));
      return [title, el("ul", { class: "helpers" }, ...items)];
    });
  }

  private helperLine(
    alert: Alert,
    helper: Helper,
    { vehicles, tour }: Scene,
    may: ReadonlySet<string>,
    desk: Desk | null,
  ): HTMLLIElement {
    const [row, roadM, , , busy] = helper;
    const { number, role } = vehicles[row];
    const facts = [distance(roadM, tour.units), sayRoad(helper)];
    const other = busy && busy !== alert.id ? desk?.alerts.find((each) => each.id === busy) : undefined;
    if (other && other.vehicle >= 0) facts.push(say.busyWith(vehicles[other.vehicle].number));
    const actions = el("div", { class: "actions" });
    if (may.has("alert") && alert.helper !== row) {
      const step: Step = { step: "assigned", helper };
      actions.append(button("plain", say.has(number), () => this.events.stepped(alert, step)));
    }
    for (const phone of desk?.phones[row] ?? []) actions.append(callLink(say.callHelper(number), phone));
    const name = el("b", {}, `${number} ${role}`);
    return el("li", {}, el("span", { class: "helper" }, name, ` ${facts.join(" · ")}`), actions);
  }

  private showCalls({ view }: Car, { desk }: CarSetting): void {
    const phones = desk?.phones[view.vehicle.row] ?? [];
    rebuild(this.calls, [phones, view.vehicle.number], () =>
      phones.length > 0
        ? phones.map((phone) => callLink(`${say.call(view.vehicle.number)} · ${phone}`, phone))
        : [el("p", { class: "held" }, say.noPhone)],
    );
  }

  /** Mile, checkpoints around it, coordinates to copy; a map of somebody else's opens only when it is asked for. */
  private showPlace({ view, lat, lon, need }: Car, { scene }: CarSetting): void {
    const alert = need?.alerts.find((each) => each.kind !== "off_course" && each.lat !== null);
    const [atLat, atLon] = alert ? [alert.lat, alert.lon] : [lat, lon];
    const along = alert && alert.along_m >= 0 ? alert.along_m : view.alongM;
    const where = sayWhere(scene, view.legNumber, along).trim();
    const at = atLat === null || atLon === null ? "" : `${atLat.toFixed(5)}, ${atLon.toFixed(5)}`;
    const { units, zone } = scene.tour;
    const mark = along >= 0 ? words.mark(wholeUnits(along, units), units) : "";
    rebuild(this.place, [where, at, view.fixTimeMs && timeOfDay(view.fixTimeMs, zone)], () => {
      const title = el("h3", {}, say.place);
      if (!at) return [title, el("p", { class: "held" }, where || words.state.never)];
      const compact = at.replace(" ", "");
      const copy = button("plain", say.copy, () => void copyText(copy, at));
      const label = encodeURIComponent(`${view.vehicle.number} ${mark}`);
      const navigate = outward(say.navigate, `geo:${compact}?q=${compact}(${label})`);
      const map = outward(
        say.openMap,
        `https://www.openstreetmap.org/?mlat=${atLat}&mlon=${atLon}#map=15/${atLat}/${atLon}`,
      );
      map.target = "_blank";
      const when = view.fixTimeMs === null ? "" : ` · ${timeOfDay(view.fixTimeMs, zone)}`;
      return [
        title,
        el("p", {}, `${where}${when}`),
        el("p", { class: "coordinates" }, el("code", {}, at)),
        el("div", { class: "actions" }, copy, navigate, map),
      ];
    });
  }

  /** Where marshals saw it, and how far it came by itself. */
  private showRecord({ desk, scene }: CarSetting): void {
    const seen = desk ? passedOf(desk, scene, this.row) : [];
    const own = desk ? sayOwnPower(desk, scene, this.row) : "";
    rebuild(this.record, [seen, own], () => {
      if (seen.length === 0 && !own) return [];
      const items = seen.map((line) => el("li", {}, line));
      const miles = own ? [el("p", {}, own)] : [];
      return [el("h3", {}, say.record), ...miles, el("ul", { class: "passed" }, ...items)];
    });
  }

  private showNotes({ desk, scene, may }: CarSetting): void {
    const notes = (desk?.notes ?? []).filter((note) => note.vehicle === this.row);
    this.noteForm.hidden = !may.has("note");
    rebuild(this.noteList, notes, () =>
      notes.map((note) => el("li", {}, `${timeOfDay(note.at_ms, scene.tour.zone)} ${note.who}: ${note.text}`)),
    );
  }

  private showByHand({ view }: Car, { may, scene }: CarSetting): void {
    const { vehicle, standing } = view;
    const mayDecide = may.has("standing") && !vehicle.support;
    rebuild(this.byHand, [mayDecide, standing, vehicle.row, may.has("assign")], () => {
      if (!mayDecide) return [];
      const actions = el("div", { class: "actions" });
      STANDINGS.forEach((word, i) => {
        if (standing === i + 1) return;
        actions.append(button("plain", say.standing[word], () => this.events.standing(vehicle.row, word)));
      });
      if (standing !== 0) {
        actions.append(button("act", say.standing.running, () => this.events.standing(vehicle.row, "running")));
      }
      if (may.has("assign")) {
        actions.append(outward(say.swap, `/organise/${encodeURIComponent(scene.tour.slug)}`));
      }
      return [el("h3", {}, say.byHand), actions];
    });
  }

  private showHistory({ desk, scene }: CarSetting): void {
    const lines = desk ? historyOf(desk, scene, this.row) : [];
    rebuild(this.history, lines, () => {
      if (lines.length === 0) return [];
      const items = lines.map(({ text, undo }) => {
        const item = el("li", {}, el("span", {}, text));
        if (undo) item.append(button("plain", say.undo, () => this.events.undone(undo)));
        return item;
      });
      return [el("h3", {}, say.history), el("ul", { class: "history" }, ...items)];
    });
  }
}

function callLink(text: string, phone: string): HTMLAnchorElement {
  return outward(text, `tel:${phone.replace(/[^+\d]/g, "")}`);
}

function outward(text: string, href: string): HTMLAnchorElement {
  const link = el("a", { class: "plain" }, text);
  link.href = href;
  link.rel = "noopener noreferrer";
  return link;
}

async function copyText(copy: HTMLButtonElement, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    copy.textContent = say.copied;
  } catch {
    copy.textContent = words.copyByHand; // no secure context, or not allowed: it can be selected by hand
  }
  setTimeout(() => {
    copy.textContent = say.copy;
  }, COPIED_MS);
}
