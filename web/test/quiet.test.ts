import { afterEach, describe, expect, it, vi } from "vitest";
import { CarArrivals } from "../src/app/arrivals";
import { LiveTour } from "../src/app/live";
import { PictureDelay } from "../src/model/delay";
import type { View } from "../src/model/field";

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2027, 3, 28, 19, 0);

function tourHeard(agoMs: number, rate: number): LiveTour {
  const tour = new LiveTour();
  tour.clock.hear(NOW_MS, 0, rate);
  tour.delay = new PictureDelay(rate, 5);
  tour.newestFixMs = NOW_MS - agoMs;
  return tour;
}

describe("a picture without news", () => {
  it("is quiet after a minute of the reader's, whatever the tour's clock does", () => {
    expect(tourHeard(MINUTE_MS, 1).isQuiet(0)).toBe(false);
    expect(tourHeard(70 * MINUTE_MS, 1).isQuiet(0)).toBe(true);
    expect(tourHeard(50 * MINUTE_MS, 60).isQuiet(0)).toBe(false);
    expect(tourHeard(70 * MINUTE_MS, 60).isQuiet(0)).toBe(true);
  });
});

describe("what a car has ahead", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is no window while the car has stood for long", async () => {
    const finish = { early_ms: NOW_MS + 20 * MINUTE_MS, late_ms: NOW_MS + 30 * MINUTE_MS, planned: false };
    const checkpoints = [{ id: "d", name: "Sonora", kind: "finish", along_m: 290_000, ...finish }];
    vi.stubGlobal("fetch", async () => Response.json({ number: "12", leg: 1, now_ms: NOW_MS, checkpoints }));
    const list = document.createElement("ul");
    const ahead = new CarArrivals(list);
    const show = async (stoodMs: number) => {
      const view = { vehicle: { number: "12" }, condition: "stopped", sinceMs: NOW_MS - stoodMs } as View;
      ahead.show("t", "America/Los_Angeles", NOW_MS, 1, view);
      await vi.waitFor(() => {
        ahead.show("t", "America/Los_Angeles", NOW_MS, 1, view);
        expect(list.textContent).not.toBe("");
      });
      return list.textContent;
    };
    expect(await show(5 * MINUTE_MS)).toContain("12:20–12:30");
    expect(await show(16 * MINUTE_MS)).toBe("Times ahead once it moves again");
  });
});
