import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // Notices are read from what happened to a person's comments; only up to when they have seen them is kept.
  await sql`
    create table notices_seen (
      user_id text primary key references users on delete cascade,
      seen_at timestamptz(3) not null
    )
  `.execute(db);
  await sql`create index on comments (author_id, id desc)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table notices_seen`.execute(db);
  await sql`drop index comments_author_id_id_idx`.execute(db);
}
