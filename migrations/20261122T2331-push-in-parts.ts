import { sql, type Kysely } from "kysely";

/** Fifty thousand browsers are put on the list in parts: in one statement they take longer than any may. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table push_jobs add listed_up_to bigint default 0`.execute(db);
  await sql`update push_jobs set listed_up_to = null where due_at is null`.execute(db);
  await sql`create index push_subscriptions_by_blog on push_subscriptions (blog_id, id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index push_subscriptions_by_blog`.execute(db);
  await sql`alter table push_jobs drop listed_up_to`.execute(db);
}
