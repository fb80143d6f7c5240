import { holdBlog } from "../blogs/blogs.ts";
import type { Actor } from "../auth/permissions.ts";
import type { PromotedComment, Trx } from "../database.ts";
import { invalid } from "../errors.ts";
import { lockComment, settleThreads } from "./changing.ts";
import { FORMER_READER } from "./comments.ts";
import { note } from "./log.ts";
import { wipe } from "./writing.ts";

/** A comment that readers see, as a post shows it; it and what it answers are kept from being rejected until the transaction ends. */
export async function promotableComment(trx: Trx, blogId: string, id: string): Promise<PromotedComment> {
  await holdBlog(trx, blogId);
  const row = await trx
    .selectFrom("comments")
    .innerJoin("comments as root", "root.id", "comments.root_id")
    .select(["comments.id", "comments.body", "comments.created_at", "comments.author_id"])
    .where("comments.blog_id", "=", blogId)
    .where("comments.id", "=", id)
    .where("comments.face", "=", "comment")
    .forShare(["root", "comments"])
    .executeTakeFirst();
  if (!row) throw invalid([{ pointer: "/commentId", code: "not-an-approved-comment" }]);
  const author =
    row.author_id && (await trx.selectFrom("users").select("name").where("id", "=", row.author_id).executeTakeFirst());
  return {
    id: row.id,
    author: { name: author ? author.name : FORMER_READER },
    body: row.body,
    createdAt: row.created_at.toISOString(),
  };
}

/** Where a post that shows it is erased by law, the comment is too: nothing of what it said is left. */
export async function eraseComment(trx: Trx, actor: Actor, blogId: string, id: string): Promise<void> {
  const before = await lockComment(trx, blogId, id);
  await wipe(trx, [before.id]);
  await trx.updateTable("comments").set({ status: "rejected" }).where("id", "=", id).execute();
  await note(trx, actor, {
    kind: "erase",
    blogId,
    commentId: id,
    commenterId: before.author_id,
    from: before.status,
    to: "rejected",
    version: before.version + 1,
  });
  await settleThreads(trx, actor, blogId, [before.root_id], {
    changed: [id],
    why: "The comment was erased",
    forget: true,
  });
}
