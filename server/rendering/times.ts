import { LRUCache } from "lru-cache";
import type { Blog } from "../database.ts";
import { directionOf } from "../i18n/i18n.ts";

/** A moment as pages write it: for machines, on the newsroom's clock with its zone, and in full for the tooltip. */
export interface Stamp {
  iso: string;
  /** Hours and minutes with the zone, to stand among words; `time` and `zone` are its two halves. */
  clock: string;
  time: string;
  zone: string;
  day: string;
  /** The day with its year. */
  date: string;
  full: string;
}

interface Formats {
  clock: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
  date: Intl.DateTimeFormat;
  full: Intl.DateTimeFormat;
  isRightToLeft: boolean;
}

const formats = new LRUCache<string, Formats>({ max: 100 });

export function stamp(at: Date, { language, time_zone: timeZone }: Pick<Blog, "language" | "time_zone">): Stamp {
  const { clock, day, date, full, isRightToLeft } = formatsFor(language, timeZone);
  const parts = clock.formatToParts(at);
  const words = parts.map(({ value }) => value).join("");
  const zone = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return {
    iso: at.toISOString(),
    clock: isRightToLeft ? isolated(words) : words,
    time: hoursAndMinutes(parts),
    zone,
    day: day.format(at),
    date: date.format(at),
    full: full.format(at),
  };
}

/**
 * From right to left, “08:05 UTC” would fall apart: the zone's Latin letters draw to themselves what is written after
 * them. U+2068 and U+2069 hold it together (Unicode's bidirectional algorithm, rule X5c).
 */
const isolated = (clock: string): string => `\u2068${clock}\u2069`;

/** From the hours to the minutes, with what the language writes between them. */
function hoursAndMinutes(parts: Intl.DateTimeFormatPart[]): string {
  const first = parts.findIndex(({ type }) => type === "hour");
  const last = parts.findIndex(({ type }) => type === "minute");
  return parts
    .slice(first, last + 1)
    .map(({ value }) => value)
    .join("");
}

function formatsFor(language: string, timeZone: string): Formats {
  const key = `${language} ${timeZone}`;
  const known = formats.get(key);
  if (known) return known;
  const made = {
    clock: new Intl.DateTimeFormat(language, {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZone,
      timeZoneName: "short",
    }),
    day: new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone }),
    date: new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone }),
    full: new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long", timeZone }),
    isRightToLeft: directionOf(language) === "rtl",
  };
  formats.set(key, made);
  return made;
}
