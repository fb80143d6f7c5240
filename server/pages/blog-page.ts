import { findBlog } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { Blog, Db } from "../database.ts";
import { notFound } from "../errors.ts";
import { id } from "../input.ts";
import { picturesOf } from "../media/media.ts";
import { PAGE_SIZE } from "../posts/places.ts";
import { findPost, postsOnPages } from "../posts/reading.ts";
import {
  renderHeader,
  renderKeyEvents,
  renderLastUpdated,
  renderPinned,
  renderPost,
  renderWhatWeKnow,
} from "../realtime/changes.ts";
import { headForPrograms } from "../feeds/head.ts";
import { placeOf } from "../rendering/models.ts";
import { rendered } from "../rendering/views.ts";

export interface Drawn {
  readonly html: string;
  /** The story has ended: only a takedown, a correction or its resumption changes the page now. */
  readonly isFinal: boolean;
}

/**
 * The reader's page of a blog, whole without JavaScript.
 * @param around a post's id, for the archive page that holds it; null for the newest posts
 * @param version what a reader of this page has seen; read before the rows, so that anything newer is only sent twice
 * @throws AppError 404 for a blog or a post that there is not
 */
export async function renderBlogPage(
  context: Context,
  slug: string,
  around: string | null,
  version: number,
): Promise<Drawn> {
  const { db, publicUrl, views } = context;
  const blog = await findBlog(db, slug);
  const range = await pageRange(db, blog, around);
  const posts = await postsOnPages(db, blog.id, range.first, range.last);
  const pictures = await picturesOf(db, posts);
  const address = `/blogs/${slug}`;
  const live = blog.state === "live";
  const page = {
    head: {
      title: blog.title,
      description: blog.standfirst,
      canonical: publicUrl + (range.newest || !posts[0] ? address : `${address}?page=with:${posts[0].id}`),
      script: live ? "js/blog.js" : "js/archive.js",
      says: "live.",
      ...(await headForPrograms(context, blog, { posts, pictures, around })),
    },
    live,
    slug,
    timeZone: blog.time_zone,
    epoch: context.epoch(blog.id),
    pushKey: live && context.pushKey,
    version,
    newest: range.newest,
    address,
    header: rendered(renderHeader(context, blog)),
    whatWeKnow: rendered(await renderWhatWeKnow(context, blog)),
    pinned: rendered(range.newest ? await renderPinned(context, blog) : ""),
    keyEvents: rendered(await renderKeyEvents(context, blog)),
    lastUpdated: rendered(await renderLastUpdated(context, blog)),
    posts: posts.map((post) => rendered(renderPost(context, post, blog, pictures))),
    end: posts.length && range.first > 0 ? placeOf(posts.at(-1)!) : "",
    older: range.first > 0 ? await linkTo(db, blog, range.first - 1) : null,
    newer: range.newest ? null : range.last + 1 >= range.newestFirst ? address : await linkTo(db, blog, range.last + 1),
  };
  return { html: views.page("blog", page, { language: blog.language }), isFinal: !live };
}

/** Archive pages, by number; the reader's newest page is the last of them, which may be short, and the one before. */
interface PageRange {
  first: number;
  last: number;
  newest: boolean;
  newestFirst: number;
}

async function pageRange(db: Db, blog: Blog, around: string | null): Promise<PageRange> {
  const { published } = await headOf(db, blog.id, "blog");
  const last = Math.max(0, Math.ceil(published / PAGE_SIZE) - 1);
  const newestFirst = Math.max(0, last - 1);
  const newest = { first: newestFirst, last, newest: true, newestFirst };
  if (around === null) return newest;
  if (!id.safeParse(around).success) throw notFound("page");
  const { page } = await findPost(db, blog.id, around);
  if (page === null) throw notFound("page");
  return page >= newestFirst ? newest : { first: page, last: page, newest: false, newestFirst };
}

/** An archive page is named by any of its posts; a page whose posts were all removed gives way to the next older. */
async function linkTo(db: Db, blog: Blog, page: number): Promise<string | null> {
  const post = await db
    .selectFrom("posts")
    .select("id")
    .where("blog_id", "=", blog.id)
    .where("status", "=", "published")
    .where("page", "<=", page)
    .orderBy("page", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return post ? `/blogs/${blog.slug}?page=with:${post.id}#posts` : null;
}
