// Ladder or flow of the field below the map, and what the flow is drawn from.
import { byId } from "../app/dom";
import type { LiveTour } from "../app/live";
import type { Picture } from "../app/picture";
import { readPref, writePref } from "../app/prefs";
import type { Palette } from "../draw/palette";
import type { RoundelSprites } from "../draw/roundel";
import { dueMs } from "../model/field";
import { Column } from "../wire/fold";
import { NEVER } from "../wire/frames";
import { crewValue } from "./facts";
import { FlowHistory } from "./flow";
import { FlowChart } from "./flowchart";
import { PastLines } from "./pastlines";
import { crewWords as say } from "./words";

const DRAW_MS = 1_000;
const PREF = "crew.strip";

export class FlowPanel {
  private readonly history = new FlowHistory();
  private readonly past = new PastLines(this.history);
  private readonly chart: FlowChart;
  private readonly strip = byId("strip");
  private drawnAt = Number.NEGATIVE_INFINITY;

  constructor(palette: Palette, sprites: RoundelSprites, picked: (row: number) => void) {
    this.chart = new FlowChart(byId("flow"), palette, sprites, this.history, picked);
    for (const what of ["ladder", "flow"] as const) {
      const choose = byId(`show-${what}`);
      choose.textContent = what === "flow" ? say.flowTab : say.ladderTab;
      choose.addEventListener("click", () => this.choose(what));
    }
    this.choose(readPref(PREF) === "flow" ? "flow" : "ladder");
  }

  private choose(what: "ladder" | "flow"): void {
    this.strip.dataset.shows = what;
    writePref(PREF, what);
    for (const each of ["ladder", "flow"]) byId(`show-${each}`).setAttribute("aria-pressed", String(each === what));
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }

  setPalette(palette: Palette): void {
    this.chart.setPalette(palette);
  }

  /** Takes in where everybody is, and draws if it is seen. */
  look(picture: Picture, troubled: ReadonlySet<number>): void {
    const { live, outlook, legNumber, selected } = picture;
    this.gather(live);
    if (this.strip.dataset.shows !== "flow" || performance.now() - this.drawnAt < DRAW_MS) return;
    this.drawnAt = performance.now();
    const { tour, legs, roster } = live.feed.body!;
    void this.past.want(tour.slug, legNumber, roster.number, () => {
      this.drawnAt = Number.NEGATIVE_INFINITY;
    });
    const nowMs = picture.nowMs();
    this.chart.draw({ tour, leg: legs[legNumber - 1], legNumber, views: outlook.views, nowMs, selected, troubled });
  }

  private gather(live: LiveTour): void {
    const { body, state } = live.feed;
    for (const vehicle of live.vehicles) {
      const { row } = vehicle;
      const tenths = state[Column.time][row];
      const legNumber = state[Column.leg][row];
      const leg = body!.legs[legNumber - 1];
      const alongM = state[Column.along][row];
      if (tenths === NEVER || !leg || alongM < 0) continue;
      const ms = body!.base_ms + tenths * 100;
      this.history.add(legNumber, row, ms, alongM);
      const deviation = crewValue(live, "deviation", row);
      const due = dueMs(vehicle, leg, body!.tour.start_interval_s);
      if (deviation === null || due === null || alongM === 0) continue;
      const afterFirstMs = due - leg.start_ms - leg.delay_s * 1_000;
      this.history.addPlan(legNumber, leg.length_m, alongM, ms - deviation * 1_000 - afterFirstMs);
    }
  }
}
