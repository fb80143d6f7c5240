import { z } from "zod";
import type { Db, Post } from "../database.ts";
import { presentPictures, pictureAnswer, picturesOf, type PicturesById } from "../media/media.ts";

/** A post as the API shows it. */
export const postAnswer = z.object({
  id: z.string(),
  kind: z.enum(["entry", "quote", "comment"]),
  headline: z.string().nullable(),
  body: z.string(),
  quote: z
    .object({
      text: z.string(),
      attribution: z.object({
        name: z.string(),
        role: z.string().nullable(),
        source: z.string().nullable(),
        sourceUrl: z.string().nullable(),
      }),
    })
    .nullable(),
  comment: z
    .object({ id: z.string(), author: z.object({ name: z.string() }), body: z.string(), createdAt: z.iso.datetime() })
    .nullable(),
  media: z.array(pictureAnswer),
  authors: z.array(z.object({ name: z.string(), slug: z.string().nullable(), avatar: z.string().nullable() })),
  keyEvent: z.boolean(),
  pinned: z.boolean(),
  verification: z.enum(["unverified", "partly-verified", "verified", "disputed"]).nullable(),
  verificationNote: z.string().nullable(),
  correction: z.object({ text: z.string(), at: z.iso.datetime() }).nullable(),
  status: z.enum(["draft", "submitted", "published", "removed"]),
  publishedAt: z.iso.datetime().nullable(),
  updatedAt: z.iso.datetime(),
  version: z.int(),
  url: z.string(),
});

export type PostAnswer = z.output<typeof postAnswer>;

export interface PresentOptions {
  readonly slug: string;
  readonly publicUrl: string;
}

export async function presentPosts(db: Db, posts: Post[], options: PresentOptions): Promise<PostAnswer[]> {
  const pictures = await picturesOf(db, posts);
  return posts.map((post) => presentPost(post, pictures, options));
}

function presentPost(post: Post, pictures: PicturesById, { slug, publicUrl }: PresentOptions): PostAnswer {
  const shown = post.status === "removed" ? withoutContent(post) : post;
  return {
    id: post.id,
    kind: post.kind,
    headline: shown.headline,
    body: shown.body,
    quote: shown.quote,
    comment: shown.comment,
    media: presentPictures(shown.media, pictures),
    authors: shown.authors,
    keyEvent: post.key_event,
    pinned: post.pinned_at !== null,
    verification: shown.verification,
    verificationNote: shown.verification_note,
    correction:
      shown.correction && post.corrected_at ? { text: shown.correction, at: post.corrected_at.toISOString() } : null,
    status: post.status,
    publishedAt: post.published_at?.toISOString() ?? null,
    updatedAt: post.updated_at.toISOString(),
    version: post.version,
    url: `${publicUrl}/blogs/${slug}/posts/${post.id}`,
  };
}

/** What a takedown leaves: that there was a post, and nothing it said. Its revisions keep that for the desk. */
const withoutContent = (post: Post): Post => ({
  ...post,
  headline: null,
  body: "",
  quote: null,
  comment: null,
  media: [],
  authors: [],
  verification: null,
  verification_note: null,
  correction: null,
});
