import type { GroupedList } from "./grouped-list.ts";
import { comparePlaces } from "./places.ts";
import { keepPlace, moveFreely } from "./reading-position.ts";
import { say } from "./words.ts";

/** Milliseconds after the last movement, so that nothing gets in the way of a scroll to the top. */
const SETTLED_AFTER = 120;
/** Pixels left free above the list when it is brought into view. */
const ROOM_ABOVE = 80;

export interface Unseen {
  /** Counts a new post that another page shows. @param place its `<milliseconds>-<id>` */
  count(place: string): void;
  forget(postId: string): void;
  /** What was on the newest page is on this one now. */
  forgetElsewhere(): void;
  /** Whether the top of the list is in view, or still below. */
  atTop(): boolean;
  reveal(): void;
  /** Puts the count on the button and into the title. */
  tell(): void;
  /** The page's title, without a count. */
  entitle(title: string): void;
  watch(): void;
}

/** New posts that the reader was not shown yet: they wait hidden in the list, or on the newest page. */
export function unseenPosts(posts: GroupedList, button: HTMLElement): Unseen {
  const elsewhere = new Set<string>();
  const loadedAt = document.querySelector<HTMLTimeElement>("#last-updated time")?.dateTime;
  const newestAtLoad = `${loadedAt ? Date.parse(loadedAt) : 0}-Infinity`;
  let title = document.title;

  // Not by a selector, which would be asked of everything in the posts.
  const waiting = (): HTMLElement[] => posts.items.filter((item) => item.hidden);
  const atTop = (): boolean => posts.element.getBoundingClientRect().top > -1;

  function reveal(): void {
    for (const item of waiting()) {
      item.hidden = false;
      item.classList.add("arrived");
      item.addEventListener("animationend", () => item.classList.remove("arrived"), { once: true });
    }
    tell();
  }

  function tell(): void {
    const count = waiting().length + elsewhere.size;
    if (count === 0 && document.activeElement === button)
      document.getElementById("updates")!.focus({ preventScroll: true });
    button.hidden = count === 0;
    const words = say("live.new-updates", { count });
    if (button.textContent !== words) button.textContent = words;
    const named = count ? `(${count}) ${title}` : title;
    if (document.title !== named) document.title = named;
  }

  function revealAndGo(): void {
    elsewhere.clear();
    const first = waiting()[0]?.firstElementChild as HTMLElement | undefined;
    moveFreely(() => {
      reveal();
      first?.focus({ preventScroll: true });
      scrollTo({ top: posts.element.getBoundingClientRect().top + scrollY - ROOM_ABOVE, behavior: "instant" });
    });
  }

  function revealAtTop(): void {
    if (!document.hidden && waiting().length && atTop()) keepPlace(reveal);
  }

  return {
    count(place) {
      if (comparePlaces(place, newestAtLoad) > 0) elsewhere.add(`post-${place.split("-")[1]}`);
    },
    forget: (postId) => void elsewhere.delete(postId),
    forgetElsewhere: () => elsewhere.clear(),
    atTop,
    reveal,
    tell,
    entitle(next) {
      title = next;
      tell();
    },
    watch() {
      let timer = 0;
      if (button instanceof HTMLButtonElement) button.addEventListener("click", revealAndGo);
      document.addEventListener("visibilitychange", revealAtTop);
      addEventListener(
        "scroll",
        () => {
          clearTimeout(timer);
          timer = setTimeout(revealAtTop, SETTLED_AFTER);
        },
        { passive: true },
      );
    },
  };
}
