import { may, permit, type Action, type Actor } from "../auth/permissions.ts";
import { findBlog } from "../blogs/blogs.ts";
import type { Blog, Db } from "../database.ts";

/**
 * The blogs that are asked for, if the actor may do it in all of them; without any, all in which they may.
 * @returns null for all there are
 * @throws AppError 404 for a blog that is not there, 403 for one where the actor may not do it
 */
export async function blogsOf(
  db: Db,
  actor: Actor,
  action: Action,
  slugs: readonly string[] | undefined,
): Promise<string[] | null> {
  if (slugs === undefined) {
    if (may(actor, action, null) === "any") return null;
    const own = [...new Set(actor.grants.flatMap(({ blogId }) => blogId ?? []))];
    const blogIds = own.filter((blogId) => may(actor, action, blogId) === "any");
    // A token for one blog, of somebody who may everywhere.
    if (actor.onlyBlogId !== null && may(actor, action, actor.onlyBlogId) === "any") return [actor.onlyBlogId];
    return blogIds;
  }
  const blogs = await Promise.all(slugs.map((name) => findBlog(db, name)));
  for (const blog of blogs) permit(actor, action, blog.id);
  return blogs.map((blog) => blog.id);
}

/**
 * The blog that something is to hold for.
 * @param slug null: everywhere, for those who may do it everywhere
 */
export async function placeFor(db: Db, actor: Actor, action: Action, slug: string | null): Promise<Blog | null> {
  const blog = slug === null ? null : await findBlog(db, slug);
  permit(actor, action, blog?.id ?? null);
  return blog;
}
