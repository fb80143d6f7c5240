import { sql, type Kysely } from "kysely";

/** A post may sum up what has happened; it stands in the timeline among the key events. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table posts add column summary boolean not null default false`.execute(db);
  await sql`
    create index posts_in_timeline on posts (blog_id, published_at desc)
    where status = 'published' and (key_event or summary)
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index posts_in_timeline`.execute(db);
  await sql`alter table posts drop column summary`.execute(db);
}
