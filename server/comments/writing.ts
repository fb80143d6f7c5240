import { sql } from "kysely";
import { holdBlog } from "../blogs/blogs.ts";
import { may, type Actor } from "../auth/permissions.ts";
import type { Comment, CommentSettings, Trx } from "../database.ts";
import { AppError, conflict, invalid, notFound } from "../errors.ts";
import { withdrawAnswers } from "../idempotency.ts";
import { judge, type Facts, type Verdict } from "../rules/checks.ts";
import { sameText } from "../rules/comment-text.ts";
import { lockComment, settleThreads } from "./changing.ts";
import { findComment, presentComment } from "./comments.ts";
import { isPublic } from "./faces.ts";
import { note, tellPerson } from "./log.ts";
import { discussionOf, settingsOf, opennessOf, requireOpen } from "./settings.ts";
import { holdStanding, type Standing } from "./standing.ts";
import type { Words } from "./word-lists.ts";

/** What is found out before the transaction, since it takes time: the lists, and what the newsroom's own service says. */
export interface Advice {
  readonly words: Words;
  readonly outside: Facts["outside"];
}

/** A comment as its author sends it, cleaned by rules/comment-text.ts. */
export interface Draft {
  readonly body: string;
  readonly parentId: string | null;
}

/**
 * Hands a comment in, to be published, held or refused as the checks have it.
 * @throws AppError 409 in a closed discussion or in answer to what was removed, 403 for somebody who may not write,
 * 422 for an absent parent, 429 in slow mode
 */
