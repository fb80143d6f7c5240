import { Router } from "express";
import { findBlog, listBlogs } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import { findPublishedPost } from "../posts/reading.ts";
import { stamp } from "../rendering/times.ts";

/** The pages beside a blog's own, which is reader-pages.ts. */
export function pageRoutes({ db, views, publicUrl }: Context): Router {
  const router = Router();

  router.get("/", async (_request, response) => {
    const blogs = await listBlogs(db, null, 50);
    const cards = blogs.map((blog) => ({
      url: `/blogs/${blog.slug}`,
      title: blog.title,
      standfirst: blog.standfirst,
      live: blog.state === "live",
      posts: blog.visible,
      updated: stamp(blog.changed_at, blog),
    }));
    response.set("Cache-Control", "public, max-age=0, s-maxage=5");
    response.send(views.page("home", { head: { title: "Live blogs", canonical: `${publicUrl}/` }, blogs: cards }));
  });

  // A permalink leads into the page that holds the post, wherever that is by now.
  router.get("/blogs/:slug/posts/:id", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    const post = await findPublishedPost(db, blog.id, request.params.id);
    response.set("Cache-Control", "no-cache");
    response.redirect(302, `/blogs/${blog.slug}?page=with:${post.id}#post-${post.id}`);
  });

  return router;
}
