import { beforeEach, describe, expect, it } from "vitest";
import type { Palette } from "../src/draw/palette";
import type { View } from "../src/model/field";
import { List, type RowText } from "../src/views/list";

function row(number: string, state: string): RowText {
  const vehicle = {
    row: Number(number),
    number,
    support: false,
    name: "Alfa Romeo 8C 2300",
    year: 1932,
    palette: "prewar",
  };
  const view = { vehicle, condition: "running", attention: false } as unknown as View;
  return { view, state, place: "54", unit: "mi" };
}

describe("the list", () => {
  let element: HTMLUListElement;
  let list: List;
  let picked: number[];
  let starred: number[];
  beforeEach(() => {
    element = document.createElement("ul");
    document.body.replaceChildren(element);
    picked = [];
    starred = [];
    list = new List(element, {} as Palette, { picked: (r) => picked.push(r), starred: (r) => starred.push(r) });
  });

  it("is a list that says who and what, number first", () => {
    list.update([{ title: "On the road", rows: [row("12", "Plymouth in 21–28 min")] }], -1, new Set(), true);
    const item = element.querySelector<HTMLElement>("li[data-number='12']")!;
    expect(item.querySelector("button")!.textContent).toBe("12, Alfa Romeo 8C 2300 1932Plymouth in 21–28 min54mi");
    expect(element.querySelector("h2")!.textContent).toBe("On the road");
  });

  it("tells by aria-pressed which car is chosen and which is a favourite", () => {
    const sections = [{ title: "", rows: [row("12", ""), row("31", "")] }];
    list.update(sections, 31, new Set(["12"]), true);
    const pressed = [...element.querySelectorAll("button")].map((b) => b.getAttribute("aria-pressed"));
    expect(pressed).toEqual(["false", "true", "true", "false"]);
  });

  it("says which row was pressed", () => {
    list.update([{ title: "", rows: [row("12", "")] }], -1, new Set(), true);
    const [car, star] = element.querySelectorAll("button");
    car.click();
    star.click();
    expect([picked, starred]).toEqual([[12], [12]]);
  });

  it("keeps its order while somebody uses it, and takes the new one when asked for", () => {
    const order = () => [...element.querySelectorAll<HTMLElement>("[data-number]")].map((e) => e.dataset.number);
    list.update([{ title: "", rows: [row("1", ""), row("2", "")] }], -1, new Set(), true);
    element.dispatchEvent(new Event("pointermove"));
    const turned = [{ title: "", rows: [row("2", "new words"), row("1", "")] }];
    list.update(turned, -1, new Set(), false);
    expect(order()).toEqual(["1", "2"]);
    expect(element.textContent).toContain("new words");
    list.update(turned, -1, new Set(), true);
    expect(order()).toEqual(["2", "1"]);
  });

  it("leaves the focus where it was when rows change places", () => {
    list.update([{ title: "", rows: [row("1", ""), row("2", "")] }], -1, new Set(), true);
    const car = element.querySelector<HTMLElement>("[data-number='2'] .car")!;
    car.focus();
    list.update([{ title: "", rows: [row("2", ""), row("1", "")] }], -1, new Set(), true);
    expect(document.activeElement).toBe(car);
  });
});
