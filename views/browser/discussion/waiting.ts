import { moveFreely } from "../reading-position.ts";
import { say } from "../words.ts";
import { articlesIn } from "./list.ts";

/** Milliseconds after the last movement, so that nothing gets in the way of a scroll to the top. */
const SETTLED_AFTER = 120;
/** Pixels left free above what is brought into view. */
const ROOM_ABOVE = 80;

export interface Waiting {
  /** Counts a new comment that another page shows. */
  count(id: string): void;
  forget(id: string): void;
  /** Shows of the new comments those that move nothing which is being read. */
  showWhatDoesNotMove(): void;
  /** Puts the count on the button and into the title. */
  tell(): void;
  entitle(title: string): void;
}

/** New comments that the reader was not shown yet: they wait hidden in their places, or on another page. */
export function waitingComments(list: HTMLElement, button: HTMLElement, link: HTMLElement): Waiting {
  const elsewhere = new Set<string>();
  let title = document.title;
  let timer = 0;

  button.addEventListener("click", revealAndGo);
  document.addEventListener("visibilitychange", look);
  addEventListener(
    "scroll",
    () => {
      clearTimeout(timer);
      timer = setTimeout(look, SETTLED_AFTER);
    },
    { passive: true },
  );

  return {
    count: (id) => void elsewhere.add(id),
    forget: (id) => void elsewhere.delete(id),
    showWhatDoesNotMove,
    tell,
    entitle(next) {
      title = next;
      tell();
    },
  };

  function look(): void {
    if (!hidden(list).length) return;
    showWhatDoesNotMove();
    tell();
  }

  function showWhatDoesNotMove(): void {
    const growsBelow = (item: Element): boolean => item.matches(".reply") || list.dataset.sort === "oldest";
    for (const item of hidden(list)) if (growsBelow(item) && isOutOfView(item)) reveal(item);
    if (isAtTop(list) && !document.hidden && !isWritingIn(list))
      moveFreely(() => hidden(list).forEach((item) => item.matches(".thread") && reveal(item)));
  }

  function tell(): void {
    const here = hidden(list).reduce((sum, item) => sum + articlesIn(item).length, 0);
    if (!here && document.activeElement === button) list.focus({ preventScroll: true });
    show(button, here, say("talk.new-comments", { count: here }));
    show(link, elsewhere.size, say("talk.elsewhere", { count: elsewhere.size }));
    const count = here + elsewhere.size;
    const named = count ? `(${count}) ${title}` : title;
    if (document.title !== named) document.title = named;
  }

  function revealAndGo(): void {
    const items = hidden(list);
    const first = items[0]?.querySelector<HTMLElement>("article");
    moveFreely(() => {
      items.forEach(reveal);
      tell();
      if (!first) return;
      first.focus({ preventScroll: true });
      scrollTo({ top: first.getBoundingClientRect().top + scrollY - ROOM_ABOVE, behavior: "instant" });
    });
  }
}

function show(element: HTMLElement, count: number, words: string): void {
  element.hidden = !count;
  if (element.textContent !== words) element.textContent = words;
}

/** Of a thread that waits, its answers wait with it. */
const hidden = (list: HTMLElement): HTMLElement[] => [
  ...list.querySelectorAll<HTMLElement>(":scope > li[hidden], :scope > li:not([hidden]) > .answers > li[hidden]"),
];

export function reveal(item: HTMLElement): void {
  item.querySelectorAll<HTMLElement>("li[hidden]").forEach((answer) => (answer.hidden = false));
  item.hidden = false;
  item.classList.add("arrived");
  item.addEventListener("animationend", () => item.classList.remove("arrived"), { once: true });
}

const isAtTop = (list: HTMLElement): boolean => list.getBoundingClientRect().top > -1;

/** Whoever answers or edits is reading there, and not at the top. */
const isWritingIn = (list: HTMLElement): boolean => list.querySelector("form") !== null;

/** Where a hidden answer will stand: below whatever is shown before it. */
function isOutOfView(item: HTMLElement): boolean {
  let before = item.previousElementSibling as HTMLElement | null;
  while (before?.hidden) before = before.previousElementSibling as HTMLElement | null;
  const edge = (before ?? item.parentElement!).getBoundingClientRect();
  const y = before ? edge.bottom : edge.top;
  return y <= 0 || y >= innerHeight;
}
