import type { Selection } from "./bulk.ts";
import { isDialogOpen, takesText } from "./elements.ts";
import { neighbour } from "../grouped-list.ts";
import { keepsSingleKeys } from "./settings.ts";

/** Keys on a post that has the focus, and the action that each is for. */
const ACTIONS: Record<string, string> = { e: "edit", h: "history" };

/**
 * Walking through the posts: j and k to the next and the one before, e edits, h shows the history. Where there is
 * something to select them for, x selects, and b leads to what is done with them.
 */
export function listKeys(desk: HTMLElement, selection: Pick<Selection, "toggle" | "enter"> | null): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
    if (!keepsSingleKeys() || isDialogOpen()) return;
    const current = document.activeElement?.closest<HTMLElement>(".desk-post") ?? null;
    if (event.key === "j" || event.key === "k") step(current, event.key === "j" ? 1 : -1);
    else if (selection && current && event.key === "x") selection.toggle(current);
    else if (event.key === "b") {
      if (!selection?.enter()) return;
    } else if (current && ACTIONS[event.key])
      current.querySelector<HTMLElement>(`[data-action="${ACTIONS[event.key]}"]`)?.click();
    else return;
    event.preventDefault();
  });

  function step(current: HTMLElement | null, by: 1 | -1): void {
    const next = current ? beside(current, by) : desk.querySelector<HTMLElement>(".desk-post");
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}

/** The post after it, or before it; where the one list ends the other begins. */
function beside(post: HTMLElement, by: 1 | -1): HTMLElement | null {
  const next = neighbour(post, by);
  if (next) return next;
  const isPending = post.closest("#pending") !== null;
  if (isPending !== by > 0) return null;
  const beyond = document.querySelectorAll<HTMLElement>(isPending ? "#posts .desk-post" : "#pending .desk-post");
  return beyond[by > 0 ? 0 : beyond.length - 1] ?? null;
}
