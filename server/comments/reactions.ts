import type { Actor } from "../auth/permissions.ts";
import type { Trx } from "../database.ts";
import { invalid, notFound } from "../errors.ts";
import { lockComment, number } from "./changing.ts";
import { requireParticipant } from "./standing.ts";

/**
 * Likes a comment or takes it back; twice is once.
 * @throws AppError 404 for a comment that readers cannot see, 422 for one's own
 */
export async function react(trx: Trx, actor: Actor, blogId: string, id: string, likes: boolean): Promise<void> {
  if (likes) await requireParticipant(trx, actor, blogId);
  const comment = await lockComment(trx, blogId, id);
  if (comment.face !== "comment") throw notFound("comment");
  if (comment.author_id === actor.userId) throw invalid([{ pointer: "", code: "cannot-like-own" }]);
  const changed = likes
    ? await trx
        .insertInto("comment_reactions")
        .values({ comment_id: id, user_id: actor.userId! })
        .onConflict((clash) => clash.doNothing())
        .returning("comment_id")
        .executeTakeFirst()
    : await trx
        .deleteFrom("comment_reactions")
        .where("comment_id", "=", id)
        .where("user_id", "=", actor.userId!)
        .returning("comment_id")
        .executeTakeFirst();
  if (changed) await number(trx, blogId, [id], []);
}
