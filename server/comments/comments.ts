import { sql } from "kysely";
import { z } from "zod";
import type { Comment, CommentStatus, Db } from "../database.ts";
import { notFound } from "../errors.ts";
import { commentHtml } from "./html.ts";

/** A comment as the API shows it. */
export const commentAnswer = z.object({
  id: z.string(),
  blog: z.string(),
  parentId: z.string().nullable(),
  author: z.object({ id: z.string().nullable(), name: z.string(), badge: z.enum(["staff"]).nullable() }),
  body: z.string(),
  html: z.string(),
  status: z.enum(["published", "approved", "pending", "held", "rejected"]),
  /** Its author deleted it; it stands where others have answered it. */
  deleted: z.boolean(),
  /** For its author and moderators. */
  reasons: z.array(z.string()).optional(),
  /** For its author and moderators, of a rejection. */
  rejection: z.object({ code: z.string().nullable(), text: z.string().nullable() }).optional(),
  /** For moderators: where listed words stand in the body, in UTF-16 units. */
  matches: z.array(z.object({ list: z.enum(["banned", "suspect"]), start: z.int(), end: z.int() })).optional(),
  version: z.int(),
  reactions: z.int(),
  featured: z.boolean(),
  createdAt: z.iso.datetime(),
  editedAt: z.iso.datetime().nullable(),
});

export type CommentAnswer = z.output<typeof commentAnswer>;

/** A comment with what else is shown of it. */
export type CommentRow = Comment & {
  author_name: string | null;
  blog_slug: string;
  /** Who is answered; null for a comment that begins a thread, or answers somebody who is gone. */
  parent_name: string | null;
};

/** Who is looking: moderators see everything, authors what was said about their own. */
export type Viewer = "anyone" | "author" | "moderator";

/** In place of the name of somebody whose account is gone. */
export const FORMER_READER = "A former reader";

export function presentComment(row: CommentRow, viewer: Viewer): CommentAnswer {
  const isDeleted = row.deleted_at !== null;
  return {
    id: row.id,
    blog: row.blog_slug,
    parentId: row.parent_id,
    author: isDeleted
      ? { id: null, name: "", badge: null }
      : { id: row.author_id, name: row.author_name ?? FORMER_READER, badge: row.is_staff ? "staff" : null },
    body: row.body,
    html: isDeleted ? "" : commentHtml(row.body),
    status: row.status,
    deleted: isDeleted,
    ...(viewer === "anyone"
      ? {}
      : { reasons: row.reasons, rejection: { code: row.reason_code, text: row.reason_text } }),
    ...(viewer === "moderator" ? { matches: row.matches } : {}),
    version: row.version,
    reactions: row.reactions,
    featured: row.featured_at !== null,
    createdAt: row.created_at.toISOString(),
    editedAt: row.edited_at?.toISOString() ?? null,
  };
}

export async function findComment(db: Db, id: string): Promise<CommentRow> {
  const row = await withAuthor(db).where("comments.id", "=", id).executeTakeFirst();
  if (!row) throw notFound("comment");
  return row;
}

export const withAuthor = (db: Db) =>
  db
    .selectFrom("comments")
    .innerJoin("blogs", "blogs.id", "comments.blog_id")
    .leftJoin("users", "users.id", "comments.author_id")
    .selectAll("comments")
    .select(["users.name as author_name", "blogs.slug as blog_slug"])
    .select(
      sql<string | null>`(select name from comments parent join users on users.id = parent.author_id
        where parent.id = comments.parent_id and parent.deleted_at is null)`.as("parent_name"),
    );

/** 201 where readers see it already; 202 where it waits, or was refused. */
export const answerStatus = (status: CommentStatus): 201 | 202 =>
  status === "published" || status === "approved" ? 201 : 202;
