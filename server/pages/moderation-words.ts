import { Router } from "express";
import type { Context } from "../context.ts";
import { findWordList, LIST_NAMES } from "../moderation/word-lists.ts";
import { moderationFrame, moderatorOf } from "./moderation-frame.ts";

const LISTS = {
  banned: { title: "Banned", text: "A comment with one of these is rejected at once." },
  suspect: { title: "Suspect", text: "A comment with one of these waits for a moderator." },
};

/** The word lists, with a box to try them in. */
export function moderationWords(context: Context): Router {
  const { db, views } = context;
  const router = Router();

  router.get("/moderation/words", async (request, response) => {
    const moderator = await moderatorOf(context, request, response);
    if (!moderator) return;
    const lists = await Promise.all(LIST_NAMES.map((name) => findWordList(db, name)));
    response.send(
      views.page("moderation-words", {
        ...moderationFrame(moderator, "words", "Word lists"),
        lists: lists.map(({ name, entries, version }) => ({
          name,
          ...LISTS[name],
          version,
          words: entries.join("\n"),
          size: entries.length,
        })),
      }),
    );
  });

  return router;
}
