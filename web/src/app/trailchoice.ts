// How long trails are: chosen in the menu, or on the map beside the car that is followed; kept for later visits. What draws them is fetched when there is one to draw.
import { byId } from "./dom";
import type { Picture } from "./picture";
import { readPref, writePref } from "./prefs";
import { replayWords } from "./replaywords";
import type { Trails } from "./trails";

const MINUTES = [0, 10, 30, Number.POSITIVE_INFINITY];
const USUAL = "30";

export class TrailChoice {
  private readonly select = byId<HTMLSelectElement>("trails");
  private readonly chip = byId("trail");
  private length = USUAL; // of the chip, as long as none was chosen
  private trails: Promise<Trails> | null = null;

  constructor(
    private readonly picture: Picture,
    private readonly watched: () => ReadonlySet<string>,
  ) {
    const kept = Number(readPref("trails") ?? 0);
    const { off, last, whole } = replayWords.trails;
    this.select.setAttribute("aria-label", replayWords.trails.label);
    this.select.append(
      ...MINUTES.map((minutes) => {
        const text = minutes === 0 ? off : minutes === Number.POSITIVE_INFINITY ? whole : last(minutes);
        return new Option(text, String(minutes), false, minutes === kept);
      }),
    );
    this.select.addEventListener("change", () => this.chosen());
    this.chip.textContent = replayWords.trails.chip;
    this.chip.addEventListener("click", () => {
      this.select.value = this.select.value === "0" ? this.length : "0";
      this.chosen();
    });
    for (const kind of ["pointerdown", "dblclick", "keydown"])
      this.chip.addEventListener(kind, (event) => event.stopPropagation()); // no gesture of the map below
    this.showChip();
  }

  /** Whether there is somebody to have a trail. */
  offer(wanted: boolean): void {
    this.chip.hidden = !wanted;
  }

  private chosen(): void {
    writePref("trails", this.select.value);
    this.showChip();
    void this.apply();
  }

  private showChip(): void {
    if (this.select.value !== "0") this.length = this.select.value;
    this.chip.setAttribute("aria-pressed", String(this.select.value !== "0"));
  }

  /** Once the tour is known, and whenever another length is chosen. */
  async apply(): Promise<void> {
    const minutes = Number(this.select.value);
    const { body } = this.picture.live.feed;
    if (!body || (minutes === 0 && !this.trails)) return;
    const { slug } = body.tour;
    this.trails ??= import("./trails").then(({ Trails }) => new Trails(slug, this.picture, this.watched));
    (await this.trails).minutes = minutes;
    this.picture.redraw();
  }
}
