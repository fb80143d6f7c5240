import { el } from "./elements.ts";
import { showOnce } from "./place.ts";

type Content = Node | string | null;

/** A dialog with a heading, which Escape closes and which is gone when it is closed. */
export function openDialog(title: string, ...content: Content[]): HTMLDialogElement {
  const dialog = el(
    "dialog",
    { class: "ask", "aria-labelledby": "dialog-title" },
    el("h2", { id: "dialog-title" }, title),
    ...content,
  );
  document.body.append(dialog);
  showOnce(dialog);
  return dialog;
}

/** What went wrong, where a screen reader hears it. */
export function problemLine(): { element: HTMLElement; say(words: string | null): void } {
  const element = el("p", { class: "form-problem", role: "alert", hidden: true });
  return {
    element,
    say(words) {
      element.hidden = words === null;
      element.textContent = words ?? "";
    },
  };
}

/** Words that a closed dialog, a closed tab or a crash must not take away. */
export function keeper<T>(name: string): { get(): T | null; keep(value: T): void; forget(): void } {
  return {
    get() {
      try {
        return JSON.parse(localStorage.getItem(name) ?? "null") as T | null;
      } catch {
        return null;
      }
    },
    keep(value) {
      try {
        localStorage.setItem(name, JSON.stringify(value));
      } catch {
        // A browser that keeps nothing; the dialog still has it.
      }
    },
    forget() {
      try {
        localStorage.removeItem(name);
      } catch {
        // Nothing was kept.
      }
    },
  };
}
