// A button that copies something, and says on itself whether that went well.
import { words } from "./words";

const COPIED_MS = 2_500;

export function copiesAddress(button: HTMLElement, label: string): void {
  copies(button, label, () => location.href);
}

export function copies(button: HTMLElement, label: string, text: () => string): void {
  button.textContent = label;
  button.addEventListener("click", () => void copy(button, label, text()));
}

async function copy(button: HTMLElement, label: string, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = words.copied;
  } catch {
    button.textContent = words.copyByHand; // no secure context, or not allowed
  }
  setTimeout(() => {
    button.textContent = label;
  }, COPIED_MS);
}
