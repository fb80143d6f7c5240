import type { z } from "zod";
import { permit, type Actor } from "../auth/permissions.ts";
import { promotableComment } from "../comments/promotion.ts";
import type { Author, Blog, Db, Post, Trx } from "../database.ts";
import { invalid } from "../errors.ts";
import { requireEmbeds } from "../embeds/embeds.ts";
import type { KeyOfPost } from "../idempotency.ts";
import { requirePictures } from "../media/media.ts";
import { permitOutgoing } from "./changing.ts";
import type { GivenAuthors, newPost } from "./fields.ts";
import { createPost } from "./posts.ts";
import { secondsFromNow } from "./states.ts";

type Given = z.output<typeof newPost>;

/** @throws AppError 403 for what the writer may not decide, 422 for what does not go together */
export function permitNew(actor: Actor, blog: Pick<Blog, "id">, given: Given): void {
  const { kind, quote, commentId, keyEvent, summary, pinned, publishedAt, status = "published" } = given;
  if (keyEvent || summary || pinned) permit(actor, "post:publish", blog.id);
  permitOutgoing(actor, blog, status);
  if (publishedAt) permit(actor, "post:set-time", blog.id);
  if (quote && kind !== "quote") throw invalid([{ pointer: "/quote", code: "not-for-this-kind" }]);
  if (commentId && kind !== "comment") throw invalid([{ pointer: "/commentId", code: "not-for-this-kind" }]);
}

/**
 * Makes a post of what was sent; what it names (a comment, pictures, authors) has to be there.
 * @param key ends the transaction, as with `createPost`
 */
export async function writeNew(
  trx: Trx,
  actor: Actor,
  blog: Pick<Blog, "id" | "slug">,
  given: Given,
  key?: KeyOfPost,
): Promise<Post> {
  const { commentId, publishIn, status = "published", ...fields } = given;
  return createPost(
    trx,
    actor,
    blog.id,
    {
      kind: fields.kind,
      status,
      keyEvent: fields.keyEvent,
      summary: fields.summary,
      pinned: fields.pinned,
      headline: fields.headline ?? null,
      body: fields.body ?? "",
      quote: fields.quote ?? null,
      comment: commentId ? await promotableComment(trx, blog.id, commentId) : null,
      media: await requirePictures(trx, fields.media ?? []),
      embeds: await requireEmbeds(trx, fields.embeds ?? []),
      authors: await resolveAuthors(trx, actor, fields.authors),
      verification: fields.verification ?? null,
      verificationNote: fields.verificationNote ?? null,
      correction: null,
      tags: fields.tags ?? [],
      sources: fields.sources ?? [],
      note: fields.note ?? null,
      shared: fields.shared,
      publishAt: publishIn ? await secondsFromNow(trx, publishIn) : fields.publishAt,
      publishedAt: fields.publishedAt,
    },
    key?.keep(`/api/blogs/${blog.slug}/posts`),
  );
}

/** The byline: accounts by slug, guests by name; without one given, whoever writes. */
export async function resolveAuthors(db: Db, actor: Actor, given: GivenAuthors | undefined): Promise<Author[]> {
  if (!given) return actor.userId ? [{ name: actor.name, slug: actor.slug, avatar: null }] : [];
  const slugs = given.flatMap((author) => ("slug" in author ? [author.slug] : []));
  const rows = slugs.length
    ? await db.selectFrom("users").select(["slug", "name", "image"]).where("slug", "in", slugs).execute()
    : [];
  const known = new Map(rows.map((row) => [row.slug, { name: row.name, slug: row.slug, avatar: row.image }]));
  return given.map((author, n) => {
    if ("name" in author) return { name: author.name, slug: null, avatar: null };
    const found = known.get(author.slug);
    if (!found) throw invalid([{ pointer: `/authors/${n}/slug`, code: "unknown-author" }]);
    return found;
  });
}
