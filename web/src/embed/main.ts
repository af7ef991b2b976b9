// The tour in a frame of somebody's page: the map alone. It keeps nothing in the browser and never loads MapLibre.

import { bringFonts, findTour } from "../app/browser";
import { openFeed } from "../app/connection";
import { byId, say } from "../app/dom";
import { expose } from "../app/expose";
import { link, writeLink } from "../app/link";
import { Picture } from "../app/picture";
import { duration, timeOfDay, words } from "../app/words";
import { loadBaseMap } from "../map/basemap";

const dark = matchMedia("(prefers-color-scheme: dark)");
const NEWS_MS = 5_000;

function dress(): void {
  document.documentElement.dataset.theme = link.state.theme ?? (dark.matches ? "dark" : "light");
}

class Embed {
  private readonly picture = new Picture(
    { picked: (row) => this.pick(row), movedByHand: () => this.picture.setFollowing(false), think: () => this.think() },
    (map) => void loadBaseMap("far").then((base) => map.addBaseMap(base), console.warn),
  );
  private readonly title = document.querySelector("h1")!;
  private heardAt = 0;
  private fonts: Promise<void> | null = null;
  private connected = false;

  async start(): Promise<void> {
    const { picture } = this;
    byId("map").setAttribute("aria-label", words.embedMap);
    byId("credits").textContent = words.credits;
    for (const [id, label, factor] of [
      ["closer", words.closer, 1.6],
      ["farther", words.farther, 1 / 1.6],
    ] as const) {
      const button = byId(id);
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => picture.map.zoom(factor));
    }
    // The map below takes gestures; what is pressed on a button or a link is none.
    for (const pressed of document.querySelectorAll(".zoom, #whole"))
      for (const kind of ["pointerdown", "dblclick", "keydown"])
        pressed.addEventListener(kind, (e) => e.stopPropagation());
    // The wheel scrolls the page around the frame; with Ctrl (and so a pinch on a touchpad) it zooms.
    window.addEventListener("wheel", (e) => e.ctrlKey || e.stopPropagation(), { capture: true, passive: true });
    dark.addEventListener("change", () => {
      dress();
      picture.themeChanged();
    });
    picture.live.setUnits(link.state.units);
    const slug = await findTour();
    if (!slug) {
      this.title.textContent = words.noTour;
      return;
    }
    const whole = byId<HTMLAnchorElement>("whole");
    whole.textContent = words.wholePage;
    whole.href = `/tour/${encodeURIComponent(slug)}${writeLink({ ...link.state, kiosk: false })}`;
    const socket = openFeed(slug, picture.live, {
      message: (message) => {
        this.heardAt = Date.now();
        const result = picture.live.accept(message, performance.now());
        if (result === "gap") socket.wantSnapshot();
        if (result === "fresh") this.begin();
      },
      link: (state) => {
        this.connected = state === "open";
      },
    });
    expose({}, { firstVehicleMs: () => picture.firstVehicleMs, seq: () => picture.live.feed.seq });
    picture.start();
  }

  private begin(): void {
    const { picture } = this;
    picture.begin();
    picture.selected = picture.live.vehicles.findIndex((v) => v.number === link.state.cars[0]);
    picture.setFollowing(link.state.follow);
    this.think();
    if (picture.selected < 0) picture.fitField(true);
    if (!this.fonts) this.fonts = bringFonts().then(() => picture.fontsArrived());
  }

  private pick(row: number): void {
    const { picture } = this;
    picture.selected = row;
    picture.setFollowing(row >= 0);
    this.think();
    picture.goToSelected();
  }

  private think(): void {
    const { live, narrator, outlook } = this.picture;
    const { body } = live.feed;
    if (!body) return;
    this.picture.look(link.state.leg, new Set(link.state.cars));
    const leg = body.legs[this.picture.legNumber - 1];
    say(this.title, body.tour.name.replace(/ demo$/i, ""));
    say(byId("leg"), `${words.legOf(this.picture.legNumber, body.legs.length)} · ${leg.title}`);
    const silentMs = Date.now() - this.heardAt;
    const lost = !this.connected && silentMs > NEWS_MS;
    const age = duration(lost ? silentMs : live.ageMs(performance.now()));
    const quiet = live.newestFixMs > 0 && live.isQuiet(performance.now());
    const heard = quiet ? words.quiet(timeOfDay(live.newestFixMs, body.tour.zone)) : words.live(age);
    say(byId("live"), lost ? words.offline(age) : heard);
    const view = outlook.views[this.picture.selected];
    say(byId("said"), view ? words.announced(view.vehicle.number, view.vehicle.name, narrator.state(view)) : "");
  }
}

dress();
document.documentElement.lang = words.language;
void new Embed().start();
