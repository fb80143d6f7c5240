import { z } from "zod";
import type { Db } from "../database.ts";

/** Something that happened to a comment or to somebody who writes them. */
export const happening = z.object({
  id: z.string(),
  kind: z.string(),
  /** null: the server itself, or somebody whose account is gone. */
  by: z.object({ id: z.string().nullable(), name: z.string() }).nullable(),
  at: z.iso.datetime(),
  blog: z.string().nullable(),
  commentId: z.string().nullable(),
  commenterId: z.string().nullable(),
  fromStatus: z.string().nullable(),
  toStatus: z.string().nullable(),
  version: z.int().nullable(),
  reasonCode: z.string().nullable(),
  reasonText: z.string().nullable(),
  /** More of it, such as until when a ban holds, or which words were added to a list. */
  details: z.record(z.string(), z.unknown()),
});

export type HappeningAnswer = z.output<typeof happening>;

export interface Excerpt {
  readonly commentId?: string;
  readonly commenterId?: string;
  readonly actorId?: string;
  readonly blogId?: string;
  /** Only what happened in these; null: all. */
  readonly blogIds?: readonly string[] | null;
  readonly order: "newest" | "oldest";
  readonly limit: number;
  /** The log's id to continue from. */
  readonly after: string | null;
}

/** The log, of one comment, one person, one moderator or one blog, or of everything. */
export async function historyOf(
  db: Db,
  { commentId, commenterId, actorId, blogId, blogIds = null, order, limit, after }: Excerpt,
): Promise<HappeningAnswer[]> {
  const rows = await db
    .selectFrom("moderation_log as log")
    .leftJoin("users", "users.id", "log.actor_id")
    .leftJoin("blogs", "blogs.id", "log.blog_id")
    .selectAll("log")
    .select(["users.name as actor_name", "blogs.slug as blog_slug"])
    .$if(commentId !== undefined, (query) => query.where("log.comment_id", "=", commentId!))
    .$if(commenterId !== undefined, (query) => query.where("log.commenter_id", "=", commenterId!))
    .$if(actorId !== undefined, (query) => query.where("log.actor_id", "=", actorId!))
    .$if(blogId !== undefined, (query) => query.where("log.blog_id", "=", blogId!))
    .$if(blogIds !== null, (query) => query.where("log.blog_id", "in", [...blogIds!, "0"]))
    .$if(after !== null, (query) => query.where("log.id", order === "newest" ? "<" : ">", after!))
    .orderBy("log.id", order === "newest" ? "desc" : "asc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    by: row.actor_name === null ? null : { id: row.actor_id, name: row.actor_name },
    at: row.at.toISOString(),
    blog: row.blog_slug,
    commentId: row.comment_id,
    commenterId: row.commenter_id,
    fromStatus: row.from_status,
    toStatus: row.to_status,
    version: row.version,
    reasonCode: row.reason_code,
    reasonText: row.reason_text,
    details: row.details as Record<string, unknown>,
  }));
}
