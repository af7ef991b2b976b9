// A leg once more: the same list, ladder and map on another clock, with a bar to move it by.

import type { CourseLine } from "../model/course";
import type { Drawn } from "../model/motion";
import { placeAt, type Scene, stateAt } from "../model/past";
import type { State } from "../wire/fold";
import type { Leg } from "../wire/frames";
import { copies } from "./copy";
import { byId, say } from "./dom";
import { link, writeLink } from "./link";
import type { Past } from "./live";
import type { Picture } from "./picture";
import { replayWords } from "./replaywords";
import { SliceBook } from "./slices";
import { timeOfDay, weekday } from "./words";

const SPEEDS = [1, 10, 30, 60, 120, 240];
const SPEED = 60;
const SLICE_MS = 600_000;
const AHEAD_MS = 8_000; // of the screen's time: so far ahead slices are fetched

export class Replay implements Past {
  legNumber = 0;
  playing = false;
  private speed = SPEED;
  private fromMs = 0; // what there is of the leg
  private toMs = 0;
  private atMs = 0; // the moment at `anchoredAt` of the screen's clock
  private anchoredAt = 0;
  private readonly book: SliceBook;
  private readonly bar = byId("replay");
  private readonly play = this.bar.querySelector<HTMLButtonElement>(".play")!;
  private readonly scrubber = this.bar.querySelector<HTMLInputElement>("input")!;
  private readonly time = this.bar.querySelector<HTMLElement>(".time")!;
  private readonly status = this.bar.querySelector<HTMLElement>(".status")!;
  private readonly speeds = this.bar.querySelector("select")!;

