import { Router } from "express";
import { actorOf } from "../auth/actors.ts";
import type { Context } from "../context.ts";
import { markSeen, noticesOf } from "../notices/notices.ts";
import { stamp } from "../rendering/times.ts";
import { transact } from "../transact.ts";

const TITLES = {
  approved: "Your comment was published",
  rejected: "Your comment was not published",
  promoted: "Your comment is in the live blog",
} as const;

/** What became of a reader's own comments, on a page without scripts; whoever has opened it has seen it. */
export function noticePages({ db, auth, views, publicUrl }: Context): Router {
  const router = Router();

  router.get("/notices", async (request, response) => {
    const { userId, name } = await actorOf(db, auth, request.headers);
    if (userId === null) return response.redirect(303, "/sign-in?next=/notices");
    const notices = await noticesOf(db, userId, publicUrl);
    const newest = notices[0];
    if (newest?.isNew) await transact(db, (trx) => markSeen(trx, userId, new Date(newest.at)));
    const shown = notices.map((notice) => ({
      ...notice,
      title: TITLES[notice.kind],
      answer: notice.post?.body ? { reduced: notice.post.body } : null,
      at: stamp(new Date(notice.at), { language: "en", time_zone: "UTC" }),
    }));
    response.set("Cache-Control", "no-store");
    response.send(views.page("notices", { head: { title: "Notices" }, name, notices: shown }));
  });

  return router;
}
