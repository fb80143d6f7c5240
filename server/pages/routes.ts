import { Router } from "express";
import { listBlogs } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import { homeTags } from "../feeds/share.ts";
import { stamp } from "../rendering/times.ts";

/** The pages beside a blog's own, which is reader-pages.ts. */
export function pageRoutes(context: Context): Router {
  const { config, db, views } = context;
  const { language } = config;
  const router = Router();

  router.get("/", async (_request, response) => {
    const blogs = await listBlogs(db, null, 50);
    const cards = blogs.map((blog) => ({
      url: `/blogs/${blog.slug}`,
      language: blog.language,
      title: blog.title,
      standfirst: blog.standfirst,
      live: blog.state === "live",
      posts: blog.visible,
      updated: stamp(blog.changed_at, { language, time_zone: blog.time_zone }),
    }));
    response.set("Cache-Control", "public, max-age=0, s-maxage=5");
    const share = homeTags(context);
    const head = { title: share.title, description: share.description, canonical: share.url, share };
    response.send(views.page("home", { head, blogs: cards }, { language }));
  });

  return router;
}