  constructor(
    slug: string,
    private readonly picture: Picture,
    private readonly changed: () => void,
  ) {
    this.book = new SliceBook(slug);
    this.bar.setAttribute("aria-label", replayWords.open);
    this.play.addEventListener("click", () => this.setPlaying(!this.playing));
    this.scrubber.setAttribute("aria-label", replayWords.moment);
    this.scrubber.addEventListener("input", () => this.seek(Number(this.scrubber.value)));
    this.scrubber.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      this.setPlaying(!this.playing);
    });
    this.speeds.setAttribute("aria-label", replayWords.speed);
    this.speeds.append(...SPEEDS.map((speed) => new Option(`×${speed}`, String(speed), false, speed === SPEED)));
    this.speeds.addEventListener("change", () => {
      this.anchor();
      this.speed = Number(this.speeds.value);
      this.changed();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.playing) this.setPlaying(false); // nobody is looking
    });
    copies(this.bar.querySelector(".copy")!, replayWords.copy, () => this.address());
    const live = this.bar.querySelector<HTMLButtonElement>(".live")!;
    live.textContent = replayWords.live;
    live.addEventListener("click", () => this.close());
  }

  get isOpen(): boolean {
    return this.picture.live.past === this;
  }

  /** Shows a leg as it was at a moment, or as it was when the first left. */
  async open(legNumber: number, timeMs: number | null): Promise<void> {
    this.bar.hidden = false;
    document.body.toggleAttribute("data-replay", true);
    this.legNumber = legNumber;
    this.picture.live.past = this;
    this.playing = false;
    const leg = this.leg();
    this.jump(timeMs ?? leg.start_ms + (leg.delay_s ?? 0) * 1_000);
    say(this.status, replayWords.loading);
    const listed = await this.book.open(legNumber);
    if (!this.isOpen || this.legNumber !== legNumber) return;
    if (listed.length > 0) {
      this.fromMs = listed[0].start_ms;
      this.toMs = Math.min(listed[listed.length - 1].end_ms, this.picture.live.clock.nowMs(performance.now()));
      this.scrubber.min = String(this.fromMs);
      this.scrubber.max = String(this.toMs);
    } else this.fromMs = this.toMs = this.atMs;
    say(this.status, listed.length > 0 ? "" : replayWords.nothing);
    this.seek(this.atMs);
    if (timeMs !== null) return;
    this.setPlaying(listed.length > 0);
    this.scrubber.focus();
  }

  close(): void {
    this.bar.hidden = true;
    document.body.toggleAttribute("data-replay", false);
    this.picture.live.past = null;
    this.playing = false;
    link.change({ t: null });
    this.changed();
  }

  // What the picture reads

  nowMs(localMs: number): number {
    if (!this.playing) return this.atMs;
    return Math.min(this.atMs + Math.max(localMs - this.anchoredAt, 0) * this.speed, this.toMs || this.atMs);
  }

  /** What is written where "LIVE" and the tour's time stand otherwise. */
  words(): { sign: string; time: string; help: string } {
    const sign = this.playing ? replayWords.sign(this.speed) : replayWords.paused;
    return { sign, time: this.sayTime(this.nowMs(performance.now())), help: replayWords.help };
  }

  private sayTime(timeMs: number): string {
    const { zone } = this.picture.live.feed.body!.tour;
    return replayWords.time(weekday(timeMs, zone), timeOfDay(timeMs, zone));
  }

  state(): State {
    const { body } = this.picture.live.feed;
    const now = this.nowMs(performance.now());
    this.showTime(now);
    return stateAt(this.scene(now), body!.roster.number, body!.legs, body!.base_ms, now);
  }

  place(row: number, timeMs: number, courses: ReadonlyMap<number, CourseLine>, out: Drawn): boolean {
    return placeAt(this.placing, this.picture.live.vehicles[row].number, timeMs, courses, out);
  }

  private placing: Scene = { slice: null, next: null };

  /** Before a frame is drawn: what is known around its moment. The clock waits for what is still on its way. */
  prepare(timeMs: number): void {
    const scene = this.scene(timeMs);
    this.placing = scene;
    if (!scene.missing) return;
    this.jump(timeMs);
  }

  private scene(timeMs: number): Scene & { missing: boolean } {
    const ahead = this.playing ? Math.ceil((AHEAD_MS * this.speed) / SLICE_MS) + 1 : 1;
    return this.book.sceneAt(this.legNumber, timeMs, ahead);
  }

  // What people do

  private setPlaying(playing: boolean): void {
    this.anchor();
    if (playing && this.atMs >= this.toMs) this.jump(this.fromMs);
    this.playing = playing;
    this.anchoredAt = performance.now();
    if (!playing) link.change({ t: Math.round(this.atMs), leg: this.legNumber });
    this.changed();
  }

  private seek(timeMs: number): void {
    this.jump(Math.min(Math.max(timeMs, this.fromMs), this.toMs));
    link.change({ t: Math.round(this.atMs), leg: this.legNumber });
    this.changed();
  }

  private anchor(): void {
    this.jump(this.nowMs(performance.now()));
  }

  private jump(timeMs: number): void {
    this.atMs = timeMs;
    this.anchoredAt = performance.now();
  }

  private leg(): Leg {
    return this.picture.live.feed.body!.legs[this.legNumber - 1];
  }

  private address(): string {
    const t = Math.round(this.nowMs(performance.now()));
    return location.origin + location.pathname + writeLink({ ...link.state, t, leg: this.legNumber });
  }

  private showTime(nowMs: number): void {
    if (this.playing && this.toMs > 0 && nowMs >= this.toMs) this.setPlaying(false);
    const text = this.sayTime(nowMs);
    say(this.time, text);
    this.scrubber.value = String(nowMs);
    this.scrubber.setAttribute("aria-valuetext", text);
    this.play.textContent = this.playing ? "❚❚" : "▶";
    this.play.setAttribute("aria-label", this.playing ? replayWords.pause : replayWords.play);
    if (this.toMs > this.fromMs) say(this.status, this.scene(nowMs).missing ? replayWords.loading : "");
  }
}
