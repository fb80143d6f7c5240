import { sql, type RawBuilder } from "kysely";
import type { Numbers } from "../blogs/streams.ts";
import type { Post, Trx } from "../database.ts";
import { invalid } from "../errors.ts";

/** Posts on one archive page. The page that readers see first has as many, and fewer than twice as many unless posts were given their times. */
export const PAGE_SIZE = 10;

/** The page of a post that is published now: the one whose turn it is. */
export const nextPage = ({ published }: Numbers): RawBuilder<number> | null =>
  published && sql<number>`(${published} - 1) / ${PAGE_SIZE}::integer`;

/**
 * The page where a post of that time belongs: that of the next older one, so that every page goes on where the next
 * older one ends, and no other post changes its page. What is older than everything goes on the first page. The
 * counters are locked for it, so that nothing is published meanwhile.
 * @param post the one that is moved or published again; null for one that is made just now
 * @returns null for a publication that is the newest of all and takes its turn as others do, so that an archive can be
 * brought in by its times
 * @throws AppError 422 for a time to come
 */
export async function pageAt(trx: Trx, blogId: string, post: Post | null, time: Date): Promise<number | null> {
  const counters = await trx
    .selectFrom("streams")
    .select(sql<Date>`clock_timestamp()`.as("now"))
    .where("blog_id", "=", blogId)
    // The desk's first, as everywhere.
    .orderBy("kind", "desc")
    .forUpdate()
    .execute();
  if (time > counters[0]!.now) throw invalid([{ pointer: "/publishedAt", code: "in-the-future" }]);
  const { older, isNewest } = await neighbours(trx, blogId, post?.id ?? null, time);
  if (!isNewest) return older ?? 0;
  return post?.status === "published" ? Math.max(post.page!, older ?? 0) : null;
}

/** Ids grow: what has none yet comes after all others of its moment. */
const NO_ID_YET = "9223372036854775807";

async function neighbours(
  trx: Trx,
  blogId: string,
  id: string | null,
  time: Date,
): Promise<{ older: number | null; isNewest: boolean }> {
  const published = trx
    .selectFrom("posts")
    .where("blog_id", "=", blogId)
    .where("status", "=", "published")
    .where("id", "<>", id ?? "0");
  const place = sql`(${time}::timestamptz, ${id ?? NO_ID_YET}::bigint)`;
  const older = await published
    .select("page")
    .where(sql<boolean>`(published_at, id) < ${place}`)
    .orderBy("published_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  const newer = await published
    .select("id")
    .where(sql<boolean>`(published_at, id) > ${place}`)
    .limit(1)
    .executeTakeFirst();
  return { older: older?.page ?? null, isNewest: newer === undefined };
}
