// The spectator's page: what happens when. Views draw, models know, this file says when and for whom.
import { readPalette } from "../draw/palette";
import { RoundelSprites } from "../draw/roundel";
import { boxAround } from "../map/camera";
import { CoursePicture } from "../map/coursepicture";
import { MapView } from "../map/mapview";
import type { View } from "../model/field";
import { Ladder } from "../views/ladder";
import { List } from "../views/list";
import type { Message } from "../wire/frames";
import type { Link, LiveSocket } from "../wire/socket";
import { findTour } from "./browser";
import { CarCard } from "./carcard";
import { openFeed } from "./connection";
import { expose } from "./expose";
import { layGround } from "./ground";
import { byId, Header } from "./header";
import { link } from "./link";
import { LiveTour } from "./live";
import { Menu } from "./menu";
import { Narrator } from "./narrator";
import { keepForLater, lastKept } from "./offline";
import { Outlook } from "./outlook";
import { Favourites } from "./prefs";
import { sectionsOf } from "./sections";
import { Sheet } from "./sheet";
import { Theme } from "./theme";
import { words } from "./words";

const THINK_MS = 500; // words, groups and the order of things change this often
const SLOW_FRAME_MS = 100; // while nothing moves visibly, drawing ten times a second is enough

export class Page {
  private readonly live = new LiveTour();
  private readonly theme = new Theme(() => this.themeChanged());
  private palette = readPalette();
  private readonly sprites = new RoundelSprites(this.palette);
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly header = new Header(this.theme);
  private readonly list: List;
  private readonly ladder: Ladder;
  private readonly map: MapView;
  private readonly narrator = new Narrator(this.live);
  private readonly outlook = new Outlook(this.live, this.narrator);
  private readonly menu: Menu;
  private readonly card: CarCard;
  private socket: LiveSocket | null = null;
  private link: Link = "connecting";
  private favourites = new Favourites("");
  private selected = -1;
  private following = false;
  private query = "";
  private legNumber = 0;
  private heardAt = 0; // wall clock; 0 = nothing yet
  private alongM = new Float64Array(0);
  private thoughtAt = Number.NEGATIVE_INFINITY;
  private drawnAt = 0;
  private busy = true;
  private firstVehicleMs: number | null = null;
  private picture: CoursePicture | null = null;
  private drawMs = 0;
  private upgraded = false;

  constructor() {
    const calm = () => this.calm.matches;
    const picked = (row: number) => this.select(row, true);
    this.list = new List(byId("list"), this.palette, {
      picked: (row) => this.select(row === this.selected ? -1 : row),
      starred: (row) => this.star(row),
    });
    this.ladder = new Ladder(byId("ladder"), this.palette, this.sprites, picked, calm);
    this.map = new MapView(
      byId("map"),
      this.palette,
      this.sprites,
      { picked, movedByHand: () => this.setFollowing(false) },
      calm,
    );
    new Sheet(byId("sheet"), document.body);
    document.body.toggleAttribute("data-kiosk", link.state.kiosk);
    this.card = new CarCard(() => this.select(-1));
    this.live.setUnits(link.state.units);
    this.menu = new Menu(
      (leg) => {
        link.change({ leg });
        this.think(true);
      },
      (units) => {
        link.change({ units });
        this.live.setUnits(units);
        this.think(true);
      },
    );
    this.header.bind({
      search: (query) => {
        this.query = query;
        this.think(true);
      },
      wholeLeg: () => {
        this.setFollowing(false);
        this.map.fitCourse();
      },
      wholeField: () => {
        this.setFollowing(false);
        this.fitField();
      },
      follow: () => this.setFollowing(!this.following),
      zoom: (factor) => this.map.zoom(factor),
    });
  }

