// The way into the past: buttons and an address. What is behind it is fetched when somebody goes through.

import { byId } from "./dom";
import { link } from "./link";
import type { Picture } from "./picture";
import type { Replay } from "./replay";
import { replayWords } from "./replaywords";

const BEFORE_START_MS = 1_800_000; // a moment so long before a leg's start belongs to that leg

export class PastDoor {
  private replay: Promise<Replay> | null = null;

  constructor(
    private readonly picture: Picture,
    private readonly changed: () => void,
  ) {
    for (const [id, text] of [
      ["replay-open", replayWords.open],
      ["replay-leg", replayWords.openLeg],
    ]) {
      const button = byId(id);
      button.textContent = text;
      button.addEventListener("click", () => {
        byId<HTMLDetailsElement>("more").open = false;
        void this.open(this.picture.legNumber, null);
      });
    }
    for (const kind of ["pointerdown", "dblclick", "keydown"])
      byId("replay-open").addEventListener(kind, (event) => event.stopPropagation()); // no gesture of the map below
  }

  /** What the address asks for, once the tour is known. */
  resume(): void {
    const { t, leg } = link.state;
    const { legs } = this.picture.live.feed.body!;
    if (t === null) return;
    const begun = legs.filter((each) => each.start_ms - BEFORE_START_MS <= t).length;
    void this.open(legs[leg - 1] ? leg : Math.max(begun, 1), t);
  }

  /** Another leg is chosen: in the past, the past of that one. */
  legChosen(): void {
    if (this.picture.live.past && link.state.leg > 0) void this.open(link.state.leg, null);
  }

  private async open(legNumber: number, timeMs: number | null): Promise<void> {
    const { slug } = this.picture.live.feed.body!.tour;
    this.replay ??= import("./replay").then(({ Replay }) => new Replay(slug, this.picture, this.changed));
    await (await this.replay).open(legNumber, timeMs);
  }
}
