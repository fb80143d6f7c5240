import type { PostAnswer } from "./composition.ts";
import type { Sending } from "./drafts-store.ts";

/** What goes out by itself in a few seconds, unless somebody says no. */
export interface Sent {
  sending: Sending;
  post: PostAnswer;
  /** Until when it can be called back, by this device's clock; milliseconds. */
  until: number;
}

const PREFIX = "dateline-sent-";

/** Beside the drafts, since whichever tab sends it keeps it for the one that it was sent from, which may be loading. */
export function keepSent(sent: Sent): void {
  try {
    localStorage.setItem(PREFIX + sent.sending.key, JSON.stringify(sent));
  } catch {
    // Then the way back is gone with the page; the post is among those that wait, and can be called back there.
  }
}

/** @param key the Idempotency-Key with which it was sent */
export function forgetSent(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Nothing was kept.
  }
}

/** What can still be called back, the oldest first; what is out by now is forgotten. */
export function keptSent(): Sent[] {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    const all = names.map((name) => JSON.parse(localStorage.getItem(name)!) as Sent);
    for (const { sending, until } of all) if (until <= Date.now()) forgetSent(sending.key);
    return all.filter(({ until }) => until > Date.now()).sort((one, other) => one.until - other.until);
  } catch {
    return [];
  }
}
