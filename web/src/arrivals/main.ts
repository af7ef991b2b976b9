// The arrivals board for the hotel's lobby: who comes next, in how many minutes, in letters for the back of the room.
// It keeps the last that it heard while the network is away, with its age, and goes on to the next leg by itself.

import { findTour, fontsLoaded } from "../app/browser";
import { openFeed } from "../app/connection";
import { byId, say, span } from "../app/dom";
import { expose } from "../app/expose";
import { link } from "../app/link";
import { LiveTour } from "../app/live";
import { keepForLater, keptNow, lastKept } from "../app/offline";
import { readPref, writePref } from "../app/prefs";
import { loadPresentation, type Presentation, photoOf } from "../app/presentation";
import { duration, timeOfDay, words } from "../app/words";
import { readPalette } from "../draw/palette";
import { drawRoundel, lookOf } from "../draw/roundel";
import { legOfTheDay } from "../model/field";
import { type BoardRow, boardRows, countWords, type Place, placeOf, quietWords, type Window } from "./board";

const ASK_MS = 10_000;
const SHOW_MS = 1_000;
const ROWS = 10;
const ASKED = 60; // support vehicles come too, and are left out
const OLD_MS = 40_000; // an answer older than this is no news any more
const ROUNDEL_PX = 140;

class Board {
  private readonly live = new LiveTour();
  private readonly at = new URLSearchParams(location.search).get("checkpoint");
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private slug = "";
  private windows: Window[] = [];
  private answeredFor = "";
  private answeredAt = 0; // wall clock; 0 = never
  private heardAt = 0;
  private asked = false;
  private shown = "";
  private presentation: Presentation | null = null;

  async start(): Promise<void> {
    this.dress();
    this.dark.addEventListener("change", () => this.dress());
    document.title = words.arrivalsBoard;
    const slug = await findTour();
    if (!slug) {
      byId("notice").textContent = words.noTour;
      return;
    }
    this.slug = slug;
    this.restore();
    const socket = openFeed(slug, this.live, {
      message: (message) => {
        this.heardAt = Date.now();
        if (this.live.accept(message, performance.now()) === "gap") socket.wantSnapshot();
        if (!this.asked) void this.ask();
        this.asked = true;
      },
      link: (state) => {
        if (state === "waiting" && this.heardAt === 0) void this.showKept();
      },
    });
    keepForLater("arrivals", slug, this.live, () => this.heardAt);
    void loadPresentation(slug).then((presentation) => {
      this.presentation = presentation;
      this.shown = "";
    });
    void fontsLoaded().then(() => {
      this.shown = "";
    });
    setInterval(() => void this.ask(), ASK_MS);
    setInterval(() => this.show(), SHOW_MS);
    void this.stayAwake();
    document.addEventListener("visibilitychange", () => void this.stayAwake());
    expose({}, { seq: () => this.live.feed.seq, firstVehicleMs: () => (this.shown ? 1 : null) });
  }

  private dress(): void {
    document.documentElement.dataset.theme = link.state.theme ?? (this.dark.matches ? "dark" : "light");
    this.shown = "";
  }

