import { sql } from "kysely";
import { withAuthor, type CommentRow } from "../comments/comments.ts";
import type { CommentStatus, Db, Restriction } from "../database.ts";
import { notFound } from "../errors.ts";
import { notesOn, type Note } from "./notes.ts";

/** Comments of somebody that are shown at once. */
const NEWEST = 50;

/** Somebody who writes comments, as far as a moderator may know: in the blogs that they moderate. */
export interface Commenter {
  readonly id: string;
  readonly name: string;
  readonly since: Date;
  readonly isStaff: boolean;
  /** By status; those that were deleted are left out. */
  readonly counts: Record<CommentStatus, number>;
  /** Newest first, those that are over too. */
  readonly restrictions: readonly RestrictionRow[];
  readonly notes: readonly Note[];
  readonly comments: readonly CommentRow[];
  /** Other accounts that wrote from the same addresses in the last 30 days. */
  readonly sameAddress: number;
}

export type RestrictionRow = Restriction & {
  blog_slug: string | null;
  by: string | null;
  lifted_by_name: string | null;
};

/**
 * @param blogIds those that the moderator moderates; null: all
 * @throws AppError 404 for somebody who is not there, or has not written in any of them
 */
export async function findCommenter(db: Db, userId: string, blogIds: readonly string[] | null): Promise<Commenter> {
  const user = await requireCommenter(db, userId, blogIds);
  const [counts, restrictions, notes, comments, sameAddress, role] = await Promise.all([
    countsOf(db, userId, blogIds),
    restrictionsOf(db, userId, blogIds),
    notesOn(db, userId),
    newestOf(db, userId, blogIds),
    sameAddressAs(db, userId),
    db.selectFrom("roles").select("id").where("user_id", "=", userId).where("role", "<>", "reader").executeTakeFirst(),
  ]);
  return {
    id: user.id,
    name: user.name,
    since: user.created_at,
    isStaff: role !== undefined,
    counts,
    restrictions,
    notes,
    comments,
    sameAddress,
  };
}

/** @throws AppError 404 */
export async function requireCommenter(
  db: Db,
  userId: string,
  blogIds: readonly string[] | null,
): Promise<{ id: string; name: string; created_at: Date }> {
  const user = await db
    .selectFrom("users")
    .select(["id", "name", "created_at"])
    .where("id", "=", userId)
    .executeTakeFirst();
  if (!user || (blogIds !== null && !(await hasWritten(db, userId, blogIds)))) throw notFound("person");
  return user;
}

async function hasWritten(db: Db, userId: string, blogIds: readonly string[]): Promise<boolean> {
  const theirs = db.selectFrom("comments").select("id").where("author_id", "=", userId);
  return (
    (await theirs
      .where("blog_id", "in", [...blogIds, "0"])
      .limit(1)
      .executeTakeFirst()) !== undefined
  );
}

/** The restrictions that one may know of: those that hold everywhere, and those of one's blogs. */
async function restrictionsOf(db: Db, userId: string, blogIds: readonly string[] | null): Promise<RestrictionRow[]> {
  return db
    .selectFrom("commenter_restrictions as restriction")
    .leftJoin("blogs", "blogs.id", "restriction.blog_id")
    .leftJoin("users as maker", "maker.id", "restriction.created_by")
    .leftJoin("users as lifter", "lifter.id", "restriction.lifted_by")
    .selectAll("restriction")
    .select(["blogs.slug as blog_slug", "maker.name as by", "lifter.name as lifted_by_name"])
    .where("restriction.user_id", "=", userId)
    .$if(blogIds !== null, (query) =>
      query.where((eb) =>
        eb.or([eb("restriction.blog_id", "is", null), eb("restriction.blog_id", "in", [...blogIds!, "0"])]),
      ),
    )
    .orderBy("restriction.id", "desc")
    .execute();
}

export const isInForce = ({ lifted_at, acknowledged_at, until }: Restriction): boolean =>
  lifted_at === null && acknowledged_at === null && (until === null || until > new Date());

async function countsOf(
  db: Db,
  userId: string,
  blogIds: readonly string[] | null,
): Promise<Record<CommentStatus, number>> {
  const rows = await db
    .selectFrom("comments")
    .select(["status", sql<number>`count(*)::integer`.as("count")])
    .where("author_id", "=", userId)
    .where("deleted_at", "is", null)
    .$if(blogIds !== null, (query) => query.where("blog_id", "in", [...blogIds!, "0"]))
    .groupBy("status")
    .execute();
  const none = { published: 0, approved: 0, pending: 0, held: 0, rejected: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ status, count }) => [status, count])) };
}

async function newestOf(db: Db, userId: string, blogIds: readonly string[] | null): Promise<CommentRow[]> {
  return withAuthor(db)
    .where("comments.author_id", "=", userId)
    .where("comments.deleted_at", "is", null)
    .$if(blogIds !== null, (query) => query.where("comments.blog_id", "in", [...blogIds!, "0"]))
    .orderBy("comments.created_at", "desc")
    .orderBy("comments.id", "desc")
    .limit(NEWEST)
    .execute();
}

async function sameAddressAs(db: Db, userId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct other.author_id)::integer as count
    from comments own join comment_addresses mine on mine.comment_id = own.id
    join comment_addresses theirs on theirs.hash = mine.hash
    join comments other on other.id = theirs.comment_id
    where own.author_id = ${userId} and other.author_id <> ${userId}`.execute(db);
  return rows[0]!.count;
}
