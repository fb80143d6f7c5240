import type { Change } from "../../../server/realtime/protocol.ts";
import { parse } from "../changes.ts";
import { become } from "../morph.ts";
import { comparePlaces } from "../places.ts";
import { say } from "../words.ts";

/** What a change did to the list, for whoever tells the reader. */
export type Effect =
  /** Put in its place, hidden. */
  | { kind: "new"; article: HTMLElement }
  /** A new comment that belongs to another page than this one. */
  | { kind: "elsewhere"; id: string }
  | { kind: "changed"; article: HTMLElement }
  | { kind: "gone"; id: string };

/** Answers of a thread that the list shows; rendering/comment-models.ts. */
const ANSWERS_SHOWN = 50;

export const itemOf = (article: Element): HTMLElement => article.parentElement!;
export const articlesIn = (place: ParentNode): NodeListOf<HTMLElement> =>
  place.querySelectorAll<HTMLElement>("article.comment[data-place]");

/** In an order in which what is answered comes before its answers, and the parts that count them last. */
export const inOrder = (changes: Change[]): Change[] =>
  changes.toSorted((one, other) => idOf(one.target) - idOf(other.target));

const idOf = (target: string): number => Number(/^comment-(\d+)$/.exec(target)?.[1] ?? Number.MAX_SAFE_INTEGER);

/** Makes one comment, or one part of the page, as the server has it now. */
export function applyChange({ target, html, place }: Change, list: HTMLElement): Effect | null {
  const element = document.getElementById(target);
  if (place === undefined) {
    if (element && html !== null) become(element, parse(html));
    return null;
  }
  if (html === null) return element && remove(element);
  const next = parse(html);
  const isPick = list.dataset.sort !== "featured" || next.matches(".is-pick");
  if (!element) return insert(next, place, list);
  if (!isPick) return remove(element);
  return become(element, next) ? { kind: "changed", article: element } : null;
}

function insert(article: HTMLElement, place: string, list: HTMLElement): Effect | null {
  const { sort, newest } = list.dataset;
  const isAnswer = article.id !== `comment-${article.dataset.root}`;
  const isByTime = sort === "newest" || sort === "oldest";
  const where = isByTime ? (isAnswer ? amongAnswers(article, place, list) : amongThreads(place, list)) : "elsewhere";
  if (where && where !== "elsewhere") {
    const item = document.createElement("li");
    item.className = isAnswer ? "reply" : "thread";
    item.hidden = true;
    item.append(article);
    if (!isAnswer) item.append(emptyAnswers(), wayToAll(article.dataset.root!));
    where.parent.insertBefore(item, where.before);
    return { kind: "new", article };
  }
  // What is older than the page was somewhere already.
  const isNew = !newest || comparePlaces(place, newest) > 0;
  return where === "elsewhere" && isNew ? { kind: "elsewhere", id: article.id } : null;
}

type Where = { parent: HTMLElement; before: Element | null } | "elsewhere" | null;

function amongThreads(place: string, list: HTMLElement): Where {
  const { sort, begin, end, thread } = list.dataset;
  if (thread) return null;
  const isDown = sort === "newest";
  const follows = (other: string): boolean => comparePlaces(place, other) * (isDown ? -1 : 1) > 0;
  if (begin && !follows(begin)) return isDown ? "elsewhere" : null;
  if (end && follows(end)) return isDown ? null : "elsewhere";
  return { parent: list, before: [...list.children].find((item) => !follows(placeOf(item))) ?? null };
}

function amongAnswers(article: HTMLElement, place: string, list: HTMLElement): Where {
  const { begin, end, thread } = list.dataset;
  const root = document.getElementById(`comment-${article.dataset.root}`);
  const answers = root && itemOf(root).querySelector<HTMLElement>(":scope > .answers");
  if (!answers) return null;
  const items = [...answers.children].filter((item) => placeOf(item) !== "");
  const before = items.find((item) => comparePlaces(placeOf(item), place) > 0) ?? null;
  if (thread && ((begin && comparePlaces(place, begin) < 0) || (end && comparePlaces(place, end) > 0))) return null;
  if (!thread && !before && items.length >= ANSWERS_SHOWN) return null;
  // One's own that wait stand behind all others.
  return { parent: answers, before: before ?? answers.querySelector(":scope > .mine") };
}

function emptyAnswers(): HTMLElement {
  const answers = document.createElement("ol");
  answers.className = "answers";
  return answers;
}

/** As the server renders it for a thread with few answers; the next change brings it as it is. */
function wayToAll(root: string): HTMLElement {
  const way = document.createElement("p");
  way.id = `answers-${root}`;
  way.hidden = true;
  return way;
}

const placeOf = (item: Element): string =>
  (item.querySelector(":scope > article") as HTMLElement | null)?.dataset.place ?? "";

/** Whoever had their focus in the comment goes on from its neighbour. What somebody is writing under it stays. */
function remove(article: HTMLElement): Effect {
  const item = itemOf(article);
  if (article.contains(document.activeElement)) neighbourOf(item)?.focus({ preventScroll: true });
  article.remove();
  item.querySelectorAll(":scope > .comment-menu, :scope > .muted-note").forEach((part) => part.remove());
  return { kind: "gone", id: article.id };
}

const neighbourOf = (item: Element): HTMLElement | null =>
  (item.nextElementSibling ?? item.previousElementSibling)?.querySelector<HTMLElement>("article") ??
  document.getElementById("comments");

/** Takes away the places of comments that are gone, but for those in which somebody is writing. */
export function prune(list: HTMLElement): void {
  for (const item of list.querySelectorAll<HTMLElement>("li")) {
    if (item.querySelector("article")) continue;
    const form = item.querySelector("form");
    if (!form) item.remove();
    else if (!item.querySelector(":scope > .comment-gone") && item.contains(form)) item.prepend(goneNote());
  }
}

function goneNote(): HTMLElement {
  const note = document.createElement("p");
  note.className = "comment-gone";
  note.textContent = say("talk.removed-meanwhile");
  return note;
}

/** Whether a thread shows fewer answers than it has and the list has room for: one of them came from further below. */
export const lacksAnswers = (list: HTMLElement): boolean =>
  !list.dataset.thread &&
  [...list.querySelectorAll<HTMLElement>(":scope > .thread > .all-answers")].some((way) => {
    const shown = way.parentElement!.querySelectorAll(":scope > .answers > li:not(.mine) > article").length;
    return shown < Math.min(Number(way.dataset.count), ANSWERS_SHOWN);
  });
