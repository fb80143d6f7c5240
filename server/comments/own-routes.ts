import { z } from "zod";
import type { Actor } from "../auth/permissions.ts";
import type { Context } from "../context.ts";
import type { Blog, Db } from "../database.ts";
import { route, type AnyRoute } from "../http.ts";
import { commentAnswer, presentComment, withAuthor, type CommentAnswer } from "./comments.ts";
import { mute, mutedBy, unmute } from "./mutes.ts";

/** What is a reader's own in a discussion, beside its page, which is the same for everybody. */
export function ownRoutes({ db }: Context): AnyRoute[] {
  return [
    route({
      method: "get",
      path: "/api/me/mutes",
      summary: "Whose comments one does not want to see",
      action: "account:read-own",
      answers: { 200: z.object({ muted: z.array(z.object({ id: z.string(), name: z.string() })) }) },
      handle: async ({ actor }) => ({ status: 200, body: { muted: await mutedBy(db, actor.userId!) } }),
    }),

    ...(["put", "delete"] as const).map((method) =>
      route<{ person: string }>({
        method,
        path: "/api/me/mutes/:person",
        summary: method === "put" ? "See no more of somebody’s comments" : "See somebody’s comments again",
        action: "comment:take-part",
        answers: { 204: null },
        handle: ({ params, actor, transact }) =>
          transact(async (trx) => {
            await (method === "put" ? mute : unmute)(trx, actor.userId!, params.person);
            return { status: 204 };
          }),
      }),
    ),

    route<{ slug: string }>({
      method: "get",
      path: "/api/blogs/:slug/comments/own",
      summary: "What the page of a discussion does not say of its reader: own comments, likes, mutes",
      action: "comment:take-part",
      answers: {
        200: z.object({
          me: z.object({ id: z.string(), name: z.string() }),
          comments: z.array(commentAnswer),
          liked: z.array(z.string()),
          muted: z.array(z.string()),
        }),
      },
      handle: async ({ blog, actor }) => ({ status: 200, body: await ownPart(db, blog, actor) }),
    }),
  ];
}

/** The newest of one's own, those that wait and those that were refused too. */
const OWN_COMMENTS = 100;

interface OwnPart {
  me: { id: string; name: string };
  comments: CommentAnswer[];
  liked: string[];
  muted: string[];
}

async function ownPart(db: Db, blog: Blog, actor: Actor): Promise<OwnPart> {
  const [own, liked, muted] = await Promise.all([
    withAuthor(db)
      .where("comments.author_id", "=", actor.userId)
      .where("comments.blog_id", "=", blog.id)
      .where("comments.deleted_at", "is", null)
      .orderBy("comments.created_at", "desc")
      .orderBy("comments.id", "desc")
      .limit(OWN_COMMENTS)
      .execute(),
    db
      .selectFrom("comment_reactions")
      .innerJoin("comments", "comments.id", "comment_reactions.comment_id")
      .select("comments.id")
      .where("comment_reactions.user_id", "=", actor.userId!)
      .where("comments.blog_id", "=", blog.id)
      .execute(),
    mutedBy(db, actor.userId!),
  ]);
  return {
    me: { id: actor.userId!, name: actor.name },
    comments: own.map((row) => presentComment(row, "author")),
    liked: liked.map(({ id }) => id),
    muted: muted.map(({ id }) => id),
  };
}
