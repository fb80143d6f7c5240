import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RequestHandler } from "express";
import { minified } from "../assets.ts";
import { Rendition, sendRendition } from "./page-cache.ts";

const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};
const ADDRESS = /^\/(?:css|js|icons)\/[\w-]+\.(css|js|svg)$/;
/** Their addresses carry a fingerprint of what is in them. */
const CACHING = { "Cache-Control": "public, max-age=31536000, immutable" };

/**
 * The text files below public/ from memory, compressed once; express.static, which comes after, would send them as
 * they are. Stylesheets lose their comments on the way. A file that changed on the disk is read again.
 */
export function publicFiles(directory: string): RequestHandler {
  const known = new Map<string, Rendition>();
  return async (request, response, next) => {
    const [, extension] = ADDRESS.exec(request.path) ?? [];
    if (!extension || (request.method !== "GET" && request.method !== "HEAD")) return next();
    const file = join(directory, request.path);
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return next();
    let rendition = known.get(file);
    if (rendition?.version !== String(found.mtimeMs)) {
      const text = await readFile(file, "utf8");
      const sent = extension === "css" ? await minified(text) : text;
      rendition = new Rendition(String(found.mtimeMs), TYPES[extension]!, sent, { isSmallest: true });
      known.set(file, rendition);
    }
    await sendRendition(request, response, rendition, CACHING);
  };
}
