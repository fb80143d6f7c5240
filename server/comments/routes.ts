import { z } from "zod";
import { may, permit } from "../auth/permissions.ts";
import { findBlogById } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Blog, CommentStatus, Db } from "../database.ts";
import { notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { id, limit, line, slug, text } from "../input.ts";
import { commentAnswer, decideComment, findComment, listComments, presentComment, submitComment } from "./comments.ts";

/** Characters a comment may have. */
const MAX_COMMENT = 2_000;

const newComment = z.strictObject({ body: text(MAX_COMMENT), parentId: id.nullish() });

const decision = z
  .strictObject({
    decision: z.enum(["approve", "reject"]),
    version: z.int().min(1),
    reasonCode: line(60).optional(),
    reasonText: line(500).optional(),
  })
  .refine(({ decision, reasonCode }) => decision === "approve" || reasonCode, {
    path: ["reasonCode"],
    message: "required",
  });

const list = { limit: limit(100, 50), after: id.optional() };
const page = z.object({ comments: z.array(commentAnswer), next: z.string().nullable() });

type Listing = { sort: "newest" | "oldest"; limit: number; after?: string | undefined };

export function commentRoutes({ db }: Context): AnyRoute[] {
  return [
    route<{ slug: string }, Listing & { q?: string | undefined }>({
      method: "get",
      path: "/api/blogs/:slug/comments",
      summary: "The approved comments; for the desk, those that say something",
      action: "blog:read",
      query: z.strictObject({
        ...list,
        sort: z.enum(["newest", "oldest"]).default("newest"),
        q: line(100).optional(),
      }),
      answers: { 200: page },
      async handle({ blog, actor, query: { q, ...query } }) {
        if (q !== undefined) permit(actor, "desk:follow", blog.id);
        return { status: 200, body: await commentPage(blog, "approved", query, q) };
      },
    }),

    route<{ slug: string }, {}, z.output<typeof newComment>>({
      method: "post",
      path: "/api/blogs/:slug/comments",
      summary: "Hand in a comment; it waits for a moderator",
      action: "comment:write",
      body: newComment,
      creates: "by-key",
      answers: { 202: commentAnswer },
      handle: ({ blog, body, actor, transact }) =>
        transact(async (trx) => {
          const comment = await submitComment(trx, actor, blog.id, body.body, body.parentId ?? null);
          return {
            status: 202,
            body: presentComment(await findComment(trx, comment.id)),
            headers: { Location: `/api/comments/${comment.id}` },
          };
        }),
    }),

    route<{ id: string }>({
      method: "get",
      path: "/api/comments/:id",
      summary: "One comment; a hidden one only for its author and moderators",
      action: "blog:read",
      blogOf: blogOfComment,
      answers: { 200: commentAnswer },
      async handle({ params, actor, blog }) {
        const comment = await findComment(db, params.id);
        const extent = may(actor, "comment:read-hidden", blog.id);
        const own = extent === "own" && comment.author_id === actor.userId;
        if (comment.status !== "approved" && extent !== "any" && !own) throw notFound("comment");
        return { status: 200, body: presentComment(comment), headers: { ETag: `"${comment.version}"` } };
      },
    }),

    route<{ id: string }, {}, z.output<typeof decision>>({
      method: "post",
      path: "/api/comments/:id/decisions",
      summary: "Approve or reject a comment",
      action: "comment:decide",
      blogOf: blogOfComment,
      body: decision,
      answers: { 200: commentAnswer.extend({ alreadyDecided: z.boolean() }) },
      handle: ({ params, body, actor, blog, transact }) =>
        transact(async (trx) => {
          const { reasonCode = null, reasonText = null } = body;
          const alreadyDecided = await decideComment(trx, actor, blog.id, params.id, {
            ...body,
            reasonCode,
            reasonText,
          });
          return { status: 200, body: { ...presentComment(await findComment(trx, params.id)), alreadyDecided } };
        }),
    }),

    route<{ queue: string }, Listing & { blog?: string | undefined }>({
      method: "get",
      path: "/api/moderation/queues/:queue",
      summary: "The comments that are pending, approved or rejected, in one blog or in all",
      action: "comment:decide",
      blogFromQuery: true,
      query: z
        .strictObject({ ...list, blog: slug.optional(), order: z.enum(["newest", "oldest"]).default("oldest") })
        .transform(({ order, ...rest }) => ({ ...rest, sort: order })),
      answers: { 200: page },
      async handle({ blog, params, query }) {
        const status = z.enum(["pending", "approved", "rejected"]).safeParse(params.queue);
        if (!status.success) throw notFound("queue");
        return { status: 200, body: await commentPage(blog, status.data, query) };
      },
    }),
  ];

  async function commentPage(blog: Blog | null, status: CommentStatus, { sort, limit, after }: Listing, q?: string) {
    const options = { status, sort, limit: limit + 1, after: after ?? null };
    const rows = await listComments(db, blog?.id ?? null, q === undefined ? options : { ...options, q });
    const shown = rows.slice(0, limit);
    return { comments: shown.map(presentComment), next: rows.length > limit ? shown.at(-1)!.id : null };
  }
}

async function blogOfComment(db: Db, { id: commentId }: Record<string, string>): Promise<Blog> {
  return findBlogById(db, (await findComment(db, commentId!)).blog_id);
}
