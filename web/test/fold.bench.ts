// What one frame of 500 vehicles costs a page: read and folded in. Run by `npm run bench`.
import { encode } from "@msgpack/msgpack";
import { bench, describe } from "vitest";
import { foldDelta, type State } from "../src/wire/fold";
import { type Groups, readMessage } from "../src/wire/frames";
import { decode } from "../src/wire/msgpack";

const VEHICLES = 500;
const rows = Array.from({ length: VEHICLES }, (_, row) => row);
const column = (base: number) => rows.map((row) => base + (row % 90));
const groups = {
  0: [rows, column(10), column(-200), column(150), column(10)],
  3: [rows, column(2), column(50_000), column(60_000)],
};
const frame = new Uint8Array(encode([1, 7, 1, 1_800_000_000_000, groups]));
const state: State = Array.from({ length: 14 }, () => new Int32Array(VEHICLES));

describe(`a frame of ${VEHICLES} vehicles, ${frame.length} bytes`, () => {
  bench("decoded and folded", () => {
    const [, , , , read] = decode(frame) as [number, number, number, number, Groups];
    foldDelta(state, read);
  });

  bench("the same as the socket does it", async () => {
    const message = await readMessage(frame);
    if (message?.kind === "delta") foldDelta(state, message.groups);
  });
});
