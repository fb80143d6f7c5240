import { call } from "../desk/api.ts";
import { button, part } from "../desk/elements.ts";
import { moveFreely } from "../reading-position.ts";
import { say } from "../words.ts";
import { draftsOf, type Drafts } from "./drafts.ts";
import { itemOf } from "./list.ts";
import type { Own, OwnComment } from "./own.ts";
import { bringToLife, type WritingForm } from "./writing.ts";

export interface Forms {
  /** Whoever is signed in by now finds what they were writing. */
  restore(): void;
  /** Opens the form under a comment; one is open at a time. */
  answer(article: HTMLElement): void;
  edit(item: HTMLElement, comment: OwnComment): void;
  /** Says at the comments which answers were begun. */
  layDraft(article: HTMLElement): void;
}

/**
 * The form on top, and the one below a comment that is answered or edited.
 * @param sent what to do with a comment that the server has taken
 */
export function commentForms(slug: string, own: Own, sent: (comment: OwnComment) => void): Forms {
  const place = document.getElementById("write")!;
  const top = place.querySelector("form");
  const pattern = top?.cloneNode(true) ?? part(part<HTMLTemplateElement>(place, "template").content, "form");
  const drafts = (): Drafts => draftsOf(own.me()?.id ?? "", slug);
  const writing = top && bringToLife<OwnComment>(top, newComment("", sent));
  let open: { form: WritingForm; close(isGoingBack: boolean): void } | null = null;

  return {
    restore() {
      const draft = drafts().get("");
      if (writing && draft && !writing.field.value) writing.set(draft.text);
    },
    answer,
    edit,
    layDraft,
  };

  function newComment(parentId: string, done: (comment: OwnComment) => void) {
    return {
      keep(text: string) {
        if (text.trim()) drafts().keep(parentId, { ...drafts().get(parentId), text });
        else drafts().forget(parentId);
      },
      async send(text: string) {
        const before = drafts().get(parentId);
        // The same words again are the same comment; the server has it once.
        const key = before?.key && before.tried === text ? before.key : crypto.randomUUID();
        drafts().keep(parentId, { text, key, tried: text });
        const body = parentId ? { body: text, parentId } : { body: text };
        return call<OwnComment>("POST", `/api/blogs/${slug}/comments`, { body, key });
      },
      done(comment: OwnComment) {
        drafts().forget(parentId);
        done(comment);
      },
    };
  }

  function answer(article: HTMLElement): void {
    const parentId = article.id.slice("comment-".length);
    const name = article.querySelector(".comment-author")?.textContent ?? "";
    const form = show(
      article,
      say("talk.your-answer-to", { name }),
      parentId,
      newComment(parentId, (comment) => finish(comment)),
    );
    form.set(drafts().get(parentId)?.text ?? "");
  }

  function edit(item: HTMLElement, comment: OwnComment): void {
    const article = part(item, ":scope > article");
    const path = `/api/comments/${comment.id}`;
    const form = show(article, say("talk.edit-yours"), `edit-${comment.id}`, {
      keep() {},
      send: (text) => call<OwnComment>("PATCH", path, { body: { body: text, version: comment.version } }),
      done: (changed: OwnComment) => finish(changed),
    });
    part(form.form, "button[type=submit]").textContent = say("talk.save");
    form.set(comment.body);
    item.classList.add("is-editing");
  }

  function finish(comment: OwnComment): void {
    open?.close(true);
    sent(comment);
  }

  function show(
    article: HTMLElement,
    label: string,
    name: string,
    writing: Parameters<typeof bringToLife<OwnComment>>[1],
  ): WritingForm {
    if (open?.form.form.dataset.parent === name) {
      open.form.field.focus();
      return open.form;
    }
    const item = itemOf(article);
    const form = pattern.cloneNode(true) as HTMLFormElement;
    form.dataset.parent = name;
    form.querySelectorAll("input").forEach((input) => input.remove());
    part(form, "label").textContent = label;
    if (own.me()) part(form, ".write-hint").textContent = say("talk.links");
    for (const [selector, attribute, value] of [
      ["label", "for", `write-${name}`],
      ["textarea", "id", `write-${name}`],
      ["textarea", "aria-describedby", `write-hint-${name}`],
      [".write-hint", "id", `write-hint-${name}`],
    ] as const)
      part(form, selector).setAttribute(attribute, value);
    const live = bringToLife(form, writing);
    const cancel = button(say("talk.cancel"), { class: "button" }, () => close(true));
    part(form, "button[type=submit]").before(cancel);
    form.addEventListener("keydown", ({ key }) => key === "Escape" && close(true));
    moveFreely(() => {
      open?.close(false);
      article.after(form);
      live.field.focus({ preventScroll: true });
      form.scrollIntoView({ block: "nearest" });
    });
    open = { form: live, close };
    return live;

    /** @param isGoingBack to the comment, for whoever closed it by hand */
    function close(isGoingBack: boolean): void {
      moveFreely(() => {
        form.remove();
        item.classList.remove("is-editing");
        item.querySelector(":scope > .comment-gone")?.remove();
        open = null;
        if (!item.querySelector("article")) return item.remove();
        layDraft(article);
        if (isGoingBack) article.focus({ preventScroll: true });
      });
    }
  }

  function layDraft(article: HTMLElement): void {
    const link = article.querySelector<HTMLElement>(".comment-reply");
    if (!link) return;
    const words = drafts().get(article.id.slice("comment-".length)) ? say("talk.go-on") : say("talk.answer");
    if (link.textContent !== words) link.textContent = words;
  }
}
