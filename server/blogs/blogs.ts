import { sql } from "kysely";
import { audit } from "../audit.ts";
import type { Actor } from "../auth/permissions.ts";
import type { Blog, BlogPart, Db, Trx } from "../database.ts";
import { beginDuty } from "../desk/duty.ts";
import { conflict, notFound } from "../errors.ts";
import { advance, headOf, type Head } from "./streams.ts";

export interface BlogFields {
  title: string;
  standfirst: string;
  language: string;
  timeZone: string;
}

/** A blog as the API shows it. */
export interface BlogAnswer extends BlogFields {
  id: string;
  slug: string;
  state: "live" | "closed";
  /** How many changes readers have been shown; what a follower gives as the version seen. */
  version: number;
  epoch: string;
  postCount: number;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  /** HTML; what readers are told at the end. */
  closingSummary: string | null;
  url: string;
}

export async function findBlog(db: Db, slug: string): Promise<Blog> {
  // Postgres answers some of what a path can hold, such as NUL, with an error of its own.
  if (!/^[a-z0-9-]{1,80}$/.test(slug)) throw notFound("blog");
  const blog = await db.selectFrom("blogs").selectAll().where("slug", "=", slug).executeTakeFirst();
  if (!blog) throw notFound("blog");
  return blog;
}

export async function findBlogById(db: Db, id: string): Promise<Blog> {
  const blog = await db.selectFrom("blogs").selectAll().where("id", "=", id).executeTakeFirst();
  if (!blog) throw notFound("blog");
  return blog;
}

/**
 * The blogs in one state, or in any: running ones first, then by their latest change. Each with its stream's head.
 * @param among only these
 */
export async function listBlogs(
  db: Db,
  state: Blog["state"] | null,
  limit: number,
  among: readonly string[] | null = null,
): Promise<(Blog & Pick<Head, "version" | "visible"> & { changed_at: Date })[]> {
  return db
    .selectFrom("blogs")
    .innerJoin("streams", (join) => join.onRef("streams.blog_id", "=", "blogs.id").on("streams.kind", "=", "blog"))
    .selectAll("blogs")
    .select(["streams.version", "streams.visible", "streams.changed_at"])
    .$if(state !== null, (query) => query.where("state", "=", state!))
    .$if(among !== null, (query) => query.where(sql<boolean>`blogs.id = any (${[...among!]}::bigint[])`))
    .orderBy("state", "desc")
    .orderBy("streams.changed_at", "desc")
    .limit(limit)
    .execute();
}

/**
 * The blogs that readers find something in, those that changed last first.
 * @param since leaves out what changed before
 */
export async function readableBlogs(
  db: Db,
  { limit, since = null }: { limit: number; since?: Date | null },
): Promise<(Pick<Blog, "id" | "slug" | "title" | "language"> & { changed_at: Date })[]> {
  return db
    .selectFrom("blogs")
    .innerJoin("streams", (join) => join.onRef("streams.blog_id", "=", "blogs.id").on("streams.kind", "=", "blog"))
    .select(["blogs.id", "slug", "title", "language", "streams.changed_at"])
    .where("streams.visible", ">", 0)
    .$if(since !== null, (query) => query.where("streams.changed_at", ">=", since!))
    .orderBy("streams.changed_at", "desc")
    .limit(limit)
    .execute();
}

/** @throws AppError 409 when the slug is taken */
export async function createBlog(trx: Trx, actor: Actor, slug: string, fields: BlogFields): Promise<Blog> {
  const blog = await trx
    .insertInto("blogs")
    .values({ slug, ...columns(fields), created_by: actor.userId })
    .onConflict((clash) => clash.column("slug").doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!blog) throw conflict("slug-taken", "Another blog has this slug.");
  await trx
    .insertInto("streams")
    .values([
      { blog_id: blog.id, kind: "blog" },
      { blog_id: blog.id, kind: "desk" },
      { blog_id: blog.id, kind: "comments" },
    ])
    .execute();
  await trx.insertInto("comment_settings").values({ blog_id: blog.id, closes_at: null }).execute();
  await beginDuty(trx, actor, blog);
  await audit(trx, actor, "blog.create", blog.id, `blog:${blog.id}`, { slug });
  return blog;
}

/** The slug, with a number behind it where other blogs have it already; no two blogs get one until the end of the transaction. */
export async function freeBlogSlug(trx: Trx, wanted: string): Promise<string> {
  await sql`select pg_advisory_xact_lock(hashtext('blogs.slug'))`.execute(trx);
  const taken = await trx.selectFrom("blogs").select("slug").where("slug", "like", `${wanted}%`).execute();
  const slugs = new Set(taken.map((row) => row.slug));
  for (let n = 1; ; n++) {
    const slug = n === 1 ? wanted : `${wanted}-${n}`;
    if (!slugs.has(slug)) return slug;
  }
}

