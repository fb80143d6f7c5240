import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { sql } from "kysely";
import sharp, { type Metadata, type Sharp } from "sharp";
import { z } from "zod";
import type { Db, Picture, PictureSource, PostPicture, Post } from "../database.ts";
import { AppError, invalid } from "../errors.ts";

/** Pixels of the widths that are kept, never wider than the original. */
const WIDTHS = [320, 640, 1280, 1920];
/** Pixels in all; more is a mistake or a bomb, and is refused before decoding. */
const MAX_PIXELS = 64_000_000;
/** sharp's names of what may come in. SVG is not among them: it can hold scripts. */
const FORMATS = new Set(["jpeg", "png", "webp", "gif", "heif"]);

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

/** One thread for each picture: the live wire shares this process. */
sharp.concurrency(1);

/**
 * Keeps an uploaded picture: upright, in several widths as WebP and JPEG, and without any metadata, since a photo's
 * GPS position can kill a source. The original is not kept. Names are random and tell nothing.
 * @throws AppError 415 for anything but a picture, 422 for one too large
 */
export async function storePicture(
  directory: string,
  bytes: Buffer,
): Promise<Pick<Picture, "id" | "width" | "height" | "sources">> {
  const { width, height } = await inspect(bytes);
  const id = randomBytes(16).toString("hex");
  await mkdir(directory, { recursive: true });
  const widths = [...new Set(WIDTHS.map((wanted) => Math.min(wanted, width)))];
  const sources: PictureSource[] = [];
  try {
    const largest = await decode(bytes, widths.at(-1)!);
    for (const wide of widths)
      for (const format of ["webp", "jpeg"] as const) {
        const name = `${id}-${wide}.${format === "jpeg" ? "jpg" : format}`;
        sources.push({ url: `/media/${name}`, type: `image/${format}`, width: wide });
        // sharp writes no metadata unless asked to; nothing here may ask it to.
        const picture = largest().resize({ width: wide }).toFormat(format, { quality: 78 });
        await writeWhole(join(directory, name), await picture.toBuffer());
      }
  } catch (error) {
    await discardPicture(directory, { sources });
    throw (error as { code?: string }).code === "ENOSPC" ? diskFull() : unreadable();
  }
  return { id, width, height, sources };
}

/** Takes back the files of a picture that was not kept after all. */
export async function discardPicture(directory: string, { sources }: Pick<Picture, "sources">): Promise<void> {
  const files = sources.map(({ url }) => join(directory, basename(url)));
  await Promise.all(files.flatMap((file) => [file, `${file}.part`]).map((file) => rm(file, { force: true })));
}

/** Upright size, after the checks that need no decoding. */
async function inspect(bytes: Buffer): Promise<{ width: number; height: number }> {
  if (!looksLikePicture(bytes)) throw unreadable();
  let metadata: Metadata;
  try {
    metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch {
    throw unreadable();
  }
  const { format, autoOrient } = metadata;
  if (!FORMATS.has(format))
    throw new AppError(415, "not-a-picture", "Send a JPEG, PNG, WebP, GIF, AVIF or HEIC picture.");
  if (metadata.width * metadata.height > MAX_PIXELS)
    throw invalid([{ pointer: "/", code: "too-many-pixels" }], "The picture has too many pixels.");
  return { width: autoOrient.width, height: autoOrient.height };
}

/** Decodes the original once, upright and no larger than it is kept; the sizes are made of that. */
async function decode(bytes: Buffer, width: number): Promise<() => Sharp> {
  const { data, info } = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
    .autoOrient()
    .resize({ width })
    .flatten({ background: "#fff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return () => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

/** By its first bytes, before any decoder sees it: JPEG, PNG, GIF, WebP, or the box that begins AVIF and HEIC. */
function looksLikePicture(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 12).toString("latin1");
  // oxlint-disable-next-line no-control-regex -- it is a file's first bytes
  return /^(\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP|....ftyp)/s.test(head);
}

const unreadable = () => new AppError(415, "not-a-picture", "This is not a picture that can be read.");
const diskFull = () => new AppError(507, "disk-full", "The server's disk is full; nothing was saved.");

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

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

/** The pictures that these posts show, for their sizes. */
export async function picturesOf(db: Db, posts: Pick<Post, "media">[]): Promise<PicturesById> {
  return picturesByIds(
    db,
    posts.flatMap((post) => post.media.map((picture) => picture.id)),
  );
}

/** Posts show it, and all of them were removed. A picture in no post yet is its author's to look at. */
export async function isWithheld(db: Db, id: string): Promise<boolean> {
  const { withheld } = await db
    .selectFrom("posts")
    .select((expression) =>
      expression.fn.coalesce(sql<boolean>`bool_and(status = 'removed')`, sql.lit(false)).as("withheld"),
    )
    .where(sql<boolean>`media @> jsonb_build_array(jsonb_build_object('id', ${id}::text))`)
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