  /** A television that sleeps shows nothing; where the browser does not allow it, its own settings must. */
  private async stayAwake(): Promise<void> {
    if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => {});
  }

  /** The last answer that this screen heard, should it start again without a network. */
  private restore(): void {
    try {
      [this.answeredAt, this.answeredFor, this.windows] = JSON.parse(readPref(`board.${this.slug}`) ?? '[0,"",[]]');
    } catch {
      // nothing that this page wrote
    }
  }

  private async showKept(): Promise<void> {
    const kept = await lastKept("arrivals", this.slug);
    if (!kept || this.heardAt !== 0) return;
    this.heardAt = kept.heardAt;
    this.live.accept(keptNow(kept), performance.now());
  }

  private place(): Place | null {
    const { body } = this.live.feed;
    if (!body) return null;
    const wanted = link.state.leg;
    const legNumber = body.legs[wanted - 1] ? wanted : legOfTheDay(this.live.views(), body.legs.length);
    return placeOf(body.legs[legNumber - 1], legNumber, this.at);
  }

  private async ask(): Promise<void> {
    const place = this.place();
    if (!place) return;
    const query = `leg=${place.legNumber}&along_m=${place.alongM}&limit=${ASKED}`;
    const address = `/api/v1/tours/${encodeURIComponent(this.slug)}/passing?${query}`;
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(ASK_MS) });
      if (!answer.ok) return;
      const { next } = (await answer.json()) as { next: Window[] };
      this.windows = next;
      this.answeredAt = Date.now();
      this.answeredFor = query;
      writePref(`board.${this.slug}`, JSON.stringify([this.answeredAt, query, next]));
    } catch {
      return; // what was heard last stays, with its age
    }
    this.show();
  }

  private show(): void {
    const { body } = this.live.feed;
    const place = this.place();
    if (!body || !place) return;
    const { tour } = body;
    const nowMs = this.live.clock.nowMs(performance.now());
    const query = `leg=${place.legNumber}&along_m=${place.alongM}&limit=${ASKED}`;
    const windows = this.answeredFor === query ? this.windows : [];
    say(document.querySelector("h1")!, words.arrivingAt(place.name));
    const leg = body.legs[place.legNumber - 1];
    say(
      byId("where"),
      `${tour.name.replace(/ demo$/i, "")} · ${words.legOf(place.legNumber, body.legs.length)} · ${leg.title}`,
    );
    say(byId("clock"), timeOfDay(nowMs, tour.zone));
    const heardAt = Math.min(this.heardAt, this.answeredAt || this.heardAt);
    const age = Date.now() - heardAt;
    byId("age").hidden = age < OLD_MS;
    if (age >= OLD_MS) say(byId("age"), words.offline(duration(age)));
    const views = this.live.views();
    const arrived = new Set(views.filter((v) => v.condition === "out").map((v) => v.vehicle.number));
    const coming = windows.filter((w) => !arrived.has(w.number));
    const rows = boardRows(coming, this.live.vehicles, nowMs, tour.zone).slice(0, ROWS);
    this.fill(rows);
    const quiet = this.answeredAt === 0 ? words.loading : quietWords(views, body.legs, place.legNumber, tour.zone);
    say(byId("notice"), rows.length > 0 ? "" : quiet);
    say(byId("count"), countWords(views, place.legNumber));
  }

  private fill(rows: readonly BoardRow[]): void {
    const key = JSON.stringify(rows.map(({ vehicle, when, at }) => [vehicle.number, when, at]));
    if (key === this.shown) return;
    this.shown = key;
    byId("board").replaceChildren(...rows.map((row) => this.row(row)));
  }

  private row({ vehicle, when, at }: BoardRow): HTMLElement {
    const item = document.createElement("li");
    item.dataset.number = vehicle.number;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    canvas.width = canvas.height = ROUNDEL_PX;
    const view = this.live.views()[vehicle.row];
    drawRoundel(
      canvas.getContext("2d")!,
      ROUNDEL_PX / 2,
      ROUNDEL_PX / 2,
      ROUNDEL_PX * 0.38,
      lookOf(view, false),
      readPalette(),
    );
    item.append(canvas);
    const photo = photoOf(this.presentation, this.slug, vehicle.number);
    if (photo) {
      const picture = new Image();
      picture.src = photo;
      picture.alt = "";
      item.append(picture);
    }
    const who = span("who", vehicle.name);
    who.prepend(span("hidden", `${vehicle.number}, `));
    if (vehicle.year) who.append(span("year", ` ${vehicle.year}`));
    item.append(who, span("at", at === when ? "" : at), span("when", when));
    return item;
  }
}

document.documentElement.lang = words.language;
void new Board().start();