/** @param before the row, locked by `lockBlog` */
export async function editBlog(trx: Trx, actor: Actor, before: Blog, changes: Partial<BlogFields>): Promise<Blog> {
  const after = { ...before, ...columns({ ...fieldsOf(before), ...changes }) };
  const zoned = after.time_zone !== before.time_zone || after.language !== before.language;
  return save(trx, actor, before, after, "blog.edit", zoned ? ["document", "header"] : ["header"]);
}

/**
 * Ends the story; doing it twice changes nothing.
 * @param summary HTML, reduced; undefined leaves the one that stands, "" takes it off
 */
export async function closeBlog(trx: Trx, actor: Actor, before: Blog, summary: string | undefined): Promise<Blog> {
  const closing_summary = summary === undefined ? before.closing_summary : summary || null;
  const isNew = before.state !== "closed";
  if (!isNew && closing_summary === before.closing_summary) return before;
  const after: Blog = { ...before, state: "closed", closing_summary };
  return save(trx, actor, before, after, isNew ? "blog.close" : "blog.summarise", ["header"]);
}

/** Resumes the story. What was said at its end stays in the audit log only. */
export async function reopenBlog(trx: Trx, actor: Actor, before: Blog): Promise<Blog> {
  if (before.state === "live") return before;
  const after: Blog = { ...before, state: "live", closing_summary: null };
  return save(trx, actor, before, after, "blog.reopen", ["header"]);
}

export async function lockBlog(trx: Trx, id: string): Promise<Blog> {
  return trx
    .selectFrom("blogs")
    .innerJoin(turnAt(id, "pg_advisory_xact_lock"), (join) => join.onTrue())
    .selectAll("blogs")
    .where("id", "=", id)
    .forNoKeyUpdate("blogs")
    .executeTakeFirstOrThrow();
}

/** Keeps the blog from being closed or edited until the transaction ends; for those who write into it. */
export async function holdBlog(trx: Trx, id: string): Promise<Blog> {
  return trx
    .selectFrom("blogs")
    .innerJoin(turnToHold(id), (join) => join.onTrue())
    .selectAll("blogs")
    .where("id", "=", id)
    .forShare("blogs")
    .executeTakeFirstOrThrow();
}

/**
 * To be joined to a blog's row that is going to be locked for sharing. Whoever wants it so gets it while others have it
 * so, and a steady stream of them would keep out whoever changes the blog; these locks are given in the order in which
 * they are asked for. The row is locked after it, and therefore read as it is then.
 */
export const turnToHold = (id: string) => turnAt(id, "pg_advisory_xact_lock_shared");

const turnAt = (id: string, lock: string) =>
  sql<{ turn: unknown }>`${sql.raw(lock)}(hashtextextended('blog ' || ${id}, 0))`.as<"turn">(sql`turn`);

export async function presentBlog(db: Db, blog: Blog, epoch: string, publicUrl: string): Promise<BlogAnswer> {
  return blogAnswerOf(blog, await headOf(db, blog.id, "blog"), epoch, publicUrl);
}

export function blogAnswerOf(
  blog: Blog,
  head: Pick<Head, "version" | "visible" | "changedAt">,
  epoch: string,
  publicUrl: string,
): BlogAnswer {
  return {
    id: blog.id,
    slug: blog.slug,
    ...fieldsOf(blog),
    state: blog.state,
    version: head.version,
    epoch,
    postCount: head.visible,
    createdAt: blog.created_at.toISOString(),
    updatedAt: head.changedAt.toISOString(),
    closedAt: blog.closed_at?.toISOString() ?? null,
    closingSummary: blog.closing_summary,
    url: `${publicUrl}/blogs/${blog.slug}`,
  };
}

async function save(
  trx: Trx,
  actor: Actor,
  before: Blog,
  after: Blog,
  action: string,
  parts: BlogPart[],
): Promise<Blog> {
  const { title, standfirst, language, time_zone, state, closing_summary } = after;
  const saved = await trx
    .updateTable("blogs")
    .set({ title, standfirst, language, time_zone, state, closing_summary, revision: before.revision + 1 })
    .set({ closed_at: state === "closed" ? (before.closed_at ?? sql<Date>`clock_timestamp()`) : null })
    .where("id", "=", before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await audit(trx, actor, action, before.id, `blog:${before.id}`, { before: logged(before), after: logged(saved) });
  const zoned = parts.includes("document");
  await advance(trx, before.id, "desk", { parts: [zoned ? "desk-document" : "desk-header"] });
  await advance(trx, before.id, "blog", { parts });
  await advance(trx, before.id, "comments", { parts: [zoned ? "comments-document" : "comments-state"] });
  return saved;
}

const logged = (blog: Blog) => ({
  ...fieldsOf(blog),
  ...(blog.closing_summary === null ? {} : { closingSummary: blog.closing_summary }),
});

const fieldsOf = (blog: Blog): BlogFields => ({
  title: blog.title,
  standfirst: blog.standfirst,
  language: blog.language,
  timeZone: blog.time_zone,
});

const columns = (fields: BlogFields) => ({
  title: fields.title,
  standfirst: fields.standfirst,
  language: fields.language,
  time_zone: fields.timeZone,
});
