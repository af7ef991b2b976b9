// The list's order: one's favourites, those who are not on their way, the road from the front to the back, the rest.
import { searchable, type View } from "../model/field";
import type { RowText, Section } from "../views/list";
import { words } from "./words";

type Place = keyof typeof words.sections;

function placeOf(view: View): Place {
  if (view.condition === "out") return "out";
  if (view.attention) return "attention";
  if (view.vehicle.support) return "support";
  if (view.condition === "waiting" || view.condition === "never") return "waiting";
  if (view.condition === "finished") return "finished";
  return view.condition === "halt" ? "halt" : "road";
}

const ORDER: Place[] = ["favourites", "attention", "road", "halt", "waiting", "finished", "support", "out"];

export function sectionsOf(
  views: readonly View[],
  favourites: ReadonlySet<string>,
  query: string,
  text: (view: View) => RowText,
): Section[] {
  const wanted = query.trim();
  const sections = new Map<Place, View[]>(ORDER.map((place) => [place, []]));
  for (const view of views) {
    if (wanted && !matches(view, wanted)) continue;
    const place = favourites.has(view.vehicle.number) ? "favourites" : placeOf(view);
    sections.get(place)!.push(view);
  }
  for (const [place, list] of sections) {
    if (place === "waiting") list.sort((a, b) => a.vehicle.startOrder - b.vehicle.startOrder);
    else if (place === "road" || place === "halt") list.sort((a, b) => b.alongM - a.alongM);
  }
  return ORDER.filter((place) => sections.get(place)!.length > 0).map((place) => ({
    title: words.sections[place],
    rows: sections.get(place)!.map(text),
  }));
}

/** A whole number finds that car ("12"), anything else is looked for in make, model, class, year, colour and story. */
export function matches(view: View, query: string): boolean {
  const { vehicle } = view;
  const wanted = searchable(query);
  if (vehicle.number.toLowerCase() === wanted) return true;
  if (/^\d{1,3}$/.test(wanted)) return vehicle.number.startsWith(wanted);
  return wanted.split(/\s+/).every((word) => vehicle.searched.includes(word));
}
