import { Router, type Request, type Response } from "express";
import { findBlog } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { cardTag, openCards, type Card } from "../feeds/card.ts";
import { cut } from "../feeds/words.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { findPublishedPost } from "../posts/reading.ts";
import { titleOf } from "../posts/title.ts";
import { surrogateKey } from "./page-cache.ts";

/** Characters; more cannot be read on a card. */
const MOST_TITLE = 240;
/** Seconds for which a copy elsewhere may outlive a takedown, as with the newsroom's own pictures. */
const CACHED = 60;
/** For one that stands in for a newer one. */
const CACHED_MEANWHILE = 5;

/** Where a link is shared: a picture with the words of the blog or of the post, for whatever has no picture of its own. */
export function cardPictures({ db, config }: Context): Router {
  const router = Router();
  const draw = openCards();

  router.get("/card.png", async (request, response) => {
    const { say } = wordingFor(config.language);
    await send(request, response, { title: say("home.title"), above: "", state: say("blog.live"), isLive: true });
  });

  router.get("/blogs/:slug/card.png", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    response.set("Surrogate-Key", surrogateKey(blog.slug));
    await send(request, response, { title: blog.title, above: "", ...stateOf(blog) });
  });

  router.get("/blogs/:slug/posts/:id/card.png", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    const post = await findPublishedPost(db, blog.id, request.params.id);
    response.set("Surrogate-Key", surrogateKey(blog.slug));
    await send(request, response, { title: titleOf(post), above: blog.title, ...stateOf(blog) });
  });

  return router;

  async function send(request: Request, response: Response, shown: Omit<Card, "siteName">): Promise<void> {
    const card = { ...shown, title: cut(shown.title, MOST_TITLE), siteName: config.siteName };
    const current = cardTag(card);
    response.set({ ETag: `"${current}"`, "Cache-Control": `public, max-age=${CACHED}` });
    // Nothing has to be drawn for whoever has it.
    if (request.fresh) return void response.status(304).end();
    const { png, tag } = await draw(request.path, card);
    if (tag !== current) response.set({ ETag: `"${tag}"`, "Cache-Control": `public, max-age=${CACHED_MEANWHILE}` });
    response.type("png").send(png);
  }
}

function stateOf({ state, language }: Blog): Pick<Card, "state" | "isLive"> {
  const isLive = state === "live";
  return { state: wordingFor(language).say(isLive ? "blog.live" : "blog.closed"), isLive };
}
