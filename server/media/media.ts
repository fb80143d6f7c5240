import { sql } from "kysely";
import { z } from "zod";
import type { Db, Picture, PostPicture, Post } from "../database.ts";
import { invalid } from "../errors.ts";

/** Fractions of width and height from the top left: what has to stay in sight when a picture is cropped. */
export const focalPoint = z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });

export const pictureId = z.string().regex(/^[0-9a-f]{32}$/);

export const pictureAnswer = z.object({
  id: z.string(),
  width: z.int(),
  height: z.int(),
  sources: z.array(z.object({ url: z.string(), type: z.string(), width: z.int() })),
  alt: z.string(),
  caption: z.string(),
  credit: z.string(),
  focalPoint: focalPoint.nullable(),
});

export type PictureAnswer = z.output<typeof pictureAnswer>;
export type PicturesById = ReadonlyMap<string, Picture>;

/** A post's pictures as it will keep them; what it does not say of one, the picture itself says. @throws AppError 422 */
export async function requirePictures(db: Db, given: Partial<PostPicture>[]): Promise<PostPicture[]> {
  const known = await picturesByIds(
    db,
    given.map((picture) => picture.id!),
  );
  return given.map(({ id, alt, caption, credit, focalPoint }, n) => {
    const found = known.get(id!);
    if (!found) throw invalid([{ pointer: `/media/${n}/id`, code: "unknown-picture" }]);
    return {
      id: found.id,
      alt: alt ?? found.alt,
      caption: caption ?? found.caption,
      credit: credit ?? found.credit,
      focalPoint: focalPoint === undefined ? found.focal_point : focalPoint,
    };
  });
}

/** Before a post is published; a draft may wait for its texts. @throws AppError 422 for each picture without one */
export function requireAltTexts(pictures: PostPicture[]): void {
  const errors = pictures.flatMap(({ alt }, n) => (alt ? [] : [{ pointer: `/media/${n}/alt`, code: "required" }]));
  if (errors.length) throw invalid(errors, "A picture needs a text for those who cannot see it.");
}

/** The pictures that these posts and their link cards show, for their sizes. */
export async function picturesOf(db: Db, posts: Pick<Post, "media" | "embeds">[]): Promise<PicturesById> {
  return picturesByIds(
    db,
    posts.flatMap(({ media, embeds }) => [
      ...media.map((picture) => picture.id),
      ...embeds.flatMap(({ picture }) => picture ?? []),
    ]),
  );
}

/** Somebody's pictures, the newest first; without those that were taken from the public with all their posts. */
export async function picturesMadeBy(
  db: Db,
  userId: string,
  { limit, before }: { limit: number; before?: string | undefined },
): Promise<Picture[]> {
  const cursor = before
    ? await db
        .selectFrom("media")
        .select(["created_at", "id"])
        .where("id", "=", before)
        .where("created_by", "=", userId)
        .executeTakeFirst()
    : null;
  if (cursor === undefined) throw invalid([{ pointer: "query:before", code: "unknown-cursor" }]);
  return db
    .selectFrom("media")
    .selectAll()
    .where("created_by", "=", userId)
    .$if(cursor !== null, (query) =>
      query.where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(cursor!.created_at, cursor!.id))),
    )
    .where(
      sql<boolean>`not coalesce((
        select bool_and(status = 'removed') from posts
        where posts.media @> jsonb_build_array(jsonb_build_object('id', media.id))
      ), false)`,
    )
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** Posts show it, and all of them were removed. A picture in no post yet is its author's to look at. */
export async function isWithheld(db: Db, id: string): Promise<boolean> {
  const { withheld } = await db
    .selectFrom("posts")
    .select((expression) =>
      expression.fn.coalesce(sql<boolean>`bool_and(status = 'removed')`, sql.lit(false)).as("withheld"),
    )
    .where(
      sql<boolean>`(media @> jsonb_build_array(jsonb_build_object('id', ${id}::text))
        or embeds @> jsonb_build_array(jsonb_build_object('picture', ${id}::text)))`,
    )
    .executeTakeFirstOrThrow();
  return withheld;
}

export function presentPictures(shown: PostPicture[], known: PicturesById): PictureAnswer[] {
  return shown.flatMap(({ id, alt, caption, credit, focalPoint = null }) => {
    const found = known.get(id);
    if (!found) return [];
    const { width, height, sources } = found;
    return [{ id, width, height, sources, alt, caption, credit, focalPoint }];
  });
}

async function picturesByIds(db: Db, ids: string[]): Promise<PicturesById> {
  if (!ids.length) return new Map();
  const rows = await db.selectFrom("media").selectAll().where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, row]));
}
