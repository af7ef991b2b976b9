// Light or dark: as the address says, or else the person, or else the system.
import { link } from "./link";
import { readPref, writePref } from "./prefs";

export class Theme {
  private readonly system = matchMedia("(prefers-color-scheme: dark)");

  constructor(private readonly changed: () => void) {
    this.apply();
    this.system.addEventListener("change", () => this.apply());
  }

  get dark(): boolean {
    const chosen = link.state.theme ?? readPref("theme");
    return chosen ? chosen === "dark" : this.system.matches;
  }

  toggle(): void {
    const theme = this.dark ? "light" : "dark";
    writePref("theme", theme);
    if (link.state.theme) link.change({ theme });
    this.apply();
  }

  private apply(): void {
    document.documentElement.dataset.theme = this.dark ? "dark" : "light";
    this.changed();
  }
}
