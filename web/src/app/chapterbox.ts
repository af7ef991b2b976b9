// Above the list: what there is to say before the first start, overnight, and when the tour is over.
import type { Chapter } from "../model/chapter";
import { byId, rebuild } from "./dom";
import { element } from "./element";

export function showChapter(chapter: Chapter | null): void {
  const box = byId("chapter");
  box.hidden = chapter === null;
  if (!chapter) return;
  const [title, lines] = [box.querySelector("h2")!, box.querySelector("div")!];
  if (title.textContent !== chapter.title) title.textContent = chapter.title;
  rebuild(lines, chapter.lines, () => chapter.lines.map((line) => element("p", "", line)));
}
