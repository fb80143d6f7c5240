import type { Request } from "express";
import { z } from "zod";
import { may, permit, type Actor } from "../auth/permissions.ts";
import { findBlogById } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { Blog, Db } from "../database.ts";
import { notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { id, limit, line, text } from "../input.ts";
import { commentAnswer, findComment, presentComment, type CommentRow, type Viewer } from "./comments.ts";
import { adviceOn, cleaned, counted, handIn, type Gate, type Writer } from "./handing-in.ts";
import { requireCursor, SORTS, visibleComments, type Sort } from "./lists.ts";
import { react } from "./reactions.ts";
import { REPORT_REASONS, reportComment } from "./reports.ts";
import { deleteComment, editComment } from "./writing.ts";

/** Bytes; the text itself is measured by rules/comment-text.ts. */
const MAX_BYTES = 32_000;
const MAX_REPORT = 500;

const body = z.string().max(MAX_BYTES);
const newComment = z.strictObject({ body, parentId: id.nullish() });
const editedComment = z.strictObject({ body, version: z.int().min(1) });
const report = z
  .strictObject({ reason: z.enum(REPORT_REASONS), details: text(MAX_REPORT).nullish() })
  .refine(({ reason, details }) => details || (reason !== "legal" && reason !== "other"), {
    path: ["details"],
    message: "required",
  });
const listQuery = z.strictObject({
  limit: limit(100, 50),
  after: id.optional(),
  sort: z.enum(SORTS).default("newest"),
  q: line(100).optional(),
});
type ListQuery = { limit: number; after?: string | undefined; sort: Sort; q?: string | undefined };

/** With where its stream is, for whoever follows it from here on. */
export const commentPage = z.object({
  comments: z.array(commentAnswer),
  next: z.string().nullable(),
  epoch: z.string(),
  version: z.int(),
});

/** What the checks need, of everything there is; for the API and for the plain form. */
export const gateOf = ({ db, config, rates }: Context): Gate => ({
  db,
  service: config.commentCheck,
  rates: config.rateLimits ? rates : null,
});

const writerOf = ({ actor, blog, request }: { actor: Actor; blog: Blog; request: Request }): Writer => ({
  actor,
  blog,
  address: request.ip ?? null,
});

export function commentRoutes(context: Context): AnyRoute[] {
  const { db, epoch } = context;
  const gate = gateOf(context);
  return [
    route<{ slug: string }, ListQuery>({
      method: "get",
      path: "/api/blogs/:slug/comments",
      summary: "The comments that readers see, tombstones included; for the desk, those that say something",
      action: "blog:read",
      query: listQuery,
      answers: { 200: commentPage },
      async handle({ blog, actor, query: { q, limit, after, sort } }) {
        if (q !== undefined) permit(actor, "desk:follow", blog.id);
        if (after !== undefined) await requireCursor(db, blog.id, after, { ofReaders: true });
        // Before the rows, so that anything newer is only sent twice.
        const { version } = await headOf(db, blog.id, "comments");
        const options = { sort, limit: limit + 1, after: after ?? null };
        const rows = await visibleComments(db, blog.id, q === undefined ? options : { ...options, q });
        const shown = rows.slice(0, limit);
        const next = rows.length > limit ? shown.at(-1)!.id : null;
        const comments = shown.map((row) => presentComment(row, viewerOf(actor, row)));
        return { status: 200, body: { comments, next, epoch: epoch(blog.id), version } };
      },
    }),

    route<{ slug: string }, {}, z.output<typeof newComment>>({
      method: "post",
      path: "/api/blogs/:slug/comments",
      summary: "Hand in a comment: published (201), or waiting for a moderator or refused by a rule (202)",
      action: "comment:write",
      body: newComment,
      creates: "by-key",
      answers: { 201: commentAnswer, 202: commentAnswer },
      handle: ({ body: { body, parentId }, transact, ...call }) =>
        handIn(gate, writerOf(call), { body, parentId: parentId ?? null }, transact),
    }),

    route<{ id: string }>({
      method: "get",
      path: "/api/comments/:id",
      summary: "One comment; a hidden one only for its author and moderators",
      action: "blog:read",
      blogOf: blogOfComment,
      answers: { 200: commentAnswer },
      async handle({ params, actor }) {
        const comment = await findComment(db, params.id);
        const viewer = viewerOf(actor, comment);
        if (comment.face === "none" && (viewer === "anyone" || comment.deleted_at)) throw notFound("comment");
        return { status: 200, body: presentComment(comment, viewer), headers: { ETag: `"${comment.version}"` } };
      },
    }),

    route<{ id: string }, {}, z.output<typeof editedComment>>({
      method: "patch",
      path: "/api/comments/:id",
      summary: "Change the words of one's own comment, shortly after it was written; they are checked anew",
      action: "comment:write",
      blogOf: blogOfComment,
      body: editedComment,
      answers: { 200: commentAnswer },
      async handle({ params, body: given, transact, ...call }) {
        const { actor, blog } = call;
        const body = cleaned(given.body);
        return counted(gate, "edit", writerOf(call), async () => {
          const advice = await adviceOn(gate, body, actor, blog);
          return transact(async (trx) => {
            await editComment(trx, actor, blog.id, params.id, { ...given, body }, advice);
            return { status: 200, body: presentComment(await findComment(trx, params.id), "author") };
          });
        });
      },
    }),

    route<{ id: string }>({
      method: "delete",
      path: "/api/comments/:id",
      summary: "Take one's own comment back; what it said is gone everywhere",
      action: "comment:take-part",
      blogOf: blogOfComment,
      answers: { 204: null },
      handle: ({ params, actor, blog, transact }) =>
        transact(async (trx) => {
          await deleteComment(trx, actor, blog.id, params.id);
          return { status: 204 };
        }),
    }),

    route<{ id: string }, {}, z.output<typeof report>>({
      method: "post",
      path: "/api/comments/:id/reports",
      summary: "Report a comment to the moderators; once for each person until they have decided",
      action: "comment:take-part",
      blogOf: blogOfComment,
      body: report,
      answers: { 204: null },
      handle: ({ params, body: { reason, details }, transact, ...call }) =>
        counted(gate, "report", writerOf(call), () =>
          transact(async (trx) => {
            await reportComment(trx, call.actor, call.blog.id, params.id, { reason, details: details ?? null });
            return { status: 204 };
          }),
        ),
    }),

    ...(["put", "delete"] as const).map((method) =>
      route<{ id: string }>({
        method,
        path: "/api/comments/:id/reaction",
        summary: method === "put" ? "Like a comment" : "Take a like back",
        action: "comment:take-part",
        blogOf: blogOfComment,
        answers: { 200: commentAnswer },
        handle: ({ params, transact, ...call }) =>
          counted(gate, "reaction", writerOf(call), () =>
            transact(async (trx) => {
              await react(trx, call.actor, call.blog.id, params.id, method === "put");
              return { status: 200, body: presentComment(await findComment(trx, params.id), "anyone") };
            }),
          ),
      }),
    ),
  ];
}

export function viewerOf(actor: Actor, { blog_id, author_id }: CommentRow): Viewer {
  if (may(actor, "comment:decide", blog_id) === "any") return "moderator";
  return actor.userId !== null && author_id === actor.userId ? "author" : "anyone";
}

export async function blogOfComment(db: Db, { id: commentId }: Record<string, string>): Promise<Blog> {
  return findBlogById(db, (await findComment(db, commentId!)).blog_id);
}
