import { extname } from "node:path";
import { Router, type Request, type Response } from "express";
import type { Context } from "../context.ts";
import { AppError, gone, notFound } from "../errors.ts";
import { FILE_NAME } from "../media/keeping.ts";
import { isWithheld } from "../media/media.ts";
import { within } from "../within.ts";

/** Seconds for which a copy elsewhere may outlive a takedown. */
const CACHED = 60;
/** Milliseconds after which a silent database counts as away. */
const PATIENCE = 10_000;

/**
 * The kept pictures, to be mounted at /media. Each request asks the database, so that a picture is gone here from the
 * moment its last post is, and stays so during an outage: 410 when withheld, 503 when nobody can tell. This is why
 * readers are never sent to a bucket itself. Any other spelling of a name is refused, or it would be a way around.
 */
export function pictureFiles({ pictures, db }: Pick<Context, "pictures" | "db">): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(async (request, response) => {
    response.locals.route = "/media/:name";
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new AppError(405, "method-not-allowed", "This can only be read.", { headers: { Allow: "GET, HEAD" } });
    const name = request.path.slice(1);
    const id = FILE_NAME.exec(name)?.[1];
    if (!id) throw notFound("picture");
    if (await within(PATIENCE, isWithheld(db, id))) throw gone("picture");
    const bytes = await pictures.get(name);
    if (!bytes) throw notFound("picture");
    response.type(extname(name)).set({
      // What a name stands for never changes.
      ETag: `"${name}"`,
      "Cache-Control": `public, max-age=${CACHED}`,
      "Surrogate-Key": `picture-${id}`,
      "Accept-Ranges": "bytes",
    });
    send(request, response, bytes);
  });
  return router;
}

/** The whole, one range of it, or word that it is unchanged. */
function send(request: Request, response: Response, bytes: Buffer): void {
  const condition = request.get("If-Range");
  const isSame = condition === undefined || condition === response.get("ETag");
  const ranges = isSame && !request.fresh ? request.range(bytes.length, { combine: true }) : undefined;
  if (ranges === -1) {
    response.status(416).removeHeader("Cache-Control");
    response.set("Content-Range", `bytes */${bytes.length}`).end();
  } else if (Array.isArray(ranges) && ranges.type === "bytes" && ranges.length === 1) {
    const { start, end } = ranges[0]!;
    response.status(206).set("Content-Range", `bytes ${start}-${end}/${bytes.length}`);
    response.send(bytes.subarray(start, end + 1));
  } else response.send(bytes);
}
