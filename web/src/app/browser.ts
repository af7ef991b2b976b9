// What this browser is, can do and was asked for.
import fontFaces from "./fonts.css?inline";

/** MapLibre needs WebGL2, and is too much for those who save data. */
export function mayUseGl(): boolean {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  if (connection?.saveData) return false;
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

/** Lets the page have its fonts, once there is a vehicle to see: before, they would take the line from what shows it. */
export async function bringFonts(): Promise<void> {
  const style = document.createElement("style");
  style.textContent = fontFaces;
  document.head.append(style);
  await fontsLoaded();
}

/** What canvases write with: a font that no element of the page uses is not loaded by itself. */
export async function fontsLoaded(): Promise<void> {
  const used = ['700 12px "Barlow Condensed"', "600 12px Barlow", "500 12px Barlow"];
  await Promise.all(used.map((font) => document.fonts.load(font))).catch(() => {}); // the system's own will do
}

export function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: 2_000 });
  else setTimeout(act, 300);
}

/** The server writes the tour into the page; a page served by something else asks for the list. */
export async function findTour(): Promise<string | null> {
  const written = document.querySelector<HTMLMetaElement>('meta[name="milepost-tour"]')?.content;
  if (written && written !== "__TOUR__") return written;
  const path = /^\/tour\/([^/]+)/.exec(location.pathname);
  if (path) return decodeURIComponent(path[1]);
  const response = await fetch("/api/v1/tours").catch(() => null);
  const tours = response?.ok ? ((await response.json()) as { slug: string }[]) : [];
  return tours[0]?.slug ?? null;
}
