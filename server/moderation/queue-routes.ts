import { z } from "zod";
import { headOf, MODERATION } from "../blogs/streams.ts";
import { presentComment } from "../comments/comments.ts";
import { requireCursor } from "../comments/lists.ts";
import { commentPage } from "../comments/routes.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { id, limit, slug } from "../input.ts";
import { happening, historyOf } from "./history.ts";
import { MOST_DAYS, overviewAnswer, overviewOf } from "./overview.ts";
import { countQueues, queued, QUEUES, type Queue } from "./queues.ts";
import { blogsOf } from "./scope.ts";

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

const overviewQuery = z.strictObject({ blog: someBlogs, days: limit(MOST_DAYS, 14) });

/** What waits for moderators, and what they have done. */
export function queueRoutes({ db, epoch }: Context): AnyRoute[] {
  return [
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
        const blogIds = await blogsOf(db, actor, "comment:decide", blog);
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
        body: await countQueues(db, await blogsOf(db, actor, "comment:decide", query.blog)),
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

    route<{}, z.output<typeof overviewQuery>>({
      method: "get",
      path: "/api/moderation/overview",
      summary: "What came in and what was decided in the last days, in some blogs or in all",
      action: "comment:decide",
      somewhere: true,
      query: overviewQuery,
      answers: { 200: overviewAnswer },
      async handle({ actor, query: { blog, days } }) {
        const blogIds = await blogsOf(db, actor, "comment:decide", blog);
        return { status: 200, body: await overviewOf(db, blogIds, days) };
      },
    }),
  ];
}
