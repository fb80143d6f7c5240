import express, { Router } from "express";
import type { Context } from "../context.ts";
import { gone, notFound } from "../errors.ts";
import { isWithheld } from "../media/media.ts";
import { within } from "../within.ts";

/** As storePicture names them. Any other spelling of a file's name is refused, or it would be a way around the check. */
const NAME = /^\/([0-9a-f]{32})-\d+\.(?:webp|jpg)$/;
/** Milliseconds for which a copy elsewhere may outlive a takedown. */
const CACHED = 60_000;
/** Milliseconds after which a silent database counts as away. */
const PATIENCE = 10_000;

/**
 * The kept pictures, to be mounted at /media. Each request asks the database, so that a picture is gone here from the
 * moment its last post is, and stays so during an outage: 410 when withheld, 503 when nobody can tell.
 */
export function pictureFiles({ config, db }: Pick<Context, "config" | "db">): Router {
  const router = Router();
  router.use(async (request, response, next) => {
    response.locals.route = "/media/:name";
    const id = NAME.exec(request.path)?.[1];
    if (!id) throw notFound("picture");
    if (await within(PATIENCE, isWithheld(db, id))) throw gone("picture");
    next();
  });
  router.use(express.static(config.mediaDir, { maxAge: CACHED, index: false, fallthrough: false }));
  return router;
}
