import type { Problem } from "./api.ts";
import type { Piece } from "./composition.ts";

/** Fractions from the top left. */
export interface Point {
  x: number;
  y: number;
}

/** A picture of a post: as the API shows it, or one that is still on its way there. */
export interface Picture extends Piece {
  alt: string;
  caption: string;
  credit: string;
  focalPoint: Point | null;
  /** What the server knows, once it has it. */
  width?: number;
  height?: number;
  sources?: { url: string; type: string; width: number }[];
  /** Of the file, while it is on its way. */
  name?: string;
}

export const MOST_PICTURES = 20;
/** Bytes; the server takes no more. */
export const LARGEST = 20 * 1024 * 1024;

/** The address of the smallest JPEG that is at least so wide. */
export function addressOf({ sources = [] }: Picture, width: number): string {
  const files = sources.filter(({ type }) => type === "image/jpeg").sort((one, other) => one.width - other.width);
  return (files.find((file) => file.width >= width) ?? files.at(-1))?.url ?? "";
}

/** Why a file cannot be sent at all; null when it can be tried. */
export function refusalOf({ size }: Blob): string | null {
  if (size === 0) return "The file is empty.";
  if (size > LARGEST) return `Too large: ${megabytes(size)}. A picture can have up to ${megabytes(LARGEST)}.`;
  return null;
}

/** Why the server does not take a picture, in words for whoever chose it. */
export function reasonFor({ status, code, errors = [] }: Problem, name: string): string {
  const codes = new Set([code, ...errors.map((error) => error.code)]);
  if (status === 413) return `Too large: a picture can have up to ${megabytes(LARGEST)}.`;
  if (codes.has("too-many-pixels")) return "Too many pixels: a picture can have up to 64 million.";
  if (codes.has("too-long")) return "The picture is too long for its width.";
  if (status === 415 && /\.hei[cf]$/i.test(name)) return "HEIC cannot be read here. Save it as JPEG first.";
  if (status === 415) return "This is not a picture that can be read, whatever its name says.";
  if (status === 403) return "You may not upload pictures any more. Ask an editor.";
  if (status === 410) return "It was uploaded, and taken down since.";
  return "The picture was not accepted.";
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(bytes % (1024 * 1024) ? 1 : 0)} MB`;
