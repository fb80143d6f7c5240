import { z } from "zod";
import { audit } from "../audit.ts";
import { permit, SOMEWHERE } from "../auth/permissions.ts";
import type { Context } from "../context.ts";
import type { Picture } from "../database.ts";
import { AppError, notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { optionalLine } from "../input.ts";
import { discardPicture, focalPoint, pictureAnswer, presentPictures, storePicture } from "./media.ts";
import { turns } from "./turns.ts";

/** Pictures that are decoded at once; a large one takes a few hundred megabytes while that lasts. */
const AT_ONCE = 2;
const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic"];

const pictureChanges = z
  .strictObject({
    alt: optionalLine(1e3),
    caption: optionalLine(1e3),
    credit: optionalLine(200),
    focalPoint: focalPoint.nullable(),
  })
  .partial();

export function mediaRoutes({ config, db }: Context): AnyRoute[] {
  const inTurn = turns(AT_ONCE);
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
        const bytes: unknown = request.body;
        if (!Buffer.isBuffer(bytes))
          throw new AppError(415, "unsupported-media-type", "Send the picture itself, with its Content-Type.");
        // Encoding takes seconds, and no transaction should wait for it; a replayed request keeps the first one's files.
        const stored = await inTurn(() => storePicture(config.mediaDir, bytes));
        const discard = () => discardPicture(config.mediaDir, stored);
        // After a COMMIT of unknown outcome the files stay: a stray file does less harm than a post without its picture.
        const kept = () =>
          db
            .selectFrom("media")
            .select("id")
            .where("id", "=", stored.id)
            .executeTakeFirst()
            .catch(() => true);
        const answer = await transact(async (trx) => {
          const picture = await trx
            .insertInto("media")
            .values({ ...stored, focal_point: null, created_by: actor.userId })
            .returningAll()
            .executeTakeFirstOrThrow();
          await audit(trx, actor, "media.upload", null, `media:${picture.id}`);
          return {
            status: 201,
            body: present(picture),
            headers: { ETag: `"${picture.version}"`, Location: `/api/media/${picture.id}` },
          };
        }).catch(async (error: unknown) => {
          if (!(await kept())) await discard();
          throw error;
        });
        if ((answer.body as { id: string }).id !== stored.id) await discard();
        return answer;
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
