import { Router } from "express";
import { listBlogs } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
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

  return router;
}
