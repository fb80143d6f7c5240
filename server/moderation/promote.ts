import type { Actor } from "../auth/permissions.ts";
import { note } from "../comments/log.ts";
import type { Blog, Post, Trx } from "../database.ts";
import { findComment } from "../comments/comments.ts";
import type { KeyOfPost } from "../idempotency.ts";
import { writeNew } from "../posts/writing.ts";

/**
 * Makes a shared draft on the blog's desk of a comment that readers see.
 * @throws AppError 422 for one that they do not see
 */
export async function promoteComment(
  trx: Trx,
  actor: Actor,
  blog: Blog,
  id: string,
  key: KeyOfPost | undefined,
): Promise<Post> {
  const { author_id, version } = await findComment(trx, id);
  await note(trx, actor, { kind: "promote", blogId: blog.id, commentId: id, commenterId: author_id, version });
  return writeNew(trx, actor, blog, draftOf(id), key);
}

export const draftOf = (commentId: string) =>
  ({
    kind: "comment",
    commentId,
    status: "draft",
    shared: true,
    keyEvent: false,
    summary: false,
    pinned: false,
  }) as const;
