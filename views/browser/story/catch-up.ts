type Say = (phrase: string, values?: Record<string, string | number>) => string;

/** Where a reader was when they left: the newest post that they had been shown, by its place in the list. */
export interface Visit {
  readonly place: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface CatchUpOptions {
  /** The blog's slug. */
  readonly blog: string | undefined;
  /** The place of the page's last post, where older pages follow. */
  readonly end: string | undefined;
  /** Of the page's posts, the newest first. */
  readonly articles: readonly HTMLElement[];
  readonly visit: Visit;
  readonly say: Say;
  compare(one: string, other: string): number;
  /** Changes the page without moving what is being read. */
  keepPlace(work: () => void): void;
}

/** Milliseconds of absence after which it is worth telling what happened. */
const AWAY = 2 * 60_000;
/** Updates that nobody needs help with. */
const FEW = 1;

/** For a reader who comes back: the key events since then, a line where they left off, and the way to what they read next. */
export function offerCatchUp({ blog, end, articles, visit, say, compare, keepPlace }: CatchUpOptions): void {
  const isUnread = ({ dataset }: HTMLElement): boolean => compare(dataset.place!, visit.place) > 0;
  const unread = articles.filter(isUnread);
  const events = [...document.querySelectorAll<HTMLElement>("#key-events li")].filter(isUnread);
  if (Date.now() - visit.at < AWAY || (unread.length <= FEW && !events.length)) return;
  const isBeyond = Boolean(end) && unread.length === articles.length;
  const lastRead = articles.find((article) => !isUnread(article));

  const box = document.createElement("section");
  const title = document.createElement("h2");
  const ways = document.createElement("p");
  const to = document.createElement("a");
  const close = document.createElement("button");
  box.className = "catch-up";
  box.setAttribute("aria-labelledby", (title.id = "catch-up-title"));
  title.textContent = say(isBeyond ? "live.since-more" : "live.since", { count: unread.length });
  ways.className = "catch-up-ways";
  to.className = close.className = "button";
  to.textContent = say("live.first-unread");
  to.href = `/blogs/${blog}/posts/${visit.place.split("-")[1]}/next`;
  to.addEventListener("click", goTo);
  close.type = "button";
  close.textContent = say("live.dismiss");
  close.addEventListener("click", dismiss);
  ways.append(to, close);
  box.append(title, ...(events.length ? [listOf(events)] : []), ways);
  keepPlace(() => {
    document.querySelector(".ways")!.after(box);
    if (!lastRead) return;
    lastRead.parentElement!.dataset.leftOff = say("live.left-off");
    lastRead.parentElement!.classList.add("left-off");
  });

  /** The oldest of what is unread, which may be on an older page. */
  function goTo(event: Event): void {
    const first = unread.at(-1);
    if (isBeyond || !first?.isConnected) return;
    event.preventDefault();
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center", behavior: "instant" });
  }

  function dismiss(): void {
    keepPlace(() => box.remove());
    document.getElementById("updates")!.focus({ preventScroll: true });
  }
}

function listOf(events: HTMLElement[]): HTMLElement {
  const all = document.createElement("ol");
  for (const event of events) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = event.querySelector("a")!.href;
    link.textContent = event.querySelector(".key-event-title")!.textContent;
    item.append(link);
    all.append(item);
  }
  return all;
}
