import { call } from "../desk/api.ts";
import { ask } from "../desk/ask.ts";
import { openDialog } from "../desk/dialog.ts";
import { button, el } from "../desk/elements.ts";
import { failureOf, tell } from "../desk/tell.ts";
import type { CardList } from "./card-list.ts";
import { say } from "./card-state.ts";
import { idOf, type Decisions } from "./decisions.ts";
import { askReason } from "./reject-dialog.ts";
import { openRestrict } from "./restrict-dialog.ts";

export type Act = (article: HTMLElement, action: string) => Promise<void>;

/** What the buttons of a card do, and the keys that stand for them. */
export function cardActions(main: HTMLElement, list: CardList, decisions: Decisions): Act {
  const actions: Record<string, (article: HTMLElement) => Promise<void> | void> = {
    approve: (article) => decisions.decide(article, "approve"),
    reject,
    pick,
    reply,
    promote,
    note: (article) => openNote(article.dataset.author!, article.dataset.name!),
    history,
    ban: (article) => openRestrict(article.dataset),
  };
  return async (article, action) => {
    const shown = article.querySelector<HTMLElement>(`[data-action="${action}"]`);
    if (shown && !shown.hidden) await actions[action]?.(article);
  };

  async function reject(article: HTMLElement): Promise<void> {
    const reason = await askReason(`Reject ${article.dataset.name}’s comment`);
    if (reason) await decisions.decide(article, "reject", reason);
  }

  async function pick(article: HTMLElement): Promise<void> {
    const { name, version, picked } = article.dataset;
    const method = picked ? "DELETE" : "PUT";
    const body = { version: Number(version) };
    const answer = await call(method, `/api/comments/${idOf(article)}/feature`, { body });
    if (answer.kind === "done") {
      tell(picked ? `${name}’s comment is no pick any more.` : `Picked ${name}’s comment.`);
      main.dispatchEvent(new CustomEvent("dateline:decided"));
    } else if (answer.kind === "refused" && answer.problem.status === 409) {
      await decisions.conflict(idOf(article), picked ? "Still a pick" : "Not picked");
      tell(answer.problem.detail);
    } else tell(failureOf(answer));
  }

  function reply(article: HTMLElement): void {
    const { name, blog } = article.dataset;
    const parentId = idOf(article);
    const question = {
      title: `Reply to ${name}`,
      text: "It is shown with the newsroom’s mark.",
      fields: [{ name: "body", label: "Your reply", kind: "long", most: 2_000, required: true } as const],
      go: "Reply",
      keepAs: `dateline-reply-${main.dataset.myId}-${parentId}`,
    };
    const key = crypto.randomUUID();
    ask(question, async ({ body }) => {
      const answer = await call("POST", `/api/blogs/${blog}/comments`, { body: { body: body!, parentId }, key });
      if (answer.kind !== "done") return failureOf(answer);
      tell(`Your reply to ${name} is ${answer.status === 201 ? "shown" : "waiting"}.`);
      return null;
    });
  }

  async function promote(article: HTMLElement): Promise<void> {
    const { name, blog } = article.dataset;
    const key = crypto.randomUUID();
    const answer = await call<{ id: string }>("POST", `/api/comments/${idOf(article)}/promote`, { key });
    if (answer.kind !== "done") return tell(failureOf(answer));
    say(article, "");
    article
      .querySelector(".card-line")!
      .append("A draft of it is ", el("a", { href: `/desk/blogs/${blog}#post-${answer.body.id}` }, "on the desk"), ".");
    tell(`A draft with ${name}’s comment is on the desk.`);
  }

  async function history(article: HTMLElement): Promise<void> {
    const response = await fetch(`/moderation/cards/${idOf(article)}/history`).catch(() => null);
    if (!response?.ok) return tell("The server did not answer. Try again.");
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    const close = button("Close", { class: "button" }, () => dialog.close());
    const buttons = el("div", { class: "ask-buttons" }, close);
    const dialog = openDialog("What happened to this comment", template.content, buttons);
    dialog.classList.add("history");
    close.focus();
    // A dialog that is closed gives the focus back; the card it came from may be another by now.
    dialog.addEventListener("close", () => list.current() ?? article.focus({ preventScroll: true }));
  }
}

/** Something for the other moderators about a person. */
function openNote(person: string, name: string): void {
  const key = crypto.randomUUID();
  const question = {
    title: `A note on ${name}`,
    text: "For moderators; readers never see it.",
    fields: [{ name: "body", label: "Note", kind: "long", most: 1_000, required: true } as const],
    go: "Keep it",
  };
  ask(question, async ({ body }) => {
    const answer = await call("POST", `/api/commenters/${person}/notes`, { body: { body: body! }, key });
    if (answer.kind !== "done") return failureOf(answer);
    tell(`The note on ${name} is kept.`);
    return null;
  });
}
