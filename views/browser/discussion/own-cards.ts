import { el } from "../desk/elements.ts";
import { say } from "../words.ts";
import { itemOf } from "./list.ts";
import type { Own, OwnComment } from "./own.ts";

/** Milliseconds for which a refused comment is shown to its author. */
const REFUSED_FOR = 7 * 24 * 3_600_000;

/**
 * Shows a reader their own comments that others do not see, each under the comment that it answers or else on top.
 * @param reasonOf why a comment was rejected, as the notices have it
 */
export function layOwnCards(own: Own, reasonOf: (id: string) => string | null): void {
  const section = document.getElementById("own")!;
  const top = section.querySelector("ol")!;
  const wanted = own
    .comments()
    .filter((comment) => isUnseen(comment) && !document.getElementById(`comment-${comment.id}`));
  const cards = new Map(wanted.toReversed().map((comment) => [`own-${comment.id}`, comment]));
  for (const card of document.querySelectorAll<HTMLElement>("li.mine")) if (!cards.has(card.id)) card.remove();
  for (const [id, comment] of cards) {
    const place = placeFor(comment) ?? top;
    const card = cardOf(id, comment, reasonOf(comment.id));
    const before = document.getElementById(id);
    // Whoever edits it goes on with that.
    if (before?.matches(".is-editing")) continue;
    if (before?.parentElement === place && before.dataset.says === card.dataset.says) continue;
    before?.remove();
    if (place === top) place.prepend(card);
    else place.append(card);
  }
  section.hidden = top.childElementCount === 0;
}

const isUnseen = ({ status, createdAt }: OwnComment): boolean =>
  status === "pending" ||
  status === "held" ||
  (status === "rejected" && Date.now() - Date.parse(createdAt) < REFUSED_FOR);

function placeFor({ parentId }: OwnComment): Element | null {
  const parent = parentId && document.getElementById(`comment-${parentId}`);
  return parent ? (itemOf(parent).closest(".thread")?.querySelector(":scope > .answers") ?? null) : null;
}

function cardOf(id: string, comment: OwnComment, reason: string | null): HTMLElement {
  const { author, html, status, createdAt, rejection } = comment;
  const body = el("div", { class: "comment-body", dir: "auto" });
  // The server's own rendering of plain text; it has escaped what was written.
  body.innerHTML = html;
  const isRejected = status === "rejected";
  const wrote = rejection?.text ? say("talk.moderators-wrote", { words: rejection.text }) : null;
  const words = isRejected
    ? [say("talk.not-published"), reason ?? say("talk.against-rules"), wrote].filter(Boolean).join(" ")
    : say("talk.waits");
  return el(
    "li",
    { id, class: "reply mine is-own", "data-says": `${comment.version} ${words}` },
    el(
      "article",
      { class: `comment ${isRejected ? "is-rejected" : "is-waiting"}`, tabindex: "-1", "data-own": comment.id },
      el(
        "header",
        { class: "comment-head" },
        el("bdi", { class: "comment-author" }, author.name),
        " ",
        el("span", { class: "comment-time" }, el("time", { datetime: createdAt, "data-relative": true })),
      ),
      el("p", { class: "comment-status" }, words),
      body,
      el(
        "footer",
        { class: "comment-foot" },
        el(
          "button",
          {
            class: "comment-more",
            type: "button",
            "aria-haspopup": "true",
            "aria-expanded": "false",
            "aria-label": say("talk.more-about-yours"),
          },
          say("talk.more"),
        ),
      ),
    ),
  );
}