  async start(): Promise<void> {
    void document.fonts.ready.then(() => this.fontsArrived());
    const slug = await findTour();
    if (!slug) {
      this.header.notice(words.noTour);
      return;
    }
    this.favourites = new Favourites(slug);
    this.socket = openFeed(slug, this.live, {
      message: (message) => {
        this.heardAt = Date.now();
        this.take(message);
      },
      link: (link) => {
        this.link = link;
        if (link === "waiting" && this.heardAt === 0) void this.showKept(slug);
        this.showHeader();
      },
    });
    keepForLater(slug, this.live, () => this.heardAt);
    this.header.notice(words.loading);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.thoughtAt = Number.NEGATIVE_INFINITY;
    });
    this.expose();
    requestAnimationFrame((now) => this.frame(now));
  }

  /** No connection, and nothing heard yet: how the field was on an earlier visit, with its age. */
  private async showKept(slug: string): Promise<void> {
    const kept = await lastKept(slug);
    if (!kept || this.heardAt !== 0) return;
    this.heardAt = kept.heardAt;
    const { message } = kept;
    this.take({ ...message, nowMs: message.nowMs + message.rate * (Date.now() - kept.heardAt) });
  }

  private take(message: Message): void {
    const result = this.live.accept(message, performance.now());
    if (result === "gap") this.socket?.wantSnapshot();
    if (result === "fresh") {
      this.legNumber = 0;
      this.alongM = new Float64Array(this.live.vehicles.length);
      this.map.setVehicles(this.live.vehicles.length);
      this.header.notice("");
      const [wanted] = link.state.cars;
      this.selected = this.live.vehicles.findIndex((v) => v.number === wanted);
      this.setFollowing(link.state.follow);
      this.think(true);
      this.fitField(true);
      if (this.selected >= 0) this.list.reveal(this.selected);
    }
  }

  /** What is worth saying about the field: twice a second, and whenever somebody asks. */
  private think(force = false): void {
    const { body } = this.live.feed;
    if (!body) return;
    this.thoughtAt = performance.now();
    const nowMs = this.live.clock.nowMs(this.thoughtAt);
    const before = JSON.stringify([...this.outlook.notes]);
    const kept = new Set([...this.favourites.numbers, ...link.state.cars]);
    this.outlook.look(nowMs, link.state.leg, this.selected, kept);
    this.showLeg(this.outlook.legNumber);
    const { views, notes, drivenM } = this.outlook;
    if (this.picture?.setDriven(drivenM) || JSON.stringify([...notes]) !== before) this.map.redraw();
    const sections = sectionsOf(views, this.favourites.numbers, this.query, (view) => this.narrator.row(view));
    this.list.update(sections, this.selected, this.favourites.numbers, force);
    this.header.notice(sections.length === 0 ? words.noMatch(this.query) : "");
    this.narrator.announce(views, this.selected, kept);
    this.showCard(views[this.selected]);
    this.menu.show(
      body.tour.slug,
      body.legs.map((leg) => leg.title),
      body.tour.units,
      link.state,
    );
    this.showHeader();
  }

  private showCard(view: View | undefined): void {
    const colour = view ? this.live.feed.body!.roster.colour[view.vehicle.row] : "";
    const says = view ? [this.narrator.state(view), this.narrator.position(view)] : ["", ""];
    this.card.show(view, says[0], says[1], colour, this.palette);
  }

  private showLeg(legNumber: number): void {
    const line = this.live.courses.get(legNumber);
    if (!line) {
      void this.live.loadCourse(legNumber).then((loaded) => {
        if (loaded) this.courseArrived(legNumber);
      });
    }
    if (legNumber === this.legNumber) return;
    this.legNumber = legNumber;
    if (line) this.courseArrived(legNumber);
  }

  private courseArrived(legNumber: number): void {
    const line = this.live.courses.get(legNumber);
    if (legNumber !== this.legNumber || !line) return;
    const picture = new CoursePicture(this.live.feed.body!.legs[legNumber - 1], line);
    picture.setDriven(this.outlook.drivenM);
    this.picture = picture;
    this.narrator.setCourse(line);
    this.map.setCourse(picture);
    if (!this.following) this.map.fitCourse(true);
    if (this.upgraded) return;
    this.upgraded = true; // list, ladder and course are up: now what lies below them
    layGround(this.map);
  }

  private frame(nowMs: number): void {
    requestAnimationFrame((next) => this.frame(next)); // a hidden page gets no frames: drawing stops by itself
    if (!this.live.feed.body) return;
    if (nowMs - this.thoughtAt > THINK_MS) this.think();
    const quick = this.busy || this.live.clock.rate > 5;
    if (!quick && nowMs - this.drawnAt < SLOW_FRAME_MS) return;
    if (this.calm.matches && !this.busy && nowMs - this.drawnAt < 1_000) return;
    this.drawnAt = nowMs;
    const started = performance.now();
    this.live.place(nowMs);
    this.busy = this.drawMap(nowMs);
    this.busy = this.drawLadder(nowMs) || this.busy;
    this.drawMs = performance.now() - started;
    if (this.firstVehicleMs === null && this.live.known.includes(true)) this.firstVehicleMs = performance.now();
  }

  private drawMap(nowMs: number): boolean {
    if (this.following && this.live.known[this.selected]) {
      const { x, y } = this.live.drawn[this.selected];
      this.map.follow(x, y, false);
    }
    return this.map.draw(nowMs, {
      views: this.outlook.views,
      drawn: this.live.drawn,
      known: this.live.known,
      selected: this.selected,
      important: this.outlook.important,
      notes: this.outlook.notes,
    });
  }

  private drawLadder(nowMs: number): boolean {
    const { body } = this.live.feed;
    this.live.drawn.forEach((drawn, row) => {
      this.alongM[row] = drawn.alongM >= 0 ? drawn.alongM : (this.outlook.views[row]?.alongM ?? -1);
    });
    return this.ladder.draw(nowMs, {
      leg: body!.legs[this.legNumber - 1],
      legNumber: this.legNumber,
      views: this.outlook.views,
      alongM: this.alongM,
      groups: this.outlook.groups,
      important: this.outlook.important,
      selected: this.selected,
      drivenM: this.outlook.drivenM,
      says: (group) => this.narrator.groupWords(group),
    });
  }

  /** Chooses a vehicle (-1 = none); `elsewhere` than in the list, which then shows it. */
  private select(row: number, elsewhere = false): void {
    if (row < 0 && this.selected < 0) return;
    this.selected = row;
    this.setFollowing(row >= 0);
    link.change({ cars: row < 0 ? [] : [this.live.vehicles[row].number] });
    this.think(elsewhere); // a list that is being used keeps its order
    if (elsewhere && row >= 0) this.list.reveal(row);
    if (this.following && this.live.known[row]) {
      const { x, y } = this.live.drawn[row];
      this.map.follow(x, y, true);
    }
    this.busy = true;
  }

  private setFollowing(following: boolean): void {
    this.following = following && this.selected >= 0;
    if (this.selected >= 0 && link.state.follow !== following) link.change({ follow: following });
    this.header.following(this.selected >= 0 ? this.live.vehicles[this.selected].number : null, this.following);
  }

  private star(row: number): void {
    this.favourites.toggle(this.live.vehicles[row].number);
    this.think(true);
  }

  private fitField(now = false): void {
    this.live.place(performance.now());
    const out = this.outlook.views.filter(
      (v) => v.legNumber === this.legNumber && v.condition !== "out" && this.live.known[v.vehicle.row],
    );
    this.map.fit(boxAround(out.map((v) => this.live.drawn[v.vehicle.row])), now);
  }

  private showHeader(): void {
    const now = performance.now();
    this.header.show(this.live, this.link, this.legNumber, now);
    this.header.offline(this.link === "open" || this.heardAt === 0 ? 0 : Date.now() - this.heardAt);
  }

  private themeChanged(): void {
    if (!this.map) return; // the theme is there before anything that is drawn
    this.palette = readPalette();
    this.sprites.reset(this.palette);
    for (const view of [this.map, this.ladder, this.list]) view.setPalette(this.palette);
    this.header.themeChanged();
    this.think(true);
    this.busy = true;
  }

  private fontsArrived(): void {
    this.sprites.reset(this.palette);
    this.list.redrawRoundels();
    this.card.redraw();
    this.map.redraw();
    this.busy = true;
  }

  private expose(): void {
    const { live, map } = this;
    const now = () => live.clock.nowMs(performance.now());
    expose(
      {
        hash: () => live.feed.hash(),
        fixAgesMs: () => this.outlook.views.map((v) => (v.fixTimeMs === null ? null : now() - v.fixTimeMs)),
      },
      {
        epoch: () => live.feed.epoch,
        seq: () => live.feed.seq,
        firstVehicleMs: () => this.firstVehicleMs,
        drawMs: () => this.drawMs,
        ground: () => map.ground,
        selected: () => (this.selected < 0 ? null : live.vehicles[this.selected].number),
      },
    );
  }
}
