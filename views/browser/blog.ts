import type { Change } from "../../server/realtime/protocol.ts";
import { announcer } from "./announcements.ts";
import { applyChange, partIds } from "./changes.ts";
import { connectionNotice } from "./connection-notice.ts";
import { follow } from "./following.ts";
import { become } from "./morph.ts";
import { keepPlace, moveFreely, watchReadingPosition } from "./reading-position.ts";
import { watchReadingSettings } from "./reading-settings.ts";
import { tickTimes } from "./relative-times.ts";
import { unseenPosts } from "./unseen.ts";

const list = document.getElementById("posts");
if (list) readStory(list);
void import("./install.ts").then(({ install }) => install());

/** Keeps an open page as a fresh load would show it, without moving what the reader is looking at. */
function readStory(list: HTMLElement): void {
  const announce = announcer(document.getElementById("announcements")!);
  const unseen = unseenPosts(list, document.getElementById("new-updates")!);

  function apply(changes: Change[]): void {
    keepPlace(() => {
      for (const change of changes) {
        const effect = applyChange(change, list);
        if (effect?.kind === "elsewhere") unseen.count(effect.place);
        if (effect?.kind === "gone") unseen.forget(change.target);
        if (effect) announce(effect);
      }
    });
    settle();
  }

  /** What belongs after every change: new posts are shown or counted, and times are told. */
  function settle(): void {
    document.getElementById("no-posts")!.hidden = list.childElementCount > 0;
    if (unseen.atTop() && !document.hidden) moveFreely(() => unseen.reveal());
    unseen.tell();
    tickTimes();
  }

  /** Takes over the page as the server shows it now, as if it had come as changes. */
  async function refresh(): Promise<void> {
    const newest = list.dataset.newest === "true";
    const address = newest ? `/blogs/${list.dataset.blog}` : location.pathname + location.search;
    const response = await fetch(address, { cache: "no-cache", headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(`The page answered ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const freshList = fresh.getElementById("posts")!;
    const shown = new Set([...freshList.children].map((item) => item.firstElementChild!.id));
    list.dataset.end = freshList.dataset.end ?? "";
    apply([
      ...[...list.querySelectorAll("article")]
        .filter(({ id }) => !shown.has(id))
        .map(({ id, dataset }) => ({ target: id, html: null, place: dataset.place! })),
      ...[...freshList.querySelectorAll("article")].map((article) => changeTo(article)),
      ...partIds.flatMap((id) => fresh.getElementById(id) ?? []).map((part) => changeTo(part)),
    ]);
    keepPlace(() =>
      ["older", "newer"].forEach((id) => become(document.getElementById(id)!, fresh.getElementById(id)!)),
    );
    const { lang, dir } = fresh.documentElement;
    Object.assign(document.documentElement, { lang, dir });
    become(document.getElementById("words")!, fresh.getElementById("words")!);
    unseen.entitle(fresh.title);
    list.dataset.epoch = freshList.dataset.epoch!;
    list.dataset.version = freshList.dataset.version!;
  }

  watchReadingPosition("#blog-header, #pinned, #posts > li:not([hidden]), #older");
  unseen.watch();
  watchReadingSettings();
  tickTimes();
  const { blog } = list.dataset;
  follow(
    list,
    { stream: `blog:${blog}`, updates: `/blogs/${blog}/updates` },
    { apply, refresh, connected: connectionNotice(document.getElementById("connection")!) },
  );
}

const changeTo = (element: HTMLElement): Change => ({
  target: element.id,
  html: element.outerHTML,
  ...(element.dataset.place ? { place: element.dataset.place } : {}),
});
