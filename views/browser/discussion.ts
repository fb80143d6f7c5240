import type { Change } from "../../server/realtime/protocol.ts";
import { connectionNotice } from "./connection-notice.ts";
import { el } from "./desk/elements.ts";
import { say, watchActs } from "./discussion/acts.ts";
import { commentForms } from "./discussion/comment-forms.ts";
import { applyChange, articlesIn, inOrder, itemOf, lacksAnswers, prune } from "./discussion/list.ts";
import { followNotices, type Notices } from "./discussion/notices.ts";
import { layOwnCards } from "./discussion/own-cards.ts";
import { ownPart, type OwnComment } from "./discussion/own.ts";
import { teller } from "./discussion/telling.ts";
import { reveal, waitingComments } from "./discussion/waiting.ts";
import { follow } from "./following.ts";
import { become } from "./morph.ts";
import { keepPlace, moveFreely, watchReadingPosition } from "./reading-position.ts";
import { tickTimes } from "./relative-times.ts";
import { say as words } from "./words.ts";

/** What changes besides comments. */
const PARTS = ["comments-header", "comments-state", "comments-count"];
const AREAS = "#comments-header, #write, #own, #comments > li:not([hidden]), #older";
/** Milliseconds within which readers look for an answer that came up from below. */
const LOOK_WITHIN = 4_000;

const list = document.getElementById("comments");
if (list) openDiscussion(list);

