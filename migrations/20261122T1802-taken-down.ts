import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // A deleted draft stays its author's alone; what else was taken down, the desk had seen.
  await sql`
    update posts set shared = true
    where status = 'removed' and not shared and (published_at is not null or 'draft' <> (
      select content->>'status' from post_revisions where post_id = posts.id and action not in ('remove', 'erase')
      order by version desc limit 1))
  `.execute(db);
  await sql`create index on posts (blog_id, removed_at desc, id desc) where status = 'removed'`.execute(db);
  // Why it was taken down stands only there.
  await sql`
    create index audit_log_takedowns on audit_log (subject, id desc) where action in ('post.remove', 'post.erase')
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index audit_log_takedowns, posts_blog_id_removed_at_id_idx`.execute(db);
}
