// Light or dark: as the system says, until the person says otherwise.
import { readPref, writePref } from "./prefs";

export class Theme {
  private readonly system = matchMedia("(prefers-color-scheme: dark)");

  constructor(private readonly changed: () => void) {
    this.apply();
    this.system.addEventListener("change", () => this.apply());
  }

  get dark(): boolean {
    const chosen = readPref("theme");
    return chosen ? chosen === "dark" : this.system.matches;
  }

  toggle(): void {
    const dark = !this.dark;
    writePref("theme", dark ? "dark" : "light");
    this.apply();
  }

  private apply(): void {
    document.documentElement.dataset.theme = this.dark ? "dark" : "light";
    this.changed();
  }
}
