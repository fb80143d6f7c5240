/*
 * What somebody prefers on this device. A browser that keeps nothing gives the usual.
 */

const AT_ONCE = "dateline-publish-at-once";
const NO_SINGLE_KEYS = "dateline-no-single-keys";
const TAB = "dateline-tab";

export const publishesAtOnce = (): boolean => read(AT_ONCE) === "yes";
export const keepAtOnce = (on: boolean): void => write(AT_ONCE, on);

/** Single keys get in the way of people who speak to their computer. */
export const keepsSingleKeys = (): boolean => read(NO_SINGLE_KEYS) !== "yes";
export const keepSingleKeys = (on: boolean): void => write(NO_SINGLE_KEYS, !on);

let tab = "";

/** Stays the same when the tab is loaded again. */
export function tabId(): string {
  if (tab) return tab;
  try {
    tab = sessionStorage.getItem(TAB) ?? crypto.randomUUID();
    sessionStorage.setItem(TAB, tab);
  } catch {
    tab ||= crypto.randomUUID();
  }
  return tab;
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, on: boolean): void {
  try {
    if (on) localStorage.setItem(name, "yes");
    else localStorage.removeItem(name);
  } catch {
    // Then it holds until the page is closed, or not at all.
  }
}
