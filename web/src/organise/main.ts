// The organiser's page on the morning of a tour: who is heard, who is not, and what to do about it.
import { byId, el, say } from "../app/dom";
import { readPref, writePref } from "../app/prefs";
import { CardSheet } from "./card";
import { CardsView } from "./cards";
import { CheckList } from "./checklist";
import { Desk } from "./desk";
import { OddView } from "./odd";
import { SwapView } from "./swap";
import { TellView } from "./tell";
import { VehicleSheet } from "./vehicle";
import { duration, timeOfDay, words } from "./words";

type View = keyof typeof words.views;

const VIEWS = Object.keys(words.views) as View[];
const NEWS_MS = 15_000;

class OrganisePage {
  private readonly desk = new Desk(slugOf(), () => this.draw());
  private readonly card = new CardSheet(this.desk, (said) => this.say(said));
  private readonly swap = new SwapView(this.desk, (said) => this.say(said));
  private readonly vehicle = new VehicleSheet(this.desk, this.card, (device, number) => this.goSwap(device, number));
  private readonly check = new CheckList(this.desk, (number) => this.vehicle.open(number));
  private readonly cards = new CardsView(this.desk, (device) => void this.card.open(device));
  private readonly odd = new OddView(this.desk, (said) => this.say(said));
  private readonly told = new TellView(this.desk, (said) => this.say(said));
  private readonly night = matchMedia("(prefers-color-scheme: dark)");
  private view: View = "check";
  private said = "";

  start(): void {
    document.documentElement.lang = words.language;
    byId("views").append(...VIEWS.map((view) => el("a", { href: `#${view}` }, words.views[view])));
    byId("theme").addEventListener("click", () => {
      writePref("theme", this.dark ? "light" : "dark");
      this.colour();
    });
    this.night.addEventListener("change", () => this.colour());
    this.colour();
    addEventListener("hashchange", () => this.go());
    const scanned = /\/swap\/([^/]+)$/.exec(location.pathname)?.[1];
    if (scanned) {
      const home = location.pathname.replace(/\/swap\/[^/]+$/, "");
      history.replaceState(null, "", `${home}#swap`); // a reload later on is no scan
      this.swap.begin(decodeURIComponent(scanned), null);
    }
    this.go();
    this.desk.start();
    setInterval(() => this.draw(), 1_000);
  }

  private go(): void {
    const asked = location.hash.slice(1) as View;
    this.view = VIEWS.includes(asked) ? asked : "check";
    for (const view of VIEWS) byId(view).hidden = view !== this.view;
    for (const link of byId("views").querySelectorAll("a")) {
      if (link.hash === `#${this.view}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.say("");
    if (this.view === "odd") void this.odd.open();
    if (this.view === "tell") void this.told.open();
    this.draw();
  }

  private goSwap(device: string | null, number: string | null): void {
    this.swap.begin(device, number);
    location.hash = "#swap";
  }

  private draw(): void {
    const { roll } = this.desk;
    this.tell();
    if (roll === null) return;
    const title = words.pageTitle(roll.tour.name);
    if (document.title !== title) document.title = title;
    say(document.querySelector("h1")!, roll.tour.name);
    say(byId("when"), words.atTheTour(timeOfDay(this.desk.now(), roll.tour.zone)));
    if (this.view === "check") this.check.draw();
    if (this.view === "cards") this.cards.draw();
    if (this.view === "swap") this.swap.draw();
    this.vehicle.draw();
    this.card.draw();
  }

  private say(said: string): void {
    this.said = said;
    this.tell();
  }

  /** What stands above everything: the first of these that is so. */
  private tell(): void {
    const { desk } = this;
    const notice = byId("notice");
    const stale = desk.roll !== null && desk.ageMs() > NEWS_MS;
    const text = desk.signedOut
      ? words.signedOut
      : stale
        ? words.offline(duration(desk.ageMs()))
        : this.said || (desk.roll === null ? words.loading : "") || readSoFar(desk);
    notice.hidden = text === "";
    notice.dataset.bad = String(desk.signedOut || stale || this.said === words.failed);
    say(notice, text);
  }

  private get dark(): boolean {
    const chosen = readPref("theme");
    return chosen ? chosen === "dark" : this.night.matches;
  }

  private colour(): void {
    document.documentElement.dataset.theme = this.dark ? "dark" : "light";
    const button = byId("theme");
    say(button, this.dark ? "☀" : "☾");
    button.setAttribute("aria-label", this.dark ? words.useLight : words.useDark);
  }
}

function readSoFar({ roll }: Desk): string {
  return roll !== null && roll.read_pct < 100 ? words.readSoFar(roll.read_pct) : "";
}

function slugOf(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="milepost-tour"]')?.content ?? "";
}

new OrganisePage().start();
