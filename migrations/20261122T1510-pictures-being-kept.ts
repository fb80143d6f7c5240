import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table pictures_being_kept (
      id       text primary key,
      files    text[] not null,
      begun_at timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`create index on media (created_by, created_at desc, id desc)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table pictures_being_kept`.execute(db);
  await sql`drop index media_created_by_created_at_id_idx`.execute(db);
}
