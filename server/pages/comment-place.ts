import { sql } from "kysely";
import type { CommentRow } from "../comments/comments.ts";
import { isPublic } from "../comments/faces.ts";
import type { Db } from "../database.ts";
import { gone, notFound } from "../errors.ts";
import { ANSWERS_SHOWN } from "../rendering/comment-models.ts";
import { addressOf, type DiscussionAddress } from "./discussion-address.ts";
import { THREAD_PAGE, THREADS_SHOWN } from "./discussion-page.ts";

/**
 * Where a comment is to be read: the page of the discussion that holds it, or of its thread where that is too long for
 * the list.
 * @throws AppError 410 for what readers have seen and see no more, 404 for what they have not seen
 */
export async function addressOfComment(
  db: Db,
  row: CommentRow,
  { said = null }: Pick<Partial<DiscussionAddress>, "said"> = {},
): Promise<string> {
  if (row.face === "none") throw wasSeen(row) ? gone("comment") : notFound("comment");
  const hash = `#comment-${row.id}`;
  const isAnswer = row.root_id !== row.id;
  const earlier = isAnswer ? await answersBefore(db, row) : [];
  if (earlier.length >= ANSWERS_SHOWN) {
    const after = cursorBefore(earlier, THREAD_PAGE);
    return addressOf(row.blog_slug, { thread: row.root_id, after, said }) + hash;
  }
  const after = cursorBefore(await threadsAbove(db, row), THREADS_SHOWN);
  return addressOf(row.blog_slug, { after, said }) + hash;
}

/** What waits now may be seen again; it is nobody's business that it was. */
const wasSeen = ({ position, deleted_at, status }: CommentRow): boolean =>
  position !== null && (deleted_at !== null || status === "rejected" || isPublic(status));

/**
 * The first page where it reaches so far, else one with the comment in its middle: neither takes counting all before it.
 * @param nearest what stands before the comment, the nearest first, at most a page
 */
function cursorBefore(nearest: readonly string[], pageSize: number): string | null {
  return nearest.length < pageSize ? null : nearest[pageSize / 2 - 1]!;
}

async function threadsAbove(db: Db, row: CommentRow): Promise<string[]> {
  const rows = await db
    .selectFrom("comments")
    .select("id")
    .where("blog_id", "=", row.blog_id)
    .where("parent_id", "is", null)
    .where("face", "<>", "none")
    .where(sql<boolean>`(created_at, id) > (select created_at, id from comments where id = ${row.root_id})`)
    .orderBy("created_at")
    .orderBy("id")
    .limit(THREADS_SHOWN)
    .execute();
  return rows.map(({ id }) => id);
}

async function answersBefore(db: Db, row: CommentRow): Promise<string[]> {
  const rows = await db
    .selectFrom("comments")
    .select("id")
    .where("root_id", "=", row.root_id)
    .where("id", "<>", row.root_id)
    .where("face", "<>", "none")
    .where(sql<boolean>`(created_at, id) < (select created_at, id from comments where id = ${row.id})`)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(THREAD_PAGE)
    .execute();
  return rows.map(({ id }) => id);
}
