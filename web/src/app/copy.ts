// A button that copies the page's address, and says on itself whether that went well.
import { words } from "./words";

const COPIED_MS = 2_500;

export function copiesAddress(button: HTMLElement, label: string): void {
  button.textContent = label;
  button.addEventListener("click", () => void copy(button, label));
}

async function copy(button: HTMLElement, label: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = words.copied;
  } catch {
    button.textContent = words.copyByHand; // no secure context, or not allowed
  }
  setTimeout(() => {
    button.textContent = label;
  }, COPIED_MS);
}
