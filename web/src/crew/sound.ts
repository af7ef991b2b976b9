// Two short tones for a new alert, made by the browser itself; only for those who asked for it.

const TONES_HZ = [660, 880];
const TONE_S = 0.18;

export class Sound {
  private context: AudioContext | null = null;

  /** Browsers let a page sound only after a touch: called from one, or does nothing yet. */
  want(on: boolean): void {
    if (on) this.context ??= new AudioContext();
    else {
      void this.context?.close();
      this.context = null;
    }
    void this.context?.resume();
  }

  play(): void {
    const { context } = this;
    if (context?.state !== "running") return;
    TONES_HZ.forEach((hz, i) => {
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      const at = context.currentTime + i * TONE_S;
      tone.frequency.value = hz;
      volume.gain.setValueAtTime(0.25, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + TONE_S);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + TONE_S);
    });
  }
}
