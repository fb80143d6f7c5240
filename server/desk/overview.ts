import { sql } from "kysely";
import type { Db } from "../database.ts";
import { titleOf } from "../posts/title.ts";

export interface AuthorCount {
  name: string;
  /** null: a guest. */
  slug: string | null;
  posts: number;
  /** When the latest of them was published. */
  last: string;
}

/** Whose names stand under how many published posts, most first. */
export async function authorsOf(db: Db, blogId: string): Promise<AuthorCount[]> {
  const { rows } = await sql<{ name: string; slug: string | null; posts: number; last: Date }>`
    select (array_agg(author->>'name' order by published_at desc))[1] as name, author->>'slug' as slug,
      count(*)::integer as posts, max(published_at) as last
    from posts, jsonb_array_elements(authors) as author
    where blog_id = ${blogId} and status = 'published'
    group by author->>'slug', case when author->>'slug' is null then author->>'name' end
    order by posts desc, last desc
  `.execute(db);
  return rows.map((row) => ({ ...row, last: row.last.toISOString() }));
}

export interface TagCount {
  tag: string;
  posts: number;
}

/** The tags of a blog's posts that begin with this, most used first. */
export async function tagsOf(db: Db, blogId: string, beginning: string, limit: number): Promise<TagCount[]> {
  const { rows } = await sql<TagCount>`
    select tag, count(*)::integer as posts from posts, unnest(tags) as tag
    where blog_id = ${blogId} and status <> 'removed' and starts_with(tag, ${beginning.toLowerCase()})
      and (status <> 'draft' or shared)
    group by tag order by posts desc, tag limit ${limit}
  `.execute(db);
  return rows;
}

/** The published posts of the last hours, oldest first, to be marked on a graph. */
export async function postsSince(
  db: Db,
  blogId: string,
  hours: number,
): Promise<{ id: string; at: string; title: string }[]> {
  const rows = await db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("status", "=", "published")
    .where("published_at", ">", sql<Date>`now() - make_interval(hours => ${hours})`)
    .orderBy("published_at", "desc")
    .limit(500)
    .execute();
  return rows.map((post) => ({ id: post.id, at: post.published_at!.toISOString(), title: titleOf(post) })).toReversed();
}
