import type { Db, Post } from "../database.ts";
import { invalid, notFound } from "../errors.ts";

/** A row is always looked up by blog and id: an id from another blog is nobody's. */
export async function findPost(db: Db, blogId: string, id: string): Promise<Post> {
  const post = await db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (!post) throw notFound("post");
  return post;
}

export interface ListOptions {
  readonly limit: number;
  /** Post ids: continue with what is older than, or newer than, this one. */
  readonly before?: string;
  readonly after?: string;
  readonly keyEventsOnly?: boolean;
}

/**
 * Published posts, newest first. A post's place never changes, so what follows a cursor stays the same however many
 * posts arrive; the cursor's own post may have been removed since.
 */
export async function listPosts(db: Db, blogId: string, options: ListOptions): Promise<Post[]> {
  const cursor = options.before ?? options.after;
  const upwards = options.after !== undefined;
  const from = cursor === undefined ? null : await cursorPlace(db, blogId, cursor, upwards ? "after" : "before");
  const posts = await db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("status", "=", "published")
    .$if(options.keyEventsOnly === true, (query) => query.where("key_event", "=", true))
    .$if(from !== null, (query) =>
      query.where((eb) =>
        eb(eb.refTuple("published_at", "id"), upwards ? ">" : "<", eb.tuple(from!.published_at, from!.id)),
      ),
    )
    .orderBy("published_at", upwards ? "asc" : "desc")
    .orderBy("id", upwards ? "asc" : "desc")
    .limit(options.limit)
    .execute();
  return upwards ? posts.toReversed() : posts;
}

/** What waits for somebody before readers see it, newest first. */
export async function waitingPosts(db: Db, blogId: string): Promise<Post[]> {
  return db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("status", "in", ["draft", "submitted"])
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();
}

/** Whole archive pages, newest first; they are numbered from the blog's beginning, so none ever shifts. */
export async function postsOnPages(db: Db, blogId: string, first: number, last: number): Promise<Post[]> {
  return db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("status", "=", "published")
    .where("page", ">=", first)
    .where("page", "<=", last)
    .orderBy("published_at", "desc")
    .orderBy("id", "desc")
    .execute();
}

/** The published key events, newest first. */
export async function keyEvents(db: Db, blogId: string): Promise<Post[]> {
  return listPosts(db, blogId, { limit: 100, keyEventsOnly: true });
}

/** Of several pinned posts the one pinned last is shown. */
export async function pinnedPost(db: Db, blogId: string): Promise<Post | null> {
  const post = await db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("status", "=", "published")
    .where("pinned_at", "is not", null)
    .orderBy("pinned_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return post ?? null;
}

/**
 * The posts whose latest change to this stream lies after `after` and not after `upTo`, oldest change first. A post
 * that changed again since then is not among them: it belongs to a later batch.
 */
export async function postsChanged(
  db: Db,
  blogId: string,
  kind: "blog" | "desk",
  after: number,
  upTo: number,
): Promise<Post[]> {
  const place = kind === "blog" ? "position" : "desk_position";
  return db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where(place, ">", after)
    .where(place, "<=", upTo)
    .orderBy(place)
    .execute();
}

/** When readers were last shown a change of a post; null for a blog without any. */
export async function lastChange(db: Db, blogId: string): Promise<Date | null> {
  const post = await db
    .selectFrom("posts")
    .select("updated_at")
    .where("blog_id", "=", blogId)
    .where("position", "is not", null)
    .orderBy("position", "desc")
    .limit(1)
    .executeTakeFirst();
  return post?.updated_at ?? null;
}

async function cursorPlace(
  db: Db,
  blogId: string,
  id: string,
  name: "before" | "after",
): Promise<{ published_at: Date; id: string }> {
  const row = await db
    .selectFrom("posts")
    .select(["published_at", "id"])
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .where("published_at", "is not", null)
    .executeTakeFirst();
  if (!row) throw invalid([{ pointer: `query:${name}`, code: "unknown-cursor" }], "This cursor is not of this blog.");
  return { published_at: row.published_at!, id: row.id };
}
