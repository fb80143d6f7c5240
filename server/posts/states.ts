import { sql } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import type { Db, Post, PostStatus, Trx } from "../database.ts";
import { conflict, invalid } from "../errors.ts";

/** What an edit asks of a post's state, beside its words. */
export interface StateChanges {
  status?: Exclude<PostStatus, "removed"> | undefined;
  shared?: boolean | undefined;
  publishAt?: Date | undefined;
}

export const postRemoved = () => conflict("post-removed", "This post was removed.");
export const blogClosed = () => conflict("blog-closed", "This blog is closed; reopen it to publish.");
const postErased = () => conflict("post-erased", "What this post said was erased, and nothing brings it back.");

/** @throws AppError 409 for a post that cannot be changed any more, 422 for a way that no post can go */
export function requirePassage(before: Post, after: PostStatus): void {
  if (before.erased_at) throw postErased();
  if (before.status === "removed" && after !== "draft") throw postRemoved();
  if (before.status === "published" && after !== "published" && after !== "draft")
    throw invalid([{ pointer: "/status", code: "already-published" }], "Take it back to a draft first.");
}

/**
 * Everybody at the desk knows of it but its author's own drafts, also when they were deleted; one whose author's account
 * is gone is everybody's.
 */
export const isPrivate = (post: Pick<Post, "status" | "shared" | "created_by">): boolean =>
  (post.status === "draft" || post.status === "removed") && !post.shared && post.created_by !== null;

/** Taken down: what the desk knew of, it goes on knowing of. */
export const removedFrom = (before: Post): Pick<Post, "status" | "shared" | "publish_at" | "scheduled_by"> => ({
  status: "removed",
  shared: before.shared || !(before.status === "draft" || before.status === "removed"),
  publish_at: null,
  scheduled_by: null,
});

/**
 * Whether the desk sees the draft. What somebody else has sent back, and what readers have seen, it goes on seeing.
 * @throws AppError 422 for a draft that would be hidden by somebody else than its author
 */
export function sharedAfter(actor: Actor, before: Post, status: PostStatus, wanted: boolean | undefined): boolean {
  const isAuthor = before.created_by !== null && before.created_by === actor.userId;
  if (wanted === false && !isAuthor)
    throw invalid([{ pointer: "/shared", code: "not-yours" }], "Only its author can keep a draft private.");
  const isSentBack = status === "draft" && before.status !== "draft" && (!isAuthor || before.published_at !== null);
  return wanted ?? (before.shared || isSentBack);
}

/** @throws AppError 422 for a schedule without a time, or a time without a schedule */
export function scheduleAfter(
  actor: Actor,
  before: Pick<Post, "publish_at" | "scheduled_by"> | null,
  { status, publishAt }: { status: PostStatus; publishAt?: Date | undefined },
): Pick<Post, "publish_at" | "scheduled_by"> {
  if (status !== "scheduled") {
    if (publishAt) throw invalid([{ pointer: "/publishAt", code: "not-scheduled" }]);
    return { publish_at: null, scheduled_by: null };
  }
  if (publishAt) return { publish_at: publishAt, scheduled_by: actor.userId };
  if (!before?.publish_at) throw invalid([{ pointer: "/publishAt", code: "required" }]);
  return { publish_at: before.publish_at, scheduled_by: before.scheduled_by };
}

/** Every server hears of a new schedule once it commits. @throws AppError 422 for a time that is past */
export async function announceSchedule(trx: Trx, publishAt: Date): Promise<void> {
  const { rows } = await sql<{ now: Date }>`
    select clock_timestamp() as now, pg_notify('dateline', 'schedule')`.execute(trx);
  if (publishAt <= rows[0]!.now) throw invalid([{ pointer: "/publishAt", code: "not-in-the-future" }]);
}

/** A moment from now, by the database's clock. */
export async function secondsFromNow(db: Db, seconds: number): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() + make_interval(secs => ${seconds}) as at`.execute(
    db,
  );
  return rows[0]!.at;
}

/** What a change of state is called in the audit log and the history; null where the state stays as it is. */
export function passageName(before: Post, after: Post): string | null {
  if (before.status !== after.status) return PASSAGES[`${before.status} ${after.status}`] ?? ARRIVALS[after.status];
  return before.publish_at?.getTime() === after.publish_at?.getTime() ? null : "schedule";
}

const PASSAGES: Record<string, string> = {
  "published draft": "unpublish",
  "removed draft": "restore",
  "scheduled draft": "unschedule",
  "scheduled submitted": "unschedule",
  "submitted draft": "send-back",
};

export const ARRIVALS: Record<PostStatus, string> = {
  draft: "draft",
  submitted: "submit",
  scheduled: "schedule",
  published: "publish",
  removed: "remove",
};
