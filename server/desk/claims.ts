import type { Db, Post } from "../database.ts";

/** Published posts that say what the newsroom has not confirmed, those that wait longest first. */
export async function openClaims(db: Db, blogId: string): Promise<(Post & { claim_since: Date })[]> {
  const posts = await db
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("claim_since", "is not", null)
    .orderBy("claim_since")
    .orderBy("id")
    .limit(200)
    .execute();
  return posts as (Post & { claim_since: Date })[];
}
