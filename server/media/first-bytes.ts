import { AppError } from "../errors.ts";

/**
 * Looked at before any decoder sees the rest: JPEG, PNG, GIF, WebP, or the box that begins AVIF and HEIC.
 * @throws AppError 415 for anything else
 */
export function requirePicture(bytes: Buffer): void {
  const head = bytes.subarray(0, 12).toString("latin1");
  // oxlint-disable-next-line no-control-regex -- it is a file's first bytes
  if (!/^(\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP|....ftyp)/s.test(head)) throw unreadable();
}

export const unreadable = (): AppError =>
  new AppError(
    415,
    "not-a-picture",
    "This is not a picture that can be read here. Send a JPEG, PNG, WebP, GIF or AVIF.",
  );
