// The spectator's page: what happens when. Views draw, models know, this file says when and for whom.
import { readPalette } from "../draw/palette";
import { RoundelSprites } from "../draw/roundel";
import { loadBaseMap } from "../map/basemap";
import { boxAround } from "../map/camera";
import { type CheckpointNote, CoursePicture } from "../map/coursepicture";
import { MapView } from "../map/mapview";
import { legOfTheDay, notable, type View } from "../model/field";
import { type Group, groupsOf, paceMpmin } from "../model/groups";
import { Ladder } from "../views/ladder";
import { List } from "../views/list";
import type { Message } from "../wire/frames";
import { type Link, LiveSocket } from "../wire/socket";
import { findTour, mayUseGl, whenIdle } from "./browser";
import { byId, Header } from "./header";
import { LiveTour } from "./live";
import { Narrator } from "./narrator";
import { Favourites } from "./prefs";
import { sectionsOf } from "./sections";
import { Sheet } from "./sheet";
import { Theme } from "./theme";
import { words } from "./words";

const THINK_MS = 500; // words, groups and the order of things change this often
const DEAD_ZONE_CARS = 3;
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
  private socket: LiveSocket | null = null;
  private link: Link = "connecting";
  private favourites = new Favourites("");
  private selected = -1;
  private following = false;
  private query = "";
  private legNumber = 0;
  private views: View[] = [];
  private groups: Group[] = [];
  private important = new Set<number>();
  private notes = new Map<number, CheckpointNote>();
  private drivenM = 0;
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
      picked: (row) => this.select(row === this.selected ? -1 : row, false),
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
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new LiveSocket(
      `${scheme}://${location.host}/live/${encodeURIComponent(slug)}`,
      () => (this.live.feed.body ? { epoch: this.live.feed.epoch, seq: this.live.feed.seq } : null),
      {
        message: (message) => this.take(message),
        link: (link) => {
          this.link = link;
          this.showHeader();
        },
      },
    );
    this.header.notice(words.loading);
    this.socket.open();
    window.addEventListener("online", () => this.socket?.open());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.socket?.wantSnapshot();
      this.thoughtAt = Number.NEGATIVE_INFINITY;
    });
    this.expose();
    requestAnimationFrame((now) => this.frame(now));
  }

  private take(message: Message): void {
    const result = this.live.accept(message, performance.now());
    if (result === "gap") this.socket?.wantSnapshot();
    if (result === "fresh") {
      this.legNumber = 0;
      this.selected = -1;
      this.alongM = new Float64Array(this.live.vehicles.length);
      this.map.setVehicles(this.live.vehicles.length);
      this.header.notice("");
      this.think(true);
      this.fitField(true);
    }
  }

  /** What is worth saying about the field: twice a second, and whenever somebody asks. */
  private think(force = false): void {
    const { body } = this.live.feed;
    if (!body) return;
    this.thoughtAt = performance.now();
    const nowMs = this.live.clock.nowMs(this.thoughtAt);
    this.views = this.live.views();
    this.showLeg(legOfTheDay(this.views, body.legs.length));
    const leg = body.legs[this.legNumber - 1];
    this.narrator.look(this.views, this.legNumber, nowMs);
    const { first, last, sweep } = notable(this.views, this.legNumber);
    this.important = new Set([this.selected, first, last, sweep].filter((row) => row >= 0));
    for (const view of this.views) {
      const { vehicle, attention, condition } = view;
      // In a dead zone many fall silent together: then silence is no news about one of them.
      const inTrouble = attention && !(condition === "silent" && this.narrator.silentAround(view) >= DEAD_ZONE_CARS);
      if (inTrouble || this.favourites.numbers.has(vehicle.number)) this.important.add(vehicle.row);
    }
    this.groups = groupsOf(this.views, this.legNumber, leg, paceMpmin(this.views, leg, nowMs));
    const leader = this.selected >= 0 ? this.selected : first;
    const ahead = leader >= 0 ? this.views[leader] : undefined;
    this.drivenM =
      ahead && ahead.legNumber === this.legNumber ? Math.max(ahead.alongM, 0) : this.allArrived() ? leg.length_m : 0;
    this.noteCheckpoints();
    const sections = sectionsOf(this.views, this.favourites.numbers, this.query, (view) =>
      this.narrator.row(view, this.selected),
    );
    this.list.update(sections, this.selected, this.favourites.numbers, force);
    this.header.notice(sections.length === 0 ? words.noMatch(this.query) : "");
    this.narrator.announce(this.views, this.selected, this.favourites.numbers);
    this.showHeader();
  }

  private allArrived(): boolean {
    return this.views.some((v) => v.legNumber === this.legNumber && v.condition === "finished");
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
    picture.setDriven(this.drivenM);
    this.picture = picture;
    this.narrator.setCourse(line);
    this.map.setCourse(picture);
    if (!this.following) this.map.fitCourse(true);
    this.upgradeMap();
  }

  /** What stands at a checkpoint is written under its name. */
  private noteCheckpoints(): void {
    const notes = new Map<number, CheckpointNote>();
    for (const group of this.groups) {
      const checkpoint = this.narrator.parkedAt(group);
      if (checkpoint >= 0 && group.rows.length > 1) notes.set(checkpoint, { text: this.narrator.parkedWords(group) });
    }
    const changed = JSON.stringify([...notes]) !== JSON.stringify([...this.notes]);
    this.notes = notes;
    if (this.picture?.setDriven(this.drivenM) || changed) this.map.redraw();
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
      views: this.views,
      drawn: this.live.drawn,
      known: this.live.known,
      selected: this.selected,
      important: this.important,
      notes: this.notes,
    });
  }

  private drawLadder(nowMs: number): boolean {
    const { body } = this.live.feed;
    this.live.drawn.forEach((drawn, row) => {
      this.alongM[row] = drawn.alongM >= 0 ? drawn.alongM : (this.views[row]?.alongM ?? -1);
    });
    return this.ladder.draw(nowMs, {
      leg: body!.legs[this.legNumber - 1],
      legNumber: this.legNumber,
      views: this.views,
      alongM: this.alongM,
      groups: this.groups,
      important: this.important,
      selected: this.selected,
      drivenM: this.drivenM,
      says: (group) => this.narrator.groupWords(group),
    });
  }

  private select(row: number, elsewhere: boolean): void {
    if (row < 0 && this.selected < 0) return;
    this.selected = row;
    this.setFollowing(row >= 0);
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
    this.header.following(this.selected >= 0 ? this.live.vehicles[this.selected].number : null, this.following);
  }

  private star(row: number): void {
    this.favourites.toggle(this.live.vehicles[row].number);
    this.think(true);
  }

  private fitField(now = false): void {
    this.live.place(performance.now());
    const out = this.views.filter(
      (v) => v.legNumber === this.legNumber && v.condition !== "out" && this.live.known[v.vehicle.row],
    );
    this.map.fit(boxAround(out.map((v) => this.live.drawn[v.vehicle.row])), now);
  }

  private showHeader(): void {
    const now = performance.now();
    this.header.show(this.live, this.link, this.legNumber, now);
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
    this.map.redraw();
    this.busy = true;
  }

  /** List, ladder and course are up: now the base map, and MapLibre where the browser can carry it. */
  private upgradeMap(): void {
    if (this.upgraded) return;
    this.upgraded = true;
    loadBaseMap("far").then(
      (map) => {
        this.map.addBaseMap(map);
        if (mayUseGl())
          whenIdle(() => this.map.upgrade().catch((error) => console.warn("the plain map stays:", error)));
      },
      () => console.warn("the base map did not load; the course is shown without it"),
    );
  }

  /** What tests and curious people may read: nothing here changes anything. */
  private expose(): void {
    const { live, map } = this;
    const hook = {
      hash: () => live.feed.hash(),
      fixAgesMs: () =>
        this.views.map((v) => (v.fixTimeMs === null ? null : live.clock.nowMs(performance.now()) - v.fixTimeMs)),
    };
    const values: Record<string, () => unknown> = {
      epoch: () => live.feed.epoch,
      seq: () => live.feed.seq,
      firstVehicleMs: () => this.firstVehicleMs,
      drawMs: () => this.drawMs,
      ground: () => map.ground,
      selected: () => (this.selected < 0 ? null : live.vehicles[this.selected].number),
    };
    for (const [name, get] of Object.entries(values)) Object.defineProperty(hook, name, { get, enumerable: true });
    Object.assign(window, { milepost: hook });
  }
}
