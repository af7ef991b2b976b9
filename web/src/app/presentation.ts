// What the organiser adds to a tour's pages: a base map of its own, and more to tell of some cars.

export interface OwnMap {
  kind: "style" | "tiles" | "pmtiles";
  url: string;
  attribution: string;
}

export interface Extra {
  number: string;
  crew: string;
  story: string;
  photo: string;
}

export interface Presentation {
  map: OwnMap | null;
  cars: Extra[];
}

let loading: Promise<Presentation> | null = null; // a page shows one tour

/** Fetched once; a tour without it is no poorer than one whose organiser added nothing. */
export function loadPresentation(slug: string): Promise<Presentation> {
  loading ??= fetchPresentation(slug);
  return loading;
}

async function fetchPresentation(slug: string): Promise<Presentation> {
  try {
    const answer = await fetch(`/api/v1/tours/${encodeURIComponent(slug)}/presentation`);
    if (answer.ok) return (await answer.json()) as Presentation;
  } catch {
    // said by the banner
  }
  return { map: null, cars: [] };
}

export function extraOf(presentation: Presentation | null, number: string): Extra | undefined {
  return presentation?.cars.find((car) => car.number === number);
}

export function fileOf(slug: string, name: string): string {
  return `/tour-files/${encodeURIComponent(slug)}/${encodeURIComponent(name)}`;
}

/** The address of a car's photo, or null. */
export function photoOf(presentation: Presentation | null, slug: string, number: string): string | null {
  const name = extraOf(presentation, number)?.photo;
  return name ? fileOf(slug, name) : null;
}
