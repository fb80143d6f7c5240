import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "../database.ts";

/** A day of moderation, by the days of UTC. */
export const overviewAnswer = z.object({
  days: z.array(
    z.object({
      day: z.iso.date(),
      arrivals: z.int(),
      approved: z.int(),
      rejected: z.int(),
      /** Seconds that the comments decided on that day had been kept from readers; null where none was. */
      medianWait: z.int().nullable(),
    }),
  ),
  /** By people; what rules refuse is not a decision. Most first. */
  rejections: z.array(z.object({ reason: z.string().nullable(), count: z.int() })),
  moderators: z.array(
    z.object({ id: z.string(), name: z.string(), approved: z.int(), rejected: z.int(), picked: z.int() }),
  ),
});

export type Overview = z.output<typeof overviewAnswer>;
export const MOST_DAYS = 90;

/** Waits of one day that its median is taken of, the latest. */
const WAITS_OF_A_DAY = 2_000;

/**
 * What came in and what was decided in the last days, today among them.
 *
 * Fast on a million comments: everything but the waits is counted in one index of the log, by kind and time, which holds
 * all that is counted (moderation_log_by_kind); only the days asked for are walked through, and no row is looked
 * at. For the waits comments are looked up one by one, at most 2,000 for each day.
 * @param blogIds null: all blogs
 */
export async function overviewOf(db: Db, blogIds: readonly string[] | null, days: number): Promise<Overview> {
  const since = sql<Date>`(date_trunc('day', now() at time zone 'utc') - make_interval(days => ${days - 1})) at time zone 'utc'`;
  const here = blogIds === null ? sql`true` : sql`log.blog_id = any(${[...blogIds]}::bigint[])`;
  const [byDay, rejections, moderators] = await Promise.all([
    sql<Overview["days"][number]>`
      with counted as (
        select (log.at at time zone 'utc')::date as day,
          count(*) filter (where kind = 'submit')::integer as arrivals,
          count(*) filter (where kind = 'approve')::integer as approved,
          count(*) filter (where kind = 'reject')::integer as rejected
        from moderation_log log
        where kind in ('submit', 'approve', 'reject') and log.at >= ${since} and ${here}
          and (kind = 'submit' or actor_id is not null)
        group by 1
      )
      select to_char(day.day, 'YYYY-MM-DD') as day, coalesce(arrivals, 0) as arrivals, coalesce(approved, 0) as approved,
        coalesce(rejected, 0) as rejected, waits.median as "medianWait"
      from generate_series((now() at time zone 'utc')::date - ${days - 1}::integer, (now() at time zone 'utc')::date, '1 day') as day(day)
      left join counted on counted.day = day.day::date
      left join lateral (
        select round(percentile_cont(0.5) within group (order by extract(epoch from wait.at - comments.created_at)))::integer as median
        from (select log.at, log.comment_id from moderation_log log
          where kind in ('approve', 'reject') and from_status in ('pending', 'held') and actor_id is not null
            and log.at >= day.day at time zone 'utc' and log.at < (day.day + interval '1 day') at time zone 'utc' and ${here}
          order by log.at desc limit ${sql.lit(WAITS_OF_A_DAY)}) as wait
        join comments on comments.id = wait.comment_id
      ) as waits on true
      order by day.day`.execute(db),
    sql<Overview["rejections"][number]>`
      select reason_code as reason, count(*)::integer as count from moderation_log log
      where kind = 'reject' and log.at >= ${since} and actor_id is not null and ${here}
      group by 1 order by 2 desc, 1 limit 30`.execute(db),
    sql<Overview["moderators"][number]>`
      select users.id, users.name, approved, rejected, picked from (
        select actor_id, count(*) filter (where kind = 'approve')::integer as approved,
          count(*) filter (where kind = 'reject')::integer as rejected, count(*) filter (where kind = 'feature')::integer as picked
        from moderation_log log
        where kind in ('approve', 'reject', 'feature') and log.at >= ${since} and actor_id is not null and ${here}
        group by 1
      ) as work join users on users.id = work.actor_id
      order by approved + rejected desc, users.name limit 50`.execute(db),
  ]);
  return { days: byDay.rows, rejections: rejections.rows, moderators: moderators.rows };
}
