import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Router } from "express";
import { Rendition, sendRendition } from "./page-cache.ts";

/**
 * The browser's worker, at the root since it is for all readers' pages.
 * @param directory of the files below public/
 */
export function workerFiles(directory: string): Router {
  const router = Router();

  router.get("/sw.js", async (request, response) => {
    const text = await readFile(join(directory, "js", "service-worker.js"), "utf8");
    const rendition = new Rendition("", "text/javascript; charset=utf-8", text);
    await sendRendition(request, response, rendition, { "Cache-Control": "no-cache" });
  });

  return router;
}
