import { z } from "zod";
import { may, type Actor } from "../auth/permissions.ts";
import type { Blog, Db, Post, PostSource } from "../database.ts";
import { embedAnswer, presentEmbeds } from "../embeds/embeds.ts";
import { presentPictures, pictureAnswer, picturesOf, type PicturesById } from "../media/media.ts";
import { contentColumns, NOTHING } from "./content.ts";

const person = z.object({ name: z.string(), slug: z.string() });

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
  embeds: z.array(embedAnswer),
  authors: z.array(z.object({ name: z.string(), slug: z.string().nullable(), avatar: z.string().nullable() })),
  keyEvent: z.boolean(),
  summary: z.boolean(),
  pinned: z.boolean(),
  verification: z.enum(["unverified", "partly-verified", "verified", "disputed"]).nullable(),
  verificationNote: z.string().nullable(),
  correction: z.object({ text: z.string(), at: z.iso.datetime() }).nullable(),
  tags: z.array(z.string()),
  /** For readers the public ones; for the newsroom all. */
  sources: z.array(
    z.object({ name: z.string(), url: z.string().nullable(), note: z.string().nullable(), public: z.boolean() }),
  ),
  status: z.enum(["draft", "submitted", "scheduled", "published", "removed"]),
  publishedAt: z.iso.datetime().nullable(),
  updatedAt: z.iso.datetime(),
  version: z.int(),
  url: z.string(),
  // The rest is for the desk.
  publishAt: z.iso.datetime().nullable().optional(),
  shared: z.boolean().optional(),
  createdBy: person.nullable().optional(),
  updatedBy: person.nullable().optional(),
  /** For its author, and for those who edit others' posts. */
  note: z.string().nullable().optional(),
});

export type PostAnswer = z.output<typeof postAnswer>;
export type PersonAnswer = z.output<typeof person>;
type People = ReadonlyMap<string, PersonAnswer>;

export interface PresentOptions {
  readonly blog: Pick<Blog, "id" | "slug">;
  readonly publicUrl: string;
  /** Whose answer it is: the desk is told more than readers. */
  readonly viewer: Actor;
}

export async function presentPosts(db: Db, posts: Post[], options: PresentOptions): Promise<PostAnswer[]> {
  const pictures = await picturesOf(db, posts);
  const people = await peopleOf(db, posts, options);
  return posts.map((post) => presentPost(post, pictures, people, options));
}

/** Whoever wrote and changed the posts, by id, for those who are told; null for others. */
async function peopleOf(db: Db, posts: Post[], { viewer, blog }: PresentOptions): Promise<People | null> {
  if (may(viewer, "post:read-hidden", blog.id) !== "any") return null;
  const { userId, name, slug } = viewer;
  const known = new Map<string, PersonAnswer>(userId && slug ? [[userId, { name, slug }]] : []);
  const ids = new Set(posts.flatMap((post) => [post.created_by ?? [], post.updated_by ?? []].flat()));
  const unknown = [...ids].filter((id) => !known.has(id));
  if (!unknown.length) return known;
  const rows = await db.selectFrom("users").select(["id", "name", "slug"]).where("id", "in", unknown).execute();
  for (const { id, name, slug } of rows) known.set(id, { name, slug });
  return known;
}

function presentPost(
  post: Post,
  pictures: PicturesById,
  people: People | null,
  { blog, publicUrl, viewer }: PresentOptions,
): PostAnswer {
  const shown = post.status === "removed" ? withoutContent(post) : post;
  const internal = people !== null && readsInternal(viewer, blog.id, post);
  return {
    id: post.id,
    kind: post.kind,
    headline: shown.headline,
    body: shown.body,
    quote: shown.quote,
    comment: shown.comment,
    media: presentPictures(shown.media, pictures),
    embeds: presentEmbeds(shown.embeds, pictures),
    authors: shown.authors,
    keyEvent: post.key_event,
    summary: post.summary,
    pinned: post.pinned_at !== null,
    verification: shown.verification,
    verificationNote: shown.verification_note,
    correction:
      shown.correction && post.corrected_at ? { text: shown.correction, at: post.corrected_at.toISOString() } : null,
    tags: shown.tags,
    sources: internal ? shown.sources : publicSources(shown),
    status: post.status,
    // One that was taken back has only had a time.
    publishedAt: post.status === "published" || post.status === "removed" ? iso(post.published_at) : null,
    updatedAt: post.updated_at.toISOString(),
    version: post.version,
    url: `${publicUrl}/blogs/${blog.slug}/posts/${post.id}`,
    ...(people && {
      publishAt: iso(post.publish_at),
      shared: post.shared,
      createdBy: people.get(post.created_by ?? "") ?? null,
      updatedBy: people.get(post.updated_by ?? "") ?? null,
    }),
    ...(internal && { note: shown.note }),
  };
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function readsInternal(viewer: Actor, blogId: string, post: Post): boolean {
  const extent = may(viewer, "post:read-internal", blogId);
  return extent === "any" || (extent === "own" && post.created_by === viewer.userId);
}

/** What readers may know of where it comes from. */
export const publicSources = (post: Pick<Post, "sources">): PostSource[] =>
  post.sources.filter((source) => source.public);

/** What a takedown leaves: that there was a post, and nothing it said. Its revisions keep that for the desk. */
const withoutContent = (post: Post): Post => ({ ...post, ...contentColumns(NOTHING) });
