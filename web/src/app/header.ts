// Title, connection and clock, and the page's buttons.

import { shortPlace } from "../model/saying";
import { inUnits } from "../model/units";
import type { Leg } from "../wire/frames";
import type { Link } from "../wire/socket";
import { byId, say } from "./dom";
import type { LiveTour } from "./live";
import type { Picture } from "./picture";
import type { Theme } from "./theme";
import { duration, timeOfDay, words } from "./words";

const NEWS_MS = 5_000;

export interface HeaderEvents {
  search(query: string): void;
  follow(following: boolean): void;
}

export class Header {
  private readonly title = document.querySelector("h1")!;
  private readonly legNumber = document.querySelector<HTMLElement>("#leg .number")!;
  private readonly legWide = document.querySelector<HTMLElement>("#leg .wide")!;
  private readonly legNarrow = document.querySelector<HTMLElement>("#leg .narrow")!;
  private readonly live = byId("live");
  private readonly liveText = this.live.querySelector<HTMLElement>(".text")!;
  private readonly clock = byId("clock");
  private readonly followChip = byId<HTMLButtonElement>("follow");
  private readonly noticeBox = byId("notice");
  private readonly offlineBox = byId("offline");

  constructor(private readonly theme: Theme) {
    document.querySelector(".skip")!.textContent = words.skipToMap;
    const search = byId<HTMLInputElement>("search");
    search.placeholder = words.searchHint;
    search.setAttribute("aria-label", words.search);
    byId("list").setAttribute("aria-label", words.list);
    byId("map").setAttribute("aria-label", words.map);
    byId("ladder").setAttribute("aria-label", words.ladder);
    byId("whole-leg").textContent = words.wholeLeg;
    byId("whole-field").textContent = words.wholeField;
    byId("closer").setAttribute("aria-label", words.closer);
    byId("farther").setAttribute("aria-label", words.farther);
    byId("credits").textContent = words.credits;
    this.liveText.textContent = words.connecting;
    this.themeChanged();
  }

  /** The search and the buttons on the map, which move the picture. */
  bind(picture: Picture, events: HeaderEvents): void {
    const search = byId<HTMLInputElement>("search");
    search.addEventListener("input", () => events.search(search.value));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      search.focus();
    });
    byId("theme").addEventListener("click", () => this.theme.toggle());
    const move = (there: () => void) => {
      events.follow(false);
      there();
    };
    const buttons: [string, () => void][] = [
      ["whole-leg", () => move(() => picture.map.fitCourse())],
      ["whole-field", () => move(() => picture.fitField())],
      ["follow", () => events.follow(!picture.isFollowing)],
      ["closer", () => picture.map.zoom(1.6)],
      ["farther", () => picture.map.zoom(1 / 1.6)],
    ];
    for (const [id, act] of buttons) {
      const button = byId(id);
      button.addEventListener("click", act);
      // The map below takes gestures; what is pressed on a button is none.
      for (const kind of ["pointerdown", "dblclick", "keydown"])
        button.addEventListener(kind, (e) => e.stopPropagation());
    }
  }

  themeChanged(): void {
    byId("theme").textContent = this.theme.dark ? words.useLight : words.useDark;
  }

  notice(text: string): void {
    if (this.noticeBox.textContent !== text) this.noticeBox.textContent = text;
  }

  /** Without a connection: how old the picture is. Short gaps are no news. */
  offline(ageMs: number): void {
    this.offlineBox.hidden = ageMs < NEWS_MS;
    if (ageMs >= NEWS_MS) say(this.offlineBox, words.offline(duration(ageMs)));
  }

  following(number: string | null, on: boolean): void {
    this.followChip.hidden = number === null;
    this.followChip.textContent = number === null ? "" : words.follow(number);
    this.followChip.setAttribute("aria-pressed", String(on));
  }

  /** Connection, age of the newest position in the picture, and the time at the tour: always on screen. */
  show(tour: LiveTour, link: Link, legNumber: number, localMs: number): void {
    this.live.dataset.link = tour.past ? "past" : link;
    const quiet = !tour.past && link === "open" && tour.isQuiet(localMs);
    this.live.toggleAttribute("data-quiet", quiet);
    const { body } = tour.feed;
    if (!body) {
      this.liveText.textContent = link === "closed" ? words.ended : words.connecting;
      return;
    }
    const { zone, units, name } = body.tour;
    const leg = body.legs[legNumber - 1];
    say(this.title, name.replace(/ demo$/i, ""));
    document.title = `${name} · Milepost`;
    if (leg) {
      const length = Math.round(inUnits(leg.length_m, units));
      const finish = shortPlace(leg.checkpoints.name[leg.checkpoints.name.length - 1]);
      say(this.legNumber, words.legOf(legNumber, body.legs.length));
      const changed = changeOf(leg, zone);
      say(this.legWide, ` · ${leg.title} · ${changed || words.distance(length, units)}`);
      say(this.legNarrow, ` · ${changed || words.distanceTo(length, units, finish)}`);
    }
    const nowMs = tour.nowMs(localMs);
    if (tour.past) {
      const { sign, time, help } = tour.past.words();
      say(this.clock, time);
      say(this.liveText, sign);
      this.live.title = help;
      return;
    }
    const age = tour.ageMs(localMs);
    say(this.clock, words.atTheTour(timeOfDay(nowMs, zone)));
    if (link === "closed") say(this.liveText, words.ended);
    else if (link !== "open") say(this.liveText, words.reconnecting(timeOfDay(tour.renderMs || nowMs, zone)));
    else if (tour.newestFixMs === 0) say(this.liveText, words.nothingYet);
    else if (quiet) say(this.liveText, words.quiet(timeOfDay(tour.newestFixMs, zone)));
    else say(this.liveText, words.live(duration(age)));
    this.live.title = words.liveHelp(duration(tour.delay?.ms ?? 0), duration(nowMs - tour.newestFixMs));
  }
}

/** What was decided about a leg on the morning, or nothing. */
function changeOf(leg: Leg, zone: string): string {
  if (leg.cancelled) return words.legCancelled;
  return leg.delay_s ? words.legDelayed(timeOfDay(leg.start_ms + leg.delay_s * 1_000, zone)) : "";
}
