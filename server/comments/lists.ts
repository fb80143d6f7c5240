import { sql } from "kysely";
import type { Db } from "../database.ts";
import { invalid } from "../errors.ts";
import { withAuthor, type CommentRow } from "./comments.ts";

export const SORTS = ["newest", "oldest", "reactions", "replies", "featured"] as const;
export type Sort = (typeof SORTS)[number];

export interface Listing {
  readonly sort: Sort;
  readonly limit: number;
  /** The comment id to continue from. */
  readonly after: string | null;
  /** Only comments that begin a thread. */
  readonly threadsOnly?: boolean;
  /** Words that begin so, in the comment or in its author's name. */
  readonly q?: string;
}

/** How many answers of a comment readers see; what "replies" sorts by. */
const replies = sql<number>`(select count(*) from comments answers where answers.root_id = comments.root_id
  and answers.face = 'comment' and answers.id <> comments.id)`;

/** Threads that are ranked by their answers, the newest: each of them has to be counted. */
const RANKED = 1_000;

/** What each order goes by before the id, and its direction. */
const ORDERS = {
  newest: { by: sql<Date>`comments.created_at`, direction: "desc" },
  oldest: { by: sql<Date>`comments.created_at`, direction: "asc" },
  reactions: { by: sql<number>`comments.reactions`, direction: "desc" },
  replies: { by: replies, direction: "desc" },
  featured: { by: sql<Date>`comments.featured_at`, direction: "desc" },
} as const;

/**
 * What readers see of a blog's discussion: comments, and tombstones where the list is by time. Picks are the featured ones.
 * @throws AppError 422 for a cursor that is not of this discussion
 */
export async function visibleComments(
  db: Db,
  blogId: string,
  { sort, limit, after, threadsOnly = false, q }: Listing,
): Promise<CommentRow[]> {
  const { by, direction } = ORDERS[sort];
  const isByTime = sort === "newest" || sort === "oldest";
  const visible = withAuthor(db)
    .where("comments.blog_id", "=", blogId)
    .where("comments.face", isByTime ? "<>" : "=", isByTime ? "none" : "comment")
    .$if(sort === "featured", (query) => query.where("comments.featured_at", "is not", null))
    .$if(threadsOnly, (query) => query.where("comments.parent_id", "is", null))
    .$if(sort === "replies", (query) => query.where("comments.id", "in", newestThreads(blogId)));
  return visible
    .$if(q !== undefined, (query) => query.where("comments.id", "in", saying(blogId, q!)).where("face", "=", "comment"))
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(${by}, comments.id) ${sql.raw(direction === "desc" ? "<" : ">")} (${cursor(blogId, after!, by)}, ${after}::bigint)`,
      ),
    )
    .orderBy(by, direction)
    .orderBy("comments.id", direction)
    .limit(limit)
    .execute();
}

const newestThreads = (blogId: string) => sql<string>`(
  select id from comments where blog_id = ${blogId} and parent_id is null and face <> 'none'
  order by created_at desc, id desc limit ${RANKED})`;

/**
 * @param ofReaders for a list of theirs: what they never saw is as if it were not there
 * @throws AppError 422
 */
export async function requireCursor(
  db: Db,
  blogId: string | null,
  after: string,
  { ofReaders = false } = {},
): Promise<void> {
  const row = await db
    .selectFrom("comments")
    .select(["blog_id", "position"])
    .where("id", "=", after)
    .executeTakeFirst();
  if (!row || (blogId !== null && row.blog_id !== blogId) || (ofReaders && row.position === null))
    throw invalid([{ pointer: "query:after", code: "unknown-cursor" }]);
}

const cursor = (blogId: string, id: string, by: ReturnType<typeof sql<unknown>>) =>
  sql`(select ${by} from comments where id = ${id} and blog_id = ${blogId})`;

/** The answers within threads that readers see, oldest first; at most so many of each thread. */
export async function answersIn(db: Db, rootIds: readonly string[], most: number): Promise<CommentRow[]> {
  if (!rootIds.length) return [];
  const { rows } = await sql<{ id: string }>`
    select answer.id from unnest(${[...rootIds]}::bigint[]) as root(id), lateral (
      select id, created_at from comments where root_id = root.id and id <> root.id and face <> 'none'
      order by created_at, id limit ${most}) as answer`.execute(db);
  if (!rows.length) return [];
  return withAuthor(db)
    .where(
      "comments.id",
      "in",
      rows.map(({ id }) => id),
    )
    .orderBy("comments.created_at")
    .orderBy("comments.id")
    .execute();
}

/** The answers of one thread from one of them on, oldest first. @param after null: from the first */
export async function answersAfter(db: Db, rootId: string, after: string | null, limit: number): Promise<CommentRow[]> {
  return withAuthor(db)
    .where("comments.root_id", "=", rootId)
    .where("comments.id", "<>", rootId)
    .where("comments.face", "<>", "none")
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(comments.created_at, comments.id) > ((select created_at from comments where id = ${after}), ${after}::bigint)`,
      ),
    )
    .orderBy("comments.created_at")
    .orderBy("comments.id")
    .limit(limit)
    .execute();
}

/** How many answers of each thread readers see, tombstones included; threads without any are left out. */
export async function countAnswers(db: Db, rootIds: readonly string[]): Promise<Map<string, number>> {
  if (!rootIds.length) return new Map();
  const rows = await db
    .selectFrom("comments")
    .select(["root_id", sql<number>`count(*)::integer`.as("answers")])
    .where("root_id", "in", [...rootIds])
    .whereRef("id", "<>", "root_id")
    .where("face", "<>", "none")
    .groupBy("root_id")
    .execute();
  return new Map(rows.map(({ root_id, answers }) => [root_id, answers]));
}

/** How many comments readers can read in a blog's discussion. */
export async function countVisible(db: Db, blogId: string): Promise<number> {
  const { count } = await db
    .selectFrom("comments")
    .select(sql<number>`count(*)::integer`.as("count"))
    .where("blog_id", "=", blogId)
    .where("face", "<>", "none")
    .where("face", "=", "comment")
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * The comments whose face last changed after one version of the discussion and not after another, oldest change first.
 * A comment that changed again since then is not among them: it belongs to a later batch.
 */
export async function commentsChanged(db: Db, blogId: string, after: number, upTo: number): Promise<CommentRow[]> {
  return withAuthor(db)
    .where("comments.blog_id", "=", blogId)
    .where("comments.position", ">", after)
    .where("comments.position", "<=", upTo)
    .orderBy("comments.position")
    .orderBy("comments.id")
    .execute();
}

/** Both halves ask an index; a name's comments are found through the few who bear it. */
function saying(blogId: string, q: string) {
  const words = q.match(/[\p{L}\p{N}]+/gu) ?? [];
  const wanted = sql`to_tsquery('simple', ${words.map((word) => `${word}:*`).join(" & ")})`;
  return sql<string>`(
    select id from comments where face = 'comment' and blog_id = ${blogId} and to_tsvector('simple', body) @@ ${wanted}
    union select id from comments where face = 'comment' and blog_id = ${blogId}
      and author_id = any (array(select id from users where to_tsvector('simple', name) @@ ${wanted})))`;
}
