import { z } from "zod";
import { id, line, optionalLine, prose, slug, text, time, webUrl } from "../input.ts";
import { focalPoint, pictureId } from "../media/media.ts";
import { reduceBody } from "./body.ts";
import { tablesFit } from "./tables.ts";

/** Characters of the reduced HTML. */
const MAX_BODY = 20_000;
export const MAX_TAGS = 10;

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
    .refine((html) => html.length <= max, "too-big")
    .refine(tablesFit, "table-too-big");

/** A tag as it is kept and looked for: lower-case, single spaces, without the sign that it is written with. */
export const tag = line(40)
  .transform((text) => text.replace(/^#+/, "").normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim())
  .refine((text) => text !== "" && text.length <= 40, "empty");

const tags = z
  .array(tag)
  .max(MAX_TAGS)
  .transform((given) => [...new Set(given)]);

const sources = z.array(
  z
    .strictObject({
      name: line(200),
      url: webUrl.nullish(),
      note: text(500).nullish(),
      public: z.boolean().default(false),
    })
    .transform(({ name, url, note, ...rest }) => ({ name, url: url ?? null, note: note ?? null, ...rest })),
);

/** Milliseconds from 1970 on: places in a list are written with them. */
const publishedAt = time.refine((at) => at.getTime() > 0, "too-early");

const content = {
  headline: line(200).nullable(),
  body: richText(MAX_BODY),
  quote: quote.nullable(),
  commentId: id,
  media: media.max(20),
  embeds: z.array(z.strictObject({ id })).max(10),
  authors: authors.max(10),
  verification: z.enum(["unverified", "partly-verified", "verified", "disputed"]).nullable(),
  verificationNote: line(500).nullable(),
  tags,
  sources: sources.max(10),
  note: text(1_000).nullable(),
  status: z.enum(["draft", "submitted", "scheduled", "published"]),
  shared: z.boolean(),
  publishAt: time,
  // For those whose clock may be wrong: seconds from now.
  publishIn: z.int().min(1).max(3_600),
  publishedAt,
};

export const newPost = z.strictObject({
  ...z.strictObject(content).partial().shape,
  kind: z.enum(["entry", "quote", "comment"]).default("entry"),
  keyEvent: z.boolean().default(false),
  /** Sums up what has happened. */
  summary: z.boolean().default(false),
  pinned: z.boolean().default(false),
});

export const postChanges = z.strictObject({
  ...z.strictObject(content).partial().omit({ commentId: true }).shape,
  correction: z
    .strictObject({ text: text(1_000) })
    .nullable()
    .optional(),
});

export const removal = z.strictObject({ reason: line(500), legal: z.boolean().default(false) });

/** `draft,submitted`: any of these. */
export const statuses = z
  .string()
  .transform((list) => list.split(","))
  .pipe(z.array(z.enum(["draft", "submitted", "scheduled", "published", "removed"])).max(5))
  .default(["published"]);

export const bulk = z
  .strictObject({
    action: z.enum(["remove", "unpublish", "publish", "key-event", "no-key-event", "pin", "unpin", "tag"]),
    posts: z
      .array(z.strictObject({ id, version: z.int().min(1) }))
      .min(1)
      .max(100)
      .refine((posts) => new Set(posts.map(({ id }) => id)).size === posts.length, "repeated"),
    reason: line(500).optional(),
    tag: tag.optional(),
  })
  .refine(({ action, reason }) => action !== "remove" || reason, { path: ["reason"], error: "required" })
  .refine(({ action, tag }) => (action === "tag") === (tag !== undefined), { path: ["tag"], error: "required" });

/** One thing to do to many posts. */
export type Bulk = z.output<typeof bulk>;
