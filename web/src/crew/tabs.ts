// One part of the page at a time where there is no room for all: board, map, field, log.
import { button } from "../app/dom";
import { crewWords as say } from "./words";

export type Tab = keyof typeof say.tabs;

export class Tabs {
  private readonly buttons = new Map<Tab, HTMLButtonElement>();

  constructor(nav: HTMLElement) {
    nav.setAttribute("aria-label", Object.values(say.tabs).join(", "));
    for (const tab of Object.keys(say.tabs) as Tab[]) {
      const choose = button("", say.tabs[tab], () => this.show(tab));
      choose.dataset.tab = tab;
      this.buttons.set(tab, choose);
      nav.append(choose);
    }
    this.show("board");
  }

  show(tab: Tab): void {
    document.body.dataset.tab = tab;
    for (const [name, choose] of this.buttons) choose.setAttribute("aria-pressed", String(name === tab));
  }

  /** How many need help, on the tab that shows them. */
  count(needs: number): void {
    const text = needs > 0 ? `${say.tabs.board} ${needs}` : say.tabs.board;
    const tab = this.buttons.get("board")!;
    if (tab.textContent !== text) tab.textContent = text;
  }
}
