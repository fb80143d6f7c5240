/** A wall-clock time in a zone as an instant; on the two odd days of the year there are none, or two, of it. */
export type Instants = [] | [Date] | [Date, Date];

/**
 * @param local "2026-11-22T07:40" or with seconds
 * @returns none when clocks jump over it, two when they go through it twice
 */
export function instantsOf(local: string, timeZone: string): Instants {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return [];
  const HOUR = 3_600_000;
  // No zone is further than 14 hours off, and none changes twice within a day.
  const offsets = [asUtc - 24 * HOUR, asUtc + 24 * HOUR].map((at) => offsetAt(new Date(at), timeZone));
  const candidates = [...new Set(offsets)].map((offset) => new Date(asUtc - offset));
  const real = candidates.filter((at) => at.getTime() + offsetAt(at, timeZone) === asUtc);
  return real.sort((one, other) => one.getTime() - other.getTime()) as Instants;
}

/** What the clock on the wall says, as a date and a time for their fields. */
export function wallClock(at: Date, timeZone: string): { date: string; time: string } {
  const [date, time] = new Date(at.getTime() + offsetAt(at, timeZone)).toISOString().split("T") as [string, string];
  return { date, time: time.slice(0, 8) };
}

/** With its zone, for people: "Sun 29 Mar, 03:30:00 BST". */
export const inWords = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZone,
    timeZoneName: "short",
  }).format(at);

/** Milliseconds by which the zone's clocks are ahead of UTC at that moment. */
function offsetAt(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const value = (type: string): number => Number(parts.find((part) => part.type === type)!.value);
  const wall = Date.UTC(
    value("year"),
    value("month") - 1,
    value("day"),
    value("hour"),
    value("minute"),
    value("second"),
  );
  return wall - Math.floor(at.getTime() / 1000) * 1000;
}
