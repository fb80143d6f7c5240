import { connectionNotice } from "../connection-notice.ts";
import type { Change } from "../../../server/realtime/protocol.ts";
import { follow, type LiveSocket } from "../following.ts";
import type { PostsList } from "./posts-list.ts";

/** Elements of the desk's page that the stream keeps up to date, besides posts. */
const PARTS = ["desk-header", "desk-presence", "desk-settings", "desk-claims", "desk-chat"];

/**
 * Keeps an open desk as a fresh load would show it. On the desk's element, `dateline:applied` tells what has changed
 * (the elements' ids), and `dateline:answered` what the server said to the question whether it may be followed.
 */
export function followDesk(desk: HTMLElement, posts: PostsList): LiveSocket {
  const { blog } = desk.dataset;
  return follow(
    desk,
    { stream: `desk:${blog}`, updates: `/desk/blogs/${blog}/updates` },
    {
      apply,
      refresh,
      answered: (answer) => desk.dispatchEvent(new CustomEvent("dateline:answered", { detail: answer })),
      connected: connectionNotice(document.getElementById("connection")!),
    },
  );

  function apply(changes: Change[]): void {
    posts.apply(changes);
    desk.dispatchEvent(new CustomEvent("dateline:applied", { detail: changes.map(({ target }) => target) }));
  }

  /** Takes over the page as the server shows it now, as if it had come as changes. */
  async function refresh(): Promise<void> {
    const response = await fetch(`/desk/blogs/${blog}`, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) throw new Error(`The page answered ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const freshDesk = fresh.querySelector<HTMLElement>(".desk")!;
    const articles = [...fresh.querySelectorAll<HTMLElement>(".desk-posts article")];
    const shown = new Set(articles.map(({ id }) => id));
    const gone = [...desk.querySelectorAll<HTMLElement>(".desk-posts article")].filter(({ id }) => !shown.has(id));
    apply([
      ...gone.map(({ id, dataset }) => ({ target: id, html: null, place: dataset.place! })),
      ...articles.map(changeTo),
      ...PARTS.map((id) => changeTo(fresh.getElementById(id)!)),
    ]);
    desk.dataset.rights = freshDesk.dataset.rights ?? "";
    desk.dataset.end = freshDesk.dataset.end ?? "";
    desk.dataset.epoch = freshDesk.dataset.epoch!;
    desk.dataset.version = freshDesk.dataset.version!;
  }
}

const changeTo = (element: HTMLElement): Change => ({
  target: element.id,
  html: element.outerHTML,
  ...(element.dataset.place ? { place: element.dataset.place } : {}),
});
