// What a marshal sees: numbers to tap, large enough for gloves; what got through; who is still to come.
import { button, byId, el, rebuild, say as setText } from "../app/dom";
import { duration, timeOfDay } from "../app/words";
import type { View } from "../model/field";
import { shortPlace } from "../model/saying";
import type { Link } from "../outbox/sender";
import type { Clear } from "../wire/desk";
import type { Leg, Tour } from "../wire/frames";
import type { Expected, Passed, Post } from "./expected";
import { marshalWords as say } from "./words";

export interface MarshalEvents {
  chosen(value: string): void;
  passed(number: string): void;
  undone(decision: string): void;
}

export interface Standing {
  tour: Tour;
  legs: readonly Leg[];
  post: Post | null;
  expected: Expected;
  passed: readonly Passed[];
  numbers: readonly string[];
  clear: Clear | null;
  nowMs: number;
  quietMs: number; // how old the news is, 0 = fresh
  waiting: number;
  link: Link;
  name: string;
}

const REST_MS = 2_500; // nothing moves under a thumb that taps one number after the other
const SHOWN = 12;
const FAR_MIN = 90; // further away than this is not said in minutes

export class MarshalView {
  private readonly select = byId<HTMLSelectElement>("checkpoint");
  private readonly grid = byId("expected").querySelector("ul")!;
  private readonly others = el("details", { class: "others" });
  private readonly othersGrid = el("ul");
  private readonly number = byId<HTMLInputElement>("number");
  private readonly said = el("p", { class: "said" });
  private touchedAt = Number.NEGATIVE_INFINITY;
  private order: number[] = [];
  private standing: Standing | null = null;

