import type { Change } from "../../../server/realtime/protocol.ts";
import { comparePlaces, parse } from "../changes.ts";
import { become } from "../morph.ts";
import { tickTimes } from "../relative-times.ts";

export interface PostsList {
  apply(changes: Change[]): void;
}

/** The two lists of the desk, what waits and what is published: each post stands in the one that its state belongs to. */
export function postsList(desk: HTMLElement): PostsList {
  const pending = document.getElementById("pending")!;
  const published = document.getElementById("posts")!;
  const older = document.getElementById("older-posts") as HTMLButtonElement;

  older.addEventListener("click", () => void showOlder());

  return { apply };

  function apply(changes: Change[]): void {
    for (const { target, html, place } of changes) {
      const element = document.getElementById(target);
      if (place !== undefined) applyPost(element, html === null ? null : parse(html), place);
      else if (element && html !== null) become(element, parse(html));
    }
    document.getElementById("no-pending")!.hidden = pending.childElementCount > 0;
    document.getElementById("no-posts")!.hidden = published.childElementCount > 0;
    tickTimes();
  }

  function applyPost(article: HTMLElement | null, next: HTMLElement | null, place: string): void {
    if (!next) return article?.parentElement!.remove();
    const list = next.dataset.status === "published" ? published : pending;
    const staysInPlace = article?.closest("ol") === list && article.dataset.place === place;
    if (staysInPlace) return void become(article, next);
    const hadFocus = article?.contains(document.activeElement);
    article?.parentElement!.remove();
    // What is older than the last post shown comes with "Older posts".
    const last = list.lastElementChild?.firstElementChild as HTMLElement | null | undefined;
    if (list === published && desk.dataset.end && last && comparePlaces(place, last.dataset.place!) < 0) return;
    insert(next, place, list);
    if (hadFocus) next.focus({ preventScroll: true });
  }

  async function showOlder(): Promise<void> {
    older.disabled = true;
    try {
      const response = await fetch(`/desk/blogs/${desk.dataset.blog}/posts?before=${desk.dataset.end}`);
      if (!response.ok) return;
      const { version, posts, end } = (await response.json()) as { version: number; posts: Change[]; end: string };
      // Read before something that this page has seen since: it has to be read again.
      if (version < Number(desk.dataset.version)) return void showOlder();
      desk.dataset.end = "";
      apply(posts);
      desk.dataset.end = end;
      older.hidden = end === "";
    } finally {
      older.disabled = false;
    }
  }
}

function insert(article: HTMLElement, place: string, list: HTMLElement): void {
  const item = document.createElement("li");
  item.append(article);
  const before = [...list.children].find(
    ({ firstElementChild }) => comparePlaces((firstElementChild as HTMLElement).dataset.place!, place) < 0,
  );
  list.insertBefore(item, before ?? null);
}
