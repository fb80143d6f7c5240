import type { Change } from "../../server/realtime/protocol.ts";
import { type GroupedList, neighbour } from "./grouped-list.ts";
import { become } from "./morph.ts";
import { comparePlaces } from "./places.ts";
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

/**
 * Makes one element of the page as the server has it now. A new post is put in its place, hidden.
 * @param page what the server says of the page, on its list: where it ends, which posts belong to it
 */
export function applyChange({ target, html, place }: Change, posts: GroupedList, page: DOMStringMap): Effect | null {
  const element = document.getElementById(target);
  if (place !== undefined) return applyPost(target, element, html === null ? null : parse(html), place, posts, page);
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
  posts: GroupedList,
  page: DOMStringMap,
): Effect | null {
  if (!next || !belongsHere(next, page)) {
    if (article) removePost(article, posts);
    return { kind: "gone", id };
  }
  if (article) {
    forgetTimes(article);
    const before = correctionOf(article);
    const wasAt = article.dataset.place;
    if (!become(article, next)) return null;
    if (wasAt !== place && !movePost(article, posts, page)) return { kind: "gone", id };
    return correctionOf(article) && correctionOf(article) !== before ? { kind: "corrected", article } : null;
  }
  if (page.newest !== "true") return { kind: "elsewhere", place };
  // What is older than the end of this page is on another page.
  if (page.end && comparePlaces(place, page.end) < 0) return null;
  const item = document.createElement("li");
  // At the end of a page that begins with the oldest it pushes nothing about.
  item.hidden = page.order !== "oldest";
  item.append(next);
  posts.insert(item);
  return { kind: "new", article: next };
}

/** On a page that shows only some of the posts: those of an author or with a tag, or key events. */
function belongsHere(article: HTMLElement, { filter, author, tag }: DOMStringMap): boolean {
  const says = (name: "author" | "tag", value: string): boolean =>
    [...article.querySelectorAll<HTMLElement>(`[data-${name}]`)].some(({ dataset }) => dataset[name] === value);
  return (
    (!filter || article.classList.contains("is-key-event")) &&
    (!author || says("author", author)) &&
    (!tag || says("tag", tag))
  );
}

/** After another time was set. @returns false when it belongs to another page now, and is gone from this one */
function movePost(article: HTMLElement, posts: GroupedList, { newest, end }: DOMStringMap): boolean {
  const place = article.dataset.place!;
  // An archive page knows only of the time between its first post and its last.
  const isElsewhere = newest === "true" ? end && comparePlaces(place, end) < 0 : !isAmong(article, posts);
  if (isElsewhere) removePost(article, posts);
  else posts.move(article.parentElement!);
  return !isElsewhere;
}

function isAmong(article: HTMLElement, posts: GroupedList): boolean {
  const others = posts.items.filter((item) => item !== article.parentElement);
  const [first, last] = [others[0], others.at(-1)].map((item) =>
    item ? comparePlaces(article.dataset.place!, (item.firstElementChild as HTMLElement).dataset.place!) : 0,
  );
  return first! * last! < 0;
}

/** Whoever had their focus in the post goes on from its neighbour. */
function removePost(article: HTMLElement, posts: GroupedList): void {
  if (article.contains(document.activeElement)) {
    const next = neighbour(article, 1) ?? neighbour(article, -1) ?? document.getElementById("updates");
    next?.focus({ preventScroll: true });
  }
  posts.remove(article.parentElement!);
}

const correctionOf = (article: Element): string => article.querySelector(".correction")?.textContent ?? "";

/** The one element that the HTML holds. */
export function parse(html: string): HTMLElement {
  const template = document.createElement("template");
  template.innerHTML = html;
  return document.importNode(template.content, true).firstElementChild as HTMLElement;
}
