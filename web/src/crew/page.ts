// The straggler board: who needs help, and who brings it. Parts draw and say, this file says when and for whom.

import { findTour } from "../app/browser";
import { openFeed } from "../app/connection";
import { byId, say as setText } from "../app/dom";
import { expose } from "../app/expose";
import { Header } from "../app/header";
import { link } from "../app/link";
import { Menu } from "../app/menu";
import { keepForLater, keptNow, lastKept } from "../app/offline";
import type { Picture } from "../app/picture";
import { Favourites } from "../app/prefs";
import { matches, sectionsOf } from "../app/sections";
import { Theme } from "../app/theme";
import { wholePicture } from "../app/wholepicture";
import { words } from "../app/words";
import { Screen } from "../drive/screen";
import { List } from "../views/list";
import type { Desk } from "../wire/desk";
import type { Message } from "../wire/frames";
import type { Link, LiveSocket } from "../wire/socket";
import { Board } from "./board";
import { CarSheet } from "./carsheet";
import { ChoiceBox } from "./choice";
import { Deeds } from "./deeds";
import { factsOf, peopleOf, placeOf } from "./facts";
import { FlowPanel } from "./flowpanel";
import { Log } from "./log";
import { type Me, whoAmI } from "./me";
import { isMine, isOpen, type Need, needsOf, outageOf } from "./needs";
import { News } from "./news";
import { type Scene, sayAlert } from "./sentence";
import { Sound } from "./sound";
import { Summary } from "./summary";
import { Tabs } from "./tabs";
import { crewWords as say } from "./words";

export class CrewPage {
  private readonly theme = new Theme(() => this.themeChanged());
  private readonly header = new Header(this.theme);
  private readonly picture: Picture;
  private readonly list: List;
  private readonly board: Board;
  private readonly sheet: CarSheet;
  private readonly summary = new Summary(byId("summary"));
  private readonly log: Log;
  private readonly flow: FlowPanel;
  private readonly menu: Menu;
  private readonly tabs = new Tabs(byId("tabs"));
  private readonly sound = new Sound();
  private readonly screen = new Screen(() => {});
  private readonly choice: ChoiceBox;
  private readonly deeds: Deeds;
  private readonly news = new News();
  private desk: Desk | null = null;
  private me: Me | null = null;
  private socket: LiveSocket | null = null;
  private link: Link = "connecting";
  private favourites = new Favourites("");
  private query = "";
  private heardAt = 0; // wall clock; 0 = nothing yet

