// The spectator's page: what happens when. Views draw, models know, this file says when and for whom.

import { chapterOf } from "../model/chapter";
import { searchable, type View } from "../model/field";
import { List } from "../views/list";
import type { Message } from "../wire/frames";
import type { Link, LiveSocket } from "../wire/socket";
import { Announcer } from "./announcer";
import { CarArrivals } from "./arrivals";
import { bringFonts, findTour } from "./browser";
import { CarCard } from "./carcard";
import { showChapter } from "./chapterbox";
import { openFeed } from "./connection";
import { byId } from "./dom";
import { expose } from "./expose";
import { Header } from "./header";
import { runKiosk } from "./kiosk";
import { link } from "./link";
import { Menu } from "./menu";
import { MyCars } from "./mycars";
import { keepForLater, keptNow, lastKept } from "./offline";
import { PassingPanel } from "./passing";
import { PastDoor } from "./pastdoor";
import type { Picture } from "./picture";
import { Favourites } from "./prefs";
import { extraOf, loadPresentation, type Presentation, photoOf } from "./presentation";
import { sectionsOf } from "./sections";
import { offerToShare } from "./share";
import { Sheet } from "./sheet";
import { Theme } from "./theme";
import { TrailChoice } from "./trailchoice";
import { wholePicture } from "./wholepicture";
import { words } from "./words";

export class Page {
  private readonly theme = new Theme(() => this.themeChanged());
  private readonly header = new Header(this.theme);
  private readonly picture: Picture;
  private readonly announcer: Announcer;
  private readonly list: List;
  private readonly menu: Menu;
  private readonly card: CarCard;
  private readonly ahead: CarArrivals;
  private passing: PassingPanel | null = null; // once the tour is known
  private readonly past: PastDoor;
  private readonly trails: TrailChoice;
  private socket: LiveSocket | null = null;
  private link: Link = "connecting";
  private readonly myCars = new MyCars(() => this.followTogether([...this.favourites.numbers]));
  private favourites = new Favourites("");
  private query = "";
  private presentation: Presentation | null = null;
  private heardAt = 0; // wall clock; 0 = nothing yet
  private settled = false;

  constructor() {
    this.picture = wholePicture({
      picked: (row) => this.select(row, true),
      movedByHand: () => this.setFollowing(false),
      think: () => this.think(),
      tappedMap: (px, py, onCar) => this.passing?.tappedMap(px, py, onCar) ?? false,
      tappedLadder: (alongM, onCar) => this.passing?.tappedLadder(alongM, onCar) ?? false,
    });
    const { live, palette } = this.picture;
    this.announcer = new Announcer(this.picture.narrator);
    this.list = new List(byId("list"), palette, {
      picked: (row) => this.select(row === this.picture.selected ? -1 : row),
      starred: (row) => this.star(row),
    });
    new Sheet(byId("sheet"), document.body);
    this.card = new CarCard(() => this.select(-1));
    this.ahead = new CarArrivals(this.card.ahead);
    this.past = new PastDoor(this.picture, () => this.think(true));
    this.trails = new TrailChoice(this.picture, () => this.favourites.numbers);
    this.menu = new Menu(
      live,
      (leg) => {
        link.change({ leg, at: null });
        this.passing?.legChosen();
        this.past.legChosen();
        this.think(true);
      },
      () => this.think(true),
    );
    this.header.bind(this.picture, {
      search: (query) => {
        this.query = query;
        this.think(true);
      },
      follow: (following) => this.setFollowing(following),
    });
  }

