import type { Change } from "../../server/realtime/protocol.ts";
import { announcer } from "./announcements.ts";
import { applyChange, partIds } from "./changes.ts";
import { connectionNotice } from "./connection-notice.ts";
import { follow } from "./following.ts";
import { GroupedList } from "./grouped-list.ts";
import { become } from "./morph.ts";
import { isInView, keepPlace, moveFreely, watchReadingPosition } from "./reading-position.ts";
import { offerReadingAids } from "./reading-aids.ts";
import { watchReadingSettings } from "./reading-settings.ts";
import { forgetTimes, sayTimes, tickTimes } from "./relative-times.ts";
import { unseenPosts } from "./unseen.ts";
import { rememberVisits } from "./visits.ts";
import { say } from "./words.ts";

const list = document.getElementById("posts");
if (list) readStory(list);
void import("./install.ts").then(({ install }) => install(partIds, { forgetTimes, sayTimes }));

/** Keeps an open page as a fresh load would show it, without moving what the reader is looking at. */
function readStory(list: HTMLElement): void {
  const announce = announcer(document.getElementById("announcements")!);
  const { blog, build } = list.dataset;
  const posts = new GroupedList(list.parentElement!, { isOldestFirst: list.dataset.order === "oldest" });
  const unseen = unseenPosts(posts, document.getElementById("new-updates")!);

  function apply(changes: Change[]): void {
    let beats = false;
    keepPlace(() => {
      for (const change of changes) {
        const effect = applyChange(change, posts, list.dataset);
        if (effect?.kind === "elsewhere") unseen.count(effect.place);
        if (effect?.kind !== "elsewhere") unseen.forget(change.target);
        if (effect) announce(effect);
        beats ||= effect?.kind === "new";
      }
      if (beats) document.documentElement.classList.toggle("beat");
      foldPinned();
      document.getElementById("to-key-events")!.hidden = document.getElementById("key-events")!.hidden;
    });
    settle();
    sayTimes(changes.flatMap(({ target }) => document.getElementById(target) ?? []));
  }

  /** What belongs after every change: new posts are shown or counted. */
  function settle(): void {
    document.getElementById("no-posts")!.hidden = !posts.isEmpty;
    if (unseen.atTop() && !document.hidden) moveFreely(() => unseen.reveal());
    unseen.tell();
  }

  /** Takes over the page as the server shows it now, as if it had come as changes. */
  async function refresh(): Promise<void> {
    take(await fetchPage());
  }

  /** After a new version of Dateline was installed: its styles first, so that nothing stands there without them. */
  async function renew(): Promise<void> {
    const fresh = await fetchPage();
    await wear(fresh);
    take(fresh);
  }

  async function fetchPage(): Promise<Document> {
    const response = await fetch(list.dataset.here!, { cache: "no-cache", headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(`The page answered ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    // A hotel's sign-in page, say, answers for everybody.
    if (!fresh.getElementById("posts")) throw new Error("This is not the page");
    return fresh;
  }

  function take(fresh: Document): void {
    const freshList = fresh.getElementById("posts")!;
    const articles = [...freshList.querySelectorAll("article")];
    const shown = new Set(articles.map(({ id }) => id));
    const { end = "", newest, front } = freshList.dataset;
    Object.assign(list.dataset, { end, newest, front });
    unseen.forgetElsewhere();
    apply([
      ...posts.items
        .map((item) => item.firstElementChild as HTMLElement)
        .filter(({ id }) => !shown.has(id))
        .map(({ id, dataset }) => ({ target: id, html: null, place: dataset.place! })),
      ...articles.map((article) => changeTo(article)),
      ...partIds.flatMap((id) => fresh.getElementById(id) ?? []).map((part) => changeTo(part)),
    ]);
    keepPlace(() =>
      ["older", "newer"].forEach((id) => become(document.getElementById(id)!, fresh.getElementById(id)!)),
    );
    const { lang, dir } = fresh.documentElement;
    Object.assign(document.documentElement, { lang, dir });
    // The script is still the one that came with the page, and says what that one says.
    if (freshList.dataset.build === build) become(document.getElementById("words")!, fresh.getElementById("words")!);
    unseen.entitle(fresh.title);
    list.dataset.build = freshList.dataset.build!;
    list.dataset.epoch = freshList.dataset.epoch!;
    list.dataset.version = freshList.dataset.version!;
  }

  /** In the background: only the title says how much there is. */
  function miss(changes: Change[]): void {
    if (list.dataset.front !== "true") return;
    for (const { target, html, place } of changes)
      if (place !== undefined && html !== null && !document.getElementById(target)) unseen.count(place);
    unseen.tell();
  }

  /** How many read along; where that is more than this one. */
  function count(readers: number | undefined): void {
    if (readers === undefined) return;
    const place = document.getElementById("readers")!;
    const words = readers > 1 ? say("live.readers", { count: readers }) : "";
    if (place.textContent === words) return;
    keepPlace(() => {
      place.textContent = words;
      place.hidden = !words;
    });
  }

  watchReadingPosition(areas);
  unseen.watch();
  offerReadingAids();
  // Not in one go with the rest, for which a slow phone already needs the time of some frames.
  for (const begin of [watchReadingSettings, tickTimes]) setTimeout(begin);
  if (list.dataset.front === "true") rememberVisits(list.dataset, posts);
  const notice = connectionNotice(document.getElementById("connection")!);
  const connected = (is: boolean): void => {
    notice(is);
    // A page that was kept for when there is no network is brought up to date now.
    if (is) document.getElementById("kept-note")!.hidden = true;
  };
  const socket = follow(
    list,
    { stream: `blog:${blog}`, updates: `/blogs/${blog}/updates` },
    { apply, refresh, renew, missed: miss, connected },
  );
  socket.on("head", ({ readers }) => count(readers));
}

/** What may hold the reader's eye. Where a group of posts is left out, they are not asked: that would lay them out. */
function areas(): Element[] {
  return [
    ...["blog-header", "pinned"].flatMap((id) => document.getElementById(id) ?? []),
    ...[...document.querySelector(".post-groups")!.children].filter(isInView).flatMap(({ children }) => [...children]),
    document.getElementById("older")!,
  ];
}

/** Puts on the styles of another page, and takes off those that it does not have. */
async function wear(fresh: Document): Promise<void> {
  const styles = (page: Document) => [...page.querySelectorAll<HTMLElement>("link[rel=stylesheet], style[data-href]")];
  const old = styles(document);
  // What stands in the page can be had by itself too; this page's policy lets no other text be a style.
  const address = (style: HTMLElement) => style.dataset.href ?? style.getAttribute("href")!;
  const wanted = new Set(styles(fresh).map(address));
  const added = [...wanted].filter((href) => !old.some((style) => address(style) === href));
  await Promise.all(added.map(loaded));
  for (const style of old) if (!wanted.has(address(style))) style.remove();
}

/** Resolves when it is there, or was not to be had: then the page is shown as it can be. */
function loaded(href: string): Promise<void> {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
}

/**
 * The pinned post stands above the list, and not a second time in full within it; but it is not folded while somebody
 * reads it or plays something there.
 */
function foldPinned(): void {
  const pinned = document.getElementById("pinned")?.dataset.post;
  for (const item of [...document.getElementsByClassName("is-shown-above")])
    if (item.firstElementChild!.id !== `post-${pinned}`) item.classList.remove("is-shown-above");
  const item = pinned && document.getElementById(`post-${pinned}`)?.parentElement;
  if (item && !isInUse(item)) item.classList.add("is-shown-above");
}

function isInUse(item: Element): boolean {
  const { top, bottom } = item.getBoundingClientRect();
  return (bottom > 0 && top < innerHeight) || item.querySelector("details[open]") !== null;
}

const changeTo = (element: HTMLElement): Change => ({
  target: element.id,
  html: element.outerHTML,
  ...(element.dataset.place ? { place: element.dataset.place } : {}),
});
