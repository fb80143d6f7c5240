import { sql } from "kysely";
import type { Db } from "../database.ts";

/** Seconds after which a server's word about its readers counts no more; servers repeat it every 10. */
const SILENCE = 30;
/** How long the minutes are kept. */
const KEPT_HOURS = 48;

/** How many readers one server has, by blog; blogs without any are not named. */
export type Counts = ReadonlyMap<string, number>;

/**
 * Writes down how many readers this server has, and for the present minute the most that all servers had.
 * @param process this server's own name
 */
export async function countReaders(db: Db, process: string, counts: Counts): Promise<void> {
  const blogIds = [...counts.keys()];
  await db
    .deleteFrom("reader_counts")
    .where("process", "=", process)
    .where(sql<boolean>`not blog_id = any(${blogIds}::bigint[])`)
    .execute();
  if (!blogIds.length) return;
  await db
    .insertInto("reader_counts")
    .columns(["process", "blog_id", "readers", "at"])
    .expression(
      sql`select ${process}::uuid, blogs.id, seen.readers, clock_timestamp()
        from unnest(${blogIds}::bigint[], ${[...counts.values()]}::integer[]) as seen (id, readers)
        join blogs on blogs.id = seen.id` as never,
    )
    .onConflict((clash) =>
      clash
        .columns(["blog_id", "process"])
        .doUpdateSet((eb) => ({ readers: eb.ref("excluded.readers"), at: eb.ref("excluded.at") })),
    )
    .execute();
  await sql`
    insert into readership (blog_id, minute, readers)
    select blog_id, date_trunc('minute', clock_timestamp()), sum(readers) from reader_counts
    where blog_id = any(${blogIds}::bigint[]) and ${fresh} group by blog_id
    on conflict (blog_id, minute) do update set readers = greatest(readership.readers, excluded.readers)
  `.execute(db);
}

/** Readers now, over all servers, of each blog that has any. */
export async function readersNow(db: Db, blogIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("reader_counts")
    .select(["blog_id", sql<number>`sum(readers)::integer`.as("readers")])
    .where(sql<boolean>`blog_id = any(${blogIds}::bigint[])`)
    .where(fresh)
    .groupBy("blog_id")
    .execute();
  return new Map(rows.map((row) => [row.blog_id, row.readers]));
}

const fresh = sql<boolean>`at > clock_timestamp() - make_interval(secs => ${SILENCE})`;

export interface Point {
  /** The beginning of the minute. */
  at: string;
  readers: number;
}

/** The minutes of the last hours in which anybody was there, oldest first. */
export async function readershipOf(db: Db, blogId: string, hours: number): Promise<Point[]> {
  const rows = await db
    .selectFrom("readership")
    .select(["minute", "readers"])
    .where("blog_id", "=", blogId)
    .where("minute", ">", sql<Date>`now() - make_interval(hours => ${hours})`)
    .orderBy("minute")
    .execute();
  return rows.map(({ minute, readers }) => ({ at: minute.toISOString(), readers }));
}

/** Called now and then by the server. */
export async function forgetOldReadership(db: Db): Promise<void> {
  await db
    .deleteFrom("readership")
    .where("minute", "<", sql<Date>`now() - make_interval(hours => ${KEPT_HOURS})`)
    .execute();
  await db
    .deleteFrom("reader_counts")
    .where("at", "<", sql<Date>`now() - interval '1 hour'`)
    .execute();
}
