// A card on the screen, to be scanned from it; and a new one for a phone that is lost.
import { byId, el, say } from "../app/dom";
import type { Desk } from "./desk";
import { roundelOf } from "./roundel";
import { duration, words } from "./words";

const WAYS = ["url", "drive", "owntracks"] as const;
type Way = (typeof WAYS)[number];
type Chosen = Way | "others";
type Other = keyof typeof words.others;
type Card = { vehicle: string; device: string; others: Record<Other, string> } & Record<
  Way,
  { link: string; code: string }
>;

const COPIED_MS = 2_000;

export class CardSheet {
  private readonly sheet = byId<HTMLDialogElement>("card");
  private card: Card | null = null;
  private openedMs = 0; // at the tour
  private heard: HTMLElement | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly notice: (said: string) => void,
  ) {
    this.sheet.addEventListener("close", () => {
      this.card = null;
      this.heard = null;
      this.sheet.replaceChildren(); // a token is on it
    });
  }

  async open(device: string): Promise<void> {
    await this.fetch(() => this.desk.get(`devices/card?device=${encodeURIComponent(device)}`));
  }

  /** Ask first: the phone that holds the old card falls silent. */
  askAnew(device: string): void {
    const renew = async () => {
      this.sheet.close();
      await this.fetch(() => this.desk.post(`devices/revoke?device=${encodeURIComponent(device)}`), words.lostDone);
    };
    this.sheet.setAttribute("aria-label", words.lost);
    this.sheet.replaceChildren(
      el("p", { class: "ask" }, words.lostAsk(device)),
      el(
        "div",
        { class: "acts" },
        el("button", { type: "button", class: "primary", onclick: () => void renew() }, words.lostYes),
        el("button", { type: "button", onclick: () => this.sheet.close() }, words.cancel),
      ),
    );
    this.sheet.showModal();
  }

  private async fetch(ask: () => Promise<unknown>, said = ""): Promise<void> {
    try {
      this.card = (await ask()) as Card;
    } catch {
      this.notice(words.failed);
      return;
    }
    this.openedMs = this.desk.now();
    this.show(this.card, "url", said);
    this.sheet.showModal();
  }

  private show(card: Card, way: Chosen, said = ""): void {
    const vehicle = this.desk.roll?.vehicles.find(({ number }) => number === card.vehicle);
    const print = `/api/v1/tours/${encodeURIComponent(this.desk.slug)}/devices/cards?device=${encodeURIComponent(card.device)}`;
    this.heard = el("p", { class: "heard", role: "status" });
    this.sheet.setAttribute("aria-label", words.device(card.device));
    this.sheet.replaceChildren(
      el(
        "header",
        {},
        vehicle ? roundelOf(vehicle) : null,
        el("div", {}, el("h2", {}, vehicle?.name || card.device), el("p", {}, words.device(card.device))),
        el(
          "button",
          { type: "button", class: "close", "aria-label": words.close, onclick: () => this.sheet.close() },
          "×",
        ),
      ),
      ...(said ? [el("p", { class: "done" }, said)] : []),
      el(
        "div",
        { class: "ways", role: "group" },
        ...([...WAYS, "others"] as const).map((each) =>
          el(
            "button",
            {
              type: "button",
              class: "chip",
              "aria-pressed": String(each === way),
              onclick: () => this.show(card, each, said),
            },
            each === "others" ? words.otherApps : words.ways[each].title,
          ),
        ),
      ),
      ...(way === "others" ? this.others(card) : this.code(card[way], way)),
      this.heard,
      el(
        "div",
        { class: "acts" },
        ...(way === "others" ? [] : [this.copyButton(card[way].link)]),
        el("a", { class: "button", href: print, target: "_blank", rel: "noopener" }, words.printOne),
      ),
    );
    this.draw();
  }

  private code({ code }: { code: string }, way: Way): HTMLElement[] {
    return [
      el("img", { class: "code", src: code, alt: words.ways[way].title }),
      el("p", { class: "how" }, words.ways[way].how),
    ];
  }

  /** Apps that have no code to scan: an address for each, to be sent to the phone and pasted. */
  private others({ others }: Card): HTMLElement[] {
    return (Object.keys(words.others) as Other[]).map((app) =>
      el(
        "section",
        { class: "device" },
        el("h3", {}, words.protocols[app] ?? app),
        el("p", {}, words.others[app]),
        el("pre", { tabindex: "0" }, others[app]),
        this.copyButton(others[app]),
      ),
    );
  }

  private copyButton(link: string): HTMLElement {
    const button = el("button", { type: "button", onclick: () => void this.copy(button, link) }, words.copyLink);
    return button;
  }

  /** Whether the phone that has just scanned it is heard by now. */
  draw(): void {
    const { card, heard } = this;
    if (card === null || heard === null) return;
    const heardMs = this.desk.roll?.devices.find(({ device }) => device === card.device)?.heard_at_ms ?? 0;
    const fresh = heardMs > this.openedMs;
    heard.dataset.fresh = String(fresh);
    say(heard, fresh ? words.hears(duration(this.desk.now() - heardMs)) : words.waitsFor);
  }

  private async copy(button: HTMLButtonElement, link: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      this.notice(words.failed);
      return;
    }
    say(button, words.copied);
    setTimeout(() => say(button, words.copyLink), COPIED_MS);
  }
}
