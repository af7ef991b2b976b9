// What every view of the organiser's page works with: the newest check list, the tour's clock, and how to ask and act.
import type { Roll } from "./roll";

const EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 12_000;

export class SignedOut extends Error {}

export class Desk {
  roll: Roll | null = null;
  signedOut = false;
  readonly protocols = new Map<string, string>(); // by device; of several servers each knows those that it heard
  private heardAt = 0; // performance.now() of the newest list
  private asking = false;

  constructor(
    readonly slug: string,
    private readonly changed: () => void,
  ) {}

  start(): void {
    void this.ask();
    setInterval(() => {
      if (!document.hidden && !this.signedOut) void this.ask();
    }, EVERY_MS);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.ask();
    });
  }

  /** The tour's time: that of the newest list, and what has passed since at the tour's rate. */
  now(): number {
    return this.roll === null ? 0 : this.roll.now_ms + this.ageMs() * this.roll.rate;
  }

  /** How old the newest list is. */
  ageMs(): number {
    return performance.now() - this.heardAt;
  }

  async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.roll = (await this.get("devices")) as Roll;
      this.heardAt = performance.now();
      const protocols = (await this.get("devices/protocols")) as Record<string, string>;
      for (const [device, protocol] of Object.entries(protocols)) this.protocols.set(device, protocol);
    } catch (error) {
      this.signedOut = error instanceof SignedOut;
    } finally {
      this.asking = false;
    }
    this.changed();
  }

  get(path: string): Promise<unknown> {
    return this.fetch(path, {});
  }

  post(path: string, body?: unknown): Promise<unknown> {
    const json = { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return this.fetch(path, { method: "POST", ...(body === undefined ? {} : json) });
  }

  private async fetch(path: string, init: RequestInit): Promise<unknown> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await fetch(`/api/v1/tours/${encodeURIComponent(this.slug)}/${path}`, { ...init, signal });
    if (answer.status === 403) throw new SignedOut();
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }
}
