import { Router } from "express";
import { actorOf } from "../auth/actors.ts";
import type { Context } from "../context.ts";
import { markSeen, noticesOf, type Notice } from "../notices/notices.ts";
import { stamp } from "../rendering/times.ts";
import { transact } from "../transact.ts";

/** What became of a reader's own comments, on a page without scripts; whoever has opened it has seen it. */
export function noticePages({ db, auth, views, publicUrl }: Context): Router {
  const router = Router();

  router.get("/notices", async (request, response) => {
    const { userId, name } = await actorOf(db, auth, request.headers);
    if (userId === null) return response.redirect(303, "/sign-in?next=/notices");
    const notices = await noticesOf(db, userId, publicUrl);
    const newest = notices[0];
    if (newest?.isNew) await transact(db, (trx) => markSeen(trx, userId, new Date(newest.at)));
    response.set("Cache-Control", "no-store");
    response.send(views.page("notices", { head: { title: "Notices" }, name, notices: notices.map(noticeModel) }));
  });

  return router;
}

const clock = (at: string) => stamp(new Date(at), { language: "en", time_zone: "UTC" });

const noticeModel = (notice: Notice) => ({
  ...notice,
  words: notice.reason ?? notice.restriction?.message ?? null,
  answer: notice.post?.body ? { reduced: notice.post.body } : null,
  until: notice.restriction?.until ? clock(notice.restriction.until) : null,
  at: clock(notice.at),
});
