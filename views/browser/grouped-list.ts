import { comparePlaces } from "./places.ts";

export interface ListOptions {
  /** Otherwise the newest post comes first. */
  readonly isOldestFirst?: boolean;
  /** Posts in a full group, which the browser leaves out at once while it is out of view. */
  readonly full?: number;
}

/** A list of posts in groups (`ol > li > article`): a browser that looks after hundreds of posts singly is slow. */
export class GroupedList {
  readonly element: HTMLElement;
  /** The group that the server has sent, which stays; empty only when the list is. */
  readonly #first: Element;
  readonly #sign: 1 | -1;
  readonly #full: number;

  /** @param element with all of its posts in one group */
  constructor(element: HTMLElement, { isOldestFirst = false, full = 50 }: ListOptions = {}) {
    this.element = element;
    this.#first = element.firstElementChild!;
    this.#sign = isOldestFirst ? -1 : 1;
    this.#full = full;
    const { children } = this.#first;
    while (children.length > full) this.#beginAfter(this.#first).append(...[...children].slice(-full));
    for (const group of element.children) this.#markIfFull(group);
  }

  /** In order. */
  get items(): HTMLElement[] {
    return [...this.element.children].flatMap((group) => [...group.children] as HTMLElement[]);
  }

  get isEmpty(): boolean {
    return !this.#first.childElementCount;
  }

  /** The post at the end. */
  get last(): HTMLElement | null {
    return articleOf(this.element.lastElementChild!.lastElementChild);
  }

  insert(item: HTMLElement): void {
    if (this.isEmpty) return this.#first.append(item);
    const place = articleOf(item)!.dataset.place!;
    const groups = this.element.children;
    const behind = this.#countBefore(groups, place, (group) => articleOf(group.firstElementChild));
    const [before, after] = [groups[behind - 1], groups[behind]];
    const within = before ? this.#countBefore(before.children, place, articleOf) : 0;
    const isWithin = before && within < before.childElementCount;
    const withRoom = [before, after].find((group) => group && group.childElementCount < this.#full);
    const group = isWithin ? before : (withRoom ?? this.#beginAfter(before));
    group.insertBefore(item, group === before ? (group.children[within] ?? null) : group.firstElementChild);
    this.#markIfFull(group);
  }

  /** After its post has got another place. What stands right stays untouched, with its focus and what plays in it. */
  move(item: HTMLElement): void {
    const article = articleOf(item)!;
    const isRight = ([-1, 1] as const).every((by) => {
      const other = neighbour(article, by);
      return !other || by * this.#sign * comparePlaces(article.dataset.place!, other.dataset.place!) > 0;
    });
    if (isRight) return;
    this.remove(item);
    this.insert(item);
  }

  remove(item: HTMLElement): void {
    const group = item.parentElement!;
    item.remove();
    if (group.childElementCount) return this.#markIfFull(group);
    const other = group.nextElementSibling ?? group.previousElementSibling;
    if (group !== this.#first) return group.remove();
    if (!other) return;
    group.append(...other.children);
    other.remove();
    this.#markIfFull(group);
  }

  /** @param before the group before it; without one it is the first */
  #beginAfter(before: Element | undefined): Element {
    const group = document.createElement("ol");
    group.className = this.#first.className;
    if (before) before.after(group);
    else this.element.prepend(group);
    return group;
  }

  /** Only of a full group is it known how high it is, about, before it was ever shown. */
  #markIfFull(group: Element): void {
    group.classList.toggle("is-full", group.childElementCount >= this.#full);
  }

  /** Of elements in order, those that come before that place. There may be thousands, so it halves what is left. */
  #countBefore(elements: HTMLCollection, place: string, postOf: (element: Element) => HTMLElement | null): number {
    let [from, to] = [0, elements.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#sign * comparePlaces(postOf(elements[middle]!)!.dataset.place!, place) < 0) to = middle;
      else from = middle + 1;
    }
    return from;
  }
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
