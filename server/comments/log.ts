import { sql } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import type { Comment, CommentStatus, Trx } from "../database.ts";

/** What can happen to a comment or to somebody who writes them. */
export type HappeningKind =
  | "submit"
  | "edit"
  | "delete"
  | "erase"
  | "approve"
  | "reject"
  | "feature"
  | "unfeature"
  | "promote"
  | "report"
  | "ban"
  | "suspend"
  | "warn"
  | "premoderate"
  | "lift"
  | "acknowledge"
  | "note"
  | "settings"
  | "word-list";

export interface Happening {
  readonly kind: HappeningKind;
  readonly blogId: string | null;
  readonly commentId?: string;
  readonly commenterId?: string | null;
  readonly from?: CommentStatus;
  readonly to?: CommentStatus;
  readonly version?: number;
  readonly reasonCode?: string | null;
  readonly reasonText?: string | null;
  readonly details?: object;
}

/** Writes down what happens, in the transaction in which it does. The table can only be added to. */
export async function note(trx: Trx, actor: Actor, happening: Happening): Promise<void> {
  await noteAll(trx, actor, [happening]);
}

/** Rows in one statement, whose parameters Postgres counts in sixteen bits. */
const AT_ONCE = 1_000;

export async function noteAll(trx: Trx, actor: Actor, happenings: readonly Happening[]): Promise<void> {
  if (happenings.length > AT_ONCE) {
    await noteAll(trx, actor, happenings.slice(0, AT_ONCE));
    return noteAll(trx, actor, happenings.slice(AT_ONCE));
  }
  if (!happenings.length) return;
  await trx
    .insertInto("moderation_log")
    .values(
      happenings.map((happening) => ({
        kind: happening.kind,
        comment_id: happening.commentId ?? null,
        commenter_id: happening.commenterId ?? null,
        blog_id: happening.blogId,
        actor_id: actor.userId,
        via: actor.via,
        from_status: happening.from ?? null,
        to_status: happening.to ?? null,
        version: happening.version ?? null,
        reason_code: happening.reasonCode ?? null,
        reason_text: happening.reasonText ?? null,
        details: happening.details ?? {},
      })),
    )
    .execute();
}

/** The server acting by itself: its checks, its timers. */
export const SYSTEM: Actor = {
  userId: null,
  name: "Dateline",
  slug: null,
  grants: [],
  via: "system",
  scopes: null,
  onlyBlogId: null,
  until: null,
};

/** Tells a person's open pages, once this commits, that their notices have changed. */
export async function tellPerson(trx: Trx, { author_id }: Pick<Comment, "author_id">): Promise<void> {
  if (author_id) await sql`select pg_notify('dateline', ${`notices ${author_id}`})`.execute(trx);
}

/** The same for whoever wrote a comment. */
export async function tellAuthor(trx: Trx, commentId: string): Promise<void> {
  await sql`
    select pg_notify('dateline', 'notices ' || author_id) from comments
    where id = ${commentId} and author_id is not null`.execute(trx);
}
