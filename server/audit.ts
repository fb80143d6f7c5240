import type { Db, Schema, Trx } from "./database.ts";
import type { Actor } from "./auth/permissions.ts";

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: string | null;
  readonly via: Schema["audit_log"]["via"];
  readonly action: string;
  readonly subject: string;
  readonly details: object;
}

/** Writes down who did what to what, in the transaction that does it. The table can only be added to. */
export async function audit(
  trx: Trx,
  actor: Actor,
  action: string,
  blogId: string | null,
  subject: string,
  details: object = {},
): Promise<void> {
  await trx
    .insertInto("audit_log")
    .values({ actor_id: actor.userId, via: actor.via, action, blog_id: blogId, subject, details })
    .execute();
}

/** A blog's log, newest first; `before` is the id to continue from. */
export async function auditOf(db: Db, blogId: string, limit: number, before: string | null): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom("audit_log")
    .leftJoin("users", "users.id", "audit_log.actor_id")
    .select(["audit_log.id", "at", "users.name as actor", "via", "action", "subject", "details"])
    .where("blog_id", "=", blogId)
    .$if(before !== null, (query) => query.where("audit_log.id", "<", before!))
    .orderBy("audit_log.id", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