  constructor(private readonly events: MarshalEvents) {
    byId("choose").querySelector("span")!.textContent = say.choose;
    this.select.addEventListener("change", () => events.chosen(this.select.value));
    setText(byId("expected").querySelector("h2")!, say.expected);
    setText(byId("passed").querySelector("h2")!, say.passed);
    this.others.append(el("summary"), this.othersGrid);
    byId("expected").append(this.others);
    const form = byId<HTMLFormElement>("by-number");
    this.number.placeholder = say.byNumber;
    this.number.setAttribute("aria-label", say.byNumber);
    form.querySelector("button")!.textContent = say.passed;
    form.after(this.said);
    this.said.setAttribute("role", "status");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submitNumber();
    });
    const undo = byId("last").querySelector("button")!;
    undo.textContent = say.undo;
    undo.addEventListener("click", () => events.undone(undo.dataset.of!));
    byId("expected").addEventListener("pointerdown", () => {
      this.touchedAt = performance.now();
    });
  }

  /** All checkpoints of the tour, those of the leg of the day first. */
  offer(legs: readonly Leg[], chosen: string, today: number): void {
    const order = legs.map((_, i) => ((today - 1 + i) % legs.length) + 1);
    rebuild(this.select, [legs.map((leg) => leg.checkpoints.id), today], () => [
      new Option("–", ""),
      ...order.map((leg) => {
        const group = el("optgroup");
        const { title, checkpoints } = legs[leg - 1];
        group.label = say.leg(leg, title);
        group.append(...checkpoints.id.map((id, i) => new Option(shortPlace(checkpoints.name[i]), `${leg}/${id}`)));
        return group;
      }),
    ]);
    if (this.select.value !== chosen) this.select.value = chosen;
  }

  show(standing: Standing): void {
    this.standing = standing;
    const { tour, legs, post, nowMs, name } = standing;
    setText(document.querySelector("h1")!, post ? placeName(legs, post) : say.title(""));
    setText(byId("clock"), timeOfDay(nowMs, tour.zone));
    setText(byId("me"), say.you(name));
    for (const id of ["expected", "by-number", "passed"]) byId(id).hidden = post === null;
    this.showLink(standing);
    this.showClear(standing);
    this.showLast(standing);
    this.showExpected(standing);
    this.showPassed(standing);
  }

  private showLink({ waiting, link, quietMs }: Standing): void {
    const age = quietMs > 0 ? ` · ${say.asOf(duration(quietMs))}` : "";
    const place = byId("link");
    place.dataset.link = waiting === 0 ? "good" : link;
    if (link === "refused") setText(place, say.signedOut);
    else if (waiting === 0) setText(place, say.allSent + age);
    else setText(place, (link === "waiting" || !navigator.onLine ? say.waiting(waiting) : say.sending) + age);
  }

  private showClear({ clear, tour, numbers }: Standing): void {
    const place = byId("clear");
    place.hidden = clear === null;
    if (!clear) return;
    const time = (ms: number) => timeOfDay(ms, tour.zone);
    place.classList.toggle("free", clear.stand_down === 1);
    if (clear.stand_down === 1) {
      setText(place, say.standDown);
      return;
    }
    const parts = [say.toCome(clear.to_come)];
    if (clear.expected) {
      const [row, early, late] = clear.expected;
      parts.push(say.lastExpected(numbers[row], time(early), time(late)));
    }
    if (clear.sweep_ms >= 0) parts.push(say.sweepThrough(time(clear.sweep_ms)));
    else if (clear.sweep_expected)
      parts.push(say.sweepAt(time(clear.sweep_expected[0]), time(clear.sweep_expected[1])));
    setText(place, parts.join(", "));
  }

  private showLast({ passed, tour }: Standing): void {
    const last = passed.find(({ who, state }) => who === "" && state !== "refused");
    const box = byId("last");
    box.hidden = last === undefined;
    if (!last) return;
    box.dataset.state = last.state;
    setText(box.querySelector("p")!, say.lastWas(last.number, timeOfDay(last.atMs, tour.zone)));
    box.querySelector("button")!.dataset.of = last.id;
  }

  private showExpected({ expected, nowMs, post }: Standing): void {
    const still = performance.now() - this.touchedAt > REST_MS;
    const { next, others } = expected;
    const shown = next.slice(0, SHOWN);
    // While somebody taps, who has passed stays in its place, ticked, and nobody moves up.
    if (still) this.order = shown.map((view) => view.vehicle.row);
    const byRow = new Map([...next, ...others].map((view) => [view.vehicle.row, view]));
    const tiles = this.order.map((row) => ({ row, view: byRow.get(row) ?? null }));
    const says = tiles.map(({ row, view }) => [row, view && this.minutesTo(view, post, nowMs)]);
    rebuild(this.grid, says, () =>
      tiles.length === 0
        ? [el("li", { class: "nobody" }, say.nobody)]
        : tiles.map(({ row, view }) => this.tile(row, view, post, nowMs)),
    );
    const rest = [...next.slice(SHOWN), ...others].filter((view) => !this.order.includes(view.vehicle.row));
    setText(this.others.querySelector("summary")!, say.others(rest.length));
    this.others.hidden = rest.length === 0;
    rebuild(
      this.othersGrid,
      rest.map((view) => view.vehicle.number),
      () => rest.map((view) => this.tile(view.vehicle.row, view, null, nowMs)),
    );
  }

  private tile(row: number, view: View | null, post: Post | null, nowMs: number): HTMLLIElement {
    const number = view?.vehicle.number ?? this.standing!.numbers[row];
    const tap = button("tile", "", () => this.events.passed(number));
    tap.disabled = view === null;
    tap.append(el("b", {}, number), el("span", {}, view ? this.minutesTo(view, post, nowMs) : "✓"));
    if (view) {
      tap.dataset.colour = view.vehicle.palette;
      tap.append(el("small", {}, view.vehicle.name));
    }
    return el("li", {}, tap);
  }

  private minutesTo({ checkpoint, earlyMs, lateMs }: View, post: Post | null, nowMs: number): string {
    if (!post || checkpoint !== post.checkpoint || earlyMs === null || lateMs === null || lateMs < nowMs) return "";
    const minutes = Math.round(((earlyMs + lateMs) / 2 - nowMs) / 60_000);
    return minutes > FAR_MIN ? "" : say.minutes(Math.max(minutes, 0));
  }

  private showPassed({ passed, tour }: Standing): void {
    const key = passed.map(({ id, state, error }) => [id, state, error]);
    rebuild(byId("passed").querySelector("ul")!, key, () =>
      passed.map(({ id, number, atMs, who, state, error }) => {
        const how = who
          ? say.by(who)
          : state === "refused"
            ? say.refused(error)
            : state === "through"
              ? say.through
              : say.kept;
        const item = el("li", { class: state }, el("b", {}, number), ` ${timeOfDay(atMs, tour.zone)} · ${how}`);
        if (who === "" && state !== "refused") {
          const undo = button("plain", say.undo, () => this.events.undone(id));
          undo.setAttribute("aria-label", `${say.undo}: ${number}`);
          item.append(undo);
        }
        return item;
      }),
    );
  }

  private submitNumber(): void {
    const { standing } = this;
    const wanted = this.number.value.trim().toUpperCase();
    if (!standing || !wanted) return;
    const number = standing.numbers.find((each) => each.toUpperCase() === wanted);
    const done = standing.passed.some((each) => each.number === number && each.state !== "refused");
    setText(this.said, number === undefined ? say.unknown(wanted) : done ? say.already(number) : "");
    if (number === undefined || done) return;
    this.number.value = "";
    this.events.passed(number);
  }
}

function placeName(legs: readonly Leg[], post: Post): string {
  return shortPlace(legs[post.leg - 1].checkpoints.name[post.checkpoint]);
}
