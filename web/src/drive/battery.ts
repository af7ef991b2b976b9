// The phone's battery, where the browser tells (Chrome and its kin; Safari and Firefox do not).

export const LOW_PCT = 20;

interface BatteryManager extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

export class Battery {
  percent: number | null = null;
  charging = false;

  constructor(private readonly changed: () => void) {
    const ask = (navigator as { getBattery?: () => Promise<BatteryManager> }).getBattery;
    ask?.call(navigator).then(
      (manager) => {
        const read = () => {
          this.percent = Math.round(manager.level * 100);
          this.charging = manager.charging;
          this.changed();
        };
        for (const event of ["levelchange", "chargingchange"]) manager.addEventListener(event, read);
        read();
      },
      () => {}, // not told is the ordinary case
    );
  }
}
