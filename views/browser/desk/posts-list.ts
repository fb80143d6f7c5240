import type { Change } from "../../../server/realtime/protocol.ts";
import { parse } from "../changes.ts";
import { GroupedList, neighbour } from "../grouped-list.ts";
import { become } from "../morph.ts";
import { comparePlaces } from "../places.ts";
import { sayTimes } from "../relative-times.ts";
import { bulkBar } from "./bulk.ts";
import { listKeys } from "./list-keys.ts";
import { later } from "./later.ts";
import { holdPlace } from "./place.ts";
import { allow } from "./rights.ts";

export interface PostsList {
  apply(changes: Change[]): void;
  /** Leads to a post, which may be older than what is shown; false when it is not there. */
  reach(id: string): Promise<boolean>;
  /** Shows of every post what this person may do with it now. */
  allowAll(): void;
}

/** Milliseconds in which changes of one's own drafts are read as one. */
const TOGETHER = 200;

/** The two lists of the desk, what waits and what is published: each post stands in the one that its state belongs to. */
export function postsList(desk: HTMLElement): PostsList {
  const pending = new GroupedList(document.getElementById("pending")!);
  const published = new GroupedList(document.getElementById("posts")!);
  const older = document.getElementById("older-posts") as HTMLButtonElement;
  const selection = bulkBar(desk);
  const actions = () => import("./post-actions.ts");
  let reading = 0;

  older.addEventListener("click", () => void goOlder());
  desk.addEventListener("click", ({ target }) => {
    const pressed = (target as HTMLElement).closest<HTMLElement>(".desk-post [data-action]");
    if (!pressed) return;
    const post = shownPost(pressed.closest<HTMLElement>("article")!);
    void later(actions, ({ postActions }) => postActions(desk)[pressed.dataset.action!]!(post));
  });
  // At hand when the first button is pressed.
  void actions().catch(() => {});
  listKeys(desk, selection);
  allowAll();

  return { apply, reach, allowAll };

  function allowAll(): void {
    for (const article of desk.querySelectorAll<HTMLElement>(".desk-post")) allow(article, desk.dataset);
  }

  async function reach(id: string): Promise<boolean> {
    while (!document.getElementById(id) && desk.dataset.end) {
      const { end } = desk.dataset;
      await showOlder();
      // The server does not answer.
      if (desk.dataset.end === end) break;
    }
    const article = document.getElementById(id);
    article?.focus({ preventScroll: true });
    article?.scrollIntoView({ block: "center" });
    return article !== null;
  }

  function shownPost(article: HTMLElement) {
    const id = article.id.replace("post-", "");
    const path = `/api/blogs/${desk.dataset.blog}/posts/${id}`;
    return { id, path, article, version: Number(article.dataset.version), title: article.dataset.title! };
  }

  function apply(changes: Change[]): void {
    const back = holdPlace();
    for (const { target, html, place } of changes) {
      const element = document.getElementById(target);
      if (place !== undefined) applyPost(element, html === null ? null : parse(html), place);
      else if (element && html !== null) become(element, parse(html));
    }
    sayTimes(changes.flatMap(({ target }) => document.getElementById(target) ?? []));
    document.getElementById("no-pending")!.hidden = !pending.isEmpty;
    document.getElementById("no-posts")!.hidden = !published.isEmpty;
    selection.settle();
    back();
  }

  function applyPost(article: HTMLElement | null, next: HTMLElement | null, place: string): void {
    // A draft that only its author may read is gone for the stream; whether it is theirs, the server knows.
    if (!next && (!article || article.matches(".is-private"))) return readDraftsSoon();
    if (!next) return remove(article!);
    const list = next.dataset.status === "published" ? published : pending;
    if (article && list.element.contains(article) && article.dataset.place === place) {
      become(article, next);
      return allow(article, desk.dataset);
    }
    const hadFocus = article?.contains(document.activeElement);
    if (article) remove(article);
    // What is older than the last post shown comes with "Older posts".
    const last = list === published && desk.dataset.end ? list.last : null;
    if (last && comparePlaces(place, last.dataset.place!) < 0) return;
    const item = document.createElement("li");
    item.append(next);
    list.insert(item);
    allow(next, desk.dataset);
    if (hadFocus) next.focus({ preventScroll: true });
  }

  function remove(article: HTMLElement): void {
    const list = pending.element.contains(article) ? pending : published;
    list.remove(article.parentElement!);
  }

  function readDraftsSoon(): void {
    clearTimeout(reading);
    reading = setTimeout(() => void readDrafts(), TOGETHER);
  }

  async function readDrafts(): Promise<void> {
    const response = await fetch(`/desk/blogs/${desk.dataset.blog}/drafts`).catch(() => null);
    if (!response?.ok) return;
    const { version, posts } = (await response.json()) as { version: number; posts: Change[] };
    // Read before something that this page has seen since: it has to be read again.
    if (version < Number(desk.dataset.version)) return readDraftsSoon();
    const kept = new Set(posts.map(({ target }) => target));
    const gone = [...desk.querySelectorAll<HTMLElement>("#pending .is-private")].filter(({ id }) => !kept.has(id));
    const back = holdPlace();
    gone.forEach(remove);
    back();
    apply(posts);
  }

  /** To the first of them, since the button is below all of them then. */
  async function goOlder(): Promise<void> {
    const last = published.last;
    if (older.ariaDisabled) return;
    const wasHere = document.activeElement === older;
    await showOlder();
    // Where that was the last of it, the button is hidden and has lost the focus.
    const isHere = document.activeElement === older || document.activeElement === document.body;
    if (wasHere && isHere && last?.isConnected) neighbour(last, 1)?.focus();
  }

  async function showOlder(): Promise<void> {
    // A disabled button would lose the focus.
    older.ariaDisabled = "true";
    try {
      const response = await fetch(`/desk/blogs/${desk.dataset.blog}/posts?before=${desk.dataset.end}`);
      if (!response.ok) return;
      const { version, posts, end } = (await response.json()) as { version: number; posts: Change[]; end: string };
      // Read before something that this page has seen since: it has to be read again.
      if (version < Number(desk.dataset.version)) return await showOlder();
      desk.dataset.end = "";
      apply(posts);
      desk.dataset.end = end;
      older.hidden = end === "";
    } finally {
      older.ariaDisabled = null;
    }
  }
}
