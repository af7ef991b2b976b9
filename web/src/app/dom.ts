// Elements in one breath.

type Child = Node | string | null;
type Attributes = Record<string, string | boolean | (() => void)>;

/** An element with attributes (`onclick` and the like take a function; true is there, false is not) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Writes only what changes: screen readers say what is written. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element as T;
}

export function button(className: string, text: string, act: () => void): HTMLButtonElement {
  return el("button", { type: "button", class: className, onclick: act }, text);
}

const built = new WeakMap<Element, string>();

/** Fills an element anew if what it shows (`key`) is not what it showed; keeps the focus on what took its place. */
export function rebuild(element: HTMLElement, key: unknown, build: () => (Node | string)[]): void {
  const text = JSON.stringify(key);
  if (built.get(element) === text) return;
  built.set(element, text);
  const focused = [...element.querySelectorAll<HTMLElement>("button, a, input, select")].indexOf(
    document.activeElement as HTMLElement,
  );
  element.replaceChildren(...build());
  if (focused < 0) return;
  const now = element.querySelectorAll<HTMLElement>("button, a, input, select");
  now[Math.min(focused, now.length - 1)]?.focus({ preventScroll: true });
}

export function span(className: string, text = ""): HTMLSpanElement {
  return el("span", { class: className }, text);
}
