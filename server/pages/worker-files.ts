import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Router } from "express";
import { STYLESHEET } from "../assets.ts";
import type { Context } from "../context.ts";
import { firstSpoken, wordingFor } from "../i18n/i18n.ts";
import { Rendition, sendRendition } from "./page-cache.ts";

const MANIFEST_CACHING = "public, max-age=3600";

/**
 * What makes Dateline a program on a reader's device: the manifest, the worker, at the root since it is for all readers'
 * pages, and the page that it shows without a connection.
 * @param directory of the files below public/
 */
export function workerFiles(directory: string, { config, views, assets }: Context): Router {
  const router = Router();

  router.get("/sw.js", async (request, response) => {
    const text = await readFile(join(directory, "js", "service-worker.js"), "utf8");
    // Another look of the pages makes it another worker, which keeps the page for offline anew.
    const rendition = new Rendition("", "text/javascript; charset=utf-8", `${text}// ${assets.url(STYLESHEET)}\n`);
    await sendRendition(request, response, rendition, { "Cache-Control": "no-cache" });
  });

  router.get("/manifest.webmanifest", async (request, response) => {
    const icon = (name: string, size: number, purpose: string) => ({
      src: assets.url(`icons/${name}-${size}.png`),
      sizes: `${size}x${size}`,
      type: "image/png",
      purpose,
    });
    const manifest = {
      id: "/",
      name: config.siteName,
      short_name: config.siteName,
      description: "Live blogs",
      start_url: "/",
      scope: "/",
      display: "standalone",
      background_color: "#fdfbf6",
      theme_color: "#fdfbf6",
      icons: [icon("dateline", 192, "any"), icon("dateline", 512, "any"), icon("dateline-maskable", 512, "maskable")],
    };
    const rendition = new Rendition("", "application/manifest+json; charset=utf-8", JSON.stringify(manifest));
    await sendRendition(request, response, rendition, { "Cache-Control": MANIFEST_CACHING });
  });

  router.get("/offline", async (request, response) => {
    const { lang } = request.query;
    const language = firstSpoken(typeof lang === "string" ? lang.split(",") : []) ?? config.language;
    const head = { title: wordingFor(language).say("offline.title"), noIndex: true };
    const page = views.page("offline", { head }, { language });
    const rendition = new Rendition("", "text/html; charset=utf-8", page);
    await sendRendition(request, response, rendition, { "Cache-Control": "no-cache" });
  });

  return router;
}
