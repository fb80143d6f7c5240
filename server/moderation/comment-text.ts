import { createHash } from "node:crypto";
import { fold, tokensOf } from "./folding.ts";

/** Graphemes: what a reader counts as characters. */
export const LONGEST_COMMENT = 2_000;
/** Bytes of UTF-8, since one grapheme can be of any size. */
const MOST_BYTES = 32_768;

export type CommentRefusal =
  | { readonly code: "comment-empty" | "invalid-characters" }
  | {
      readonly code: "comment-too-long";
      readonly unit: "graphemes" | "bytes";
      readonly max: number;
      readonly actual: number;
    };

export type CleanedComment = { readonly text: string } | { readonly refusal: CommentRefusal };

/**
 * A comment as it is kept: NFC, without what turns the direction of the text around it, with four accents on a letter
 * at most (eight marks, where vowels are marks), no spaces at the ends of lines and no more than two blank lines together. Called wherever a comment
 * comes in or is changed; the caller limits the size of the request.
 */
export function cleanComment(given: string): CleanedComment {
  if (!given.isWellFormed() || CONTROLS.test(given)) return { refusal: { code: "invalid-characters" } };
  const level = given.normalize("NFC").replace(DIRECTIONS, "");
  const text = withoutBlankLines(level.replace(PILED_ACCENTS, "$1").replace(PILED_MARKS, "$1"));
  if (isBlank(text)) return { refusal: { code: "comment-empty" } };
  return (
    tooLong("graphemes", graphemes(text), LONGEST_COMMENT) ??
    tooLong("bytes", Buffer.byteLength(text), MOST_BYTES) ?? { text }
  );
}

/** A key that is the same for texts that differ in case, accents, signs or look-alikes only; for finding repeats. */
export function sameText(text: string): string {
  const words = tokensOf(text).map(({ looks }) => looks);
  // One that is all emoji has no words.
  const essence = words.length ? words.join(" ") : fold(text);
  return createHash("sha256").update(essence).digest("base64url");
}

/** All but tab and the ends of lines. */
const CONTROLS = /[^\P{Cc}\t\n\r]/u;
/** Embeddings, overrides and isolates; the marks U+200E and U+200F only order what is next to them, and stay. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;
/** What is piled up on a letter, with joiners between: accents from the fifth on, and marks of any kind from the ninth. */
const PILED_ACCENTS =
  /((?=\p{M})\p{Script=Inherited}(?:\p{Cf}*(?=\p{M})\p{Script=Inherited}){3})(?:\p{Cf}*(?=\p{M})\p{Script=Inherited})+/gu;
const PILED_MARKS = /(\p{M}(?:\p{Cf}*\p{M}){7})(?:\p{Cf}*\p{M})+/gu;
/** U+2800 is a Braille cell without a dot. */
const SHAPELESS = /[\s\p{Default_Ignorable_Code_Point}\u2800]/gu;

const isBlank = (text: string): boolean => text.replace(SHAPELESS, "") === "";

function withoutBlankLines(text: string): string {
  return text
    .split(/\r\n?|[\n\u2028\u2029]/)
    .map((line) => (isBlank(line) ? "" : line.trimEnd()))
    .join("\n")
    .replace(/\n{4,}/g, "\n\n\n")
    .trim();
}

const tooLong = (unit: "graphemes" | "bytes", actual: number, max: number): CleanedComment | null =>
  actual > max ? { refusal: { code: "comment-too-long", unit, max, actual } } : null;

function graphemes(text: string): number {
  let count = 0;
  for (const _ of new Intl.Segmenter().segment(text)) count++;
  return count;
}
