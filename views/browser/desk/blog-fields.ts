import { el } from "./elements.ts";

/** What a newsroom may well write in; any other tag can be set through the API. */
const LANGUAGES =
  "en en-GB en-US de de-AT de-CH fr fr-CA es es-MX pt pt-BR it nl nl-BE da sv nb nn fi is et lv lt pl cs sk sl hr bs sr mk bg ro hu el tr uk ru be ka hy az he ar fa ur hi bn ta te ml mr gu pa si ne th vi id ms tl ja ko zh-Hans zh-Hant sw am ha yo zu af ga cy eu ca gl mt sq";

/** Fills the page's or dialog's choice of languages, in English and in their own name. */
export function fillLanguages(select: HTMLSelectElement, chosen: string): void {
  const inEnglish = new Intl.DisplayNames("en", { type: "language" });
  const tags = [...new Set([...LANGUAGES.split(" "), chosen])];
  const named = tags.map((tag) => ({ tag, name: inEnglish.of(tag) ?? tag }));
  named.sort((one, other) => one.name.localeCompare(other.name));
  select.replaceChildren(
    ...named.map(({ tag, name }) => {
      const own = new Intl.DisplayNames(tag, { type: "language" }).of(tag);
      return el("option", { value: tag, selected: tag === chosen }, own && own !== name ? `${name} – ${own}` : name);
    }),
  );
}

/** The zones of the world, to be searched by typing, with the time that it is there. */
export function fillTimeZones(list: HTMLDataListElement): void {
  if (list.childElementCount) return;
  const now = new Date();
  list.replaceChildren(
    ...["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) =>
      el(
        "option",
        { value: zone },
        now.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }),
      ),
    ),
  );
}

export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The browser's own language where it is one that can be chosen. */
export function ownLanguage(): string {
  const all = LANGUAGES.split(" ");
  const [whole = "en"] = navigator.languages;
  return all.find((tag) => tag === whole) ?? all.find((tag) => tag === whole.split("-")[0]) ?? "en";
}

/** People write "new york"; the zone is called America/New_York. @returns null for what is no zone */
export function timeZoneOf(typed: string): string | null {
  const wanted = typed.trim().replaceAll(" ", "_").toLowerCase();
  if (!wanted) return null;
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone")];
  const whole = zones.find((zone) => zone.toLowerCase() === wanted);
  if (whole) return whole;
  const ends = zones.filter((zone) => zone.toLowerCase().endsWith(`/${wanted}`));
  if (ends.length === 1) return ends[0]!;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: typed.trim() }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
