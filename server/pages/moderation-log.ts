import { Router } from "express";
import { z } from "zod";
import type { Context } from "../context.ts";
import type { CommentStatus, Db } from "../database.ts";
import { id, slug } from "../input.ts";
import { historyOf, type HappeningAnswer } from "../moderation/history.ts";
import { parse } from "../reading.ts";
import { CLOCK, reasonLabel, rejectionLabel, reportLabel, statusLabel } from "../rendering/card-model.ts";
import { stamp } from "../rendering/times.ts";
import { moderationFrame, moderatorOf } from "./moderation-frame.ts";

const ENTRIES = 60;

const account = z
  .string()
  .max(80)
  .regex(/^[A-Za-z0-9_-]+$/)
  .optional()
  .catch(() => undefined);

const logQuery = z.object({
  blog: slug.optional().catch(() => undefined),
  actor: account,
  commenter: account,
  after: id.optional().catch(() => undefined),
});
type LogQuery = z.output<typeof logQuery>;

/** What moderators, readers and rules did, newest first: all of it, of one blog, by a moderator or about a person. */
export function moderationLog(context: Context): Router {
  const { db, views } = context;
  const router = Router();

  router.get("/moderation/log", async (request, response) => {
    const moderator = await moderatorOf(context, request, response);
    if (!moderator) return;
    const query = parse(logQuery, request.query, "query:");
    const { actor, commenter, after } = query;
    const chosen = moderator.blogs.find(({ slug }) => slug === query.blog);
    const blogIds = chosen ? [chosen.id] : moderator.isEverywhere ? null : moderator.blogs.map(({ id }) => id);
    const entries = await historyOf(db, {
      blogIds,
      ...(actor === undefined ? {} : { actorId: actor }),
      ...(commenter === undefined ? {} : { commenterId: commenter }),
      order: "newest",
      limit: ENTRIES + 1,
      after: after ?? null,
    });
    const shown = entries.slice(0, ENTRIES);
    const names = await namesOf(db, [actor, commenter]);
    response.send(
      views.page("moderation-log", {
        ...moderationFrame(moderator, "log", "Log"),
        choices: moderator.blogs.map(({ slug, title }) => ({ slug, title, chosen: slug === query.blog })),
        actor: actor === undefined ? null : { id: actor, name: names.get(actor) ?? "Somebody" },
        commenter: commenter === undefined ? null : { id: commenter, name: names.get(commenter) ?? "Somebody" },
        entries: await entryModels(db, shown),
        next: entries.length > ENTRIES ? addressOf({ ...query, after: shown.at(-1)!.id }) : "",
        isLater: after !== undefined,
        latest: addressOf({ ...query, after: undefined }),
      }),
    );
  });

  return router;
}

function addressOf(query: LogQuery): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `/moderation/log?${new URLSearchParams(given)}`;
}

/** What happened, in words; with the names of those to whom it did. */
export async function entryModels(db: Db, entries: readonly HappeningAnswer[]) {
  const names = await namesOf(
    db,
    entries.map(({ commenterId }) => commenterId ?? undefined),
  );
  return entries.map((entry) => ({
    at: stamp(new Date(entry.at), CLOCK),
    by: entry.by ?? null,
    isSystem: entry.by === null,
    words: VERBS[entry.kind] ?? entry.kind,
    commenter:
      entry.commenterId && entry.commenterId !== entry.by?.id
        ? { id: entry.commenterId, name: names.get(entry.commenterId) ?? "somebody who is gone" }
        : null,
    comment:
      entry.commentId && entry.blog
        ? { id: entry.commentId, url: `/blogs/${entry.blog}/comments/${entry.commentId}` }
        : null,
    blog: entry.blog,
    more: moreOf(entry),
  }));
}

const VERBS: Record<string, string> = {
  submit: "wrote a comment",
  edit: "changed a comment",
  delete: "deleted a comment",
  erase: "erased a comment",
  approve: "approved a comment",
  reject: "rejected a comment",
  feature: "picked a comment",
  unfeature: "took a pick back",
  promote: "made a post of a comment",
  report: "reported a comment",
  ban: "banned",
  suspend: "suspended",
  warn: "warned",
  premoderate: "has looked at first what comes from",
  lift: "ended a restriction of",
  acknowledge: "read a warning",
  note: "changed the notes on",
  settings: "changed the settings",
  "word-list": "changed a word list",
};

/** Reason, message, until when, which settings: whatever there is of it. */
function moreOf({ kind, toStatus, reasonCode, reasonText, details }: HappeningAnswer): string {
  const reason =
    reasonCode === null
      ? ""
      : kind === "report"
        ? reportLabel(reasonCode)
        : kind === "reject"
          ? rejectionLabel(reasonCode)
          : reasonLabel(reasonCode);
  const status = (kind === "submit" || kind === "edit") && toStatus ? statusLabel(toStatus as CommentStatus) : "";
  const until = typeof details.until === "string" ? `until ${stamp(new Date(details.until), CLOCK).full}` : "";
  const text = reasonText ? `“${reasonText}”` : "";
  return [status, reason, until, text, ...changesOf(kind, details)].filter(Boolean).join(" · ");
}

function changesOf(kind: string, details: Record<string, unknown>): string[] {
  if (kind === "settings") return differences(details.before, details.after);
  if (kind !== "word-list") return [];
  const said = (word: string, list: unknown) =>
    Array.isArray(list) && list.length ? `${word} ${list.slice(0, 10).join(", ")}${list.length > 10 ? " …" : ""}` : "";
  return [String(details.name), said("added", details.added), said("removed", details.removed)];
}

function differences(before: unknown, after: unknown): string[] {
  if (typeof before !== "object" || typeof after !== "object" || !before || !after) return [];
  const was = before as Record<string, unknown>;
  return Object.entries(after)
    .filter(([name, value]) => name !== "version" && JSON.stringify(value) !== JSON.stringify(was[name]))
    .map(([name, value]) => `${name}: ${JSON.stringify(was[name])} → ${JSON.stringify(value)}`);
}

async function namesOf(db: Db, ids: readonly (string | undefined)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((one) => one !== undefined))];
  if (!wanted.length) return new Map();
  const rows = await db.selectFrom("users").select(["id", "name"]).where("id", "in", wanted).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
