// What one needs seldom: the leg, units, language, a link to this very view, the text view.
import type { Units } from "../model/units";
import type { SnapshotBody } from "../wire/frames";
import { copiesAddress } from "./copy";
import { byId } from "./dom";
import { link, writeLink } from "./link";
import type { LiveTour } from "./live";
import { writePref } from "./prefs";
import { LANGUAGES, words } from "./words";

export class Menu {
  private readonly legs = byId<HTMLSelectElement>("legs");
  private readonly units = byId("units");
  private readonly textView = byId<HTMLAnchorElement>("text-view");
  private legsKey = "";

  /** What is chosen stands in the address; `changed` is told of units that the tour is then told in. */
  constructor(live: LiveTour, legChosen: (leg: number) => void, changed: () => void) {
    live.setUnits(link.state.units);
    const menu = byId<HTMLDetailsElement>("more");
    menu.querySelector("summary")!.setAttribute("aria-label", words.menu);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary")!.focus();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!menu.contains(event.target as Node)) menu.open = false;
    });
    this.legs.setAttribute("aria-label", words.leg);
    this.legs.addEventListener("change", () => {
      menu.open = false;
      legChosen(Number(this.legs.value));
    });
    this.units.addEventListener("click", () => {
      menu.open = false;
      const units = this.units.dataset.to as Units;
      link.change({ units });
      live.setUnits(units);
      changed();
    });
    copiesAddress(byId("copy"), words.copyLink);
    this.offerLanguages();
    this.textView.textContent = words.textView;
  }

  private offerLanguages(): void {
    const other = LANGUAGES.find((catalogue) => catalogue.language !== words.language)!;
    const language = byId<HTMLAnchorElement>("language");
    language.textContent = other.languageName;
    language.lang = language.hreflang = other.language;
    language.addEventListener("click", () => {
      writePref("language", other.language);
      language.href = location.pathname + writeLink({ ...link.state, language: other.language });
    });
    language.href = location.pathname + writeLink({ ...link.state, language: other.language });
  }

  show({ tour: { slug, units }, legs }: SnapshotBody): void {
    const { leg } = link.state;
    const titles = legs.map(({ title }) => title);
    const key = JSON.stringify([slug, titles, units, leg]);
    if (key === this.legsKey) return;
    this.legsKey = key;
    const options = [words.legOfTheDay, ...titles.map((title, i) => words.legTitle(i + 1, title))];
    this.legs.replaceChildren(...options.map((text, i) => new Option(text, String(i), false, i === leg)));
    this.units.dataset.to = units === "mi" ? "km" : "mi";
    this.units.textContent = words.useUnits(this.units.dataset.to);
    this.textView.href = `/tour/${encodeURIComponent(slug)}/text?lang=${words.language}`;
  }
}
