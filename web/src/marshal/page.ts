// The marshal's page: one checkpoint, the numbers that are to come, a tap for each that passes. Works without network.
import { findTour } from "../app/browser";
import { openFeed } from "../app/connection";
import { LiveTour } from "../app/live";
import { keepForLater, lastKept } from "../app/offline";
import { readPref, writePref } from "../app/prefs";
import { Theme } from "../app/theme";
import { type Me, whoAmI } from "../crew/me";
import { Screen } from "../drive/screen";
import { legOfTheDay } from "../model/field";
import { Decider, type Kept, newDecision, openDecisions } from "../outbox/decisions";
import type { Desk } from "../wire/desk";
import type { Message } from "../wire/frames";
import type { LiveSocket } from "../wire/socket";
import { expectedAt, type Passed, type Post, passedAt } from "./expected";
import { MarshalView } from "./view";

const LOOK_MS = 1_000;
const QUIET_MS = 30_000; // older news than this is shown with its age

export class MarshalPage {
  private readonly live = new LiveTour();
  private readonly view: MarshalView;
  private desk: Desk | null = null;
  private kept: Kept[] = [];
  private me: Me | null = null;
  private decider: Decider | null = null;
  private socket: LiveSocket | null = null;
  private slug = "";
  private chosen = ""; // "leg/checkpoint id"
  private heardAt = 0; // wall clock; 0 = nothing yet
  private signedOut = false;

  constructor() {
    new Theme(() => {});
    this.view = new MarshalView({
      chosen: (value) => this.choose(value),
      passed: (number) => this.passed(number),
      undone: (id) => this.takeBack(id),
    });
  }

  async start(): Promise<void> {
    const slug = await findTour();
    if (!slug) return;
    this.slug = slug;
    this.chosen = readPref(`marshal.${slug}`) ?? "";
    const queue = await openDecisions(slug);
    const recount = () =>
      void queue.all().then((kept) => {
        this.kept = kept;
        this.look();
      });
    this.decider = new Decider(slug, queue, recount, recount);
    recount();
    this.decider.start();
    new Screen(() => {}).want(true); // who stands at the roadside looks at it again and again
    this.socket = openFeed(
      slug,
      this.live,
      {
        message: (message) => {
          this.heardAt = Date.now();
          this.take(message);
        },
        link: (link) => {
          if (link === "closed" || link === "waiting") void this.learnWhoIAm();
        },
      },
      "/crew",
    );
    keepForLater(
      "marshal",
      slug,
      this.live,
      () => this.heardAt,
      () => this.desk,
    );
    await this.showKept(); // a bar of signal may take minutes to say that it carries nothing
    void this.learnWhoIAm();
    setInterval(() => this.look(), LOOK_MS);
  }

  /** Who was signed out keeps the page: what is not sent yet waits for the next invitation. */
  private async learnWhoIAm(): Promise<void> {
    const me = await whoAmI(this.slug);
    this.signedOut = me === null;
    if (me) this.me = me;
    this.look();
  }

  private async showKept(): Promise<void> {
    const kept = await lastKept("marshal", this.slug);
    if (!kept || this.heardAt !== 0) return;
    this.heardAt = kept.heardAt;
    this.desk = kept.desk;
    const { message } = kept;
    this.take({ ...message, nowMs: message.nowMs + message.rate * (Date.now() - kept.heardAt) });
  }

  private take(message: Message): void {
    if (message.kind === "desk") this.desk = message.desk;
    else if (this.live.accept(message, performance.now()) === "gap") this.socket?.wantSnapshot();
    this.look();
  }

  private look(): void {
    const { body } = this.live.feed;
    if (!body) return;
    const views = this.live.views();
    this.view.offer(body.legs, this.chosen, legOfTheDay(views, body.legs.length));
    const post = this.post();
    const passed = post ? passedAt(post, this.kept, this.desk, body.roster.number) : [];
    const clear = post && this.desk?.clear.find((c) => c.leg === post.leg && c.checkpoint === post.checkpoint);
    const quietMs = Date.now() - this.heardAt;
    this.view.show({
      tour: body.tour,
      legs: body.legs,
      post,
      expected: post ? expectedAt(post, views, this.seen(passed)) : { next: [], others: [] },
      passed,
      numbers: body.roster.number,
      clear: clear ?? null,
      nowMs: this.live.clock.nowMs(performance.now()),
      quietMs: quietMs > QUIET_MS ? quietMs : 0,
      waiting: this.kept.filter(({ reply }) => reply === null).length,
      link: this.signedOut ? "refused" : (this.decider?.link ?? "idle"),
      name: this.me?.name ?? "",
    });
  }

  private seen(passed: readonly Passed[]): Set<number> {
    const numbers = new Set(passed.filter(({ state }) => state !== "refused").map(({ number }) => number));
    return new Set(this.live.vehicles.filter(({ number }) => numbers.has(number)).map(({ row }) => row));
  }

  private post(): Post | null {
    const [leg, id] = this.chosen.split("/");
    const checkpoints = this.live.feed.body?.legs[Number(leg) - 1]?.checkpoints;
    const checkpoint = checkpoints?.id.indexOf(id) ?? -1;
    if (!checkpoints || checkpoint < 0) return null;
    return { leg: Number(leg), checkpoint, id, alongM: checkpoints.along_m[checkpoint] };
  }

  private choose(value: string): void {
    this.chosen = value;
    writePref(`marshal.${this.slug}`, value);
    this.look();
  }

  private passed(number: string): void {
    const post = this.post();
    if (!post) return;
    const atMs = this.live.clock.nowMs(performance.now());
    const fields = { vehicle: number, leg: post.leg, checkpoint: post.id };
    void this.decider?.decide(newDecision("sighting", atMs, fields));
    navigator.vibrate?.(30);
  }

  private takeBack(id: string): void {
    const atMs = this.live.clock.nowMs(performance.now());
    void this.decider?.decide(newDecision("undo", atMs, { of: id }));
  }
}
