import { neighbour } from "../grouped-list.ts";

/*
 * Whoever works by keyboard goes on from where they are. What had the focus may be taken off the page or hidden by what
 * they did themselves, or by a colleague; then the focus goes to what is nearest, and not back to the top of the page.
 */

/**
 * Remembers where somebody is.
 * @param from what they are at, or were at before a dialog or a bar had the focus
 * @returns brings the focus back there, or near it, where it was lost since
 */
export function holdPlace(from: Element | null = document.activeElement): () => void {
  if (!from || from === document.body) return () => {};
  const places = placesNear(from);
  return () => {
    if (!isLost(document.activeElement)) return;
    for (const place of places) if (take(typeof place === "string" ? document.querySelector(place) : place)) return;
  };
}

/**
 * Shows a dialog that is gone when it is closed.
 * @param from where somebody goes on then, when what opened it is gone as well
 */
export function showOnce(dialog: HTMLDialogElement, from = document.activeElement): void {
  const back = holdPlace(from);
  dialog.addEventListener("close", () => {
    dialog.remove();
    back();
  });
  dialog.showModal();
}

/** Puts other rows in the place of those there are; who was in one is in the one that has its place. */
export function replaceRows(list: HTMLElement, rows: HTMLElement[]): void {
  const { activeElement } = document;
  const at = [...list.children].findIndex((row) => row.contains(activeElement));
  const back = at < 0 ? null : holdPlace(list);
  list.replaceChildren(...rows);
  const row = at < 0 ? undefined : rows[Math.min(at, rows.length - 1)];
  row?.querySelector("button")?.focus();
  back?.();
}

/** Nearest first. What will have gone is found while it is there; a selector is for what may come again. */
function placesNear(from: Element): (Element | string | null)[] {
  const post = from.closest<HTMLElement>(".desk-post");
  const action = from.getAttribute("data-blog-action");
  const heading = from.closest("section[aria-labelledby]")?.getAttribute("aria-labelledby");
  return [
    from,
    ...(post ? [`#${post.id}`] : []),
    ...(post?.isConnected ? [neighbour(post, 1), neighbour(post, -1)] : []),
    ...(action ? [`[data-blog-action=${action}]`, from.nextElementSibling, from.previousElementSibling] : []),
    from.closest("dialog")?.querySelector("input, button") ?? null,
    heading ? `#${heading}` : null,
    from.closest("#composer") ? ".composer-text" : null,
    "#main",
  ];
}

/** Nothing has the focus, or what cannot be seen any more. */
const isLost = (focused: Element | null): boolean =>
  !focused || focused === document.body || focused.closest(GONE) !== null;

const GONE = "[hidden], details:not([open]) > :not(summary)";

/** @returns whether it has the focus now */
function take(place: Element | null): boolean {
  if (!(place instanceof HTMLElement) || !place.isConnected || !place.checkVisibility()) return false;
  place.focus({ preventScroll: true });
  return document.activeElement === place;
}
