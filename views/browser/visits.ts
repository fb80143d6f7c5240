import { comparePlaces } from "./changes.ts";
import { keepPlace } from "./reading-position.ts";
import type { Visit } from "./story/catch-up.ts";
import { say } from "./words.ts";

/** Keeps, in this browser alone, up to where a story was shown to its reader; and helps who comes back to it. */
export function rememberVisits(list: HTMLElement): void {
  const key = `dateline.visit.${list.dataset.blog}`;
  const visit = read(key);
  if (visit)
    void import("./story/catch-up.ts")
      .then(({ offerCatchUp }) => offerCatchUp({ list, visit, say, compare: comparePlaces, keepPlace }))
      .catch(() => {});
  const keep = (): void => {
    const newest = list.querySelector<HTMLElement>(":scope > li:not([hidden]) > article")?.dataset.place;
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