  async start(): Promise<void> {
    const slug = await findTour();
    if (!slug) {
      this.header.notice(words.noTour);
      return;
    }
    offerToShare(slug);
    this.favourites = new Favourites(slug);
    this.passing = new PassingPanel(slug, this.picture, {
      picked: (row) => this.select(row, true),
      changed: () => this.think(true),
    });
    this.socket = openFeed(slug, this.picture.live, {
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
    this.header.notice(words.loading);
    this.expose();
    this.picture.start();
    if (link.state.kiosk) this.startKiosk();
  }

  /** The field is there: now what must not keep it waiting. */
  private settle(slug: string): void {
    if (this.settled) return;
    this.settled = true;
    void bringFonts().then(() => this.fontsArrived());
    keepForLater("watch", slug, this.picture.live, () => this.heardAt);
  }

  /** No connection, and nothing heard yet: how the field was on an earlier visit, with its age. */
  private async showKept(slug: string): Promise<void> {
    const kept = await lastKept("watch", slug);
    if (!kept || this.heardAt !== 0) return;
    this.heardAt = kept.heardAt;
    this.take(keptNow(kept));
  }

  private take(message: Message): void {
    const { picture } = this;
    const result = picture.live.accept(message, performance.now());
    if (result === "gap") this.socket?.wantSnapshot();
    if (result === "fresh") {
      picture.begin();
      this.header.notice("");
      const { cars, follow } = link.state;
      if (cars.length > 1 && follow && !link.state.kiosk) this.followTogether(cars);
      else picture.selected = picture.live.vehicles.findIndex((v) => v.number === cars[0]);
      this.setFollowing(follow);
      this.think(true);
      picture.fitField(true);
      if (picture.selected >= 0) this.list.reveal(picture.selected);
      this.passing?.resume();
      this.past.resume();
      void this.trails.apply();
      this.settle(picture.live.feed.body!.tour.slug);
      void loadPresentation(picture.live.feed.body!.tour.slug).then((presentation) => this.takeMore(presentation));
    }
  }

  /** The organiser's own words about cars are found by the search too. */
  private takeMore(presentation: Presentation): void {
    this.presentation = presentation;
    for (const vehicle of this.picture.live.vehicles) {
      const extra = extraOf(presentation, vehicle.number);
      if (extra) vehicle.searched += ` ${searchable(`${extra.crew} ${extra.story}`)}`;
    }
    this.think();
  }

  /** What is worth saying about the field: twice a second, and whenever somebody asks. */
  private think(force = false): void {
    const { picture } = this;
    const { body } = picture.live.feed;
    if (!body) return;
    const kept = new Set([...this.favourites.numbers, ...link.state.cars]);
    const { past } = picture.live;
    picture.look(past?.legNumber ?? link.state.at?.leg ?? link.state.leg, kept);
    const { narrator, selected } = picture;
    const { views } = picture.outlook;
    const sections = sectionsOf(views, this.favourites.numbers, this.query, (view) => narrator.row(view));
    this.list.update(sections, selected, this.favourites.numbers, force);
    this.header.notice(sections.length === 0 ? words.noMatch(this.query) : "");
    if (!past) this.announcer.announce(views, selected, kept);
    this.showCard(views[selected]);
    showChapter(past ? null : chapterOf(body, views, picture.legNumber, picture.nowMs()));
    this.passing?.render();
    this.menu.show(body);
    this.showHeader();
  }

  private showCard(view: View | undefined): void {
    const { live, narrator, palette } = this.picture;
    const colour = view ? live.feed.body!.roster.colour[view.vehicle.row] : "";
    const says = view ? [narrator.state(view), narrator.position(view)] : ["", ""];
    const { slug, zone } = live.feed.body!.tour;
    const number = view?.vehicle.number ?? "";
    const extra = extraOf(this.presentation, number);
    this.card.show(view, says[0], says[1], colour, palette, extra, photoOf(this.presentation, slug, number));
    const ahead = live.past ? null : (view ?? null);
    this.ahead.show(slug, zone, this.picture.nowMs(), live.clock.rate, ahead);
  }

  /** Chooses a vehicle (-1 = none); `elsewhere` than in the list, which then shows it. */
  private select(row: number, elsewhere = false): void {
    const { picture } = this;
    if (row < 0 && picture.selected < 0) return;
    picture.group = [];
    picture.selected = row;
    this.setFollowing(row >= 0);
    link.change({ cars: row < 0 ? [] : [picture.live.vehicles[row].number] });
    this.think(elsewhere); // a list that is being used keeps its order
    if (elsewhere && row >= 0) this.list.reveal(row);
    picture.goToSelected();
  }

  /** Several at once: the map keeps all of them in view, the first is the one that is shown. */
  private followTogether(numbers: readonly string[]): void {
    const { picture } = this;
    picture.group = numbers
      .map((n) => picture.live.vehicles.findIndex((v) => v.number === n))
      .filter((row) => row >= 0);
    if (picture.group.length === 0) return;
    picture.selected = picture.group[0];
    link.change({ cars: picture.group.map((row) => picture.live.vehicles[row].number) });
    this.setFollowing(true);
    this.think(true);
  }

  private setFollowing(following: boolean): void {
    const { picture } = this;
    picture.setFollowing(following);
    if (picture.selected >= 0 && link.state.follow !== following) link.change({ follow: following });
    const chosen = picture.selected >= 0 ? picture.live.vehicles[picture.selected].number : null;
    const together = picture.group.length > 1;
    this.trails.offer(picture.selected >= 0 || this.favourites.numbers.size > 0);
    this.header.following(together ? null : chosen, picture.isFollowing);
    this.myCars.show(this.favourites.numbers.size, together && picture.isFollowing);
  }

  private startKiosk(): void {
    const { picture } = this;
    const numbers = [...link.state.cars]; // what is shown in turn stays in the address as it was given
    const rows = () => numbers.map((n) => picture.live.vehicles.findIndex((v) => v.number === n)).filter((r) => r >= 0);
    runKiosk(picture, rows, (row) => {
      picture.selected = row;
      picture.setFollowing(row >= 0);
      this.think(true);
      picture.goToSelected();
    });
  }

  private star(row: number): void {
    this.favourites.toggle(this.picture.live.vehicles[row].number);
    this.setFollowing(this.picture.isFollowing);
    this.think(true);
  }

  private showHeader(): void {
    const now = performance.now();
    this.header.show(this.picture.live, this.link, this.picture.legNumber, now);
    this.header.offline(this.link === "open" || this.heardAt === 0 ? 0 : Date.now() - this.heardAt);
  }

  private themeChanged(): void {
    if (!this.picture) return; // the theme is there before anything that is drawn
    this.picture.themeChanged();
    this.list.setPalette(this.picture.palette);
    this.header.themeChanged();
    this.think(true);
  }

  private fontsArrived(): void {
    this.picture.fontsArrived();
    this.list.redrawRoundels();
    this.card.redraw();
  }

  private expose(): void {
    const { picture } = this;
    const { live } = picture;
    expose(
      {
        hash: () => live.feed.hash(),
        shown: () => ({
          nowMs: picture.nowMs(),
          alongM: live.vehicles.map(({ row }) => (live.known[row] ? live.drawn[row].alongM : null)),
        }),
        fixAgesMs: () =>
          picture.outlook.views.map((v) => (v.fixTimeMs === null ? null : picture.nowMs() - v.fixTimeMs)),
      },
      {
        epoch: () => live.feed.epoch,
        seq: () => live.feed.seq,
        firstVehicleMs: () => picture.firstVehicleMs,
        drawMs: () => picture.drawMs,
        draws: () => picture.draws,
        ground: () => picture.map.ground,
        selected: () => (picture.selected < 0 ? null : live.vehicles[picture.selected].number),
      },
    );
  }
}
