// Keeps the screen on: a page whose screen is off gets no positions. Browsers let go of the lock whenever the page
// is hidden, and refuse it in low-power mode.

export class Screen {
  state: "off" | "on" | "refused" = "off";
  private lock: WakeLockSentinel | null = null;
  private wanted = false;
  private asking = false;

  constructor(private readonly changed: () => void) {
    document.addEventListener("visibilitychange", () => void this.hold());
    addEventListener("pointerdown", () => void this.hold()); // where a lock wants a person's touch
  }

  want(wanted: boolean): void {
    this.wanted = wanted;
    if (wanted) {
      void this.hold();
    } else {
      void this.lock?.release();
      this.become("off");
    }
  }

  private async hold(): Promise<void> {
    if (!this.wanted || this.asking || document.hidden || this.state === "on") return;
    this.asking = true;
    try {
      const lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => {
        if (this.wanted) this.become("refused");
      });
      this.lock = lock;
      this.become("on");
    } catch {
      this.become("refused");
    } finally {
      this.asking = false;
    }
  }

  private become(state: Screen["state"]): void {
    this.state = state;
    this.changed();
  }
}
