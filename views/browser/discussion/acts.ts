import { call } from "../desk/api.ts";
import { button, el } from "../desk/elements.ts";
import { keepPlace, moveFreely } from "../reading-position.ts";
import type { Forms } from "./comment-forms.ts";
import { itemOf } from "./list.ts";
import { openMenu, type Item } from "./menu.ts";
import type { Own, OwnComment } from "./own.ts";
import { openReport } from "./report.ts";
import { say as words } from "../words.ts";
import { troubleOf } from "./words.ts";

/** Lets readers do with comments what they may: one listener for all of them, since they come and go. */
export function watchActs(list: HTMLElement, own: Own, forms: Forms, changed: () => void): void {
  document.getElementById("main")!.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const article = target?.closest<HTMLElement>("article.comment");
    if (!target || !article) return;
    const jump = target.closest<HTMLAnchorElement>(".comment-answers a");
    if (jump) return jumpTo(jump, event);
    if (!own.me()) return;
    if (target.closest(".comment-like")) void like(article);
    else if (target.closest(".comment-more"))
      openMenu(target.closest<HTMLElement>(".comment-more")!, itemsFor(article));
    else if (target.closest(".comment-reply") && isPlain(event)) {
      event.preventDefault();
      forms.answer(article);
    }
  });

  /** At once, and taken back when the server says no. The number comes with everybody's. */
  async function like(article: HTMLElement): Promise<void> {
    const id = idOf(article);
    const isLiked = !own.liked.has(id);
    mark(isLiked);
    const answer = await call(isLiked ? "PUT" : "DELETE", `/api/comments/${id}/reaction`);
    if (answer.kind !== "done") mark(!isLiked);

    function mark(is: boolean): void {
      if (is) own.liked.add(id);
      else own.liked.delete(id);
      own.lay(article);
    }
  }

  function itemsFor(article: HTMLElement): Item[] {
    const id = idOf(article);
    const mine = own.comment(id);
    const { author } = article.dataset;
    const name = article.querySelector(".comment-author")?.textContent ?? "";
    const isPublic = article.dataset.own === undefined;
    return [
      ...(mine && isEditable(mine) ? [[words("talk.edit"), () => forms.edit(itemOf(article), mine)] as Item] : []),
      ...(mine ? [[words("talk.delete"), () => confirmDeletion(article, id)] as Item] : []),
      ...(isPublic ? [[words("talk.copy-link"), () => void copyLink(article)] as Item] : []),
      ...(mine || !author ? [] : muting(author, name, article)),
      ...(mine || author === own.me()!.id ? [] : [[words("talk.report"), () => report(article, id, name)] as Item]),
    ];
  }

  function isEditable({ status, createdAt }: OwnComment): boolean {
    const isOpen = document.getElementById("comments-state")?.dataset.open === "true";
    const age = Date.now() - Date.parse(createdAt);
    return isOpen && status !== "rejected" && status !== "held" && age < own.editWindow() * 1000;
  }

  function muting(author: string, name: string, article: HTMLElement): Item[] {
    const isMuted = own.muted.has(author);
    if (article.querySelector(".badge-staff")) return [];
    return [[words(isMuted ? "talk.unmute" : "talk.mute", { name }), () => void mute(author, !isMuted, article)]];
  }

  async function mute(author: string, isMuted: boolean, article: HTMLElement): Promise<void> {
    const answer = await call(isMuted ? "PUT" : "DELETE", `/api/me/mutes/${author}`);
    const trouble = troubleOf(answer);
    if (trouble) return say(article, trouble.words);
    if (isMuted) own.muted.add(author);
    else own.muted.delete(author);
    keepPlace(() => own.layAll(list));
    itemOf(article).querySelector<HTMLElement>(":scope > .muted-note")?.focus({ preventScroll: true });
  }

  async function copyLink(article: HTMLElement): Promise<void> {
    const link = article.querySelector<HTMLAnchorElement>(".comment-time")!.href;
    const isCopied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    );
    say(article, isCopied ? words("talk.copied") : link);
  }

  function report(article: HTMLElement, id: string, name: string): void {
    openReport(id, name, () => say(article, words("talk.reported")));
  }

  function confirmDeletion(article: HTMLElement, id: string): void {
    const item = itemOf(article);
    item.querySelector(":scope > .comment-confirm")?.remove();
    const keep = button(words("talk.keep"), { class: "button" }, () => close(true));
    const go = button(words("talk.delete"), { class: "button button-main" }, () => void remove());
    const strip = el("div", { class: "comment-confirm", role: "group", "aria-label": words("talk.delete-this") });
    strip.append(el("p", {}, words("talk.delete-for-good")), go, keep);
    moveFreely(() => {
      article.after(strip);
      keep.focus({ preventScroll: true });
      strip.scrollIntoView({ block: "nearest" });
    });

    function close(isKept: boolean): void {
      moveFreely(() => strip.remove());
      if (isKept) article.focus({ preventScroll: true });
    }

    async function remove(): Promise<void> {
      const trouble = troubleOf(await call("DELETE", `/api/comments/${id}`));
      close(false);
      if (trouble) return say(article, trouble.words);
      own.drop(id);
      (neighbourOf(item) ?? list).focus({ preventScroll: true });
      changed();
    }
  }
}

const idOf = ({ id, dataset }: HTMLElement): string => dataset.own ?? id.slice("comment-".length);

const neighbourOf = (item: HTMLElement): HTMLElement | null =>
  (item.nextElementSibling ?? item.previousElementSibling)?.querySelector<HTMLElement>("article") ?? null;

/** Not one that opens a tab. */
const isPlain = (event: MouseEvent): boolean => !event.ctrlKey && !event.metaKey && !event.shiftKey;

/** What is answered is mostly on the same page. */
function jumpTo(link: HTMLAnchorElement, event: MouseEvent): void {
  const article = document.getElementById(`comment-${/\d+$/.exec(link.pathname)?.[0]}`);
  if (!article || !isPlain(event)) return;
  event.preventDefault();
  moveFreely(() => {
    article.scrollIntoView({ block: "center" });
    article.focus({ preventScroll: true });
  });
}

/** A word below a comment or the form, which goes with the next one. */
export function say(place: Element, ...words: (Node | string)[]): void {
  document.querySelectorAll(".comment-note").forEach((note) => note.remove());
  const note = el("p", { class: "comment-note", role: "status" });
  moveFreely(() => place.after(note));
  note.append(...words);
}
