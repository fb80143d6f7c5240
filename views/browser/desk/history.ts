import { call } from "./api.ts";
import { button, el } from "./elements.ts";
import { showOnce } from "./place.ts";
import type { ShownPost } from "./post-actions.ts";
import { failureOf, tell } from "./tell.ts";

interface Revision {
  version: number;
  at: string;
  by: string | null;
  action: string;
  diff: Piece[];
  changes: { field: string; diff: Piece[] }[];
}
type Piece = { kind: "same" | "added" | "removed"; text: string };

/** What each action is called. */
const WORDS: Record<string, string> = {
  publish: "Published",
  draft: "Kept as a draft",
  submit: "Handed in",
  "send-back": "Sent back",
  schedule: "Scheduled",
  unschedule: "Taken off the schedule",
  unpublish: "Taken back to a draft",
  edit: "Edited",
  correct: "Corrected",
  verify: "Changed what is known",
  remove: "Taken down",
  restore: "Restored",
  "restore-revision": "Brought back as it was before",
  erase: "Erased",
  pin: "Pinned",
  unpin: "Unpinned",
  "key-event": "Made a key event",
  "no-key-event": "No longer a key event",
  summary: "Made a summary",
  "no-summary": "No longer a summary",
  "set-time": "Given another time",
};

/** Every revision of a post, newest first: who, when, and what changed in words; each can be brought back. */
export async function showHistory(post: Pick<ShownPost, "title" | "version" | "article">, path: string): Promise<void> {
  const answer = await call<{ revisions: Revision[] }>("GET", `${path}/revisions`);
  if (answer.kind !== "done") return tell(failureOf(answer));
  const revisions = answer.body.revisions.toReversed();
  // It has to be restored first.
  const isRemoved = post.article.dataset.status === "removed";
  const close = button("Close", { class: "button" }, () => dialog.close());
  const dialog = el(
    "dialog",
    { class: "ask history", "aria-labelledby": "history-title" },
    el("h2", { id: "history-title" }, `History of “${post.title}”`),
    el("ol", { class: "history-list" }, ...revisions.map((revision, n) => entryOf(revision, n === 0))),
    el("div", { class: "ask-buttons" }, close),
  );
  document.body.append(dialog);
  showOnce(dialog);
  close.focus();

  function entryOf(revision: Revision, isNewest: boolean): HTMLElement {
    const at = new Date(revision.at);
    return el(
      "li",
      { class: "history-entry" },
      el(
        "p",
        { class: "history-who" },
        el("strong", {}, WORDS[revision.action] ?? revision.action),
        ` by ${revision.by ?? "the server"}, `,
        el("time", { datetime: revision.at }, at.toLocaleString(document.documentElement.lang)),
      ),
      ...diffsOf(revision),
      isNewest || isRemoved ? null : button("Say this again", { class: "link" }, () => void restore(revision)),
    );
  }

  async function restore({ version }: Revision): Promise<void> {
    const done = await call("POST", `${path}/revisions/${version}/restoration`, { version: post.version, body: {} });
    if (done.kind !== "done") return tell(failureOf(done));
    dialog.close();
    tell("It says again what it said then.");
  }
}

function diffsOf({ diff, changes }: Revision): HTMLElement[] {
  if (changes.length)
    return changes.map(({ field, diff }) =>
      el("p", { class: "history-diff" }, el("span", { class: "history-field" }, `${field}: `), ...diff.map(pieceOf)),
    );
  return diff.length ? [el("p", { class: "history-diff" }, ...diff.map(pieceOf))] : [];
}

/** Marks that are heard as well as seen: deletions and insertions are elements of their own. */
function pieceOf({ kind, text }: Piece): Node {
  if (kind === "same") return document.createTextNode(text);
  return el(kind === "added" ? "ins" : "del", {}, text);
}
