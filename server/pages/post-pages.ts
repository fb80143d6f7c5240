import { Router } from "express";
import { findBlog } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Blog, Post } from "../database.ts";
import { notFound } from "../errors.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { id } from "../input.ts";
import { findPublishedPost, nextPost } from "../posts/reading.ts";
import { shownChanges } from "../posts/shown-changes.ts";
import { titleOf } from "../posts/title.ts";
import { stamp } from "../rendering/times.ts";
import { pathOf } from "./story-address.ts";

/** The pages of a single post: its permalink, what was changed in it, and ways to share it. */
export function postPages(context: Context): Router {
  const { db, views, publicUrl } = context;
  const router = Router();

  // A permalink leads into the page that holds the post, wherever that is by now.
  router.get("/blogs/:slug/posts/:id", async (request, response) => {
    const { blog, post } = await shownPost(request.params);
    response.set("Cache-Control", "no-cache");
    response.redirect(302, placeOn(blog, post));
  });

  /** For a reader who comes back: the first post after the last one they had seen. */
  router.get("/blogs/:slug/posts/:id/next", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    if (!id.safeParse(request.params.id).success) throw notFound("post");
    const post = await nextPost(db, blog.id, request.params.id);
    response.set("Cache-Control", "no-cache");
    response.redirect(302, post ? placeOn(blog, post) : pathOf(blog.slug));
  });

  router.get("/blogs/:slug/posts/:id/changes", async (request, response) => {
    const { blog, post } = await shownPost(request.params);
    const changes = await shownChanges(db, post);
    const { say } = wordingFor(blog.language);
    response.set("Cache-Control", "no-cache");
    response.send(
      views.page(
        "post-changes",
        {
          head: { title: titleOf(post), noIndex: true },
          blog: { title: blog.title, url: pathOf(blog.slug) },
          post: { title: titleOf(post), url: placeOn(blog, post) },
          changes: changes.map(({ at, ...change }) => ({
            ...change,
            at: stamp(at, blog),
            label: change.kind === "verification" && change.to ? say(`verification.${change.to}`) : null,
          })),
        },
        { language: blog.language },
      ),
    );
  });

  router.get("/blogs/:slug/posts/:id/share", async (request, response) => {
    const { blog, post } = await shownPost(request.params);
    const title = titleOf(post);
    const address = `${publicUrl}/blogs/${blog.slug}/posts/${post.id}`;
    response.set("Cache-Control", "no-cache");
    response.send(
      views.page(
        "share",
        {
          head: { title, noIndex: true },
          blog: { title: blog.title, url: pathOf(blog.slug) },
          title,
          address,
          back: placeOn(blog, post),
          mail: `mailto:?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(address)}`,
        },
        { language: blog.language },
      ),
    );
  });

  return router;

  /** @throws AppError 404, or 410 for one that readers were shown and that was taken down */
  async function shownPost(params: { slug: string; id: string }): Promise<{ blog: Blog; post: Post }> {
    const blog = await findBlog(db, params.slug);
    return { blog, post: await findPublishedPost(db, blog.id, params.id) };
  }
}

const placeOn = ({ slug }: Blog, { id: around }: Pick<Post, "id">): string =>
  `${pathOf(slug, { around })}#post-${around}`;
