import { sql } from "kysely";
import { z } from "zod";
import { audit } from "../audit.ts";
import type { Actor } from "../auth/permissions.ts";
import { holdBlog } from "../blogs/blogs.ts";
import type { Comment, CommentStatus, Db, PromotedComment, Trx } from "../database.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import { withdrawAnswers } from "../idempotency.ts";
import { lockPostsOfComment, removePost } from "../posts/posts.ts";

/** A comment as the API shows it. */
export const commentAnswer = z.object({
  id: z.string(),
  blog: z.string(),
  parentId: z.string().nullable(),
  author: z.object({ id: z.string().nullable(), name: z.string() }),
  body: z.string(),
  status: z.enum(["pending", "approved", "rejected"]),
  version: z.int(),
  createdAt: z.iso.datetime(),
});

export type CommentAnswer = z.output<typeof commentAnswer>;

type CommentRow = Comment & { author_name: string | null; blog_slug: string };

/** Hands a reader's comment in; it waits for a moderator. @throws AppError 409 in a closed blog, 422 for an absent parent */
export async function submitComment(
  trx: Trx,
  actor: Actor,
  blogId: string,
  body: string,
  parentId: string | null,
): Promise<Comment> {
  const blog = await holdBlog(trx, blogId);
  if (blog.state === "closed") throw conflict("blog-closed", "This blog is closed, and its discussion with it.");
  if (parentId) await requireParent(trx, blogId, parentId);
  return trx
    .insertInto("comments")
    .values({
      blog_id: blogId,
      author_id: actor.userId,
      parent_id: parentId,
      body,
      status: "pending",
      reason_code: null,
      reason_text: null,
      decided_at: null,
      decided_by: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface Decision {
  readonly decision: "approve" | "reject";
  /** The version of the comment that the moderator saw. */
  readonly version: number;
  readonly reasonCode: string | null;
  readonly reasonText: string | null;
}

/**
 * Decides a comment, unless a colleague changed it since: no decision is overwritten unseen. Rejecting a comment that
 * was promoted takes the post down with it.
 * @returns whether it had been decided so already
 * @throws AppError 409 with the comment as it is now
 */
export async function decideComment(
  trx: Trx,
  actor: Actor,
  blogId: string,
  id: string,
  decision: Decision,
): Promise<boolean> {
  await holdBlog(trx, blogId);
  const before = await trx
    .selectFrom("comments")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (!before) throw notFound("comment");
  const status: CommentStatus = decision.decision === "approve" ? "approved" : "rejected";
  if (before.status === status) return true;
  if (before.version !== decision.version)
    throw conflict("already-decided", "A colleague decided this comment meanwhile.", {
      current: presentComment(await findComment(trx, id)),
    });
  await trx
    .updateTable("comments")
    .set({ status, version: before.version + 1, decided_at: sql<Date>`clock_timestamp()`, decided_by: actor.userId })
    .set({ reason_code: decision.reasonCode, reason_text: decision.reasonText })
    .where("id", "=", id)
    .execute();
  await audit(trx, actor, `comment.${decision.decision}`, blogId, `comment:${id}`, {
    from: before.status,
    reasonCode: decision.reasonCode,
  });
  if (status === "rejected")
    for (const post of await lockPostsOfComment(trx, blogId, id))
      await removePost(trx, actor, post, "The comment was rejected");
  return false;
}

/** Where a post that shows it is erased by law, the comment is too: nothing of what it said is left. */
export async function eraseComment(trx: Trx, actor: Actor, blogId: string, id: string): Promise<void> {
  await trx
    .updateTable("comments")
    .set((eb) => ({ status: "rejected" as const, body: "—", reason_text: null, version: eb("version", "+", 1) }))
    .set({ decided_at: sql<Date>`clock_timestamp()`, decided_by: actor.userId })
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .execute();
  await withdrawAnswers(trx, `/api/comments/${id}`);
  await audit(trx, actor, "comment.erase", blogId, `comment:${id}`);
}

/** An approved comment as a post shows it; kept from being rejected until the transaction ends. */
export async function promotableComment(trx: Trx, blogId: string, id: string): Promise<PromotedComment> {
  await holdBlog(trx, blogId);
  const row = await trx
    .selectFrom("comments")
    .select(["id", "body", "created_at", "author_id"])
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .where("status", "=", "approved")
    .forShare()
    .executeTakeFirst();
  if (!row) throw invalid([{ pointer: "/commentId", code: "not-an-approved-comment" }]);
  const author =
    row.author_id && (await trx.selectFrom("users").select("name").where("id", "=", row.author_id).executeTakeFirst());
  return {
    id: row.id,
    author: { name: author ? author.name : "A former reader" },
    body: row.body,
    createdAt: row.created_at.toISOString(),
  };
}

export async function findComment(db: Db, id: string): Promise<CommentRow> {
  const row = await withAuthor(db).where("comments.id", "=", id).executeTakeFirst();
  if (!row) throw notFound("comment");
  return row;
}

export interface CommentList {
  readonly status: CommentStatus;
  readonly sort: "newest" | "oldest";
  readonly limit: number;
  /** The comment id to continue from. */
  readonly after: string | null;
  /** Words that begin so, in the comment or in its author's name; for approved comments. */
  readonly q?: string;
}

/** Comments of one status, in one blog or (null) in all; ordered as they were handed in, whatever was decided when. */
export async function listComments(
  db: Db,
  blogId: string | null,
  { status, sort, limit, after, q }: CommentList,
): Promise<CommentRow[]> {
  const direction = sort === "newest" ? "desc" : "asc";
  const from = after === null ? null : await withAuthor(db).where("comments.id", "=", after).executeTakeFirst();
  if (after !== null && (!from || (blogId !== null && from.blog_id !== blogId)))
    throw invalid([{ pointer: "query:after", code: "unknown-cursor" }]);
  return withAuthor(db)
    .$if(blogId !== null, (query) => query.where("comments.blog_id", "=", blogId!))
    .where("comments.status", "=", status)
    .$if(q !== undefined && blogId !== null, (query) => query.where("comments.id", "in", saying(blogId!, q!)))
    .$if(from !== null, (query) =>
      query.where((eb) =>
        eb(
          eb.refTuple("comments.created_at", "comments.id"),
          direction === "desc" ? "<" : ">",
          eb.tuple(from!.created_at, from!.id),
        ),
      ),
    )
    .orderBy("comments.created_at", direction)
    .orderBy("comments.id", direction)
    .limit(limit)
    .execute();
}

export function presentComment(row: CommentRow): CommentAnswer {
  return {
    id: row.id,
    blog: row.blog_slug,
    parentId: row.parent_id,
    author: { id: row.author_id, name: row.author_name ?? "A former reader" },
    body: row.body,
    status: row.status,
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}

/** Both halves ask an index; a name's comments are found through the few who bear it. */
function saying(blogId: string, q: string) {
  const words = q.match(/[\p{L}\p{N}]+/gu) ?? [];
  const wanted = sql`to_tsquery('simple', ${words.map((word) => `${word}:*`).join(" & ")})`;
  return sql<string>`(
    select id from comments where status = 'approved' and blog_id = ${blogId} and to_tsvector('simple', body) @@ ${wanted}
    union select id from comments where status = 'approved' and blog_id = ${blogId}
      and author_id = any (array(select id from users where to_tsvector('simple', name) @@ ${wanted})))`;
}

const withAuthor = (db: Db) =>
  db
    .selectFrom("comments")
    .innerJoin("blogs", "blogs.id", "comments.blog_id")
    .leftJoin("users", "users.id", "comments.author_id")
    .selectAll("comments")
    .select(["users.name as author_name", "blogs.slug as blog_slug"]);

/** One that is absent, waiting or rejected gets the same answer, which tells nothing. */
async function requireParent(trx: Trx, blogId: string, parentId: string): Promise<void> {
  const parent = await trx
    .selectFrom("comments")
    .select("id")
    .where("blog_id", "=", blogId)
    .where("id", "=", parentId)
    .where("status", "=", "approved")
    .forShare()
    .executeTakeFirst();
  if (!parent) throw invalid([{ pointer: "/parentId", code: "parent-unavailable" }]);
}
