import type { Change } from "../../server/realtime/protocol.ts";
import { become } from "./morph.ts";
import { forgetTimes } from "./relative-times.ts";

/** What a change did to the page, for whoever tells the reader. */
export type Effect =
  | { kind: "new"; article: HTMLElement }
  /** A new post that belongs to another page than this one. */
  | { kind: "elsewhere"; place: string }
  | { kind: "corrected"; article: HTMLElement }
  | { kind: "gone"; id: string }
  | { kind: "state"; live: boolean };

/** The elements that change besides posts. */
export const partIds = ["blog-header", "what-we-know", "pinned", "key-events", "last-updated"];

/** Makes one element of the page as the server has it now. A new post is put in its place, hidden. */
export function applyChange({ target, html, place }: Change, list: HTMLElement): Effect | null {
  const element = document.getElementById(target);
  if (place !== undefined) return applyPost(target, element, html === null ? null : parse(html), place, list);
  if (!element || html === null) return null;
  const { state } = element.dataset;
  become(element, parse(html));
  return element.dataset.state === state ? null : { kind: "state", live: element.dataset.state === "live" };
}

function applyPost(
  id: string,
  article: HTMLElement | null,
  next: HTMLElement | null,
  place: string,
  list: HTMLElement,
): Effect | null {
  if (!next || !belongsHere(next, list)) {
    if (article) removePost(article);
    return { kind: "gone", id };
  }
  if (article) {
    forgetTimes(article);
    const before = correctionOf(article);
    const wasAt = article.dataset.place;
    if (!become(article, next)) return null;
    if (wasAt !== place && !movePost(article, place, list)) return { kind: "gone", id };
    return correctionOf(article) && correctionOf(article) !== before ? { kind: "corrected", article } : null;
  }
  if (list.dataset.newest !== "true") return { kind: "elsewhere", place };
  // What is older than the end of this page is on another page.
  if (list.dataset.end && comparePlaces(place, list.dataset.end) < 0) return null;
  insertPost(next, place, list);
  return { kind: "new", article: next };
}

function insertPost(article: HTMLElement, place: string, list: HTMLElement): void {
  const item = document.createElement("li");
  // At the end of a page that begins with the oldest it pushes nothing about.
  item.hidden = !isOldestFirst(list);
  item.append(article);
  list.insertBefore(item, following([...list.children], place, list));
}

/** On a page that shows only some of the posts: those of an author or with a tag, or key events. */
function belongsHere(article: HTMLElement, { dataset: { filter, author, tag } }: HTMLElement): boolean {
  const says = (name: "author" | "tag", value: string): boolean =>
    [...article.querySelectorAll<HTMLElement>(`[data-${name}]`)].some(({ dataset }) => dataset[name] === value);
  return (
    (!filter || article.classList.contains("is-key-event")) &&
    (!author || says("author", author)) &&
    (!tag || says("tag", tag))
  );
}

const isOldestFirst = ({ dataset }: HTMLElement): boolean => dataset.order === "oldest";

/** After another time was set. @returns false when it belongs to another page now, and is gone from this one */
function movePost(article: HTMLElement, place: string, list: HTMLElement): boolean {
  const item = article.parentElement!;
  const others = [...list.children].filter((other) => other !== item);
  const next = following(others, place, list);
  const { newest, end } = list.dataset;
  const isBelow = Boolean(end) && comparePlaces(place, end!) < 0;
  // An archive page knows only of the time between its first post and its last.
  const isElsewhere = newest === "true" ? isBelow : !next || next === others[0];
  if (isElsewhere) removePost(article);
  else if (item.nextElementSibling !== next) list.insertBefore(item, next);
  return !isElsewhere;
}

/** The item before which a post of that place stands; null for the end of the list. */
function following(items: Element[], place: string, list: HTMLElement): Element | null {
  const sign = isOldestFirst(list) ? -1 : 1;
  return items.find((item) => sign * comparePlaces(placeOf(item), place) < 0) ?? null;
}

/** Whoever had their focus in the post goes on from its neighbour. */
function removePost(article: HTMLElement): void {
  const item = article.parentElement!;
  if (item.contains(document.activeElement)) {
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    const next = neighbour?.querySelector<HTMLElement>("article") ?? document.getElementById("updates");
    next?.focus({ preventScroll: true });
  }
  item.remove();
}

const correctionOf = (article: Element): string => article.querySelector(".correction")?.textContent ?? "";

const placeOf = (item: Element): string => (item.firstElementChild as HTMLElement).dataset.place!;

/** By time, then by id, both as numbers: `<milliseconds>-<id>`. */
export function comparePlaces(one: string, other: string): number {
  const [at = 0, id = 0] = one.split("-").map(Number);
  const [otherAt = 0, otherId = 0] = other.split("-").map(Number);
  return at - otherAt || id - otherId;
}

/** The one element that the HTML holds. */
export function parse(html: string): HTMLElement {
  const template = document.createElement("template");
  template.innerHTML = html;
  return document.importNode(template.content, true).firstElementChild as HTMLElement;
}
