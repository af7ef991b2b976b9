// Which alerts are new since the last look: said once, politely, and sounded for those who asked for it. Pure but for
// what it remembers.
import type { Alert } from "../wire/desk";

export class News {
  private known: Set<string> | null = null; // null before the first desk: what is open then is no news

  /** The open alerts that were not there before, the most urgent first. */
  take(open: readonly Alert[]): Alert[] {
    const { known } = this;
    const fresh = known ? open.filter((alert) => !known.has(alert.id)) : [];
    this.known = new Set(open.map((alert) => alert.id));
    return fresh;
  }
}
