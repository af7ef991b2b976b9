// The moving picture that pages share: map and ladder over one field, drawn from the same feed by the same clock.

import { type Palette, readPalette } from "../draw/palette";
import { RoundelSprites } from "../draw/roundel";
import { forgetWidths } from "../draw/text";
import { boxAround } from "../map/camera";
import { CoursePicture } from "../map/coursepicture";
import { MapView } from "../map/mapview";
import type { Ladder } from "../views/ladder";
import { profileOf } from "../views/ladder-profile";
import { byId } from "./dom";
import { LiveTour } from "./live";
import { Narrator } from "./narrator";
import { Outlook } from "./outlook";
import { words } from "./words";

const THINK_MS = 500; // words, groups and the order of things change this often
const SLOW_FRAME_MS = 100; // while nothing moves visibly, drawing ten times a second is enough

export interface PictureEvents {
  picked(row: number): void;
  movedByHand(): void;
  think(): void; // it is time to look at the field again
  /** Somebody tapped a place on map or ladder; true if that was meant for something else than a vehicle. */
  tappedMap?(px: number, py: number, onCar: boolean): boolean;
  tappedLadder?(alongM: number, onCar: boolean): boolean;
}

export class Picture {
  readonly live = new LiveTour();
  readonly narrator = new Narrator(this.live);
  readonly outlook = new Outlook(this.live, this.narrator);
  readonly map: MapView;
  palette: Palette = readPalette();
  selected = -1;
  group: readonly number[] = []; // rows that are followed together, the chosen one among them; empty = only that one
  legNumber = 0;
  firstVehicleMs: number | null = null;
  drawMs = 0; // of the last frame, without what lies below the course
  draws = 0;
  readonly sprites = new RoundelSprites(this.palette);
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly ladder: Ladder | null = null;
  private following = false;
  private alongM = new Float64Array(0);
  private thoughtAt = Number.NEGATIVE_INFINITY;
  private drawnAt = 0;
  private ladderAt = 0;
  private ladderBusy = false;
  private busy = true;
  private course: CoursePicture | null = null;
  private profile: Float32Array | null = null;
  private upgraded = false;

  /** `LadderView` for a page that has a ladder; `ground` lays what is below the course. */
  constructor(
    private readonly events: PictureEvents,
    private readonly ground: (map: MapView) => void,
    LadderView: typeof Ladder | null = null,
  ) {
    const calm = () => this.calm.matches;
    const { picked, movedByHand, tappedMap = () => false, tappedLadder = () => false } = events;
    if (LadderView) {
      const touched = { picked, tapped: tappedLadder };
      this.ladder = new LadderView(byId("ladder"), this.palette, this.sprites, touched, calm);
    }
    this.map = new MapView(byId("map"), this.palette, this.sprites, { picked, movedByHand, tapped: tappedMap }, calm);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.thoughtAt = Number.NEGATIVE_INFINITY;
    });
  }

  start(): void {
    requestAnimationFrame((now) => this.frame(now));
  }

  /** Another field than before. */
  begin(): void {
    this.legNumber = 0;
    this.alongM = new Float64Array(this.live.vehicles.length);
    this.map.setVehicles(this.live.vehicles.length);
  }

  /** Looks at the field; `wantedLeg` 0 is the leg of the day, `kept` are numbers that somebody keeps an eye on. */
  look(wantedLeg: number, kept: ReadonlySet<string>): void {
    this.thoughtAt = performance.now();
    const before = JSON.stringify([...this.outlook.notes]);
    this.outlook.look(this.nowMs(), wantedLeg, this.selected, kept);
    this.showLeg(this.outlook.legNumber);
    if (this.course?.setDriven(this.outlook.drivenM) || JSON.stringify([...this.outlook.notes]) !== before) {
      this.map.redraw();
    }
  }

  /** Now, by the tour's clock. */
  nowMs(): number {
    return this.live.nowMs(performance.now());
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
    const course = new CoursePicture(this.live.feed.body!.legs[legNumber - 1], line);
    course.setDriven(this.outlook.drivenM);
    this.course = course;
    this.profile = this.ladder && profileOf(line);
    this.narrator.setCourse(line);
    this.map.setCourse(course);
    if (!this.following || !this.live.known[this.selected]) this.map.fitCourse(true);
    if (this.upgraded) return;
    this.upgraded = true; // list, ladder and course are up: now what lies below them
    this.ground(this.map);
  }

  private frame(nowMs: number): void {
    requestAnimationFrame((next) => this.frame(next)); // a hidden page gets no frames: drawing stops by itself
    if (!this.live.feed.body) return;
    if (nowMs - this.thoughtAt > THINK_MS) this.events.think();
    const fast = this.live.clock.rate > 5 || this.live.past?.playing;
    if (!this.busy && !fast && nowMs - this.drawnAt < SLOW_FRAME_MS) return;
    if (this.calm.matches && !this.busy && nowMs - this.drawnAt < 1_000) return;
    this.drawnAt = nowMs;
    const started = performance.now();
    this.live.place(nowMs);
    this.busy = this.drawMap(nowMs);
    // On the strip a vehicle takes minutes for a pixel.
    if (fast || this.ladderBusy || nowMs - this.ladderAt >= SLOW_FRAME_MS) {
      this.ladderAt = nowMs;
      this.ladderBusy = this.drawLadder(nowMs);
    }
    this.busy ||= this.ladderBusy;
    this.drawMs = performance.now() - started - this.map.groundMs;
    this.draws++;
    if (this.firstVehicleMs === null && this.live.known.includes(true)) this.firstVehicleMs = performance.now();
  }

  private drawMap(nowMs: number): boolean {
    if (this.following) this.keepUp();
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
    if (!this.ladder) return false;
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
      profile: this.profile,
      says: (group) => this.narrator.groupWords(group),
      gap: words.minutes,
    });
  }

  /** The map goes along with those who are followed: one in the middle, several all in view. */
  private keepUp(): void {
    const rows = (this.group.length > 1 ? this.group : [this.selected]).filter((row) => this.live.known[row]);
    const places = rows.map((row) => this.live.drawn[row]);
    if (places.length > 1) this.map.keepInView(places);
    else if (places.length === 1) this.map.follow(places[0].x, places[0].y, false);
  }

  /** Whether the map goes along with the chosen vehicle. */
  setFollowing(following: boolean): void {
    this.following = following && this.selected >= 0;
  }

  get isFollowing(): boolean {
    return this.following;
  }

  /** Brings the chosen vehicle into the middle, coming closer if the map is far out. */
  goToSelected(): void {
    if (this.following && this.live.known[this.selected]) {
      const { x, y } = this.live.drawn[this.selected];
      this.map.follow(x, y, true);
    }
    this.busy = true;
  }

  /** Something that is drawn has changed. */
  redraw(): void {
    this.busy = true;
  }

  fitField(now = false): void {
    this.live.place(performance.now());
    const out = this.outlook.views.filter(
      (v) => v.legNumber === this.legNumber && v.condition !== "out" && this.live.known[v.vehicle.row],
    );
    this.map.fit(boxAround(out.map((v) => this.live.drawn[v.vehicle.row])), now);
  }

  themeChanged(): void {
    this.palette = readPalette();
    this.sprites.reset(this.palette);
    for (const view of [this.map, this.ladder]) view?.setPalette(this.palette);
    this.busy = true;
  }

  fontsArrived(): void {
    forgetWidths();
    this.sprites.reset(this.palette);
    this.map.redraw();
    this.busy = true;
  }
}
