import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callOf, pingOf, type Told, worthKeeping } from "../src/drive/ping";
import { postPings } from "../src/drive/post";
import type { Queued } from "../src/drive/queue";
import { ageDial, batteryWords, gpsWords } from "../src/drive/words";
import { type Outbox, Sender } from "../src/outbox/sender";

const NOON = 1_781_342_130_000;

function told(atS: number, coords: Partial<Told["coords"]> = {}): Told {
  const still = { latitude: 38, longitude: -122.8, accuracy: 6, speed: null, heading: null, altitude: null };
  return { timestamp: NOON + atS * 1000, coords: { ...still, ...coords } };
}

describe("which fixes are worth a ping", () => {
  it("the first, and one each ten seconds", () => {
    expect(worthKeeping(null, told(0))).toBe(true);
    expect(worthKeeping(told(0), told(9))).toBe(false);
    expect(worthKeeping(told(0), told(10))).toBe(true);
  });
  it("one after a hundred metres", () => {
    expect(worthKeeping(told(0), told(1, { latitude: 38.0008 }))).toBe(false);
    expect(worthKeeping(told(0), told(1, { latitude: 38.001 }))).toBe(true);
  });
  it("one in a bend, but not while the compass wanders at rest", () => {
    const north = { heading: 355, speed: 15 };
    expect(worthKeeping(told(0, north), told(1, { heading: 20, speed: 15 }))).toBe(false);
    expect(worthKeeping(told(0, north), told(1, { heading: 30, speed: 15 }))).toBe(true);
    expect(worthKeeping(told(0, north), told(1, { heading: 90, speed: 0.5 }))).toBe(false);
  });
  it("none that the browser tells again", () => {
    expect(worthKeeping(told(10), told(10))).toBe(false);
    expect(worthKeeping(told(10), told(0))).toBe(false);
  });
});

describe("a ping", () => {
  it("leaves out what the phone does not know", () => {
    const bare = { fix_time_ms: NOON, lat: 38, lon: -122.8, accuracy_m: 6 };
    expect(pingOf(told(0), null)).toEqual(bare);
    expect(pingOf(told(0, { heading: Number.NaN, speed: -1 }), 83)).toEqual({ ...bare, battery_pct: 83 });
  });
  it("of a call carries the place, as a sighting if it is not of this moment", () => {
    expect(callOf("sos", NOON, null, null)).toEqual({ fix_time_ms: NOON, sos: true });
    expect(callOf("sos", NOON + 5_000, told(0), null)).toMatchObject({ fix_time_ms: NOON + 5_000, lat: 38, sos: true });
    expect(callOf("fine", NOON + 60_000, told(0), null)).toMatchObject({ lat: 38, event: "fine", valid: false });
  });
});

class Memory implements Outbox<Queued> {
  pings: Queued[] = [1, 2, 3].map((seq) => ({ seq, ping: { fix_time_ms: NOON + seq } }));
  batch = async (limit: number) => this.pings.slice(0, limit);
  stored = async (sent: Queued[]) => {
    this.pings = this.pings.filter((queued) => !sent.includes(queued));
  };
}

describe("the sender", () => {
  const answers = vi.fn<() => Promise<Response>>();
  let memory: Memory;
  let sender: Sender<Queued>;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("fetch", answers);
    memory = new Memory();
    sender = new Sender(
      memory,
      (batch) => postPings("/in/pings/x", batch),
      () => {},
    );
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    answers.mockReset();
  });

  it("forgets only what the tour says it has", async () => {
    answers.mockResolvedValue(Response.json({ seqs: [1, 3] }));
    sender.sendNow();
    await vi.waitFor(() => expect(sender.link).toBe("good"));
    expect(memory.pings.map(({ seq }) => seq)).toEqual([2]);
  });

  it.each([
    ["a page of the hotel's network", () => Promise.resolve(new Response("<h1>Welcome</h1>")), "waiting"],
    ["a server in trouble", () => Promise.resolve(new Response("", { status: 503 })), "waiting"],
    ["no network", () => Promise.reject(new TypeError("no network")), "waiting"],
    ["a token that is not known", () => Promise.resolve(new Response("", { status: 401 })), "refused"],
  ])("keeps everything after %s", async (_, answer, link) => {
    answers.mockImplementation(answer);
    sender.sendNow();
    await vi.waitFor(() => expect(sender.link).toBe(link));
    expect(memory.pings).toHaveLength(3);
  });

  it("waits longer after each failure, and not at all when there is new hope", async () => {
    answers.mockImplementation(() => Promise.reject(new TypeError("no network")));
    sender.start();
    await vi.advanceTimersByTimeAsync(600_000);
    const tries = answers.mock.calls.length;
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(20);
    dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(answers.mock.calls.length).toBe(tries + 1);
  });
});

it("says times and accuracies in round words", () => {
  expect(ageDial(8_400).big).toBe("8 s");
  expect(ageDial(600_000).big).toBe("10 min");
  expect(ageDial(10_800_000).big).toBe("3 h");
  expect(gpsWords(6)).toBe("good");
  expect(gpsWords(87)).toBe("rough, 85 m");
  expect(batteryWords(15, false)).toBe("15 %: plug in!");
});
