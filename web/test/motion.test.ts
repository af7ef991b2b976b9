import { describe, expect, it } from "vitest";
import { TourClock } from "../src/model/clock";
import { CourseLine, newPlace } from "../src/model/course";
import { PictureDelay } from "../src/model/delay";
import { type Drawn, gapLimitMs, newDrawn, placeVehicle } from "../src/model/motion";
import { OFF_COURSE, Tracks } from "../src/model/tracks";

// A corner: a kilometre or so to the east, then as far to the north.
const corner = new CourseLine({
  length_m: 2_000,
  lat: [38_000_000, 0, 9_000],
  lon: [-121_000_000, 11_400, 0],
  elevation_m: null,
});
const courses = new Map([[1, corner]]);

function tracksWith(...fixes: [timeS: number, alongM: number, lat?: number, lon?: number][]): Tracks {
  const tracks = new Tracks(1);
  for (const [timeS, alongM, lat = 38_000_000, lon = -121_000_000] of fixes) {
    tracks.push(0, { timeMs: timeS * 1_000, lat, lon, alongM, leg: 1 });
  }
  return tracks;
}

function at(tracks: Tracks, timeS: number, running = true): Drawn {
  const out = newDrawn();
  expect(placeVehicle(tracks, 0, timeS * 1_000, courses, gapLimitMs(1), running, out)).toBe(true);
  return out;
}

describe("the course", () => {
  it("is as long as the server says, and ends at its ends", () => {
    expect(corner.lengthM).toBeCloseTo(2_000, 6);
    expect(corner.placeAt(-5, newPlace()).lon).toBeCloseTo(-121, 6);
    expect(corner.placeAt(9_999, newPlace()).lat).toBeCloseTo(38.009, 6);
  });
});

describe("motion between fixes", () => {
  it("goes round the corner, not across it", () => {
    const half = at(tracksWith([0, 500], [10, 1_500]), 5);
    expect(half.alongM).toBeCloseTo(1_000, 6);
    expect(half.lat).toBeCloseTo(38, 4);
    expect(half.lon).toBeCloseTo(-120.9886, 3);
  });

  it("is straight off the course", () => {
    const half = at(tracksWith([0, 500], [10, OFF_COURSE, 38_010_000, -121_000_000]), 5);
    expect(half.lat).toBeCloseTo(38.005, 6);
    expect(half.alongM).toBe(OFF_COURSE);
  });

  it("is carried on for three seconds at most, and then held", () => {
    const tracks = tracksWith([0, 100], [10, 200]);
    expect(at(tracks, 12).alongM).toBeCloseTo(220);
    expect(at(tracks, 13).alongM).toBeCloseTo(230);
    expect(at(tracks, 500).alongM).toBeCloseTo(230);
    expect(at(tracks, 500).beyond).toBe(true);
    expect(at(tracks, 12, false).alongM).toBeCloseTo(200);
  });

  it("does not fill a gap of more than a minute", () => {
    const tracks = tracksWith([0, 100], [70, 900]);
    expect(at(tracks, 69).alongM).toBe(100);
    expect(at(tracks, 70).alongM).toBe(900);
  });

  it("fills gaps of a few beats on screen where the tour's clock runs fast", () => {
    expect(gapLimitMs(1)).toBe(60_000);
    expect(gapLimitMs(60)).toBe(180_000);
  });

  it("forgets a past that a late backlog rewrote", () => {
    const tracks = tracksWith([0, 100], [10, 200], [5, 700]);
    expect(tracks.count(0)).toBe(1);
    expect(at(tracks, 5).alongM).toBe(700);
  });
});

describe("the delay of the picture", () => {
  it("is what nine in ten cars need, within its limits", () => {
    const delay = new PictureDelay(1, 5);
    delay.renderMs(0);
    delay.need([...new Array<number>(95).fill(7_000), ...new Array<number>(5).fill(40_000)]);
    for (let now = 0; now < 600_000; now += 100) delay.renderMs(now);
    expect(delay.ms).toBeCloseTo(7_000, 0);
  });

  it("never lets the picture run backwards", () => {
    const delay = new PictureDelay(1, 5);
    let last = delay.renderMs(0);
    delay.need(new Array<number>(100).fill(30_000));
    for (let now = 16; now < 20_000; now += 16) {
      const moment = delay.renderMs(now);
      expect(moment).toBeGreaterThan(last);
      last = moment;
    }
  });
});

describe("the tour's clock", () => {
  it("runs on at its rate and trusts the message that travelled fastest", () => {
    const clock = new TourClock();
    clock.hear(1_000_000, 0, 60);
    expect(clock.nowMs(1_000)).toBe(1_060_000);
    clock.hear(1_060_000, 1_100); // late by 100 ms: hardly believed
    expect(clock.nowMs(1_100)).toBeGreaterThan(1_065_000);
  });
});
