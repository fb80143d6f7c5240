import { sql } from "kysely";
import { z } from "zod";
import { lockBlog } from "../blogs/blogs.ts";
import { advance } from "../blogs/streams.ts";
import type { Actor } from "../auth/permissions.ts";
import type { Blog, CommentSettings, Db, Trx } from "../database.ts";
import { AppError, conflict } from "../errors.ts";
import { note, SYSTEM } from "./log.ts";

/** A blog's settings for its discussion, as the API shows them. */
export const settingsAnswer = z.object({
  state: z.enum(["open", "closed", "disabled"]),
  moderation: z.enum(["pre", "post"]),
  slowModeSeconds: z.int(),
  newCommenterHold: z.int(),
  holdLinks: z.boolean(),
  allowedDomains: z.array(z.string()),
  editWindowSeconds: z.int(),
  closesAt: z.iso.datetime().nullable(),
  version: z.int(),
});

export type SettingsAnswer = z.output<typeof settingsAnswer>;
export type SettingsChanges = Partial<Omit<SettingsAnswer, "version" | "closesAt"> & { closesAt: Date | null }>;

export const presentSettings = (row: CommentSettings): SettingsAnswer => ({
  state: row.state,
  moderation: row.moderation,
  slowModeSeconds: row.slow_mode_seconds,
  newCommenterHold: row.new_commenter_hold,
  holdLinks: row.hold_links,
  allowedDomains: row.allowed_domains,
  editWindowSeconds: row.edit_window_seconds,
  closesAt: row.closes_at?.toISOString() ?? null,
  version: row.version,
});

/** They change only while nobody holds the blog. */
export async function settingsOf(db: Db, blogId: string): Promise<CommentSettings> {
  return db.selectFrom("comment_settings").selectAll().where("blog_id", "=", blogId).executeTakeFirstOrThrow();
}

/** What holds for all discussions. */
export async function discussionOf(db: Db): Promise<{ disabled: boolean; message: string; version: number }> {
  return db.selectFrom("discussion").select(["disabled", "message", "version"]).executeTakeFirstOrThrow();
}

/** Whether comments can be handed in, and otherwise why not. */
export type Openness =
  | { readonly open: true }
  | {
      readonly open: false;
      readonly why: "blog-closed" | "thread-closed" | "comments-disabled";
      readonly message: string;
      /** Which sentence that is; null for the newsroom's own. */
      readonly says: "off" | "no-comments" | "blog-closed" | "closed" | null;
    };

export function opennessOf(
  blog: Pick<Blog, "state">,
  settings: Pick<CommentSettings, "state" | "closes_at">,
  all: { disabled: boolean; message: string },
  now: Date,
): Openness {
  if (all.disabled)
    return all.message
      ? { open: false, why: "comments-disabled", message: all.message, says: null }
      : { open: false, why: "comments-disabled", message: "Comments are turned off at the moment.", says: "off" };
  if (settings.state === "disabled")
    return {
      open: false,
      why: "comments-disabled",
      message: "There are no comments on this live blog.",
      says: "no-comments",
    };
  if (blog.state === "closed")
    return {
      open: false,
      why: "blog-closed",
      message: "This blog is closed, and its discussion with it.",
      says: "blog-closed",
    };
  const isOver = settings.closes_at !== null && settings.closes_at <= now;
  if (settings.state === "closed" || isOver)
    return { open: false, why: "thread-closed", message: "This discussion is closed.", says: "closed" };
  return { open: true };
}

/** @throws AppError 409 for a discussion that is closed, 403 for one that is turned off */
export function requireOpen(openness: Openness): void {
  if (openness.open) return;
  if (openness.why === "comments-disabled") throw new AppError(403, openness.why, openness.message);
  throw conflict(openness.why, openness.message);
}

/**
 * Changes a blog's settings; waits for the comments that are being handed in, so that each is judged by one state of them.
 * @throws AppError 409 when somebody else changed them since this version
 */
export async function changeSettings(
  trx: Trx,
  actor: Actor,
  blogId: string,
  version: number | null,
  changes: SettingsChanges,
): Promise<CommentSettings> {
  await lockBlog(trx, blogId);
  const before = await settingsOf(trx, blogId);
  if (version !== null && before.version !== version)
    throw conflict("version-conflict", "Somebody else changed these settings meanwhile.", {
      current: presentSettings(before),
    });
  const after = {
    state: changes.state ?? before.state,
    moderation: changes.moderation ?? before.moderation,
    slow_mode_seconds: changes.slowModeSeconds ?? before.slow_mode_seconds,
    new_commenter_hold: changes.newCommenterHold ?? before.new_commenter_hold,
    hold_links: changes.holdLinks ?? before.hold_links,
    allowed_domains: changes.allowedDomains ?? before.allowed_domains,
    edit_window_seconds: changes.editWindowSeconds ?? before.edit_window_seconds,
    closes_at: changes.closesAt === undefined ? reopenedTimer(before, changes) : changes.closesAt,
  };
  const saved = await trx
    .updateTable("comment_settings")
    .set({ ...after, version: before.version + 1 })
    .where("blog_id", "=", blogId)
    .returningAll()
    .executeTakeFirstOrThrow();
  await note(trx, actor, {
    kind: "settings",
    blogId,
    version: saved.version,
    details: { before: presentSettings(before), after: presentSettings(saved) },
  });
  await advance(trx, blogId, "comments", { parts: ["comments-state"] });
  return saved;
}

/** Whoever opens a discussion after its time does not mean that it be closed again at once. */
const reopenedTimer = (before: CommentSettings, { state }: SettingsChanges): Date | null =>
  state === "open" && before.closes_at && before.closes_at <= new Date() ? null : before.closes_at;

/** Closes the discussions whose time has come, so that open pages show it; called every second or so by one server or several. */
export async function closeDueDiscussions(db: Db): Promise<void> {
  const due = await db
    .selectFrom("comment_settings")
    .select("blog_id")
    .where("state", "=", "open")
    .where("closes_at", "<=", sql<Date>`clock_timestamp()`)
    .execute();
  for (const { blog_id } of due)
    await db.transaction().execute(async (trx) => {
      await lockBlog(trx, blog_id);
      const now = await settingsOf(trx, blog_id);
      if (now.state === "open" && now.closes_at && now.closes_at <= new Date())
        await changeSettings(trx, SYSTEM, blog_id, null, { state: "closed" });
    });
}
