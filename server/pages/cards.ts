import { Router, type Request, type Response } from "express";
import { findBlog } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { openCards, type Card } from "../feeds/card.ts";
import { cut } from "../feeds/words.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { findPublishedPost } from "../posts/reading.ts";
import { titleOf } from "../posts/title.ts";
import { surrogateKey } from "./page-cache.ts";

/** Characters; more cannot be read on a card. */
const MOST_TITLE = 240;
/** Seconds for which a copy elsewhere may outlive a takedown, as with the newsroom's own pictures. */
const CACHED = 60;

/** Where a link is shared: a picture with the words of the blog or of the post, for whatever has no picture of its own. */
export function cardPictures({ db, config }: Context): Router {
  const router = Router();
  const draw = openCards();

  router.get("/blogs/:slug/card.png", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    await send(request, response, blog, { title: blog.title, above: "" });
  });

  router.get("/blogs/:slug/posts/:id/card.png", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    const post = await findPublishedPost(db, blog.id, request.params.id);
    await send(request, response, blog, { title: titleOf(post), above: blog.title });
  });

  return router;

  async function send(
    request: Request,
    response: Response,
    blog: Blog,
    { title, above }: Pick<Card, "title" | "above">,
  ): Promise<void> {
    const isLive = blog.state === "live";
    const state = wordingFor(blog.language).say(isLive ? "blog.live" : "blog.closed");
    const { siteName } = config;
    const { png, tag } = await draw({ title: cut(title, MOST_TITLE), above, state, isLive, siteName });
    response.type("png").set({
      ETag: `"${tag}"`,
      "Cache-Control": `public, max-age=${CACHED}`,
      "Surrogate-Key": surrogateKey(blog.slug),
    });
    if (request.fresh) response.status(304).end();
    else response.send(png);
  }
}
