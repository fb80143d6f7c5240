import type { Request } from "express";
import { z } from "zod";
import { audit } from "../audit.ts";
import { permit, SOMEWHERE } from "../auth/permissions.ts";
import type { Context } from "../context.ts";
import type { Picture } from "../database.ts";
import { AppError, notFound, unavailable } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { limit, optionalLine } from "../input.ts";
import { develop } from "./darkroom.ts";
import { discardUnkept, keepFiles, keepPicture } from "./keeping.ts";
import { focalPoint, pictureAnswer, pictureId, picturesMadeBy, presentPictures } from "./media.ts";
import { turns } from "./turns.ts";

/** Pictures that are worked on at once; a large one takes a few hundred megabytes while that lasts. */
const AT_ONCE = 2;
const MOST_WAITING = 16;
const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic"];

const pictureChanges = z
  .strictObject({
    alt: optionalLine(1e3),
    caption: optionalLine(1e3),
    credit: optionalLine(200),
    focalPoint: focalPoint.nullable(),
  })
  .partial();

/** `mine` has to be said, so that there may be other lists one day. */
const recent = z.strictObject({
  mine: z.enum(["", "true"]),
  limit: limit(100, 20),
  before: pictureId.optional(),
});

export function mediaRoutes({ db, pictures }: Context): AnyRoute[] {
  const inTurn = turns(AT_ONCE, MOST_WAITING);
  const present = (picture: Picture) =>
    presentPictures([{ ...picture, focalPoint: picture.focal_point }], new Map([[picture.id, picture]]))[0]!;

  return [
    route({
      method: "post",
      path: "/api/media",
      summary: "Upload a picture as the raw body",
      action: "media:write",
      somewhere: true,
      raw: { types: TYPES, limit: "20mb" },
      creates: "by-key",
      answers: { 201: pictureAnswer },
      async handle({ request, actor, transact }) {
        const bytes = pictureIn(request);
        const cancelled = cancellation(request);
        // It takes seconds, and no transaction should wait for it; a replayed request keeps the first one's files.
        const sizes = await inTurn(() => develop(bytes, cancelled));
        const files = await keepFiles(db, pictures, sizes);
        try {
          cancelled.throwIfAborted();
          return await transact(async (trx) => {
            const picture = await keepPicture(trx, { ...files, focal_point: null, created_by: actor.userId });
            await audit(trx, actor, "media.upload", null, `media:${picture.id}`);
            return {
              status: 201,
              body: present(picture),
              headers: { ETag: `"${picture.version}"`, Location: `/api/media/${picture.id}` },
            };
          });
        } finally {
          await discardUnkept(db, pictures, files.id);
        }
      },
    }),

    route<{}, z.output<typeof recent>>({
      method: "get",
      path: "/api/media",
      summary: "One's own pictures, the newest first, by cursor",
      action: "media:read-own",
      somewhere: true,
      query: recent,
      answers: { 200: z.object({ media: z.array(pictureAnswer), next: z.string().nullable() }) },
      async handle({ query: { limit, before }, actor }) {
        const more = await picturesMadeBy(db, actor.userId!, { limit: limit + 1, before });
        const own = more.slice(0, limit);
        return {
          status: 200,
          body: { media: own.map(present), next: more.length > limit ? own.at(-1)!.id : null },
        };
      },
    }),

    route<{ mediaId: string }, {}, z.output<typeof pictureChanges>>({
      method: "patch",
      path: "/api/media/:mediaId",
      summary: "Describe a picture: text for those who cannot see it, caption, credit, focal point",
      action: "media:write",
      somewhere: true,
      body: pictureChanges,
      edits: true,
      answers: { 200: pictureAnswer },
      handle: ({ params, body, transact, requireMatch, actor }) =>
        transact(async (trx) => {
          const before = await trx
            .selectFrom("media")
            .selectAll()
            .where("id", "=", params.mediaId)
            .forUpdate()
            .executeTakeFirst();
          if (!before) throw notFound("picture");
          permit(actor, "media:write", SOMEWHERE, before.created_by);
          requireMatch(before.version, () => present(before));
          const {
            focalPoint = before.focal_point,
            alt = before.alt,
            caption = before.caption,
            credit = before.credit,
          } = body;
          const picture = await trx
            .updateTable("media")
            .set({ alt, caption, credit, focal_point: focalPoint, version: before.version + 1 })
            .where("id", "=", before.id)
            .returningAll()
            .executeTakeFirstOrThrow();
          await audit(trx, actor, "media.describe", null, `media:${picture.id}`);
          return { status: 200, body: present(picture), headers: { ETag: `"${picture.version}"` } };
        }),
    }),
  ];
}

function pictureIn({ body }: Request): Buffer {
  if (Buffer.isBuffer(body)) return body;
  throw new AppError(415, "unsupported-media-type", "Send the picture itself, with its Content-Type.");
}

/** Aborted when the caller goes away before the answer, so that nothing is kept of an upload that was called off. */
function cancellation({ res: response }: Request): AbortSignal {
  const controller = new AbortController();
  response!.once("close", () => {
    if (!response!.writableEnded) controller.abort(unavailable("The caller went away."));
  });
  return controller.signal;
}
