import { audit } from "../audit.ts";
import type { Actor } from "../auth/permissions.ts";
import { holdBlog } from "../blogs/blogs.ts";
import { lockThreads, number, settleThreads } from "../comments/changing.ts";
import { noteAll } from "../comments/log.ts";
import { wipe } from "../comments/writing.ts";
import type { Db, Trx } from "../database.ts";
import { conflict } from "../errors.ts";
import { BATCH } from "../moderation/decisions.ts";
import { transact } from "../transact.ts";
import { eraseRest, type Person } from "./personal-data.ts";

/**
 * Deletes an account and everything that it wrote: first its comments, blog by blog, with the posts that show them, and
 * then the rest. Should it stop half-way, deleting again goes on.
 * @throws AppError 409 for one of the newsroom, whose name stands under posts
 */
export async function deleteAccount(db: Db, actor: Actor, person: Person): Promise<void> {
  await transact(db, (trx) => requireReader(trx, person.id));
  const blogs = await db
    .selectFrom("comments")
    .select("blog_id")
    .distinct()
    .where("author_id", "=", person.id)
    .orderBy("blog_id")
    .execute();
  for (const { blog_id } of blogs)
    for (let some = BATCH; some === BATCH;)
      some = await transact(db, (trx) => deleteSomeIn(trx, actor, blog_id, person.id));
  await transact(db, async (trx) => {
    // Nothing new of theirs comes from here on.
    await trx.selectFrom("users").select("id").where("id", "=", person.id).forUpdate().execute();
    await requireReader(trx, person.id);
    await requireNoComments(trx, person.id);
    const liked = await likedBy(trx, person.id);
    await audit(trx, actor, "account.delete", null, `user:${person.id}`);
    await eraseRest(trx, person);
    for (const [blogId, ids] of liked) await number(trx, blogId, ids, []);
  });
}

/** @returns how many comments that were */
async function deleteSomeIn(trx: Trx, actor: Actor, blogId: string, userId: string): Promise<number> {
  await holdBlog(trx, blogId);
  const own = () =>
    trx
      .selectFrom("comments")
      .selectAll()
      .where("blog_id", "=", blogId)
      .where("author_id", "=", userId)
      .where("deleted_at", "is", null)
      .orderBy("id")
      .limit(BATCH);
  const rootIds = [...new Set((await own().execute()).map(({ root_id }) => root_id))];
  if (rootIds.length) await lockThreads(trx, rootIds);
  const comments = (await own().execute()).filter(({ root_id }) => rootIds.includes(root_id));
  const ids = comments.map(({ id }) => id);
  if (!ids.length) return 0;
  await wipe(trx, ids);
  await noteAll(
    trx,
    actor,
    comments.map((comment) => ({
      kind: "delete" as const,
      blogId,
      commentId: comment.id,
      commenterId: userId,
      from: comment.status,
      to: comment.status,
      version: comment.version + 1,
    })),
  );
  // Answers name whom they answer.
  const answers = await trx
    .selectFrom("comments")
    .select("id")
    .where("parent_id", "in", ids)
    .where("face", "<>", "none")
    .execute();
  await settleThreads(trx, actor, blogId, rootIds, {
    changed: ids,
    marked: answers.map(({ id }) => id),
    why: "Its author deleted their account",
    forget: true,
  });
  return ids.length;
}

async function requireReader(trx: Trx, userId: string): Promise<void> {
  const roles = trx.selectFrom("roles").select("id").where("user_id", "=", userId).where("role", "<>", "reader");
  if (await roles.executeTakeFirst())
    throw conflict("newsroom-account", "Give up your newsroom roles first; an admin takes them away.");
}

/** Handed in while the others were being deleted. */
async function requireNoComments(trx: Trx, userId: string): Promise<void> {
  const comment = trx
    .selectFrom("comments")
    .select("id")
    .where("author_id", "=", userId)
    .where("deleted_at", "is", null);
  if (await comment.executeTakeFirst()) throw conflict("still-writing", "You wrote a comment meanwhile; try again.");
}

async function likedBy(trx: Trx, userId: string): Promise<Map<string, string[]>> {
  const rows = await trx
    .selectFrom("comment_reactions")
    .innerJoin("comments", "comments.id", "comment_reactions.comment_id")
    .select(["comments.id", "comments.blog_id"])
    .where("comment_reactions.user_id", "=", userId)
    .where("comments.face", "=", "comment")
    .orderBy("comments.blog_id")
    .execute();
  const byBlog = Map.groupBy(rows, ({ blog_id }) => blog_id);
  return new Map([...byBlog].map(([blogId, liked]) => [blogId, liked.map(({ id }) => id)]));
}
