import { say } from "./words.ts";

/** Milliseconds. */
const EVERY = 15_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Another zone than the newsroom's to write times in. */
export interface Zone {
  show(place: ParentNode): void;
  /** Puts back what the server wrote. */
  forget(place: ParentNode): void;
}

let timer = 0;
let zone: Zone | null = null;

/** From now on, also for what is still to come; the newsroom's own again for null. */
export function useZone(next: Zone | null): void {
  zone?.forget(document);
  zone = next;
  tickTimes();
}

/**
 * Says beside each time how long ago that is. The words are an attribute, `data-ago`, which the stylesheet shows:
 * the markup that came from the server stays as it was, but for this. A time ahead of this clock is now; after a week
 * the day says more.
 */
export function tickTimes(): void {
  clearTimeout(timer);
  document.removeEventListener("visibilitychange", tickTimes);
  if (document.hidden) return document.addEventListener("visibilitychange", tickTimes);
  sayTimes([document]);
  timer = setTimeout(tickTimes, EVERY);
}

/** Says it of the times in these elements alone, such as those that have just come. */
export function sayTimes(places: ParentNode[]): void {
  if (zone) places.forEach(zone.show);
  const times = places.flatMap((place) => [...place.querySelectorAll<HTMLTimeElement>("time[data-relative]")]);
  for (const time of times) {
    const elapsed = Date.now() - Date.parse(time.dateTime);
    const ago = agoOf(elapsed);
    if (elapsed >= 7 * DAY) time.removeAttribute("data-ago");
    else if (time.dataset.ago !== ago) time.dataset.ago = ago;
  }
}

/** Takes away what `tickTimes` added, and leaves what the server wrote. */
export function forgetTimes(element: Element): void {
  zone?.forget(element);
  element.querySelectorAll("[data-ago]").forEach((time) => time.removeAttribute("data-ago"));
}

function agoOf(elapsed: number): string {
  if (elapsed < MINUTE) return say("ago-now") || byIntl(0, "second");
  const [length, unit] =
    elapsed < HOUR
      ? ([MINUTE, "minute"] as const)
      : elapsed < DAY
        ? ([HOUR, "hour"] as const)
        : ([DAY, "day"] as const);
  const count = Math.floor(elapsed / length);
  return say(`ago-${unit}`, { count }) || byIntl(count, unit);
}

let language = "";
let now: Intl.RelativeTimeFormat;
let words: Intl.RelativeTimeFormat;

/** On pages that bring no words along, and in languages that the interface does not speak. */
function byIntl(count: number, unit: "second" | "minute" | "hour" | "day"): string {
  const { lang } = document.documentElement;
  if (language !== lang) {
    language = lang;
    now = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
    words = new Intl.RelativeTimeFormat(lang, { style: "short" });
  }
  const said = (count ? words : now).format(-count, unit);
  return unit === "day" ? said : said.replace(".", "");
}
