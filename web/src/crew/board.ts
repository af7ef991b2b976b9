// The cards of those who need help: who, what is the matter, since when, where, who has it, and one button.
import { button, el, rebuild, say as setText } from "../app/dom";
import { timeOfDay } from "../app/words";
import type { Palette } from "../draw/palette";
import { showRoundel } from "../draw/roundel";
import type { View } from "../model/field";
import type { Alert } from "../wire/desk";
import { nextStep, type Step } from "./actions";
import type { Need } from "./needs";
import { type Scene, sayAlert, sayQuiet } from "./sentence";
import { crewWords as say } from "./words";

export interface BoardEvents {
  opened(row: number): void;
  stepped(alert: Alert, step: Step): void;
}

export interface Shown {
  needs: readonly Need[];
  views: readonly View[];
  scene: Scene;
  selected: number;
  ownRow: number;
  mayAct: boolean;
  waiting: ReadonlySet<string>; // alerts with a step that has no answer yet
}

interface Card {
  item: HTMLLIElement;
  picture: HTMLCanvasElement;
  matter: HTMLElement;
  others: HTMLElement;
  held: HTMLElement;
  actions: HTMLElement;
}

const ROUNDEL = 22;
const REST_MS = 1_500; // the order does not change while somebody is reading or aiming

export class Board {
  private readonly cards = new Map<number, Card>();
  private order = "";
  private touchedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly element: HTMLElement,
    private palette: Palette,
    private readonly events: BoardEvents,
  ) {
    for (const kind of ["pointerdown", "pointermove", "keydown"]) {
      element.addEventListener(kind, () => this.touch(), { passive: true });
    }
  }

  private touch(): void {
    this.touchedAt = performance.now();
  }

  /** Another theme, or the fonts have arrived. */
  redraw(palette: Palette): void {
    this.palette = palette;
    for (const card of this.cards.values()) delete card.picture.dataset.drawn;
  }

  update(shown: Shown): void {
    const order = shown.needs.map((need) => need.row).join();
    if (order !== this.order && performance.now() - this.touchedAt > REST_MS) {
      this.order = order;
      this.arrange(shown);
    }
    for (const need of shown.needs) {
      const card = this.cards.get(need.row);
      if (card) this.fill(card, need, shown);
    }
  }

  private arrange({ needs, views }: Shown): void {
    const rows = new Set(needs.map((need) => need.row));
    for (const row of [...this.cards.keys()]) if (!rows.has(row)) this.cards.delete(row);
    const focused = document.activeElement;
    this.element.replaceChildren(
      ...needs.map(({ row }) => {
        const card = this.cards.get(row) ?? this.create(views[row]);
        this.cards.set(row, card);
        return card.item;
      }),
    );
    if (focused instanceof HTMLElement && this.element.contains(focused)) focused.focus({ preventScroll: true });
  }

  private create({ vehicle }: View): Card {
    const item = el("li", { class: "need" });
    item.dataset.number = vehicle.number;
    const picture = el("canvas");
    picture.setAttribute("aria-hidden", "true");
    const matter = el("span", { class: "matter" });
    const others = el("span", { class: "others" });
    const name = el("span", { class: "name" }, el("span", { class: "hidden" }, `${vehicle.number}, `), vehicle.name);
    if (vehicle.year) name.append(el("span", { class: "year" }, ` ${vehicle.year}`));
    const who = button("who", "", () => this.events.opened(vehicle.row));
    who.append(picture, el("span", { class: "body" }, name, matter, others));
    const held = el("p", { class: "held" });
    const actions = el("div", { class: "actions" });
    item.append(who, held, actions);
    return { item, picture, matter, others, held, actions };
  }

  private fill(card: Card, need: Need, shown: Shown): void {
    const { scene, views, selected, ownRow, mayAct, waiting } = shown;
    const [first, ...rest] = need.alerts;
    setText(card.matter, first ? sayAlert(first, scene) : need.quiet ? sayQuiet(need.quiet, scene) : "");
    setText(card.others, rest.map((alert) => sayAlert(alert, scene)).join(" · "));
    card.item.classList.toggle("chosen", need.row === selected);
    card.item.dataset.state = first?.state ?? "quiet";
    card.item.dataset.kind = first?.kind ?? "quiet";
    showRoundel(card.picture, views[need.row], ROUNDEL, this.palette);
    const held = first ? sayHeld(first, scene) : "";
    setText(card.held, first && waiting.has(first.id) ? say.keptForLater : held);
    if (!first) {
      rebuild(card.actions, "quiet", () => []);
      return;
    }
    const step = nextStep(first, ownRow);
    const label = sayStep(step, scene, ownRow);
    rebuild(card.actions, [label, mayAct, first.id, step.step, step.helper?.[0]], () => {
      const number = views[need.row].vehicle.number;
      const more = button("plain", say.details, () => this.events.opened(need.row));
      more.setAttribute("aria-label", say.more(number));
      if (!mayAct) return [more];
      const act = button("act", label, () => this.events.stepped(first, step));
      act.setAttribute("aria-label", `${label}: ${number}`);
      return [act, more];
    });
  }
}

/** The words on a button: "S3 has it · 6 min, must turn back". */
export function sayStep({ step, helper }: Step, { vehicles }: Scene, ownRow: number): string {
  const name = helper ? vehicles[helper[0]].number : "";
  const own = helper !== null && helper[0] === ownRow;
  if (step === "acknowledged") return say.noted;
  if (step === "resolved") return say.resolved;
  if (step === "on_scene") return own ? say.weAreThere : say.isThere(name);
  return `${own ? say.weHaveIt : say.has(name)} · ${sayRoad(helper!)}`;
}

/** "6 min, must turn back": how far a support vehicle is by road. */
export function sayRoad([, , seconds, turnBack]: readonly [number, number, number, number, string]): string {
  const minutes = say.minutesAway(Math.max(Math.round(seconds / 60), 1));
  return turnBack ? `${minutes}, ${say.turnBack}` : minutes;
}

/** Who has it, since when, and who said so. */
export function sayHeld(alert: Alert, { vehicles, tour }: Scene): string {
  const last = [...alert.steps].reverse().find(([step]) => step === alert.state);
  const [time, who] = last ? [timeOfDay(last[1], tour.zone), last[2]] : ["", ""];
  const helper = alert.helper >= 0 ? vehicles[alert.helper].number : "";
  if (alert.state === "assigned") return say.hasNow(helper, time, who);
  if (alert.state === "on_scene") return say.thereNow(helper, time, who);
  if (alert.state === "acknowledged") return say.seenBy(who, time);
  return say.nobodyHasIt;
}
