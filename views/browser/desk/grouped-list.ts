import { comparePlaces } from "../changes.ts";

/** Posts in a full group, which the browser leaves out at once while it is out of view. */
const FULL = 50;

/** A list of the desk, newest post first, in groups: a browser that looks after thousands of posts singly is slow. */
export class GroupedList {
  readonly #element: HTMLElement;

  /** @param element with all of its posts in one `ol`, or empty */
  constructor(element: HTMLElement) {
    this.#element = element;
    const all = element.firstElementChild as HTMLElement | null;
    while (all && all.childElementCount > FULL) this.#begin(1).append(...[...all.children].slice(-FULL));
    for (const group of element.children) markIfFull(group);
  }

  get isEmpty(): boolean {
    return !this.#element.querySelector("li");
  }

  get oldest(): HTMLElement | null {
    return articleOf(this.#element.lastElementChild?.lastElementChild);
  }

  holds(article: HTMLElement): boolean {
    return this.#element.contains(article);
  }

  insert(article: HTMLElement, place: string): void {
    const item = document.createElement("li");
    item.append(article);
    const groups = this.#element.children;
    const behind = countNewer(groups, place, (group) => articleOf(group.firstElementChild));
    const [before, after] = [groups[behind - 1], groups[behind]];
    const newer = before ? countNewer(before.children, place, articleOf) : 0;
    const isWithin = before && newer < before.childElementCount;
    const withRoom = [before, after].find((group) => group && group.childElementCount < FULL);
    const group = isWithin ? before : (withRoom ?? this.#begin(behind));
    group.insertBefore(item, group === before ? (group.children[newer] ?? null) : group.firstElementChild);
    markIfFull(group);
  }

  remove(article: HTMLElement): void {
    const group = article.closest("ol")!;
    article.parentElement!.remove();
    if (group.childElementCount) markIfFull(group);
    else group.remove();
  }

  #begin(place: number): Element {
    const group = document.createElement("ol");
    group.className = "desk-group";
    this.#element.insertBefore(group, this.#element.children[place] ?? null);
    return group;
  }
}

/** Only of a full group is it known how high it is, about, before it was ever shown. */
function markIfFull(group: Element): void {
  group.classList.toggle("is-full", group.childElementCount >= FULL);
}

/** The post after it in its list, or before it. */
export function neighbour(post: HTMLElement, by: 1 | -1): HTMLElement | null {
  const item = post.parentElement!;
  const group = item.parentElement!;
  return articleOf(
    by > 0
      ? (item.nextElementSibling ?? group.nextElementSibling?.firstElementChild)
      : (item.previousElementSibling ?? group.previousElementSibling?.lastElementChild),
  );
}

function articleOf(item: Element | null | undefined): HTMLElement | null {
  return (item?.firstElementChild as HTMLElement | null | undefined) ?? null;
}

/** Of elements in order, those whose post is newer than that place. There may be thousands, so it halves what is left. */
function countNewer(elements: HTMLCollection, place: string, postOf: (element: Element) => HTMLElement | null): number {
  let [from, to] = [0, elements.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (comparePlaces(postOf(elements[middle]!)!.dataset.place!, place) < 0) to = middle;
    else from = middle + 1;
  }
  return from;
}
