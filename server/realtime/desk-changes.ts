import type { Context } from "../context.ts";
import type { Blog, Db, Post } from "../database.ts";
import type { PicturesById } from "../media/media.ts";
import { isPrivate } from "../posts/states.ts";
import { deskPostModel, type Writer } from "../rendering/desk-models.ts";
import { headerModel, placeOf } from "../rendering/models.ts";
import type { Change } from "./protocol.ts";

/**
 * The posts as the desk shows them, to everybody there the same. What was removed is gone from its lists too, and what
 * only its author may read is in no stream.
 * @param reader whose own private drafts are shown as well, on a page that is theirs alone
 */
export async function deskPostChanges(
  context: Context,
  blog: Blog,
  posts: Post[],
  pictures: PicturesById,
  reader: string | null = null,
): Promise<Change[]> {
  const writers = await writersOf(context.db, posts);
  const isShown = (post: Post) => post.status !== "removed" && (!isPrivate(post) || post.created_by === reader);
  return posts.map((post) => ({
    target: `post-${post.id}`,
    html: isShown(post) ? renderDeskPost(context, post, blog, pictures, writers) : null,
    place: placeOf(post),
  }));
}

/** By account. */
export type Writers = ReadonlyMap<string, Writer>;

/** Whoever began each post, by account; a byline may name others. */
export async function writersOf(db: Db, posts: Post[]): Promise<Writers> {
  const ids = [...new Set(posts.flatMap(({ created_by }) => created_by ?? []))];
  if (!ids.length) return new Map();
  const rows = await db.selectFrom("users").select(["id", "name", "slug"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, name, slug }) => [id, { name, slug }]));
}

function renderDeskPost({ views }: Context, post: Post, blog: Blog, pictures: PicturesById, writers: Writers): string {
  return views.fragment(
    "desk/post",
    deskPostModel(post, blog, pictures, writers.get(post.created_by ?? "") ?? null),
    blog.language,
  );
}

export const renderDeskHeader = ({ views }: Context, blog: Blog): string =>
  views.fragment("desk/header", { ...headerModel(blog), slug: blog.slug, timeZone: blog.time_zone });