/** Keeps an open discussion as a fresh load would show it, without moving what its reader reads or writes. */
function openDiscussion(list: HTMLElement): void {
  const slug = list.dataset.blog!;
  const telling = teller(document.getElementById("announcements")!);
  const waiting = waitingComments(
    list,
    document.getElementById("new-comments")!,
    document.getElementById("new-elsewhere")!,
  );
  const own = ownPart(slug);
  const forms = commentForms(slug, own, sent);
  let notices: Notices | null = null;
  let looking = 0;

  function apply(changes: Change[]): void {
    keepPlace(() => {
      for (const change of inOrder(changes)) {
        const effect = applyChange(change, list);
        if (effect?.kind === "elsewhere") waiting.count(effect.id);
        if (effect?.kind === "gone") {
          waiting.forget(effect.id);
          telling.forget(effect.id);
        }
        if (effect?.kind === "new") arrive(effect.article);
        if (effect?.kind === "changed") lay(effect.article);
      }
      prune(list);
      layCards();
    });
    settle();
  }

  function arrive(article: HTMLElement): void {
    lay(article);
    const { author } = article.dataset;
    if (author && author === own.me()?.id) reveal(itemOf(article));
    else if (!author || !own.muted.has(author))
      telling.arrived(article.id, article.querySelector(".comment-author")?.textContent ?? "");
  }

  function lay(article: HTMLElement): void {
    own.lay(article);
    forms.layDraft(article);
  }

  function layCards(): void {
    layOwnCards(own, (id) => notices?.reasonOf(id) ?? null);
  }

  /** What belongs after every change: new comments are shown or counted, and times are told. */
  function settle(): void {
    document.getElementById("no-comments")!.hidden = list.childElementCount > 0;
    keepPlace(() => waiting.showWhatDoesNotMove());
    waiting.tell();
    tickTimes();
    if (lacksAnswers(list)) looking ||= setTimeout(() => void lookForAnswers(), Math.random() * LOOK_WITHIN);
  }

  async function lookForAnswers(): Promise<void> {
    const isTaken = await look().catch(() => true);
    looking = 0;
    if (!isTaken) settle();
  }

  /** Takes over the page unless what came meanwhile is newer; `follow` sees to another epoch. */
  async function look(): Promise<boolean> {
    const fresh = await fetchPage();
    const { epoch, version } = fresh.getElementById("comments")!.dataset;
    const isCurrent = epoch === list.dataset.epoch && Number(version) >= Number(list.dataset.version);
    if (isCurrent) takeOver(fresh);
    return isCurrent;
  }

  /** The server has taken a comment: its author is told, and shown it as soon as it is there. */
  function sent(comment: OwnComment): void {
    own.keep(comment);
    const isSeen = comment.status === "published" || comment.status === "approved";
    const place = comment.parentId ? document.getElementById(`comment-${comment.parentId}`) : null;
    const link = el("a", { href: `/blogs/${slug}/comments/${comment.id}` }, words("talk.go-to-it"));
    if (isSeen) say(place ?? document.getElementById("write")!, `${words("talk.published")} `, link);
    else telling.say(words("talk.waiting"));
    keepPlace(layCards);
    tickTimes();
    const card = document.querySelector<HTMLElement>(`#own-${comment.id} > article`);
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
    if (isSeen && !socket?.connected) void look().catch(() => {});
  }

  /** Who is reading, and what is theirs. */
  async function loadOwn(): Promise<void> {
    const me = (await own.load()) ? own.me() : null;
    const link = document.getElementById("notices")!;
    keepPlace(() => {
      link.hidden = !me;
      if (me) nameWriter(me.name);
      articlesIn(list).forEach(lay);
      layCards();
      forms.restore();
    });
    waiting.tell();
    tickTimes();
    if (me) notices = followNotices(socket, link, heard);
    await notices?.load();
  }

  /** What was decided about one's own comments comes with it. */
  function heard(titles: string[]): void {
    titles.forEach((title) => telling.say(`${title}.`));
    if (titles.length) void own.load().then(() => keepPlace(layCards));
  }

  /** The page as the server shows it now. */
  async function fetchPage(): Promise<Document> {
    const response = await fetch(location.pathname + location.search, {
      cache: "no-cache",
      headers: { Accept: "text/html" },
    });
    if (!response.ok) throw new Error(`The page answered ${response.status}`);
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }

  /** As if it had come as changes. */
  function takeOver(fresh: Document): void {
    const freshList = fresh.getElementById("comments")!;
    const shown = new Set([...articlesIn(freshList)].map(({ id }) => id));
    for (const name of ["begin", "end", "newest"] as const) list.dataset[name] = freshList.dataset[name] ?? "";
    const parts = [
      ...PARTS.flatMap((id) => fresh.getElementById(id) ?? []),
      ...freshList.querySelectorAll(".all-answers"),
    ];
    apply([
      ...[...articlesIn(list)]
        .filter(({ id }) => !shown.has(id))
        .map(({ id, dataset }) => ({ target: id, html: null, place: dataset.place! })),
      ...[...articlesIn(freshList)].map((article) => changeTo(article)),
    ]);
    apply(parts.map((part) => changeTo(part as HTMLElement)));
    keepPlace(() =>
      ["older", "newer"].forEach((id) => become(document.getElementById(id)!, fresh.getElementById(id)!)),
    );
    const { lang, dir } = fresh.documentElement;
    Object.assign(document.documentElement, { lang, dir });
    become(document.getElementById("words")!, fresh.getElementById("words")!);
    waiting.entitle(fresh.title);
    list.dataset.epoch = freshList.dataset.epoch!;
    list.dataset.version = freshList.dataset.version!;
  }

  watchReadingPosition(() => document.querySelectorAll(AREAS));
  document.addEventListener("focusin", () => moveFreely(() => {}));
  watchActs(list, own, forms, () => keepPlace(layCards));
  // With the blog, its discussion has ended: nothing comes any more, so nothing is listened for.
  const socket =
    "closed" in list.dataset
      ? null
      : follow(
          list,
          { stream: `comments:${slug}`, updates: `/blogs/${slug}/comments/updates` },
          {
            apply,
            refresh: async () => takeOver(await fetchPage()),
            connected: connectionNotice(document.getElementById("connection")!),
          },
        );
  tickTimes();
  void loadOwn();
}

/** In the place where others are told how to get an account. */
function nameWriter(name: string): void {
  for (const hint of document.querySelectorAll(".write-hint"))
    // The name stands by itself whichever way it is written.
    hint.textContent = words("talk.you-write-as", { name: `\u2068${name}\u2069` });
}

const changeTo = (element: HTMLElement): Change => ({
  target: element.id,
  html: element.outerHTML,
  ...(element.dataset.place ? { place: element.dataset.place } : {}),
});
