import { z } from "zod";
import { permit } from "../auth/permissions.ts";
import { commentAnswer, findComment, presentComment } from "../comments/comments.ts";
import { blogOfComment } from "../comments/routes.ts";
import type { Context } from "../context.ts";
import type { Post, Trx } from "../database.ts";
import { route, type AnyRoute } from "../http.ts";
import { id, line } from "../input.ts";
import { postAnswer, presentPosts } from "../posts/present.ts";
import { permitNew } from "../posts/writing.ts";
import { problemBody, problemOf } from "../problems.ts";
import { transact } from "../transact.ts";
import { decideComment, featureComment } from "./decisions.ts";
import { happening, historyOf } from "./history.ts";
import { draftOf, promoteComment } from "./promote.ts";

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

/** What moderators do with one comment, or with several. */
export function decisionRoutes({ db, publicUrl }: Context): AnyRoute[] {
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

    route<{ id: string }>({
      method: "post",
      path: "/api/comments/:id/promote",
      summary: "Make a shared draft of a comment on the blog's desk",
      action: "post:write",
      blogOf: blogOfComment,
      creates: "by-key",
      answers: { 201: postAnswer },
      handle({ params, actor, blog, transact }) {
        permitNew(actor, blog, draftOf(params.id));
        const answer = async (trx: Trx, post: Post) => {
          const [body] = await presentPosts(trx, [post], { blog, publicUrl, viewer: actor });
          const headers = { ETag: `"${post.version}"`, Location: `/api/blogs/${blog.slug}/posts/${post.id}` };
          return { status: 201, body, headers };
        };
        return transact(
          async (trx, key) => answer(trx, await promoteComment(trx, actor, blog, params.id, key)),
          answer,
        );
      },
    }),
  ];
}
