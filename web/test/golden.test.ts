// The same golden files are read by the Python tests: both sides agree on the wire (docs/frames.md).
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Feed } from "../src/wire/feed";
import { hashState } from "../src/wire/fold";
import { type Message, readMessage } from "../src/wire/frames";

const golden = join(dirname(fileURLToPath(import.meta.url)), "../../tests/golden");

/** The names of a folder's frames, in the order in which they fold. */
function framesIn(folder: string): string[] {
  return readdirSync(join(golden, folder))
    .filter((name) => name.endsWith(".bin"))
    .map((name) => `${folder}/${name.slice(0, -4)}`)
    .sort();
}

const names = framesIn("frames");

interface Expected {
  folded: "ANEW" | "NEXT" | "ALIVE" | "OLD";
  epoch: number;
  seq: number;
  now_ms: number;
  columns: number[][];
  hash: number;
}

function expected(name: string): Expected {
  return JSON.parse(readFileSync(join(golden, `${name}.json`), "utf8")) as Expected;
}

async function message(name: string): Promise<Message> {
  const read = await readMessage(new Uint8Array(readFileSync(join(golden, `${name}.bin`))));
  if (!read) throw new Error(`${name} is of a kind that is not known`);
  return read;
}

describe("golden frames", () => {
  it("are there", () => expect(names.length).toBeGreaterThan(5));

  it.each(["frames", "crew_frames"])("%s fold one after the other into the expected state", async (folder) => {
    const feed = new Feed();
    for (const name of framesIn(folder)) {
      const frame = await message(name);
      const outcome = feed.accept(frame);
      const want = expected(name);
      expect(outcome.kind, name).not.toBe("gap");
      if (want.folded !== "OLD") expect(frame.nowMs, name).toBe(want.now_ms);
      expect([feed.epoch, feed.seq], name).toEqual([want.epoch, want.seq]);
      expect(
        feed.state.map((column) => [...column]),
        name,
      ).toEqual(want.columns);
      expect(hashState(feed.state), name).toBe(want.hash);
      if (outcome.kind === "snapshot") expect(outcome.body.hash, name).toBe(want.hash);
    }
  });

  it("are refused, not guessed, when one is missing", async () => {
    const deltas: string[] = [];
    for (const name of names) if ((await message(name)).kind === "delta") deltas.push(name);
    const feed = new Feed();
    expect(feed.accept(await message(deltas[0]))).toEqual({ kind: "gap" });
    feed.accept(await message(names[0]));
    const before = feed.hash();
    expect(feed.accept(await message(deltas[1]))).toEqual({ kind: "gap" });
    expect(feed.hash()).toBe(before);
  });
});
