import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // What names that look alike have in common. Colleagues may have one name: the second of them has no skeleton, and
  // neither has an account from before; server/auth/names.ts reads the names of those few instead.
  await sql`alter table users add column name_skeleton text unique`.execute(db);
  await sql`create index users_without_skeleton on users (id) where name_skeleton is null`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index users_without_skeleton`.execute(db);
  await sql`alter table users drop column name_skeleton`.execute(db);
}
