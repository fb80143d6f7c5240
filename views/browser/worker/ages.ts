import { KEPT_AT } from "../kept.ts";

/** When something was kept, in milliseconds. */
export const keptAt = (response: Response | undefined): number => Number(response?.headers.get(KEPT_AT) ?? 0);

/** On the reader's clock; with the day, unless that is today. */
export function timeOf(at: Date, language: string): string {
  const isToday = at.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    ...(isToday ? {} : { day: "numeric", month: "long" }),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** The language that a page is in. */
export const languageOf = (html: string): string => /<html lang="([\w-]+)"/.exec(html)?.[1] ?? "en";
