import { describe, expect, it } from "vitest";
import { Feed } from "../src/wire/feed";
import { Column, foldDelta, hashState, stateFrom } from "../src/wire/fold";
import type { Groups, Message, SnapshotBody } from "../src/wire/frames";
import { reconnectDelayMs } from "../src/wire/socket";

function snapshot(epoch: number, seq: number, rows = 2): Message {
  const state = Array.from({ length: 14 }, (_, column) => new Array<number>(rows).fill(column));
  return { kind: "snapshot", epoch, seq, nowMs: 0, rate: 1, body: { state } as SnapshotBody };
}

function delta(epoch: number, seq: number, groups: Groups = {}): Message {
  return { kind: "delta", epoch, seq, nowMs: 0, groups };
}

describe("the order of frames", () => {
  it("applies only the very next delta", () => {
    const feed = new Feed();
    expect(feed.accept(delta(1, 1)).kind).toBe("gap");
    feed.accept(snapshot(1, 5));
    expect(feed.accept(delta(1, 5)).kind).toBe("nothing");
    expect(feed.accept(delta(1, 6)).kind).toBe("moved");
    expect(feed.accept(delta(1, 8)).kind).toBe("gap");
    expect(feed.accept(delta(0, 99)).kind).toBe("nothing");
    expect(feed.accept(delta(2, 1)).kind).toBe("gap");
    expect([feed.epoch, feed.seq]).toEqual([1, 6]);
  });

  it("hears from a heartbeat that something was missed", () => {
    const feed = new Feed();
    feed.accept(snapshot(1, 5));
    const heartbeat = (epoch: number, seq: number): Message => ({ kind: "heartbeat", epoch, seq, nowMs: 0 });
    expect(feed.accept(heartbeat(1, 5)).kind).toBe("nothing");
    expect(feed.accept(heartbeat(1, 6)).kind).toBe("gap");
    expect(feed.accept(heartbeat(2, 0)).kind).toBe("gap");
  });

  it("starts anew from a snapshot, whatever was before", () => {
    const feed = new Feed();
    feed.accept(snapshot(3, 7));
    feed.accept(snapshot(4, 1));
    expect(feed.accept(delta(4, 2)).kind).toBe("moved");
  });
});

describe("folding", () => {
  it("adds differences, sets the rest, skips groups that it does not know", () => {
    const state = stateFrom(Array.from({ length: 14 }, () => [10, 20]));
    const moved = foldDelta(state, {
      0: [[1], [1], [-2], [3], [4]],
      1: [[0], [100], [200], [300], [-1]],
      2: [[1], [2], [3], [1], [0], [55]],
      9: [[0], [1]],
    });
    expect(moved).toEqual([1, 0]);
    expect([...state[Column.lat]]).toEqual([200, 18]);
    expect([...state[Column.along]]).toEqual([-1, 24]);
    expect([...state[Column.since]]).toEqual([10, 55]);
    expect([...state[Column.next]]).toEqual([10, 20]);
  });

  it("hashes as FNV-1a does, negative numbers as two's complement", () => {
    expect(hashState([])).toBe(2166136261);
    expect(hashState([Int32Array.of(0x61)])).not.toBe(hashState([Int32Array.of(0x62)]));
    let byHand = 2166136261n;
    for (const byte of [0xff, 0xff, 0xff, 0xff]) byHand = ((byHand ^ BigInt(byte)) * 16777619n) % 2n ** 32n;
    expect(hashState([Int32Array.of(-1)])).toBe(Number(byHand));
  });
});

describe("coming back", () => {
  it("spreads over five seconds when the server goes away, and waits a minute when it was told off", () => {
    expect(reconnectDelayMs(0, 1012, () => 0.999)).toBeLessThan(5_000);
    expect(reconnectDelayMs(0, 1012, () => 0)).toBe(0);
    expect(reconnectDelayMs(3, 1008, () => 0)).toBe(60_000);
  });

  it("waits longer from attempt to attempt, at most half a minute", () => {
    const longest = [1, 2, 3, 4, 5, 6, 20].map((attempt) => reconnectDelayMs(attempt, 1006, () => 1));
    expect(longest).toEqual([...longest].sort((a, b) => a - b));
    expect(longest.at(-1)).toBe(30_000);
  });
});
