import { z } from "zod";
import { id, line, optionalLine, prose, slug, text, webUrl } from "../input.ts";
import { focalPoint, pictureId } from "../media/media.ts";
import { reduceBody } from "./body.ts";

/** Characters of the reduced HTML. */
const MAX_BODY = 20_000;

const quote = z
  .strictObject({
    text: text(2_000),
    attribution: z.strictObject({
      name: line(120),
      role: line(160).nullish(),
      source: line(160).nullish(),
      sourceUrl: webUrl.nullish(),
    }),
  })
  .transform(({ text, attribution: { name, role, source, sourceUrl } }) => ({
    text,
    attribution: { name, role: role ?? null, source: source ?? null, sourceUrl: sourceUrl ?? null },
  }));

const media = z.array(
  z.strictObject({
    id: pictureId,
    alt: optionalLine(1_000).optional(),
    caption: optionalLine(1_000).optional(),
    credit: optionalLine(200).optional(),
    focalPoint: focalPoint.nullable().optional(),
  }),
);

const authors = z.array(z.union([z.strictObject({ slug }), z.strictObject({ name: line(120) })]));

/** Whom a post names as its authors: accounts by slug, guests by name. */
export type GivenAuthors = z.output<typeof authors>;

/** HTML as an editor sends it, reduced; up to so many characters of what is left. */
export const richText = (max: number) =>
  // What word processors paste is mostly wrapping, so that the limit is for what is left of it.
  prose(60_000)
    .transform(reduceBody)
    .refine((html) => html.length <= max, "too-big");

const content = {
  headline: line(200).nullable(),
  body: richText(MAX_BODY),
  quote: quote.nullable(),
  commentId: id,
  media: media.max(20),
  authors: authors.max(10),
  verification: z.enum(["unverified", "partly-verified", "verified", "disputed"]).nullable(),
  verificationNote: line(500).nullable(),
  status: z.enum(["draft", "submitted", "published"]),
};

export const newPost = z.strictObject({
  ...z.strictObject(content).partial().shape,
  kind: z.enum(["entry", "quote", "comment"]).default("entry"),
  keyEvent: z.boolean().default(false),
  pinned: z.boolean().default(false),
});

export const postChanges = z.strictObject({
  ...z.strictObject(content).partial().omit({ commentId: true }).shape,
  correction: z
    .strictObject({ text: text(1_000) })
    .nullable()
    .optional(),
});

export const removal = z.strictObject({ reason: line(500) });
