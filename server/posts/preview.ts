import { z } from "zod";
import type { Actor } from "../auth/permissions.ts";
import { promotableComment } from "../comments/promotion.ts";
import type { Context } from "../context.ts";
import type { Blog, Post, Trx } from "../database.ts";
import { requireEmbeds } from "../embeds/embeds.ts";
import { route, type AnyRoute } from "../http.ts";
import { picturesOf, requirePictures } from "../media/media.ts";
import { postModel } from "../rendering/models.ts";
import { newPost } from "./fields.ts";
import { resolveAuthors } from "./writing.ts";

/** What somebody is writing, by the reader's own partial, before there is such a post. */
export function previewRoutes({ views }: Context): AnyRoute[] {
  return [
    route<{ slug: string }, {}, z.output<typeof newPost>>({
      method: "post",
      path: "/api/blogs/:slug/preview",
      summary: "How readers would see a post; nothing is kept",
      action: "post:write",
      body: newPost,
      answers: { 200: z.object({ html: z.string() }) },
      async handle({ blog, body, actor, transact }) {
        // Nothing is written in it; what is read is held for its moment, as it would be to be published.
        return transact(async (trx) => {
          const post = await imagined(trx, actor, blog, body);
          const html = views.fragment("post", postModel(post, blog, await picturesOf(trx, [post])), blog.language);
          return { status: 200, body: { html } };
        });
      },
    }),
  ];
}

/** The row that it would have, published at this moment. */
async function imagined(trx: Trx, actor: Actor, blog: Blog, fields: z.output<typeof newPost>): Promise<Post> {
  const now = new Date();
  return {
    id: "0",
    blog_id: blog.id,
    kind: fields.kind,
    status: "published",
    headline: fields.headline ?? null,
    body: fields.body ?? "",
    quote: fields.quote ?? null,
    comment: fields.commentId ? await promotableComment(trx, blog.id, fields.commentId) : null,
    comment_id: fields.commentId ?? null,
    media: await requirePictures(trx, fields.media ?? []),
    embeds: await requireEmbeds(trx, fields.embeds ?? []),
    authors: await resolveAuthors(trx, actor, fields.authors),
    key_event: fields.keyEvent,
    summary: fields.summary,
    pinned_at: null,
    verification: fields.verification ?? null,
    verification_note: fields.verificationNote ?? null,
    claim_since: null,
    correction: null,
    corrected_at: null,
    publish_at: null,
    scheduled_by: null,
    shared: false,
    tags: fields.tags ?? [],
    sources: fields.sources ?? [],
    note: null,
    version: 0,
    position: null,
    desk_position: 0,
    page: null,
    created_by: actor.userId,
    updated_by: actor.userId,
    created_at: now,
    published_at: now,
    shown_at: now,
    updated_at: now,
    edited_at: null,
    removed_at: null,
    erased_at: null,
  };
}
