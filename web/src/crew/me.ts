// Who is signed in on this device, and what they may decide.
import { readPref, writePref } from "../app/prefs";

export interface Me {
  name: string;
  role: string;
  may: ReadonlySet<string>;
}

const NOBODY: Me = { name: "", role: "", may: new Set() };

/** Asks the tour; without a connection, who it was last. Null = not signed in (any more). */
export async function whoAmI(slug: string): Promise<Me | null> {
  const pref = `me.${slug}`;
  try {
    const response = await fetch(`/api/v1/tours/${encodeURIComponent(slug)}/me`, { cache: "no-store" });
    if (response.status === 403) return null;
    if (response.ok) {
      const text = await response.text();
      const me = read(text);
      writePref(pref, text);
      return me;
    }
  } catch {
    // no connection
  }
  try {
    return read(readPref(pref) ?? "");
  } catch {
    return NOBODY;
  }
}

function read(text: string): Me {
  const { name, role, may } = JSON.parse(text) as { name: string; role: string; may: string[] };
  return { name, role, may: new Set(may) };
}
