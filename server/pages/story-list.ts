import { headOf } from "../blogs/streams.ts";
import type { Blog, Db, Post } from "../database.ts";
import { notFound } from "../errors.ts";
import { PAGE_SIZE } from "../posts/places.ts";
import { findPost, listPosts, pageOfLatest, postsOnPages } from "../posts/reading.ts";
import { isFiltered, pathOf, type StoryAddress } from "./story-address.ts";

/** The posts of one page in the order in which it shows them, and the ways on from it. */
export interface StoryList {
  readonly posts: Post[];
  /** Whether what is published next belongs on this page. */
  readonly newest: boolean;
  /** Whether there are older posts that belong to another page. */
  readonly hasOlder: boolean;
  /** The pages before and after this one, in the order of reading; null where there is none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** @throws AppError 404 for a post that is not shown */
export async function storyList(db: Db, blog: Blog, asked: StoryAddress): Promise<StoryList> {
  return isFiltered(asked) ? filteredPosts(db, blog, asked) : pagesOfPosts(db, blog, asked);
}

/**
 * Everything goes by archive pages, which are numbered from the blog's beginning and never shift. Newest first, the first
 * page is the last of them; and where fewer than ten posts are shown there, as many before it as it takes.
 */
async function pagesOfPosts(db: Db, blog: Blog, asked: StoryAddress): Promise<StoryList> {
  const { published } = await headOf(db, blog.id, "blog");
  const last = Math.max(0, Math.ceil(published / PAGE_SIZE) - 1);
  const around = asked.around === null ? null : await pageOf(db, blog, asked.around);
  const link = async (page: number, way: "up" | "down") => {
    const found = await postOn(db, blog, page, way);
    return found && `${pathOf(blog.slug, { ...asked, around: found })}#posts`;
  };
  if (asked.oldestFirst) {
    const page = around ?? 0;
    const posts = await postsOnPages(db, blog.id, page, page);
    const [before, after] = await Promise.all([
      page === 0 ? null : page === 1 ? pathOf(blog.slug, { ...asked, around: null }) : link(page - 1, "down"),
      page === last ? null : link(page + 1, "up"),
    ]);
    return { posts: posts.toReversed(), newest: after === null, hasOlder: page > 0, before, after };
  }
  const newestFirst = await pageOfLatest(db, blog.id, PAGE_SIZE);
  const newest = around === null || around >= newestFirst;
  const [low, high] = newest ? [newestFirst, last] : [around, around];
  const [posts, before, after] = await Promise.all([
    postsOnPages(db, blog.id, low, high),
    newest ? null : high + 1 >= newestFirst ? pathOf(blog.slug) : link(high + 1, "up"),
    low === 0 ? null : link(low - 1, "down"),
  ]);
  return { posts, newest, hasOlder: low > 0, before, after };
}

async function pageOf(db: Db, blog: Blog, postId: string): Promise<number> {
  const { page } = await findPost(db, blog.id, postId);
  if (page === null) throw notFound("page");
  return page;
}

/** An archive page is named by any of its posts; one whose posts were all removed gives way to the next. */
async function postOn(db: Db, blog: Blog, page: number, way: "up" | "down"): Promise<string | null> {
  const order = way === "up" ? "asc" : "desc";
  const post = await db
    .selectFrom("posts")
    .select("id")
    .where("blog_id", "=", blog.id)
    .where("status", "=", "published")
    .where("page", way === "up" ? ">=" : "<=", page)
    .orderBy("page", order)
    .orderBy("id", order)
    .limit(1)
    .executeTakeFirst();
  return post?.id ?? null;
}

/** Some of the posts: a page begins with the post that names it, so what came since does not shift it. */
async function filteredPosts(db: Db, blog: Blog, asked: StoryAddress): Promise<StoryList> {
  const { around, oldestFirst } = asked;
  const filter = {
    keyEventsOnly: asked.keyEventsOnly,
    author: asked.author ?? undefined,
    tag: asked.tag ?? undefined,
  };
  if (around !== null) await pageOf(db, blog, around);
  const list = (options: object) => listPosts(db, blog.id, { ...filter, limit: PAGE_SIZE + 1, ...options });
  const [onwards, backwards] = await Promise.all([
    list({ [oldestFirst ? "after" : "before"]: around ?? undefined, inclusive: true, upwards: oldestFirst }),
    around === null ? [] : list(oldestFirst ? { before: around } : { after: around }),
  ]);
  // listPosts gives the newest first, whichever way it looked.
  const inOrder = oldestFirst ? onwards.toReversed() : onwards;
  const posts = inOrder.slice(0, PAGE_SIZE);
  const next = inOrder[PAGE_SIZE];
  const previous = oldestFirst ? backwards.toReversed() : backwards;
  const first = previous.length > PAGE_SIZE ? previous.at(-PAGE_SIZE)!.id : null;
  const before = previous.length ? `${pathOf(blog.slug, { ...asked, around: first })}#posts` : null;
  const after = next ? `${pathOf(blog.slug, { ...asked, around: next.id })}#posts` : null;
  return {
    posts,
    newest: (oldestFirst ? after : before) === null,
    hasOlder: (oldestFirst ? before : after) !== null,
    before,
    after,
  };
}
