import { sql } from "kysely";
import { withAuthor, type CommentRow } from "../comments/comments.ts";
import type { Db, Restriction } from "../database.ts";
import { queuesOf, type Queue } from "./queues.ts";

/** What a moderator should know to decide a comment. */
export interface Card {
  readonly comment: CommentRow;
  readonly queues: readonly Queue[];
  readonly blogTitle: string;
  /** What it answers. */
  readonly parent: { id: string; name: string | null; body: string } | null;
  /** Open ones, oldest first. */
  readonly reports: readonly { reason: string; details: string | null; at: Date; by: string | null }[];
  /** What became of all that its author wrote. */
  readonly author: { published: number; rejected: number; waiting: number; since: Date | null; notes: number };
  readonly restrictions: readonly Restriction[];
  /** Other accounts that wrote from the same address in the last 30 days. */
  readonly sameAddress: number;
  readonly decidedBy: string | null;
  readonly featuredBy: string | null;
}

/** Cards for comments, in their order; a few queries whatever their number. */
export async function cardsFor(db: Db, comments: readonly CommentRow[]): Promise<Card[]> {
  if (!comments.length) return [];
  const ids = comments.map(({ id }) => id);
  const authorIds = [...new Set(comments.flatMap(({ author_id }) => author_id ?? []))];
  const [queues, around, reports, authors, restrictions] = await Promise.all([
    queuesOf(db, ids),
    aroundThem(db, ids),
    openReports(db, ids),
    pastOf(db, authorIds),
    inForce(db, authorIds),
  ]);
  return comments.map((comment) => {
    const { blog_title, parent_body, decided_by_name, featured_by_name, same_address } = around.get(comment.id)!;
    return {
      comment,
      queues: queues.get(comment.id) ?? [],
      blogTitle: blog_title,
      parent:
        comment.parent_id === null
          ? null
          : { id: comment.parent_id, name: comment.parent_name, body: parent_body ?? "" },
      reports: reports.filter(({ comment_id }) => comment_id === comment.id),
      author: authors.get(comment.author_id ?? "") ?? { published: 0, rejected: 0, waiting: 0, since: null, notes: 0 },
      restrictions: restrictions.filter(
        ({ user_id, blog_id }) => user_id === comment.author_id && (blog_id === null || blog_id === comment.blog_id),
      ),
      sameAddress: same_address,
      decidedBy: decided_by_name,
      featuredBy: featured_by_name,
    };
  });
}

/** The comments that changed after one version of the queues and up to another, in one blog or (null) in all. */
export async function commentsQueued(
  db: Db,
  blogId: string | null,
  after: number,
  upTo: number,
): Promise<CommentRow[]> {
  return withAuthor(db)
    .where("comments.queue_position", ">", after)
    .where("comments.queue_position", "<=", upTo)
    .$if(blogId !== null, (query) => query.where("comments.blog_id", "=", blogId!))
    .orderBy("comments.queue_position")
    .orderBy("comments.id")
    .execute();
}

interface Around {
  id: string;
  blog_title: string;
  parent_body: string | null;
  decided_by_name: string | null;
  featured_by_name: string | null;
  same_address: number;
}

async function aroundThem(db: Db, ids: string[]): Promise<Map<string, Around>> {
  const { rows } = await sql<Around>`
    select comments.id, blogs.title as blog_title, parent.body as parent_body, decider.name as decided_by_name,
      picker.name as featured_by_name,
      (select count(distinct other.author_id)::integer from comment_addresses mine
        join comment_addresses theirs on theirs.hash = mine.hash
        join comments other on other.id = theirs.comment_id
        where mine.comment_id = comments.id and other.author_id <> comments.author_id) as same_address
    from comments join blogs on blogs.id = comments.blog_id
    left join comments parent on parent.id = comments.parent_id
    left join users decider on decider.id = comments.decided_by
    left join users picker on picker.id = comments.featured_by
    where comments.id = any(${ids}::bigint[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

async function openReports(db: Db, ids: string[]) {
  return db
    .selectFrom("comment_reports")
    .leftJoin("users", "users.id", "comment_reports.reporter_id")
    .select(["comment_id", "reason", "details", "at", "users.name as by"])
    .where("comment_id", "in", ids)
    .where("closed_at", "is", null)
    .orderBy("comment_reports.id")
    .execute();
}

async function pastOf(db: Db, authorIds: string[]): Promise<Map<string, Card["author"]>> {
  const { rows } = await sql<Card["author"] & { id: string }>`
    select users.id, users.created_at as since, past.*,
      (select count(*)::integer from commenter_notes where user_id = users.id) as notes
    from users, lateral (
      select count(*) filter (where status in ('published', 'approved'))::integer as published,
        count(*) filter (where status = 'rejected')::integer as rejected,
        count(*) filter (where status in ('pending', 'held'))::integer as waiting
      from (select status from comments where author_id = users.id order by created_at desc, id desc limit 1000) as latest
    ) as past
    where users.id = any(${authorIds}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

async function inForce(db: Db, authorIds: string[]): Promise<Restriction[]> {
  if (!authorIds.length) return [];
  return db
    .selectFrom("commenter_restrictions")
    .selectAll()
    .where("user_id", "in", authorIds)
    .where("lifted_at", "is", null)
    .where("acknowledged_at", "is", null)
    .where((eb) => eb.or([eb("until", "is", null), eb("until", ">", sql<Date>`clock_timestamp()`)]))
    .execute();
}
