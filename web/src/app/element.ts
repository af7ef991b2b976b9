// Elements that pages make by script.

/** An element with text, and behind it something said in passing. */
export function element(tag: string, className: string, text = "", small = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  if (small) {
    const own = document.createElement("small");
    own.textContent = small;
    made.append(" ", own);
  }
  return made;
}
