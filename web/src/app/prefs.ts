// What a person chose and wants to find again. A browser that keeps nothing (private mode) is no error.

const PREFIX = "milepost.";

export function readPref(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function writePref(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // nothing to be done, and nothing is lost but the convenience
  }
}

/** Favourite numbers of one tour. */
export class Favourites {
  readonly numbers: Set<string>;

  constructor(private readonly slug: string) {
    this.numbers = new Set((readPref(`favourites.${slug}`) ?? "").split(",").filter(Boolean));
  }

  toggle(number: string): void {
    if (!this.numbers.delete(number)) this.numbers.add(number);
    writePref(`favourites.${this.slug}`, [...this.numbers].join(","));
  }
}
