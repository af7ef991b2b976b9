// "When do they pass me?": a place on the course is chosen, and the panel says who comes and when.

import { drawPin } from "../draw/pin";
import { screenX, screenY } from "../map/camera";
import { distanceM, newPlace } from "../model/course";
import { mercatorX, mercatorY } from "../model/mercator";
import { type Passing, sayPlace } from "../model/passing";
import { metresPerUnit, type Pass, passesNear } from "../model/places";
import { wholeUnits } from "../model/units";
import { copiesAddress } from "./copy";
import { byId } from "./dom";
import { link } from "./link";
import { PassingResults } from "./passingresults";
import { passingWords } from "./passingwords";
import type { Picture } from "./picture";
import { words } from "./words";

const REFRESH_MS = 15_000;
const REACH_PX = 45; // of a finger that means the course
const REACH_UNASKED_PX = 12; // and of one that may mean something else
const POSITION_REACH_M = 30_000;

export class PassingPanel {
  private readonly box = byId("passing");
  private readonly title = this.box.querySelector("h2")!;
  private readonly status = this.box.querySelector<HTMLElement>(".status")!;
  private readonly chooser = this.box.querySelector<HTMLElement>(".chooser")!;
  private readonly places = this.box.querySelector("select")!;
  private readonly another = this.box.querySelector<HTMLButtonElement>(".another")!;
  private readonly results: PassingResults;
  private readonly share = this.box.querySelector<HTMLButtonElement>(".share")!;
  private passes: readonly Pass[] = [];
  private pinsM: readonly number[] = [];
  private answers: (Passing | null)[] = [];
  private legNumber = 0;
  private asked = 0; // grows with every place: answers to older ones are let go
  private timer = 0;
  private placesKey = "";
  open = false;

