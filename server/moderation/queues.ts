import { sql, type RawBuilder } from "kysely";
import { withAuthor, type CommentRow } from "../comments/comments.ts";
import type { Db } from "../database.ts";

export const QUEUES = ["pending", "reported", "unmoderated", "approved", "rejected"] as const;
export type Queue = (typeof QUEUES)[number];

/** How many people must report a comment before it is in the queue: one that nobody has looked at, and an approved one. */
const REPORTS_NEEDED = { published: 1, approved: 3 };
/** Counts go no further; more than anybody works through. */
export const MOST_COUNTED = 10_000;

const openReports = sql`(select count(*) from comment_reports open where open.comment_id = comments.id and open.closed_at is null)`;

/**
 * The one definition of each queue: its list, its count and the cards' own marks are made of it. Only reports since the
 * last decision are open. The first four conditions are those of the indexes.
 */
const CONDITIONS: Record<Queue, RawBuilder<boolean>> = {
  pending: sql`comments.status in ('pending', 'held') and comments.deleted_at is null`,
  unmoderated: sql`comments.status in ('published', 'pending', 'held') and comments.deleted_at is null`,
  approved: sql`comments.status = 'approved' and comments.deleted_at is null`,
  rejected: sql`comments.status = 'rejected' and comments.deleted_at is null`,
  // The few comments with open reports first, and then what they are.
  reported: sql`comments.id = any(array(select comment_id from comment_reports where closed_at is null group by comment_id))
    and comments.deleted_at is null and case comments.status when 'published' then ${openReports} >= ${sql.lit(REPORTS_NEEDED.published)}
      when 'approved' then ${openReports} >= ${sql.lit(REPORTS_NEEDED.approved)} else false end`,
};

export interface Listing {
  readonly order: "newest" | "oldest";
  readonly limit: number;
  /** The comment id to continue from. */
  readonly after: string | null;
}

/** @param blogIds null: all blogs */
export async function queued(
  db: Db,
  queue: Queue,
  blogIds: readonly string[] | null,
  { order, limit, after }: Listing,
): Promise<CommentRow[]> {
  const direction = order === "newest" ? "desc" : "asc";
  return (
    withAuthor(db)
      .where(CONDITIONS[queue])
      // One blog's part is in order in the index; of several it has to be put together.
      .$if(blogIds?.length === 1, (query) => query.where("comments.blog_id", "=", blogIds![0]!))
      .$if(blogIds !== null && blogIds.length !== 1, (query) =>
        query.where("comments.blog_id", "in", [...blogIds!, "0"]),
      )
      .$if(after !== null, (query) =>
        query.where(
          sql<boolean>`(comments.created_at, comments.id) ${sql.raw(order === "newest" ? "<" : ">")}
          (select created_at, id from comments where id = ${after})`,
        ),
      )
      .orderBy("comments.created_at", direction)
      .orderBy("comments.id", direction)
      .limit(limit)
      .execute()
  );
}

/** How many comments are in each queue, up to MOST_COUNTED; counted each time, so that it is what the lists hold. */
export async function countQueues(db: Db, blogIds: readonly string[] | null): Promise<Record<Queue, number>> {
  const inBlogs = blogIds === null ? sql`true` : sql`comments.blog_id = any(${[...blogIds]}::bigint[])`;
  const counts = QUEUES.map(
    (queue) =>
      sql`(select count(*)::integer from (select from comments where ${CONDITIONS[queue]} and ${inBlogs} limit ${sql.lit(MOST_COUNTED)}) as c) as ${sql.ref(queue)}`,
  );
  const { rows } = await sql<Record<Queue, number>>`select ${sql.join(counts)}`.execute(db);
  return rows[0]!;
}

/** Which queues each of these comments is in now. */
export async function queuesOf(db: Db, ids: readonly string[]): Promise<Map<string, Queue[]>> {
  if (!ids.length) return new Map();
  const marks = QUEUES.map((queue) => sql`case when ${CONDITIONS[queue]} then ${sql.lit(queue)} end`);
  const { rows } = await sql<{ id: string; queues: Queue[] }>`
    select id, array_remove(array[${sql.join(marks)}], null) as queues from comments where id = any(${[...ids]}::bigint[])`.execute(
    db,
  );
  return new Map(rows.map(({ id, queues }) => [id, queues]));
}