export async function submitComment(
  trx: Trx,
  actor: Actor,
  blogId: string,
  { body, parentId }: Draft,
  advice: Advice,
): Promise<Comment> {
  const settings = await holdOpen(trx, blogId);
  const standing = await holdStanding(trx, actor, blogId, null);
  const isStaff = may(actor, "desk:follow", blogId) === "any";
  if (!isStaff) requirePatience(settings, standing);
  const parent = parentId === null ? null : await holdParent(trx, blogId, parentId);
  const verdict = verdictOn(body, isStaff, settings, standing, advice);
  const saved = await trx
    .insertInto("comments")
    .values({
      blog_id: blogId,
      author_id: actor.userId,
      parent_id: parent?.id ?? null,
      root_id: parent?.root_id ?? sql<string>`currval(pg_get_serial_sequence('comments', 'id'))`,
      body,
      ...judged(verdict, body),
      initial_status: verdict.status,
      is_staff: isStaff,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await keepRevision(trx, saved);
  await note(trx, actor, {
    kind: "submit",
    blogId,
    commentId: saved.id,
    commenterId: actor.userId,
    to: saved.status,
    version: saved.version,
    reasonCode: verdict.reasons[0] ?? null,
    details: foundBy(verdict),
  });
  if (parent && isPublic(saved.status)) await tellPerson(trx, parent);
  await settleThreads(trx, actor, blogId, [saved.root_id], { changed: [saved.id], why: "The comment was handed in" });
  return saved;
}

/**
 * Changes the words of one's own comment, which are checked as if they were new: an approval was for the old ones.
 * @throws AppError 409 when it is too late, when it may not be edited any more, or when it was changed meanwhile
 */
export async function editComment(
  trx: Trx,
  actor: Actor,
  blogId: string,
  id: string,
  { body, version }: { body: string; version: number },
  advice: Advice,
): Promise<void> {
  const settings = await holdOpen(trx, blogId);
  const standing = await holdStanding(trx, actor, blogId, id);
  const before = await lockComment(trx, blogId, id);
  if (before.author_id !== actor.userId || before.deleted_at) throw notFound("comment");
  if (before.version !== version)
    throw conflict("version-conflict", "The comment was changed meanwhile.", {
      current: presentComment(await findComment(trx, id), "author"),
    });
  if (before.status === "held" || before.status === "rejected")
    throw conflict("not-editable", "This comment cannot be edited any more.");
  const age = Date.now() - before.created_at.getTime();
  if (age > settings.edit_window_seconds * 1000)
    throw conflict("edit-window-closed", "Comments can be edited only shortly after they were written.");
  if (before.body === body) return;
  const verdict = verdictOn(body, before.is_staff, settings, standing, advice);
  const saved = await trx
    .updateTable("comments")
    .set({ body, ...judged(verdict, body), version: before.version + 1, edited_at: sql<Date>`clock_timestamp()` })
    .set({ decided_at: null, decided_by: null, reason_code: null, reason_text: null })
    // Picked for other words than these.
    .set({ featured_at: null, featured_by: null })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await keepRevision(trx, saved);
  await note(trx, actor, {
    kind: "edit",
    blogId,
    commentId: id,
    commenterId: actor.userId,
    from: before.status,
    to: saved.status,
    version: saved.version,
    reasonCode: verdict.reasons[0] ?? null,
    details: foundBy(verdict),
  });
  await settleThreads(trx, actor, blogId, [saved.root_id], { changed: [id], why: "The comment was changed" });
}

/** Its author takes a comment back; what it said is nowhere any more, in the newsroom's posts neither. Twice is once. */
export async function deleteComment(trx: Trx, actor: Actor, blogId: string, id: string): Promise<void> {
  await holdBlog(trx, blogId);
  const before = await lockComment(trx, blogId, id);
  if (before.author_id !== actor.userId || before.author_id === null) throw notFound("comment");
  if (before.deleted_at) return;
  await wipe(trx, [id]);
  await note(trx, actor, {
    kind: "delete",
    blogId,
    commentId: id,
    commenterId: before.author_id,
    from: before.status,
    to: before.status,
    version: before.version + 1,
  });
  // Its answers name whom they answer.
  const answers = await trx
    .selectFrom("comments")
    .select("id")
    // Threads have an index.
    .where("root_id", "=", before.root_id)
    .where("parent_id", "=", id)
    .where("face", "<>", "none")
    .execute();
  await settleThreads(trx, actor, blogId, [before.root_id], {
    changed: [id],
    marked: answers.map((answer) => answer.id),
    why: "The comment was deleted",
    forget: true,
  });
}

/** Nothing is left of what comments said: not in their revisions, and not in the answers to the requests that made them. */
export async function wipe(trx: Trx, ids: readonly string[]): Promise<void> {
  const gone = sql<Date>`clock_timestamp()`;
  await trx
    .updateTable("comments")
    .set((eb) => ({ body: "", matches: [], text_key: null, version: eb("version", "+", 1), deleted_at: gone }))
    .set({ featured_at: null, featured_by: null })
    .where("id", "in", [...ids])
    .execute();
  await trx
    .deleteFrom("comment_revisions")
    .where("comment_id", "in", [...ids])
    .execute();
  await trx
    .deleteFrom("comment_addresses")
    .where("comment_id", "in", [...ids])
    .execute();
  await trx
    .updateTable("comment_reports")
    .set({ closed_at: gone })
    .where("comment_id", "in", [...ids])
    .where("closed_at", "is", null)
    .execute();
  for (const id of ids) await withdrawAnswers(trx, `/api/comments/${id}`);
}

async function holdOpen(trx: Trx, blogId: string): Promise<CommentSettings> {
  const blog = await holdBlog(trx, blogId);
  const settings = await settingsOf(trx, blogId);
  requireOpen(opennessOf(blog, settings, await discussionOf(trx), new Date()));
  return settings;
}

function requirePatience({ slow_mode_seconds: seconds }: CommentSettings, { lastAt }: Standing): void {
  if (!seconds || !lastAt) return;
  const wait = Math.ceil(seconds - (Date.now() - lastAt.getTime()) / 1000);
  if (wait > 0)
    throw new AppError(429, "slow-mode", `In this discussion one waits ${seconds} s between two comments.`, {
      headers: { "Retry-After": String(wait) },
    });
}

/**
 * What is answered, with its thread held. One that is absent or waiting gets the same answer, which tells nothing; one
 * that readers have seen and see no more is another matter.
 */
async function holdParent(trx: Trx, blogId: string, parentId: string): Promise<Comment> {
  const parent = await lockComment(trx, blogId, parentId).catch((error: unknown) => {
    if (error instanceof AppError && error.status === 404) return null;
    throw error;
  });
  if (parent?.face === "comment") return parent;
  if (parent && parent.position !== null) throw conflict("parent-removed", "The comment that you answer was removed.");
  throw invalid([{ pointer: "/parentId", code: "parent-unavailable" }]);
}

function verdictOn(
  body: string,
  isStaff: boolean,
  settings: CommentSettings,
  standing: Standing,
  { words, outside }: Advice,
): Verdict {
  return judge({
    text: body,
    by: { isStaff, ...standing },
    settings: {
      moderation: settings.moderation,
      newCommenterHold: settings.new_commenter_hold,
      holdLinks: settings.hold_links,
      allowedDomains: settings.allowed_domains,
    },
    words,
    outside,
  });
}

/** What the log keeps of the checks; a failure of one of them too. */
const foundBy = ({ reasons, errors }: Verdict) => ({
  reasons,
  ...(errors.length ? { errors: errors.map(String) } : {}),
});

const judged = ({ status, reasons, matches }: Verdict, body: string) => ({
  status,
  reasons,
  matches,
  text_key: sameText(body),
});

async function keepRevision(trx: Trx, { id, version, body, status }: Comment): Promise<void> {
  await trx.insertInto("comment_revisions").values({ comment_id: id, number: version, body, status }).execute();
}
