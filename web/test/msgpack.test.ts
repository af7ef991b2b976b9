import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { decode } from "../src/wire/msgpack";

const WHOLE = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].flatMap((n) => [
  n,
  0 - n,
  -n - 1,
]);

describe("reading MessagePack", () => {
  it.each(
    [
      null,
      true,
      false,
      WHOLE.filter(Number.isSafeInteger),
      [0.5, -1.25e300, Number.POSITIVE_INFINITY],
      ["", "Ålesund · 12", "x".repeat(31), "x".repeat(32), "x".repeat(300), "é".repeat(40_000)],
      [0, 15, 16, 70_000].map((n) => Array.from({ length: n }, (_, i) => i)),
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key ${i}`, [{ i }]])),
      Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [i, i])),
      [0, 200, 300, 70_000].map((n) => new Uint8Array(n).fill(7)),
    ].map((value, i) => ({ i, value })),
  )("gives back what a library wrote ($i)", ({ value }) => {
    expect(decode(encode(value))).toEqual(value);
  });

  it("reads from the middle of a buffer", () => {
    const bytes = encode({ a: [1, "b"] });
    const padded = new Uint8Array(bytes.length + 9);
    padded.set(bytes, 5);
    expect(decode(padded.subarray(5, 5 + bytes.length))).toEqual({ a: [1, "b"] });
  });

  it("refuses what is cut short, and kinds that the feed does not have", () => {
    const whole = encode({ a: "bcd", e: new Uint8Array(5), f: 1e9 });
    for (let n = 0; n < whole.length; n++) expect(() => decode(whole.subarray(0, n)), String(n)).toThrow(RangeError);
    expect(() => decode(new Uint8Array([0xc7, 1, 1, 1]))).toThrow(TypeError);
    expect(() => decode(new Uint8Array([0xc1]))).toThrow(TypeError);
  });
});