  constructor() {
    this.picture = wholePicture({
      picked: (row) => this.open(row),
      movedByHand: () => this.setFollowing(false),
      think: () => this.think(),
    });
    const { live, palette, sprites } = this.picture;
    this.deeds = new Deeds(
      () => this.picture.nowMs(),
      () => this.think(),
    );
    this.list = new List(byId("list"), palette, {
      picked: (row) => this.open(row, true),
      starred: (row) => this.star(row),
    });
    this.board = new Board(byId("needs"), palette, {
      opened: (row) => this.open(row, true),
      stepped: (alert, step) => this.deeds.step(alert, step, this.scene()!, this.ownRow),
    });
    this.sheet = new CarSheet(byId("sheet-of-car"), {
      closed: () => this.close(),
      stepped: (alert, step) => this.deeds.step(alert, step, this.scene()!, this.ownRow),
      noted: (row, text) => this.deeds.decide("note", { text, vehicle: this.numberOf(row) }, say.done),
      standing: (row, standing) => this.deeds.setStanding(this.numberOf(row), standing),
      undone: (of) => this.deeds.undo(of),
    });
    this.log = new Log(byId("log"), {
      undone: (of) => this.deeds.undo(of),
      noted: (text) => this.deeds.decide("note", { text }, say.done),
      delayed: (leg, minutes) => this.deeds.decide("delay", { leg, minutes }, say.legDelayed(leg, minutes)),
      cancelled: (leg) => this.deeds.decide("cancel", { leg }, say.legCancelled(leg)),
    });
    this.flow = new FlowPanel(palette, sprites, (row) => this.open(row));
    this.choice = new ChoiceBox({
      changed: () => this.think(true),
      sound: (on) => this.sound.want(on),
      awake: (on) => this.screen.want(on),
    });
    this.menu = new Menu(
      live,
      (leg) => {
        link.change({ leg });
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
    setText(byId("needs-title"), say.boardTitle);
    setText(byId("rest-title"), say.rest);
    const elsewhere = byId("elsewhere").querySelector("button")!;
    elsewhere.textContent = say.showAll;
    elsewhere.addEventListener("click", () => this.choice.showEverything());
    addEventListener("pointerdown", () => this.choice.wantsSound && this.sound.want(true));
  }

  async start(): Promise<void> {
    void document.fonts.ready.then(() => this.fontsArrived());
    const slug = await findTour();
    if (!slug) return;
    this.favourites = new Favourites(`crew.${slug}`);
    this.choice.recall(slug);
    this.header.notice(say.waitingForDesk);
    void this.learnWhoIAm(slug);
    this.socket = openFeed(
      slug,
      this.picture.live,
      {
        message: (message) => {
          this.heardAt = Date.now();
          this.take(message);
        },
        link: (link) => {
          this.link = link;
          if (link === "closed" || link === "waiting") void this.learnWhoIAm(slug);
          this.showHeader();
        },
      },
      "/crew",
    );
    const { live } = this.picture;
    keepForLater(
      "crew",
      slug,
      live,
      () => this.heardAt,
      () => this.desk,
    );
    this.expose();
    this.picture.start();
    await this.showKept(slug); // a bar of signal may take minutes to say that it carries nothing
    await this.deeds.start(slug);
  }

  /** Who is no longer signed in gets the page that says how to come in. */
  private async learnWhoIAm(slug: string): Promise<void> {
    const me = await whoAmI(slug);
    if (me === null) location.reload();
    else this.me = me;
    setText(byId("me"), me ? say.you(me.name, say.roles[me.role] ?? me.role) : "");
    this.think(true);
  }

  /** No connection, and nothing heard yet: how it was on an earlier visit, with its age. */
  private async showKept(slug: string): Promise<void> {
    const kept = await lastKept("crew", slug);
    if (!kept || this.heardAt !== 0) return;
    this.heardAt = kept.heardAt;
    this.desk = kept.desk;
    this.take(keptNow(kept));
  }

  private take(message: Message): void {
    const { picture } = this;
    if (message.kind === "desk") {
      this.desk = message.desk;
      this.think();
      return;
    }
    const result = picture.live.accept(message, performance.now());
    if (result === "gap") this.socket?.wantSnapshot();
    if (result === "fresh") {
      picture.begin();
      const [wanted] = link.state.cars;
      picture.selected = picture.live.vehicles.findIndex((v) => v.number === wanted);
      this.setFollowing(link.state.follow);
      this.think(true);
      picture.fitField(true);
    }
  }

  /** What is worth saying: twice a second, with every desk, and whenever somebody asks. */
  private think(force = false): void {
    const { picture, desk } = this;
    const { body } = picture.live.feed;
    if (!body || picture.live.vehicles.length === 0) return;
    const all = desk ? needsOf(desk) : [];
    const kept = new Set([...this.favourites.numbers, ...link.state.cars]);
    for (const need of all) kept.add(this.numberOf(need.row));
    picture.look(link.state.leg, kept);
    const scene = this.scene()!;
    const leg = body.legs[picture.legNumber - 1];
    this.choice.offer(leg, scene.vehicles);
    const { views } = picture.outlook;
    const found = (need: Need) => !this.query || matches(views[need.row], this.query.trim().toLowerCase());
    const choice = this.choice.choice();
    const mine = all.filter((need) => isMine(need, choice, views[need.row], leg.checkpoints.along_m));
    const needs = mine.filter(found);
    this.showNeeds(needs, all.length - mine.length, scene);
    const calm = views.filter((view) => !all.some((need) => need.row === view.vehicle.row));
    const sections = sectionsOf(calm, this.favourites.numbers, this.query, (view) => picture.narrator.row(view));
    this.list.update(sections, picture.selected, this.favourites.numbers, force);
    if (desk) {
      this.summary.show(desk, scene, picture.legNumber);
      this.log.show(desk, scene, picture.legNumber, this.may);
      this.tellNews(desk, scene, mine);
    }
    this.showCar(all, scene);
    const troubled = new Set(all.filter((need) => need.alerts.length > 0).map((need) => need.row));
    this.flow.look(picture, troubled);
    this.menu.show(body);
    byId<HTMLAnchorElement>("text-view").href =
      `/crew/${encodeURIComponent(body.tour.slug)}/radio?lang=${words.language}`;
    this.showHeader();
  }

  private showNeeds(needs: readonly Need[], elsewhere: number, scene: Scene): void {
    const { views } = this.picture.outlook;
    const ownRow = scene.vehicles.findIndex((vehicle) => vehicle.number === this.choice.choice().vehicle);
    this.board.update({
      needs,
      views,
      scene,
      ownRow,
      selected: this.picture.selected,
      mayAct: this.may.has("alert"),
      waiting: this.deeds.lateAlerts(),
    });
    const outage = this.desk ? outageOf(this.desk) : null;
    byId("outage").hidden = outage === null;
    if (outage) setText(byId("outage"), sayAlert(outage, scene));
    byId("elsewhere").hidden = elsewhere === 0;
    setText(byId("elsewhere").querySelector("span")!, say.elsewhere(elsewhere));
    byId("needs-title").hidden = needs.length === 0;
    this.header.notice(!this.desk ? say.waitingForDesk : needs.length === 0 ? say.nobody : "");
    this.tabs.count(needs.filter((need) => need.alerts.length > 0).length);
  }

  private tellNews(desk: Desk, { vehicles, ...rest }: Scene, mine: readonly Need[]): void {
    const fresh = this.news.take(desk.alerts.filter(isOpen));
    const [first] = fresh.filter((alert) => alert.vehicle < 0 || mine.some((need) => need.row === alert.vehicle));
    if (!first) return;
    const sentence = sayAlert(first, { vehicles, ...rest });
    byId("announcer").textContent =
      first.vehicle < 0 ? sentence : say.newAlert(vehicles[first.vehicle].number, sentence);
    this.sound.play();
  }

  private showCar(all: readonly Need[], scene: Scene): void {
    const { picture, desk } = this;
    const view = picture.outlook.views[picture.selected];
    const setting = { scene, desk, may: this.may, palette: picture.palette, ownRow: this.ownRow };
    if (!view) {
      this.sheet.show(null, setting);
      return;
    }
    const { row } = view.vehicle;
    const need = all.find((each) => each.row === row) ?? null;
    const state = picture.narrator.state(view);
    const { lat, lon } = placeOf(picture.live, row);
    const people = peopleOf(picture.live, row);
    this.sheet.show({ view, need, state, lat, lon, people, facts: factsOf(picture.live, row) }, setting);
  }

  // Choosing a car

  /** Shows one car, -1 = none; `byHand` where the next thing read should be about it. */
  private open(row: number, byHand = false): void {
    const { picture } = this;
    if (row < 0) {
      this.close();
      return;
    }
    picture.selected = row;
    this.setFollowing(true);
    link.change({ cars: [this.numberOf(row)] });
    this.think();
    picture.goToSelected();
    if (byHand) this.sheet.focus();
  }

  private close(): void {
    const { picture } = this;
    if (picture.selected < 0) return;
    const number = this.numberOf(picture.selected);
    picture.selected = -1;
    this.setFollowing(false);
    link.change({ cars: [] });
    this.think();
    document.querySelector<HTMLElement>(`#needs [data-number="${CSS.escape(number)}"] .who`)?.focus();
  }

  private setFollowing(following: boolean): void {
    const { picture } = this;
    picture.setFollowing(following);
    const chosen = picture.selected >= 0 ? this.numberOf(picture.selected) : null;
    this.header.following(chosen, picture.isFollowing);
  }

  private star(row: number): void {
    this.favourites.toggle(this.numberOf(row));
    this.think(true);
  }

  // Small things

  private get may(): ReadonlySet<string> {
    return this.me?.may ?? new Set();
  }

  private get ownRow(): number {
    const { vehicle } = this.choice.choice();
    return this.picture.live.vehicles.findIndex((each) => each.number === vehicle);
  }

  private numberOf(row: number): string {
    return this.picture.live.vehicles[row]?.number ?? "";
  }

  private scene(): Scene | null {
    const { live } = this.picture;
    const { body } = live.feed;
    return body && { tour: body.tour, legs: body.legs, vehicles: live.vehicles, nowMs: this.picture.nowMs() };
  }

  private showHeader(): void {
    const { live, legNumber } = this.picture;
    this.header.show(live, this.link, legNumber, performance.now());
    this.header.offline(this.link === "open" || this.heardAt === 0 ? 0 : Date.now() - this.heardAt);
  }

  private themeChanged(): void {
    if (!this.picture) return; // the theme is there before anything that is drawn
    const { picture } = this;
    picture.themeChanged();
    this.list.setPalette(picture.palette);
    this.board.redraw(picture.palette);
    this.flow.setPalette(picture.palette);
    this.header.themeChanged();
    this.think(true);
  }

  private fontsArrived(): void {
    const { picture } = this;
    picture.fontsArrived();
    this.list.redrawRoundels();
    this.board.redraw(picture.palette);
  }

  private expose(): void {
    const { live } = this.picture;
    const { picture } = this;
    expose(
      { hash: () => live.feed.hash() },
      {
        epoch: () => live.feed.epoch,
        seq: () => live.feed.seq,
        firstVehicleMs: () => picture.firstVehicleMs,
        desk: () => this.desk,
      },
    );
  }
}
