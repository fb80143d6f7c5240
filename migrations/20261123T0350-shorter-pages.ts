import { sql, type Kysely } from "kysely";

/** Archive pages of ten posts, and no longer of twenty: each becomes two, and every link to a post leads to its page as before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    with halves as (
      select id, row_number() over (partition by blog_id, page order by published_at, id) > 10 as is_second
      from posts where page is not null
    )
    update posts set page = page * 2 + is_second::integer from halves where halves.id = posts.id
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`update posts set page = page / 2 where page is not null`.execute(db);
}
