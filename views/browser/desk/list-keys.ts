import { takesText } from "./elements.ts";
import { keepsSingleKeys } from "./settings.ts";

/** Keys on a post that has the focus, and the action that each is for. */
const ACTIONS: Record<string, string> = { e: "edit", h: "history" };

/** Walking through the posts: j and k to the next and the one before, e edits, h shows the history, x selects. */
export function listKeys(desk: HTMLElement, select: (article: HTMLElement) => void): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
    if (!keepsSingleKeys() || document.querySelector("dialog[open]")) return;
    const current = document.activeElement?.closest<HTMLElement>(".desk-post") ?? null;
    if (event.key === "j" || event.key === "k") step(current, event.key === "j" ? 1 : -1);
    else if (current && event.key === "x") select(current);
    else if (current && ACTIONS[event.key])
      current.querySelector<HTMLElement>(`[data-action="${ACTIONS[event.key]}"]`)?.click();
    else return;
    event.preventDefault();
  });

  function step(current: HTMLElement | null, by: 1 | -1): void {
    const all = [...desk.querySelectorAll<HTMLElement>(".desk-post")];
    const next = current ? all[all.indexOf(current) + by] : all[0];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}
