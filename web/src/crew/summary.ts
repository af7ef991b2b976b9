// The field in a few lines, and for each checkpoint whether the course behind it is clear.
import { el, rebuild } from "../app/dom";
import { stay, timeOfDay, words } from "../app/words";
import { shortPlace } from "../model/saying";
import { wholeUnits } from "../model/units";
import type { Clear, Desk, FieldSummary } from "../wire/desk";
import { distance, type Scene } from "./sentence";
import { crewWords as say } from "./words";

const STATES = [
  "running",
  "stopped",
  "off_course",
  "silent",
  "never",
  "waiting",
  "finished",
  "retired",
  "trailered",
  "withdrawn",
  "out_of_time",
];

export class Summary {
  constructor(private readonly element: HTMLElement) {
    element.setAttribute("aria-label", say.field);
  }

  show(desk: Desk, scene: Scene, legNumber: number): void {
    const field = desk.field.find(({ leg }) => leg === legNumber);
    const clear = desk.clear.filter(({ leg }) => leg === legNumber);
    const delay = desk.legs[legNumber - 1];
    const lines = field ? sayField(field, scene) : [];
    const posts = clear.map((each) => sayClear(each, scene));
    rebuild(this.element, [lines, posts, delay, scene.tour.units], () => {
      const facts = el(
        "dl",
        { class: "facts" },
        ...lines.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
      );
      const items = posts.map(({ name, free, says }) => {
        const item = el("li", { class: free ? "free" : "" }, el("b", {}, name));
        if (free) item.append(el("strong", {}, say.standDown));
        item.append(el("span", { class: "held" }, says.join(" · ")));
        return item;
      });
      const news: HTMLElement[] = [];
      if (delay?.[0]) news.push(el("p", { class: "news" }, say.legDelayed(legNumber, Math.round(delay[0] / 60))));
      if (delay?.[1]) news.push(el("p", { class: "news" }, say.legCancelled(legNumber)));
      return [
        el("h2", {}, say.field),
        ...news,
        facts,
        el("h2", {}, say.clearTitle),
        el("ol", { class: "posts" }, ...items),
      ];
    });
  }
}

/** Name and value of every line of the summary. */
export function sayField(field: FieldSummary, { vehicles, tour }: Scene): [string, string][] {
  const at = ([row, along]: [number, number]) =>
    `${vehicles[row].number} · ${words.mark(wholeUnits(along, tour.units), tour.units)}`;
  const lines: [string, string][] = [];
  if (field.head) lines.push([say.head, at(field.head)]);
  if (field.tail) lines.push([say.tail, at(field.tail)]);
  if (field.sweep) lines.push([say.sweep, at(field.sweep)]);
  if (field.spread_m >= 0) {
    const time = field.spread_s >= 0 ? stay(1_000 * field.spread_s) : "";
    lines.push([say.spread, say.spreadOf(distance(field.spread_m, tour.units), time)]);
  }
  for (const word of STATES) if (field.cars[word]) lines.push([say.states[word], words.cars(field.cars[word])]);
  return lines;
}

export interface Post {
  name: string;
  free: boolean; // "you may stand down"
  says: string[];
}

/** What is known about the course behind a checkpoint. */
export function sayClear(clear: Clear, { legs, vehicles, tour }: Scene): Post {
  const time = (ms: number) => timeOfDay(ms, tour.zone);
  const { name } = legs[clear.leg - 1].checkpoints;
  const says = [say.through(clear.through, clear.to_come)];
  if (clear.last) says.push(say.lastThrough(vehicles[clear.last[0]].number, time(clear.last[1])));
  if (clear.expected) {
    const [row, early, late] = clear.expected;
    says.push(say.lastExpected(vehicles[row].number, time(early), time(late)));
  }
  if (clear.unsure.length > 0) says.push(say.unsure(clear.unsure.map((row) => vehicles[row].number).join(", ")));
  if (clear.sweep_ms >= 0) says.push(say.sweepThrough(time(clear.sweep_ms)));
  else if (clear.sweep_expected) {
    const [early, late] = clear.sweep_expected;
    says.push(say.sweepExpected(time(early), time(late)));
  }
  return { name: shortPlace(name[clear.checkpoint]), free: clear.stand_down === 1, says };
}
