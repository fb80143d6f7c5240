import { sql } from "kysely";
import type { Db, Trx } from "../database.ts";

/** Rows that are written in one go, of the many that a key event may have. */
const ROWS_AT_ONCE = 2_000;
/** Hours after which news is none any more, such as that of a post with a time of long ago. */
const NEWS_FOR = 6;
/** Hours within which a message is withdrawn: a push service keeps one for an hour, and may want to be asked again in an hour. */
const WITHDRAWN_WITHIN = 2;

export const isKeyEvent = sql<boolean>`(posts.status = 'published' and posts.key_event)`;
export const isNews = sql<boolean>`(${isKeyEvent} and coalesce(posts.published_at > clock_timestamp() - make_interval(hours => ${NEWS_FOR}), false))`;

/** A post that became a key event, or is none any more. */
interface Job {
  readonly post_id: string;
  readonly blog_id: string;
  readonly stands: boolean;
  readonly is_news: boolean;
  /** The last subscription that is on the list; null once they all are. */
  readonly listed_up_to: string | null;
  readonly was_told: boolean;
  readonly was_told_lately: boolean;
}

/**
 * Puts browsers that want to know on the list of deliveries of a key event that is due. Of one that is none any more,
 * what was not sent yet is dropped, and what was sent is withdrawn; it may become one again.
 * @returns whether there may be more to do
 */
export async function listDeliveries(db: Db): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const job = await dueJob(trx);
    if (!job) return false;
    if (job.is_news && job.listed_up_to !== null) await listSome(trx, job, job.listed_up_to);
    else if (!job.stands && job.was_told_lately) await withdrawSome(trx, job);
    else if (job.was_told) await rest(trx, job);
    else await forget(trx, job);
    return true;
  });
}

/** Nobody withdraws what was sent so long ago. */
export async function forgetSentDeliveries(db: Db): Promise<void> {
  await sql`
    delete from push_deliveries
    where due_at is null and sent_at < clock_timestamp() - make_interval(hours => ${WITHDRAWN_WITHIN})`.execute(db);
}

async function dueJob(trx: Trx): Promise<Job | null> {
  const { rows } = await sql<Job>`
    select push_jobs.post_id, posts.blog_id, push_jobs.listed_up_to, ${isKeyEvent} as stands, ${isNews} as is_news,
      told_at is not null as was_told,
      coalesce(told_at > clock_timestamp() - make_interval(hours => ${WITHDRAWN_WITHIN}), false) as was_told_lately
    from push_jobs join posts on posts.id = push_jobs.post_id
    where push_jobs.due_at <= clock_timestamp() order by push_jobs.due_at limit 1
    for update of push_jobs skip locked`.execute(trx);
  return rows[0] ?? null;
}

async function listSome(trx: Trx, { post_id, blog_id }: Job, after: string): Promise<void> {
  const { rows } = await sql<{ count: string; last: string | null }>`
    with part as (
      select id, origin from push_subscriptions where blog_id = ${blog_id} and id > ${after} order by id limit ${ROWS_AT_ONCE}
    ), listed as (
      insert into push_deliveries (post_id, subscription_id, origin, due_at)
      select ${post_id}, id, origin, clock_timestamp() from part
      on conflict (post_id, subscription_id) do update set withdrawal = false,
        due_at = case when push_deliveries.withdrawal and push_deliveries.tries = 0 then null else push_deliveries.due_at end
    )
    select count(*), max(id) as last from part`.execute(trx);
  const { count, last } = rows[0]!;
  const isOver = Number(count) < ROWS_AT_ONCE;
  await sql`
    update push_jobs set told_at = coalesce(told_at, clock_timestamp()), listed_up_to = ${isOver ? null : last},
      due_at = case when ${!isOver} then due_at end
    where post_id = ${post_id}`.execute(trx);
}

async function withdrawSome(trx: Trx, job: Job): Promise<void> {
  const { rows } = await sql<{ count: string }>`
    with part as (
      select post_id, subscription_id from push_deliveries where post_id = ${job.post_id} and not withdrawal
      limit ${ROWS_AT_ONCE} for update
    ), dropped as (
      delete from push_deliveries using part where push_deliveries.post_id = part.post_id
      and push_deliveries.subscription_id = part.subscription_id and sent_at is null
    ), recalled as (
      update push_deliveries set withdrawal = true, due_at = coalesce(due_at, clock_timestamp()),
        tries = case when due_at is null then 0 else tries end
      from part where push_deliveries.post_id = part.post_id
      and push_deliveries.subscription_id = part.subscription_id and sent_at is not null
    )
    select count(*) from part`.execute(trx);
  if (Number(rows[0]!.count) < ROWS_AT_ONCE) return forget(trx, job);
  // Should it become a key event again meanwhile, all are told of it from the beginning.
  await trx.updateTable("push_jobs").set({ listed_up_to: "0" }).where("post_id", "=", job.post_id).execute();
}

async function rest(trx: Trx, { post_id }: Job): Promise<void> {
  await trx.updateTable("push_jobs").set({ due_at: null }).where("post_id", "=", post_id).execute();
}

async function forget(trx: Trx, { post_id }: Job): Promise<void> {
  await trx.deleteFrom("push_jobs").where("post_id", "=", post_id).execute();
}
