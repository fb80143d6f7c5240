import { z } from "zod";
import type { Context } from "../context.ts";
import { route, type AnyRoute } from "../http.ts";
import { time } from "../input.ts";
import { markSeen, notice, noticesOf } from "./notices.ts";

const seen = z.strictObject({ upTo: time });

export function noticeRoutes({ db, publicUrl }: Context): AnyRoute[] {
  return [
    route({
      method: "get",
      path: "/api/notices",
      summary:
        "What happened to oneself and to one's comments: answered, approved, rejected, promoted into the blog, restricted",
      action: "account:read-own",
      answers: { 200: z.object({ notices: z.array(notice) }) },
      handle: async ({ actor }) => ({
        status: 200,
        body: { notices: await noticesOf(db, actor.userId!, publicUrl) },
      }),
    }),

    route<{}, {}, z.output<typeof seen>>({
      method: "put",
      path: "/api/notices/seen",
      summary: "Say up to when one's notices have been seen",
      action: "account:read-own",
      body: seen,
      answers: { 204: null },
      handle: ({ actor, body, transact }) =>
        transact(async (trx) => {
          await markSeen(trx, actor.userId!, body.upTo);
          return { status: 204 };
        }),
    }),
  ];
}
