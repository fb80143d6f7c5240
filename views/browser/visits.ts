import type { GroupedList } from "./grouped-list.ts";
import { comparePlaces } from "./places.ts";
import { keepPlace } from "./reading-position.ts";
import type { Visit } from "./story/catch-up.ts";
import { say } from "./words.ts";

/** Keeps, in this browser alone, up to where a story was shown to its reader; and helps who comes back to it. */
export function rememberVisits({ blog, end }: DOMStringMap, posts: GroupedList): void {
  const articles = () => posts.items.map((item) => item.firstElementChild as HTMLElement);
  const key = `dateline.visit.${blog}`;
  const visit = read(key);
  if (visit)
    void import("./story/catch-up.ts")
      .then(({ offerCatchUp }) =>
        offerCatchUp({ blog, end, articles: articles(), visit, say, compare: comparePlaces, keepPlace }),
      )
      .catch(() => {});
  const keep = (): void => {
    const newest = articles().find(({ parentElement }) => !parentElement!.hidden)?.dataset.place;
    if (newest) write(key, { place: newest, at: Date.now() });
  };
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  addEventListener("pagehide", keep);
}

function read(key: string): Visit | null {
  try {
    const visit = JSON.parse(localStorage.getItem(key) ?? "null") as Visit | null;
    return visit && /^\d+-\d+$/.test(visit.place) ? visit : null;
  } catch {
    return null;
  }
}

/** Where nothing can be kept, nobody is helped. */
function write(key: string, visit: Visit): void {
  try {
    localStorage.setItem(key, JSON.stringify(visit));
  } catch {}
}
