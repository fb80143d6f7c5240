/**
 * Does something to a list while what is looked at stays where it is on the screen: the card that has the focus, or else
 * the first that can be seen.
 */
export function keepingPlace(list: HTMLElement, focused: HTMLElement | null, work: () => void): void {
  const anchor = focused ?? (scrollY > 40 ? firstSeen(list) : null);
  const before = anchor?.getBoundingClientRect().top;
  work();
  if (!anchor?.isConnected || before === undefined) return;
  const moved = anchor.getBoundingClientRect().top - before;
  if (moved) scrollBy({ top: moved, behavior: "instant" });
}

const firstSeen = (list: HTMLElement): Element | null =>
  [...list.children].find((item) => item.getBoundingClientRect().bottom > 0) ?? null;
