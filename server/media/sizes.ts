import sharp, { type Metadata, type Sharp } from "sharp";
import { invalid } from "../errors.ts";
import { requirePicture, unreadable } from "./first-bytes.ts";

/** Pixels of the widths that are kept, never wider than the original. */
const WIDTHS = [320, 640, 1280, 1920];
/** Pixels that WebP and AVIF can be high; a screenshot of a whole page may be higher, and is made smaller. */
const MAX_HEIGHT = 16_000;
/** Pixels in all; more is a mistake or a bomb, and is refused before decoding. */
const MAX_PIXELS = 64_000_000;
/** sharp's names of what may come in. SVG is not among them: it can hold scripts. */
const FORMATS = new Set(["jpeg", "png", "webp", "gif", "heif"]);

/**
 * What browsers are offered, the best first. The efforts are low because a reporter waits for all of it: for a photo of
 * 12 megapixels AVIF takes 1.3 s at effort 0 and 18 s at effort 4 (docs/decisions/0008).
 */
const ENCODINGS = [
  { type: "image/avif", encode: (picture: Sharp) => picture.avif({ quality: 50, effort: 0 }) },
  { type: "image/webp", encode: (picture: Sharp) => picture.webp({ quality: 78, effort: 2 }) },
  { type: "image/jpeg", encode: (picture: Sharp) => picture.jpeg({ quality: 78 }) },
];

export interface Size {
  /** Such as image/avif. */
  readonly type: string;
  /** Pixels. */
  readonly width: number;
  readonly bytes: Buffer;
}

export interface Sizes {
  /** Of the original, upright. */
  readonly width: number;
  readonly height: number;
  /** By width, and of each width the best encoding first. */
  readonly sizes: Size[];
}

/** Each picture is worked on by one thread. */
sharp.concurrency(1);
sharp.cache(false);

/**
 * Makes the sizes of a picture: upright, and without any metadata, since a photo's GPS position can kill a source. Of
 * an animation it takes the first picture.
 * @throws AppError 415 for anything but a picture, 422 for one too large
 */
export async function makeSizes(bytes: Buffer): Promise<Sizes> {
  const { width, height } = await inspect(bytes);
  const widest = Math.min(width, WIDTHS.at(-1)!, Math.floor((width * MAX_HEIGHT) / height));
  if (widest < 1) throw invalid([{ pointer: "/", code: "too-long" }], "The picture is too long for its width.");
  const widths = [...new Set(WIDTHS.map((wanted) => Math.min(wanted, widest)))];
  try {
    const largest = await decode(bytes, widest);
    const wanted = widths.flatMap((width) => ENCODINGS.map((encoding) => ({ ...encoding, width })));
    const sizes = wanted.map(async ({ type, encode, width }) => {
      // sharp writes no metadata unless asked to; nothing here may ask it to.
      return { type, width, bytes: await encode(largest().resize({ width })).toBuffer() };
    });
    return { width, height, sizes: await Promise.all(sizes) };
  } catch {
    throw unreadable();
  }
}

/** Upright size, after the checks that need no decoding. */
async function inspect(bytes: Buffer): Promise<{ width: number; height: number }> {
  requirePicture(bytes);
  let metadata: Metadata;
  try {
    metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch {
    throw unreadable();
  }
  const { format, autoOrient } = metadata;
  if (!FORMATS.has(format)) throw unreadable();
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
