import { describe, expect, it } from "vitest";
import { readLink, writeLink } from "../src/app/link";

describe("the page's address", () => {
  it("says everything that somebody chose, and is read back the same", () => {
    const full = "?car=12,S7&follow=0&leg=2&t=2027-04-26T17:42:00Z&at=2,54000&theme=dark&units=km&lang=it&kiosk=1";
    expect(readLink(full)).toEqual({
      cars: ["12", "S7"],
      follow: false,
      at: { leg: 2, alongM: 54_000 },
      t: Date.UTC(2027, 3, 26, 17, 42),
      leg: 2,
      theme: "dark",
      units: "km",
      language: "it",
      kiosk: true,
    });
    expect(writeLink(readLink(full))).toBe(full);
  });

  it("is plain for a plain visit", () => expect(writeLink(readLink(""))).toBe(""));

  it("leaves nonsense out", () => {
    const state = readLink("?car=,12,12,aaaaaaaaaaaaaaaa&leg=-3&theme=pink&units=furlong&lang=%3Cb%3E&kiosk=yes&x=1");
    expect(writeLink(state)).toBe("?car=12");
  });
});
