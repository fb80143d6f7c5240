import { sql, type Kysely } from "kysely";

/**
 * Archive pages of ten posts, and no longer of twenty: each becomes two, and every link to a post leads to its page as before.
 * None comes after the last one by what was published in its turn: posts that were given their times stand on pages too.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    with halves as (
      select id, row_number() over (partition by blog_id, page order by published_at, id) > 10 as is_second
      from posts where page is not null
    )
    update posts set page = least(page * 2 + is_second::integer, greatest((published - 1) / 10, 0))
    from halves, streams
    where halves.id = posts.id and streams.blog_id = posts.blog_id and streams.kind = 'blog'
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`update posts set page = page / 2 where page is not null`.execute(db);
}
