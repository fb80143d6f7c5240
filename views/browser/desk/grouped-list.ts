import { comparePlaces } from "../changes.ts";

/** Posts in one group, which the browser leaves out at once while it is out of view. */
const GROUP = 50;

/** A list of the desk, newest post first, in groups: a browser that looks after thousands of posts singly is slow. */
export class GroupedList {
  readonly #element: HTMLElement;

  /** @param element with an `ol` for each group */
  constructor(element: HTMLElement) {
    this.#element = element;
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
    // Behind the groups that begin with something newer; what is newer than all begins the first.
    const behind = countNewer(groups, place, (group) => articleOf(group.firstElementChild));
    const group = groups[Math.max(0, behind - 1)];
    if (!group) return this.#element.append(newGroup(item));
    const newer = countNewer(group.children, place, articleOf);
    if (group.childElementCount < GROUP || (newer > 0 && newer < group.childElementCount))
      group.insertBefore(item, group.children[newer] ?? null);
    else if (newer === 0) group.before(newGroup(item));
    else group.after(newGroup(item));
  }

  remove(article: HTMLElement): void {
    const group = article.closest("ol")!;
    article.parentElement!.remove();
    if (!group.childElementCount) group.remove();
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

function newGroup(item: HTMLElement): HTMLElement {
  const group = document.createElement("ol");
  group.className = "desk-group";
  group.append(item);
  return group;
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
