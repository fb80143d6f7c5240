import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Router } from "express";
import { parse } from "../reading.ts";
import { themeCss, themeQuery } from "./embed-theme.ts";
import { Rendition, sendRendition } from "./page-cache.ts";

/** Sites name it without a fingerprint, and are to have a new version soon. */
const SCRIPT_CACHING = "public, max-age=300, stale-while-revalidate=3600";
const THEME_CACHING = "public, max-age=3600";
/** Pages of any other origin may load it, those that insist on being told so too. */
export const FOR_OTHER_SITES = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };

/**
 * `/embed.js`, which other sites load, and the stylesheet of what they want of a frame's look.
 * @param directory of the files below public/
 */
export function embedFiles(directory: string): Router {
  const router = Router();

  router.get("/embed.js", async (request, response) => {
    const text = await readFile(join(directory, "js", "embed-loader.js"), "utf8");
    const rendition = new Rendition("", "text/javascript; charset=utf-8", text);
    await sendRendition(request, response, rendition, { ...FOR_OTHER_SITES, "Cache-Control": SCRIPT_CACHING });
  });

  router.get("/embed/theme.css", async (request, response) => {
    const look = parse(themeQuery, request.query, "query:");
    const css = themeCss(await readFile(join(directory, "css", "dateline.css"), "utf8"), look);
    const rendition = new Rendition("", "text/css; charset=utf-8", css);
    await sendRendition(request, response, rendition, { "Cache-Control": THEME_CACHING });
  });

  return router;
}
