import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // The daily overview counts in these alone, without a look at the rows.
  await sql`create index moderation_log_by_kind on moderation_log (kind, at) include (blog_id, actor_id, reason_code)`.execute(
    db,
  );
  // And the waits that ended: a person took a comment out of a queue that kept it from readers.
  await sql`
    create index moderation_log_waits on moderation_log (at) include (comment_id, blog_id)
    where kind in ('approve', 'reject') and from_status in ('pending', 'held') and actor_id is not null
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index moderation_log_by_kind, moderation_log_waits`.execute(db);
}
