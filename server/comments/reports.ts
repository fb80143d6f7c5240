import type { Actor } from "../auth/permissions.ts";
import type { Trx } from "../database.ts";
import { invalid, notFound } from "../errors.ts";
import { lockComment, number } from "./changing.ts";
import { note } from "./log.ts";
import { requireParticipant } from "./standing.ts";

export const REPORT_REASONS = [
  "offensive",
  "abuse",
  "hate",
  "spam",
  "off-topic",
  "legal",
  "personal-data",
  "other",
] as const;

export interface Report {
  readonly reason: (typeof REPORT_REASONS)[number];
  readonly details: string | null;
}

/**
 * Reports a comment to the moderators; one person's second report of it changes nothing until they have decided.
 * @throws AppError 404 for a comment that readers cannot see, 422 for one's own
 */
export async function reportComment(
  trx: Trx,
  actor: Actor,
  blogId: string,
  id: string,
  { reason, details }: Report,
): Promise<void> {
  await requireParticipant(trx, actor, blogId);
  const comment = await lockComment(trx, blogId, id);
  if (comment.face !== "comment") throw notFound("comment");
  if (comment.author_id === actor.userId) throw invalid([{ pointer: "", code: "cannot-report-own" }]);
  const made = await trx
    .insertInto("comment_reports")
    .values({ comment_id: id, reporter_id: actor.userId, reason, details, closed_at: null })
    .onConflict((clash) => clash.columns(["comment_id", "reporter_id"]).where("closed_at", "is", null).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!made) return;
  await note(trx, actor, { kind: "report", blogId, commentId: id, commenterId: comment.author_id, reasonCode: reason });
  await number(trx, blogId, [], [id]);
}
