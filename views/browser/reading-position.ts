const BLOCKS = "p, h1, h2, h3, li, tr, figure, blockquote, footer";
/** Where in the window people read, as a part of its height. */
const READING_LINE = 0.25;

interface Anchor {
  element: Element;
  /** Pixels from the top of the document. */
  at: number;
}

/** What may hold the reader's eye, from outer to inner. */
let areas = (): Iterable<Element> => [];
let anchors: Anchor[] = [];
/** A part of a pixel that the window could not be scrolled by; it is owed to the next time. */
let debt = 0;
/** Where the window was scrolled to last, and whether that was done here. */
let scrolled = 0;
let byUs = false;

/**
 * Keeps what the reader is looking at where it is, whatever grows, comes or goes above it. The browser's own scroll
 * anchoring is off on these pages (overflow-anchor in the stylesheet): not every browser has one, and two would fight.
 */
export function watchReadingPosition(parts: () => Iterable<Element>): void {
  areas = parts;
  document.documentElement.classList.add("keeps-place");
  addEventListener("scroll", () => (byUs && scrollY === scrolled) || note(), { passive: true });
  // Late pictures and fonts; runs after layout and before anything is painted.
  new ResizeObserver(() => restore(scrolled)).observe(document.getElementById("main")!);
  note();
}

/** Does something to the page and puts the window back over what it showed, before it is painted. */
export function keepPlace(work: () => void): void {
  if (!anchors.some(isShown)) note();
  const from = scrollY;
  work();
  restore(from);
}

/** Does something that may move the page, such as showing a new post to a reader who is at the top. */
export function moveFreely(work: () => void): void {
  work();
  note();
}

/** At the very top nothing is held: what is new is meant to appear there. But whoever is writing keeps their place. */
function note(): void {
  const field = document.activeElement;
  const held = field instanceof HTMLTextAreaElement ? [field] : scrollY > 0 ? blocksInView() : [];
  anchors = held.map((element) => ({ element, at: topOf(element) }));
  debt = 0;
  scrolled = scrollY;
  byUs = false;
}

/** @param from where the window was, which may be further down than the page reaches by now */
function restore(from: number): void {
  anchors = anchors.filter(isShown);
  const [held] = anchors;
  if (!held) return note();
  const wanted = from + topOf(held.element) - held.at + debt;
  if (Math.abs(wanted - scrollY) >= 0.5) scrollTo({ top: wanted, behavior: "instant" });
  // More than a pixel is missing where the document ends; nobody is owed that.
  debt = Math.abs(wanted - scrollY) > 1 ? 0 : wanted - scrollY;
  scrolled = scrollY;
  byUs = true;
  for (const anchor of anchors) anchor.at = topOf(anchor.element);
}

/** The nearest to the reading line first. */
function blocksInView(): Element[] {
  const distance = (element: Element): number =>
    Math.abs(element.getBoundingClientRect().top - innerHeight * READING_LINE);
  return [...areas()]
    .filter(isInView)
    .flatMap((area) => [area, ...area.querySelectorAll(BLOCKS)].filter(isInView))
    .sort((one, other) => distance(one) - distance(other));
}

export function isInView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight && bottom > top;
}

const isShown = ({ element }: Anchor): boolean => element.getClientRects().length > 0;

const topOf = (element: Element): number => element.getBoundingClientRect().top + scrollY;
