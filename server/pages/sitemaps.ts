import { Router, type Request, type Response } from "express";
import { readableBlogs } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import { firstPublication } from "../posts/reading.ts";
import { PageCache, Rendition, sendRendition } from "./page-cache.ts";

/** Addresses in one file: so many a sitemap may have, and a sitemap of news. */
const MOST = { pages: 50_000, news: 1_000 };
/** News is what is this young, for whom the second sitemap is. Milliseconds. */
const NEWS_AGE = 2 * 24 * 60 * 60 * 1000;
/** Milliseconds for which one rendering serves all who ask. */
const KEPT_FOR = 10_000;
/** Bytes. */
const MAX_BYTES = 16_000_000;
const CACHING = { "Cache-Control": "public, max-age=60" };
const XML = "application/xml; charset=utf-8";

/** For search engines: which blogs there are, which of them are news, and what is nothing for them. */
export function sitemaps(context: Context): Router {
  const { db, config, publicUrl, views } = context;
  const router = Router();
  const cache = new PageCache(MAX_BYTES);

  router.get("/sitemap.xml", async (request, response) => {
    await answer(request, response, async () => {
      const blogs = await readableBlogs(db, { limit: MOST.pages });
      const pages = blogs.map(({ slug, changed_at }) => ({
        url: `${publicUrl}/blogs/${slug}`,
        changed: changed_at.toISOString(),
      }));
      return { text: views.feed("sitemap", { pages }), modified: blogs[0]?.changed_at };
    });
  });

  router.get("/news-sitemap.xml", async (request, response) => {
    await answer(request, response, async () => {
      const since = new Date(Date.now() - NEWS_AGE);
      const blogs = await readableBlogs(db, { limit: MOST.news, since });
      const pages = [];
      for (const { id, slug, title, language, changed_at } of blogs) {
        const published = await firstPublication(db, id);
        if (!published || published < since) continue;
        pages.push({
          url: `${publicUrl}/blogs/${slug}`,
          changed: changed_at.toISOString(),
          published: published.toISOString(),
          language: new Intl.Locale(language).language,
          title,
          siteName: config.siteName,
        });
      }
      return { text: views.feed("news-sitemap", { pages }) };
    });
  });

  router.get("/robots.txt", (_request, response) => {
    response.set(CACHING).type("text/plain").send(ROBOTS.replaceAll("{site}", publicUrl));
  });

  return router;

  async function answer(
    request: Request,
    response: Response,
    write: () => Promise<{ text: string; modified?: Date | undefined }>,
  ): Promise<void> {
    const version = String(Math.floor(Date.now() / KEPT_FOR));
    const rendition = await cache.get(request.path, version, async () => {
      const { text, modified } = await write();
      return new Rendition(version, XML, text, modified ? { modified } : {});
    });
    await sendRendition(request, response, rendition, CACHING);
  }
}

/** What nobody looks for, and what changes with each request. */
const ROBOTS = `User-agent: *
Disallow: /api/
Disallow: /desk
Disallow: /moderation
Disallow: /account
Disallow: /sign-in
Disallow: /sign-up
Disallow: /blogs/*/updates
Disallow: /blogs/*/comments/updates

Sitemap: {site}/sitemap.xml
Sitemap: {site}/news-sitemap.xml
`;
