import { sql } from "kysely";
import type { Db, Post, PostStatus } from "../database.ts";
import { gone, invalid, notFound } from "../errors.ts";
import { id } from "../input.ts";

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

/**
 * A post for readers.
 * @param id as it was given
 * @throws AppError 404 for what they never saw, 410 for what was taken down
 */
export async function findPublishedPost(db: Db, blogId: string, given: string): Promise<Post> {
  if (!id.safeParse(given).success) throw notFound("post");
  const post = await findPost(db, blogId, given);
  if (post.status === "removed" && post.position !== null) throw gone("post");
  if (post.status !== "published") throw notFound("post");
  return post;
}

export interface ListOptions {
  readonly limit: number;
  /** Post ids: continue with what is older than, or newer than, this one. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** With the cursor's own post. */
  readonly inclusive?: boolean;
  /** From the oldest on where no cursor says from where. */
  readonly upwards?: boolean;
  /** Summaries are among them. */
  readonly keyEventsOnly?: boolean;
  /** Any of these; published ones where nothing is said. */
  readonly status?: readonly PostStatus[];
  /** Somebody in the byline, by slug. */
  readonly author?: string | undefined;
  readonly tag?: string | undefined;
  /** Whose private drafts are among them. */
  readonly reader?: string | null;
}

/**
 * Posts, newest first: published ones by their place, which no edit changes, and a list with any others by when they
 * were begun. So what follows a cursor stays the same however many posts arrive; the cursor's own post may have been
 * removed since. Nobody gets another's private drafts.
 */
export async function listPosts(db: Db, blogId: string, options: ListOptions): Promise<Post[]> {
  const { status = ["published"], author, tag, reader = null, inclusive = false } = options;
  const cursor = options.before ?? options.after;
  const upwards = options.upwards ?? options.after !== undefined;
  const beyond = inclusive ? ([">=", "<="] as const) : ([">", "<"] as const);
  const byPlace = status.every((one) => one === "published");
  const from =
    cursor === undefined ? null : await cursorPlace(db, blogId, cursor, upwards ? "after" : "before", byPlace);
  const posts = await db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .$if(byPlace, (query) => query.where("status", "=", "published"))
    .$if(!byPlace, (query) => query.where("status", "in", status).where(isShared(reader)))
    .$if(options.keyEventsOnly === true, (query) => query.where(sql<boolean>`(key_event or summary)`))
    .$if(author !== undefined, (query) =>
      query.where(sql<boolean>`authors @> jsonb_build_array(jsonb_build_object('slug', ${author}::text))`),
    )
    .$if(tag !== undefined, (query) => query.where(sql<boolean>`tags @> array[${tag}::text]`))
    .$if(from !== null && byPlace, (query) =>
      query.where((eb) =>
        eb(eb.refTuple("published_at", "id"), beyond[upwards ? 0 : 1], eb.tuple(from!.published_at!, from!.id)),
      ),
    )
    .$if(from !== null && !byPlace, (query) => query.where("id", beyond[upwards ? 0 : 1], from!.id))
    .$if(byPlace, (query) => query.orderBy("published_at", upwards ? "asc" : "desc"))
    .orderBy("id", upwards ? "asc" : "desc")
    .limit(options.limit)
    .execute();
  return upwards ? posts.toReversed() : posts;
}

/** As isPrivate() in states.ts has it. */
export const isShared = (reader: string | null) =>
  sql<boolean>`(status not in ('draft', 'removed') or shared or created_by is null or created_by = ${reader}::text)`;

/** What waits for somebody before readers see it, newest first; private drafts only for their author. */
export async function waitingPosts(db: Db, blogId: string, reader: string | null): Promise<Post[]> {
  return db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("status", "in", ["draft", "submitted", "scheduled"])
    .where(isShared(reader))
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

/** The page from which on so many posts are shown; the first page where there are fewer. */
export async function pageOfLatest(db: Db, blogId: string, posts: number): Promise<number> {
  const found = await db
    .selectFrom("posts")
    .select("page")
    .where("blog_id", "=", blogId)
    .where("status", "=", "published")
    .orderBy("page", "desc")
    .offset(posts - 1)
    .limit(1)
    .executeTakeFirst();
  return found?.page ?? 0;
}

/** More key events than any story has had; beyond them the oldest are found by the page of key events alone. */
const MOST_KEY_EVENTS = 300;

/** The published key events and summaries, newest first. */
export async function keyEvents(db: Db, blogId: string): Promise<Post[]> {
  return listPosts(db, blogId, { limit: MOST_KEY_EVENTS, keyEventsOnly: true });
}

/** The first post after this one in the order of time, whatever became of this one. @throws AppError 404 for one that had no place */
export async function nextPost(db: Db, blogId: string, id: string): Promise<Post | null> {
  const { published_at: at } = await findPost(db, blogId, id);
  if (!at) throw notFound("post");
  const [next] = await listPosts(db, blogId, { limit: 1, after: id, upwards: true });
  return next ?? null;
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

/**
 * The posts that readers have seen and see no longer, whatever became of them; the latest gone first.
 * @param since a version of the blog; what went before that is not looked for
 */
export async function withdrawnPosts(
  db: Db,
  blogId: string,
  { since, limit }: { since: number; limit: number },
): Promise<{ id: string; at: Date }[]> {
  const posts = await db
    .selectFrom("posts")
    .select(["id", "shown_at", "updated_at"])
    .where("blog_id", "=", blogId)
    .where("position", ">", since)
    .where("status", "<>", "published")
    .orderBy("position", "desc")
    .limit(limit)
    .execute();
  return posts.map(({ id, shown_at, updated_at }) => ({ id, at: shown_at ?? updated_at }));
}

/** When the story's first post was published, of those that readers can see; null for a blog without any. */
export async function firstPublication(db: Db, blogId: string): Promise<Date | null> {
  const post = await db
    .selectFrom("posts")
    .select("published_at")
    .where("blog_id", "=", blogId)
    .where("status", "=", "published")
    .orderBy("published_at")
    .limit(1)
    .executeTakeFirst();
  return post?.published_at ?? null;
}

/** When readers were last shown a change of a post; null for a blog without any. */
export async function lastChange(db: Db, blogId: string): Promise<Date | null> {
  const post = await db
    .selectFrom("posts")
    .select("shown_at")
    .where("blog_id", "=", blogId)
    .where("position", "is not", null)
    .orderBy("position", "desc")
    .limit(1)
    .executeTakeFirst();
  return post?.shown_at ?? null;
}

/** @param byPlace whether only a post that readers have seen has a place in the list */
async function cursorPlace(
  db: Db,
  blogId: string,
  id: string,
  name: "before" | "after",
  byPlace: boolean,
): Promise<{ published_at: Date | null; id: string }> {
  const row = await db
    .selectFrom("posts")
    .select(["published_at", "id"])
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .$if(byPlace, (query) => query.where("published_at", "is not", null))
    .executeTakeFirst();
  if (!row) throw invalid([{ pointer: `query:${name}`, code: "unknown-cursor" }], "This cursor is not of this blog.");
  return row;
}