  constructor(
    private readonly slug: string,
    private readonly picture: Picture,
    private readonly events: { picked(row: number): void; changed(): void },
  ) {
    const ask = byId("ask");
    ask.textContent = passingWords.ask;
    ask.addEventListener("click", () => this.begin());
    this.box.setAttribute("aria-label", passingWords.ask);
    const close = this.box.querySelector<HTMLButtonElement>(".close")!;
    close.setAttribute("aria-label", words.close);
    close.addEventListener("click", () => this.close());
    const locate = this.box.querySelector<HTMLButtonElement>(".locate")!;
    locate.textContent = passingWords.usePosition;
    locate.addEventListener("click", () => this.locate());
    this.box.querySelector(".privacy")!.textContent = passingWords.positionStays;
    this.places.setAttribute("aria-label", passingWords.choosePlace);
    this.places.addEventListener("change", () => this.choose([{ alongM: Number(this.places.value), awayM: 0 }], true));
    this.another.textContent = passingWords.another;
    this.another.addEventListener("click", () => this.begin());
    this.results = new PassingResults(this.box.querySelector(".results")!, picture, events.picked);
    copiesAddress(this.share, passingWords.copyLink);
    this.drawPins();
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.open) this.close();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.refresh();
    });
  }

  /** Marks the place on map and ladder. */
  private drawPins(): void {
    const { map, ladder, live } = this.picture;
    map.above.push((c, camera, palette) => {
      const line = live.courses.get(this.legNumber);
      for (const alongM of line ? this.pinsM : []) {
        const { x, y } = line!.placeAt(alongM, newPlace());
        drawPin(c, screenX(camera, x), screenY(camera, y), palette);
      }
    });
    ladder?.above.push((c, frame, palette) => {
      for (const alongM of this.pinsM) drawPin(c, ...frame.point(frame.scaled(alongM), 0), palette);
    });
  }

  /** Opens the panel with what the address asks for, once its leg is known. */
  resume(): void {
    const { at } = link.state;
    const leg = at ? this.picture.live.feed.body?.legs[at.leg - 1] : undefined;
    if (!at || !leg) return;
    this.show();
    this.legNumber = at.leg;
    this.choose([{ alongM: Math.min(at.alongM, leg.length_m), awayM: 0 }], false);
  }

  private begin(): void {
    this.show();
    this.passes = [];
    this.answers = [];
    this.asked++;
    clearTimeout(this.timer);
    link.change({ at: null });
    this.say(passingWords.choose);
    this.render();
    this.title.focus();
  }

  /** Another leg is shown from now on: a place of the one before is no place of it. */
  legChosen(): void {
    if (this.open) this.begin();
  }

  private show(): void {
    this.open = true;
    this.box.hidden = false;
    document.body.toggleAttribute("data-asking", true);
    if (document.body.dataset.sheet === "peek") document.body.dataset.sheet = "half";
  }

  private close(): void {
    this.open = false;
    this.box.hidden = true;
    document.body.toggleAttribute("data-asking", false);
    this.passes = [];
    this.asked++;
    clearTimeout(this.timer);
    this.pinsM = [];
    link.change({ at: null });
    byId("ask").focus();
    this.events.changed();
  }

  /** Somebody tapped the map; true if that was an answer to the panel's question, or a place on the course. */
  tappedMap(px: number, py: number, onCar: boolean): boolean {
    const { camera } = this.picture.map;
    const x = camera.x + (px - camera.width / 2) / camera.scale;
    const y = camera.y + (py - camera.height / 2) / camera.scale;
    const metresPerPixel = metresPerUnit(y) / camera.scale;
    const line = this.picture.live.courses.get(this.picture.legNumber);
    const choosing = this.open && this.passes.length === 0;
    if (!line || (onCar && !choosing)) return false;
    const passes = passesNear(line, x, y, (this.open ? REACH_PX : REACH_UNASKED_PX) * metresPerPixel);
    if (passes.length > 0) this.choose(passes, true);
    else if (choosing) this.say(passingWords.tapNearer);
    return passes.length > 0 || choosing;
  }

  /** The same for the ladder, where a place is one place. */
  tappedLadder(alongM: number, onCar: boolean): boolean {
    const choosing = this.open && this.passes.length === 0;
    if (!this.open || (onCar && !choosing)) return false;
    this.choose([{ alongM, awayM: 0 }], true);
    return true;
  }

  private locate(): void {
    if (!navigator.geolocation) {
      this.say(passingWords.noPosition);
      return;
    }
    this.say(passingWords.locating);
    const asked = ++this.asked;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        if (asked === this.asked) this.located(coords.latitude, coords.longitude);
      },
      () => this.say(passingWords.noPosition),
      { enableHighAccuracy: true, timeout: 20_000 },
    );
  }

  private located(lat: number, lon: number): void {
    const { live, legNumber } = this.picture;
    const line = live.courses.get(legNumber);
    if (!line) return;
    const passes = passesNear(line, mercatorX(lon), mercatorY(lat), POSITION_REACH_M);
    if (passes.length > 0) {
      this.choose(passes, true);
      return;
    }
    const away = line.lats.reduce((least, at, i) => Math.min(least, distanceM(at, line.lons[i], lat, lon)), Infinity);
    const { units } = live.feed.body!.tour;
    this.say(passingWords.farAway(words.distance(wholeUnits(away, units), units)));
  }

  private choose(passes: readonly Pass[], byHand: boolean): void {
    if (byHand) {
      this.show();
      this.legNumber = this.picture.legNumber;
    }
    this.passes = passes.map((pass) => ({ ...pass, alongM: Math.round(pass.alongM) }));
    this.answers = passes.map(() => null);
    this.asked++;
    this.say("");
    if (byHand) link.change({ at: { leg: this.legNumber, alongM: this.passes[0].alongM } });
    this.events.changed();
    this.render();
    this.refresh();
    if (byHand) this.title.focus();
  }

  private refresh(): void {
    clearTimeout(this.timer);
    if (!this.open || this.passes.length === 0) return;
    const { asked } = this;
    const rate = Math.max(this.picture.live.clock.rate, 1);
    this.timer = window.setTimeout(() => this.refresh(), Math.max(REFRESH_MS / rate, 3_000));
    if (document.hidden) return;
    this.passes.forEach((pass, i) => void this.ask(pass, i, asked));
  }

  private async ask(pass: Pass, index: number, asked: number): Promise<void> {
    const path = `/api/v1/tours/${encodeURIComponent(this.slug)}/passing?leg=${this.legNumber}&along_m=${pass.alongM}`;
    const response = await fetch(path).catch(() => null);
    if (asked !== this.asked) return;
    if (response?.ok) this.answers[index] = (await response.json()) as Passing;
    if (asked === this.asked) this.render();
  }

  /** Brings the panel up to date; at every look at the field too, for minutes go on. */
  render(): void {
    const { live, legNumber } = this.picture;
    const { body } = live.feed;
    if (!this.open || !body) return;
    const chosen = this.passes.length > 0;
    this.chooser.hidden = chosen;
    this.share.hidden = !chosen;
    this.another.hidden = !chosen;
    this.pinsM = this.legNumber === legNumber ? this.passes.map((pass) => pass.alongM) : [];
    this.picture.redraw();
    this.results.show(this.legNumber, this.passes, this.answers);
    if (chosen) {
      const { units } = body.tour;
      const [{ alongM }] = this.passes;
      const place = sayPlace(body.legs[this.legNumber - 1], alongM, units);
      this.title.textContent = this.passes.length === 1 ? place : passingWords.severalTimes(this.passes.length);
    } else {
      this.title.textContent = passingWords.ask;
      this.offerPlaces();
    }
  }

  private offerPlaces(): void {
    const { live, legNumber } = this.picture;
    const { legs, tour } = live.feed.body!;
    const leg = legs[legNumber - 1];
    const key = JSON.stringify([legNumber, tour.units, tour.version]);
    if (!leg || key === this.placesKey) return;
    this.placesKey = key;
    const { name, along_m } = leg.checkpoints;
    const options = along_m.map((m, i) => {
      const text = passingWords.at(name[i], words.mark(wholeUnits(m, tour.units), tour.units));
      return new Option(text, String(Math.round(m)));
    });
    const first = new Option(passingWords.choosePlace, "", true, true);
    first.disabled = true;
    this.places.replaceChildren(first, ...options);
  }

  private say(text: string): void {
    if (this.status.textContent !== text) this.status.textContent = text;
    if (text === passingWords.choose) this.placesKey = "";
  }
}
