import { z } from "zod";
import { permit, may, type Action, type Actor } from "../auth/permissions.ts";
import { findBlog } from "../blogs/blogs.ts";
import { headOf, MODERATION } from "../blogs/streams.ts";
import { commentAnswer, findComment, presentComment } from "../comments/comments.ts";
import { blogOfComment, commentPage } from "../comments/routes.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { id, limit, line, slug } from "../input.ts";
import { problemBody, problemOf } from "../problems.ts";
import { requireCursor } from "../comments/lists.ts";
import { transact } from "../transact.ts";
import { decideComment, featureComment } from "./decisions.ts";
import { happening, historyOf } from "./history.ts";
import { countQueues, queued, QUEUES, type Queue } from "./queues.ts";

const verdict = {
  decision: z.enum(["approve", "reject"]),
  version: z.int().min(1),
  reasonCode: line(60).optional(),
  reasonText: line(500).optional(),
};
const needsReason = {
  path: ["reasonCode"],
  message: "required",
};
const decision = z
  .strictObject(verdict)
  .refine(({ decision, reasonCode }) => decision === "approve" || reasonCode, needsReason);
const decisions = z.strictObject({
  decisions: z
    .array(
      z
        .strictObject({ id, ...verdict })
        .refine(({ decision, reasonCode }) => decision === "approve" || reasonCode, needsReason),
    )
    .min(1)
    .max(100),
});
const featuring = z.strictObject({ version: z.int().min(1).optional() });

const decided = commentAnswer.extend({ alreadyDecided: z.boolean() });
/** `?blog=` may be given several times over. */
const someBlogs = z.union([slug.transform((one) => [one]), z.array(slug).min(1).max(20)]).optional();

const queueQuery = z.strictObject({
  limit: limit(100, 50),
  after: id.optional(),
  blog: someBlogs,
  order: z.enum(["newest", "oldest"]).default("oldest"),
});
type QueueQuery = {
  limit: number;
  after?: string | undefined;
  blog?: string[] | undefined;
  order: "newest" | "oldest";
};
const countsQuery = z.strictObject({ blog: someBlogs });
const auditQuery = z.strictObject({
  limit: limit(100, 50),
  after: id.optional(),
  blog: slug.optional(),
  actor: z.string().max(64).optional(),
  commenter: z.string().max(64).optional(),
});
type AuditQuery = z.output<typeof auditQuery>;

