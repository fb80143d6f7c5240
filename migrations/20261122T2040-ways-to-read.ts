import { sql, type Kysely } from "kysely";

/** Readers may ask for the posts of one author or with one tag. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index posts_by_tag on posts using gin (tags) where status = 'published'`.execute(db);
  await sql`create index posts_by_author on posts using gin (authors jsonb_path_ops) where status = 'published'`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index posts_by_author`.execute(db);
  await sql`drop index posts_by_tag`.execute(db);
}
