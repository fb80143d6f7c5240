import { parse } from "../changes.ts";
import { become } from "../morph.ts";
import { tickTimes } from "../relative-times.ts";

/** Milliseconds; a rush of posts is one question. */
const TOGETHER = 1_500;

/** Key events and posts by author, read again a moment after posts changed. */
export function keepOverview(desk: HTMLElement): void {
  let reading = 0;
  desk.addEventListener("dateline:applied", (event) => {
    const targets = (event as CustomEvent<string[]>).detail;
    if (!targets.some((target) => target.startsWith("post-"))) return;
    reading ||= setTimeout(() => void read(), TOGETHER * (0.5 + Math.random()));
  });

  async function read(): Promise<void> {
    reading = 0;
    const response = await fetch(`/desk/blogs/${desk.dataset.blog}/overview`).catch(() => null);
    if (!response?.ok || response.redirected) return;
    become(document.getElementById("desk-overview")!, parse(await response.text()));
    tickTimes();
  }
}