export function moderationRoutes({ db, epoch }: Context): AnyRoute[] {
  return [
    route<{ id: string }, {}, z.output<typeof decision>>({
      method: "post",
      path: "/api/comments/:id/decisions",
      summary: "Approve or reject a comment",
      action: "comment:decide",
      blogOf: blogOfComment,
      body: decision,
      answers: { 200: decided },
      handle: ({ params, body, actor, blog, transact }) =>
        transact(async (trx) => {
          const { reasonCode = null, reasonText = null } = body;
          const given = { ...body, reasonCode, reasonText };
          const alreadyDecided = await decideComment(trx, actor, blog.id, params.id, given);
          const comment = presentComment(await findComment(trx, params.id), "moderator");
          return { status: 200, body: { ...comment, alreadyDecided } };
        }),
    }),

    route<{}, {}, z.output<typeof decisions>>({
      method: "post",
      path: "/api/moderation/decisions",
      summary: "Decide up to a hundred comments, each by itself; the answer says what became of each",
      action: "comment:decide",
      somewhere: true,
      body: decisions,
      answers: {
        200: z.object({
          results: z.array(
            z.object({
              id: z.string(),
              status: z.int(),
              comment: decided.optional(),
              problem: z.object({ code: z.string(), detail: z.string(), current: z.unknown() }).optional(),
            }),
          ),
        }),
      },
      async handle({ body, actor }) {
        const results = [];
        for (const { id, reasonCode = null, reasonText = null, ...rest } of body.decisions)
          try {
            const comment = await transact(db, async (trx) => {
              const blog = await blogOfComment(trx, { id });
              permit(actor, "comment:decide", blog.id);
              const given = { ...rest, reasonCode, reasonText };
              const alreadyDecided = await decideComment(trx, actor, blog.id, id, given);
              return { ...presentComment(await findComment(trx, id), "moderator"), alreadyDecided };
            });
            results.push({ id, status: 200, comment });
          } catch (error) {
            const problem = problemOf(error);
            // Those before it are decided; the caller has to know which.
            const { code, detail, current } = problemBody(problem);
            results.push({ id, status: problem.status, problem: { code, detail, current } });
          }
        return { status: 200, body: { results } };
      },
    }),

    ...(["put", "delete"] as const).map((method) =>
      route<{ id: string }, {}, z.output<typeof featuring>>({
        method,
        path: "/api/comments/:id/feature",
        summary: method === "put" ? "Pick a comment, and approve it" : "Take a pick back",
        action: "comment:decide",
        blogOf: blogOfComment,
        body: featuring,
        answers: { 200: commentAnswer },
        handle: ({ params, body, actor, blog, transact }) =>
          transact(async (trx) => {
            await featureComment(trx, actor, blog.id, params.id, method === "put", body.version ?? null);
            return { status: 200, body: presentComment(await findComment(trx, params.id), "moderator") };
          }),
      }),
    ),

    route<{ id: string }>({
      method: "get",
      path: "/api/comments/:id/history",
      summary: "Everything that happened to a comment, oldest first",
      action: "comment:decide",
      blogOf: blogOfComment,
      answers: { 200: z.object({ history: z.array(happening) }) },
      async handle({ params }) {
        const options = { commentId: params.id, order: "oldest", limit: 1_000, after: null } as const;
        return { status: 200, body: { history: await historyOf(db, options) } };
      },
    }),

    route<{ queue: string }, QueueQuery>({
      method: "get",
      path: "/api/moderation/queues/:queue",
      summary: "The comments of a queue, in some blogs or in all",
      action: "comment:decide",
      somewhere: true,
      query: queueQuery,
      answers: { 200: commentPage },
      async handle({ params, actor, query: { blog, limit, after, order } }) {
        const queue = QUEUES.find((name): name is Queue => name === params.queue);
        if (!queue) throw notFound("queue");
        const blogIds = await moderated(actor, blog);
        if (after !== undefined) await requireCursor(db, blogIds?.length === 1 ? blogIds[0]! : null, after);
        // Before the rows, so that anything newer is only sent twice.
        const { version } = await headOf(db, MODERATION, "moderation");
        const rows = await queued(db, queue, blogIds, { order, limit: limit + 1, after: after ?? null });
        const shown = rows.slice(0, limit);
        const next = rows.length > limit ? shown.at(-1)!.id : null;
        const comments = shown.map((row) => presentComment(row, "moderator"));
        return { status: 200, body: { comments, next, epoch: epoch(MODERATION), version } };
      },
    }),

    route<{}, z.output<typeof countsQuery>>({
      method: "get",
      path: "/api/moderation/counts",
      summary: "How many comments each queue holds, up to ten thousand; in some blogs or in all",
      action: "comment:decide",
      somewhere: true,
      query: countsQuery,
      answers: { 200: z.record(z.enum(QUEUES), z.int()) },
      handle: async ({ actor, query }) => ({
        status: 200,
        body: await countQueues(db, await moderated(actor, query.blog)),
      }),
    }),

    route<{}, AuditQuery>({
      method: "get",
      path: "/api/moderation/audit",
      summary:
        "What moderators, readers and rules did, newest first: in a blog, by a moderator, about a person, or all",
      action: "comment:decide",
      blogFromQuery: true,
      query: auditQuery,
      answers: { 200: z.object({ entries: z.array(happening), next: z.string().nullable() }) },
      async handle({ blog, query: { limit, after, actor, commenter } }) {
        const entries = await historyOf(db, {
          ...(blog ? { blogId: blog.id } : {}),
          ...(actor === undefined ? {} : { actorId: actor }),
          ...(commenter === undefined ? {} : { commenterId: commenter }),
          order: "newest",
          limit: limit + 1,
          after: after ?? null,
        });
        const shown = entries.slice(0, limit);
        return { status: 200, body: { entries: shown, next: entries.length > limit ? shown.at(-1)!.id : null } };
      },
    }),
  ];

  /**
   * The blogs that are asked for, if the actor may moderate them; without any, all that they may.
   * @returns null for all there are
   */
  async function moderated(actor: Actor, slugs: string[] | undefined): Promise<string[] | null> {
    return blogsOf(db, actor, "comment:decide", slugs);
  }
}

/** @throws AppError 404 for a blog that is not there, 403 for one where the actor may not do it */
export async function blogsOf(
  db: Context["db"],
  actor: Actor,
  action: Action,
  slugs: string[] | undefined,
): Promise<string[] | null> {
  if (slugs === undefined) {
    if (may(actor, action, null) === "any") return null;
    const own = [...new Set(actor.grants.flatMap(({ blogId }) => blogId ?? []))];
    const blogIds = own.filter((blogId) => may(actor, action, blogId) === "any");
    // A token for one blog, of somebody who may everywhere.
    if (actor.onlyBlogId !== null && may(actor, action, actor.onlyBlogId) === "any") return [actor.onlyBlogId];
    return blogIds;
  }
  const blogs = await Promise.all(slugs.map((name) => findBlog(db, name)));
  for (const blog of blogs) permit(actor, action, blog.id);
  return blogs.map((blog) => blog.id);
}
