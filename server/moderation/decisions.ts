import { sql } from "kysely";
import { holdBlog } from "../blogs/blogs.ts";
import type { Actor } from "../auth/permissions.ts";
import { lockComment, lockThreads, settleThreads } from "../comments/changing.ts";
import { findComment, presentComment } from "../comments/comments.ts";
import { isPublic } from "../comments/faces.ts";
import { note, noteAll, tellPerson } from "../comments/log.ts";
import type { Comment, CommentStatus, Trx } from "../database.ts";
import { conflict } from "../errors.ts";

export interface Decision {
  readonly decision: "approve" | "reject";
  /** The version of the comment that the moderator saw. */
  readonly version: number;
  readonly reasonCode: string | null;
  readonly reasonText: string | null;
}

/**
 * Decides a comment, unless it changed since the moderator saw it: no decision is overwritten unseen. Open reports are
 * closed by it; a comment that is rejected is no pick any more, and the posts that show it go with it.
 * @returns whether it had been decided so already
 * @throws AppError 409 with the comment as it is now
 */
export async function decideComment(
  trx: Trx,
  actor: Actor,
  blogId: string,
  id: string,
  { decision, version, reasonCode, reasonText }: Decision,
): Promise<boolean> {
  await holdBlog(trx, blogId);
  const before = await lockComment(trx, blogId, id);
  requireThere(before);
  const status: CommentStatus = decision === "approve" ? "approved" : "rejected";
  const isDecided = before.status === status && (status === "rejected" || !(await hasOpenReports(trx, id)));
  if (isDecided) return true;
  if (before.version !== version) {
    const current = presentComment(await findComment(trx, id), "moderator");
    if (before.decided_at)
      throw conflict("already-decided", "A colleague decided this comment meanwhile.", { current });
    throw conflict("version-conflict", "Its author changed this comment meanwhile.", { current });
  }
  await trx
    .updateTable("comments")
    .set({ status, version: version + 1, decided_at: sql<Date>`clock_timestamp()`, decided_by: actor.userId })
    .set({ reason_code: reasonCode, reason_text: reasonText })
    .$if(status === "rejected", (query) => query.set({ featured_at: null, featured_by: null }))
    .where("id", "=", id)
    .execute();
  await closeReports(trx, [id]);
  await note(trx, actor, {
    kind: decision,
    blogId,
    commentId: id,
    commenterId: before.author_id,
    from: before.status,
    to: status,
    version: version + 1,
    reasonCode,
    reasonText,
  });
  // Nobody is told of an approval of what was never held back.
  if (status === "rejected" || !isPublic(before.status)) await tellPerson(trx, before);
  if (status === "approved" && !isPublic(before.status)) await tellParent(trx, before);
  await settleThreads(trx, actor, blogId, [before.root_id], { changed: [id], why: "The comment was rejected" });
  return false;
}

/**
 * Picks a comment, or takes the pick back. What is picked is approved by it.
 * @throws AppError 409 for a comment that changed, or that readers cannot see
 */
export async function featureComment(
  trx: Trx,
  actor: Actor,
  blogId: string,
  id: string,
  isFeatured: boolean,
  version: number | null,
): Promise<void> {
  await holdBlog(trx, blogId);
  const before = await lockComment(trx, blogId, id);
  requireThere(before);
  if ((before.featured_at !== null) === isFeatured) return;
  const current = async () => ({ current: presentComment(await findComment(trx, id), "moderator") });
  if (version !== null && before.version !== version)
    throw conflict("version-conflict", "This comment was changed meanwhile.", await current());
  if (isFeatured && before.face !== "comment")
    throw conflict("not-visible", "Readers cannot see this comment.", await current());
  const status = isFeatured ? "approved" : before.status;
  const isApproved = status !== before.status;
  await trx
    .updateTable("comments")
    .set({ status, version: before.version + 1 })
    .set(
      isFeatured
        ? { featured_at: sql<Date>`clock_timestamp()`, featured_by: actor.userId }
        : { featured_at: null, featured_by: null },
    )
    .$if(isApproved, (query) => query.set({ decided_at: sql<Date>`clock_timestamp()`, decided_by: actor.userId }))
    .where("id", "=", id)
    .execute();
  if (isApproved) await closeReports(trx, [id]);
  await note(trx, actor, {
    kind: isFeatured ? "feature" : "unfeature",
    blogId,
    commentId: id,
    commenterId: before.author_id,
    from: before.status,
    to: status,
    version: before.version + 1,
  });
  await settleThreads(trx, actor, blogId, [before.root_id], { changed: [id], why: "The comment was picked" });
}

/** Comments that are changed together: their threads are held meanwhile, and all moderators are sent their cards. */
export const BATCH = 200;

/** Rejects the next BATCH of what somebody has written in a blog; for a ban. @returns how many comments that were */
export async function rejectSomeOf(trx: Trx, actor: Actor, blogId: string, authorId: string): Promise<number> {
  await holdBlog(trx, blogId);
  const theirs = () =>
    trx
      .selectFrom("comments")
      .selectAll()
      .where("blog_id", "=", blogId)
      .where("author_id", "=", authorId)
      .where("status", "<>", "rejected")
      .where("deleted_at", "is", null)
      .orderBy("id")
      .limit(BATCH);
  const rootIds = [...new Set((await theirs().execute()).map(({ root_id }) => root_id))];
  if (!rootIds.length) return 0;
  await lockThreads(trx, rootIds);
  const comments = (await theirs().execute()).filter(({ root_id }) => rootIds.includes(root_id));
  const ids = comments.map(({ id }) => id);
  if (!ids.length) return 0;
  await trx
    .updateTable("comments")
    .set((eb) => ({
      status: "rejected" as const,
      version: eb("version", "+", 1),
      reason_code: "banned",
      reason_text: null,
    }))
    .set({ decided_at: sql<Date>`clock_timestamp()`, decided_by: actor.userId, featured_at: null, featured_by: null })
    .where("id", "in", ids)
    .execute();
  await closeReports(trx, ids);
  await noteAll(
    trx,
    actor,
    comments.map((comment) => ({
      kind: "reject" as const,
      blogId,
      commentId: comment.id,
      commenterId: authorId,
      from: comment.status,
      to: "rejected" as const,
      version: comment.version + 1,
      reasonCode: "banned",
    })),
  );
  await settleThreads(trx, actor, blogId, rootIds, { changed: ids, why: "The comment was rejected" });
  return ids.length;
}

async function closeReports(trx: Trx, ids: string[]): Promise<void> {
  await trx
    .updateTable("comment_reports")
    .set({ closed_at: sql<Date>`clock_timestamp()` })
    .where("comment_id", "in", ids)
    .where("closed_at", "is", null)
    .execute();
}

async function hasOpenReports(trx: Trx, id: string): Promise<boolean> {
  const query = trx.selectFrom("comment_reports").select("id").where("comment_id", "=", id);
  return (await query.where("closed_at", "is", null).limit(1).executeTakeFirst()) !== undefined;
}

/** Now that it can be seen, its answer reaches whoever was answered. */
async function tellParent(trx: Trx, { parent_id }: Comment): Promise<void> {
  if (parent_id === null) return;
  const parent = await trx.selectFrom("comments").select("author_id").where("id", "=", parent_id).executeTakeFirst();
  if (parent) await tellPerson(trx, parent);
}

function requireThere({ deleted_at }: Comment): void {
  if (deleted_at) throw conflict("comment-deleted", "This comment was deleted.");
}
