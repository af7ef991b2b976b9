// Who passes a place and when, as the panel writes it. Written anew only when it says something else: what is being
// pressed or read stays where it is.

import { lookOf, paintRoundel } from "../draw/roundel";
import { type Passing, sayOwnTimes, sayPlace, sayTimes, sayWait, type VehicleWindow } from "../model/passing";
import type { Pass } from "../model/places";
import { wholeUnits } from "../model/units";
import { element } from "./element";
import { passingWords } from "./passingwords";
import type { Picture } from "./picture";
import { duration, OWN_ZONE, timeOfDay, words } from "./words";

const OLD_MS = 60_000; // an answer of so long ago says its age
const AWAY_M = 1_600; // who stands so far from the course is told
const ROUNDEL = 17;
const ROUNDEL_PX = 46;

export class PassingResults {
  private shown = "";

  constructor(
    private readonly element: HTMLElement,
    private readonly picture: Picture,
    private readonly picked: (row: number) => void,
  ) {}

  show(legNumber: number, passes: readonly Pass[], answers: readonly (Passing | null)[]): void {
    const { live, palette, outlook } = this.picture;
    const { tour, legs } = live.feed.body!;
    const nowMs = this.picture.nowMs();
    const ages = answers.map((answer) => answer && this.sayAge(answer, nowMs));
    const conditions = outlook.views.map((view) => view.condition);
    const minute = Math.floor(nowMs / 60_000);
    const key = JSON.stringify([legNumber, passes, answers, ages, minute, tour.units, palette.panel, conditions]);
    if (key === this.shown) return;
    this.shown = key;
    const leg = legs[legNumber - 1];
    const parts: HTMLElement[] = [];
    const awayM = Math.min(...passes.map((pass) => pass.awayM));
    if (passes.length > 0 && awayM > AWAY_M) {
      parts.push(
        element("p", "hint", passingWords.youAreAway(words.distance(wholeUnits(awayM, tour.units), tour.units))),
      );
    }
    passes.forEach((pass, i) => {
      if (passes.length > 1) parts.push(element("h3", "", sayPlace(leg, pass.alongM, tour.units)));
      parts.push(...this.answer(answers[i], nowMs));
    });
    const focused = (document.activeElement as HTMLElement | null)?.dataset.passing;
    this.element.replaceChildren(...parts);
    if (focused) this.element.querySelector<HTMLElement>(`[data-passing="${CSS.escape(focused)}"]`)?.focus();
  }

  private sayAge(answer: Passing, nowMs: number): string {
    const age = nowMs - answer.now_ms;
    if (age > OLD_MS * Math.max(this.picture.live.clock.rate, 1)) return words.offline(duration(age));
    return passingWords.asOf(timeOfDay(answer.now_ms, this.picture.live.feed.body!.tour.zone));
  }

  private answer(answer: Passing | null, nowMs: number): HTMLElement[] {
    if (!answer) return [element("p", "hint", passingWords.asking)];
    const { zone, delay_s } = this.picture.live.feed.body!.tour;
    const { field } = answer;
    const lines: HTMLElement[] = [];
    const list = document.createElement("ul");
    // The picture may be late on purpose; whoever stands at the road waits in the present.
    const presentMs = nowMs + delay_s * 1_000;
    list.append(...answer.next.filter((next) => next.late_ms > nowMs).map((next) => this.car(next, presentMs, zone)));
    lines.push(list.childElementCount > 0 ? list : element("p", "hint", passingWords.nobody));
    if (field.early_ms !== null && field.late_ms !== null) {
      const whole = { early_ms: field.early_ms, late_ms: field.late_ms };
      const text = passingWords.field(sayTimes(whole, zone));
      lines.push(element("p", "whole", text, sayOwnTimes(whole, zone, OWN_ZONE)));
    }
    lines.push(element("p", "hint", sayCounts(field)));
    lines.push(element("p", "hint", this.sayAge(answer, nowMs)));
    return lines;
  }

  private car(next: VehicleWindow, presentMs: number, zone: string): HTMLElement {
    const { live, outlook, palette } = this.picture;
    const row = live.vehicles.findIndex((vehicle) => vehicle.number === next.number);
    const view = outlook.views[row];
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.passing = next.number;
    if (view) {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("aria-hidden", "true");
      paintRoundel(canvas, ROUNDEL_PX, ROUNDEL, lookOf(view, false), palette);
      button.append(canvas);
    }
    const name = element("span", "name", view?.vehicle.name ?? "");
    name.prepend(element("span", "hidden", `${next.number}, `));
    const wait = sayWait(next, presentMs);
    const times = sayTimes(next, zone);
    const when = element("span", "when", wait ? `${wait} · ${times}` : times, sayOwnTimes(next, zone, OWN_ZONE));
    const text = element("span", "body");
    text.append(name, when);
    button.append(text);
    button.addEventListener("click", () => this.picked(row));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}

/** "38 to come · 12 have passed"; what there is none of is not said. */
function sayCounts({ coming, passed, overdue }: Passing["field"]): string {
  const passing = passingWords;
  const parts = [coming > 0 && passing.coming(coming), passed > 0 && passing.passed(passed)];
  return [...parts, overdue > 0 && passing.overdue(overdue)].filter(Boolean).join(" · ");
}
