// The page's one live region: what changed for the vehicles that somebody follows; politely, and not too often.
import type { View } from "../model/field";
import { byId } from "./dom";
import type { Narrator } from "./narrator";
import { words } from "./words";

const ANNOUNCE_MS = 10_000;

export class Announcer {
  private readonly said = new Map<number, string>();
  private announcedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly narrator: Narrator) {}

  announce(views: readonly View[], selected: number, kept: ReadonlySet<string>): void {
    const now = performance.now();
    for (const view of views) {
      const { row, number, name } = view.vehicle;
      if (row !== selected && !kept.has(number)) continue;
      const key = `${view.condition}/${view.checkpoint}`;
      const before = this.said.get(row);
      if (before === key || (before !== undefined && now - this.announcedAt < ANNOUNCE_MS)) continue;
      this.said.set(row, key);
      if (before === undefined) continue;
      this.announcedAt = now;
      byId("announcer").textContent = words.announced(number, name, this.narrator.state(view));
    }
  }
}
