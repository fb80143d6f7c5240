import { sql } from "kysely";
import type { Db } from "../database.ts";

/** Posts that are dealt with in one go. */
const JOBS_AT_ONCE = 10;
/** Hours after which news is none any more, such as that of a post with a time of long ago. */
const NEWS_FOR = 6;
/** Hours within which a message is withdrawn: a push service keeps one for an hour, and may want to be asked again in an hour. */
const WITHDRAWN_WITHIN = 2;

export const isKeyEvent = sql<boolean>`(posts.status = 'published' and posts.key_event)`;
export const isNews = sql<boolean>`(${isKeyEvent} and coalesce(posts.published_at > clock_timestamp() - make_interval(hours => ${NEWS_FOR}), false))`;

const wasToldLately = sql`due.told_at > clock_timestamp() - make_interval(hours => ${WITHDRAWN_WITHIN})`;

/**
 * Puts every browser that wants to know on the list of deliveries of the key events that are due. Of one that is none
 * any more, what was not sent yet is dropped, and what was sent is withdrawn; it may become one again.
 */
export async function listDeliveries(db: Db): Promise<void> {
  await sql`
    with due as (
      select push_jobs.post_id, push_jobs.told_at, posts.blog_id, ${isKeyEvent} as stands, ${isNews} as is_news
      from push_jobs join posts on posts.id = push_jobs.post_id
      where push_jobs.due_at <= clock_timestamp() order by push_jobs.due_at limit ${JOBS_AT_ONCE}
      for update of push_jobs skip locked
    ), listed as (
      insert into push_deliveries (post_id, subscription_id, origin, due_at)
      select due.post_id, push_subscriptions.id, push_subscriptions.origin, clock_timestamp() from due
      join push_subscriptions on push_subscriptions.blog_id = due.blog_id where due.is_news and due.told_at is null
      on conflict (post_id, subscription_id) do update set withdrawal = false,
        due_at = case when push_deliveries.tries > 0 then push_deliveries.due_at end
    ), withdrawn as (
      select post_id from due where not stands and ${wasToldLately}
    ), dropped as (
      delete from push_deliveries where post_id in (select post_id from withdrawn) and sent_at is null
    ), recalled as (
      update push_deliveries set withdrawal = true, due_at = coalesce(due_at, clock_timestamp()),
        tries = case when due_at is null then 0 else tries end
      where post_id in (select post_id from withdrawn) and sent_at is not null
    ), forgotten as (
      delete from push_jobs using due where push_jobs.post_id = due.post_id
      and ((due.told_at is null and not due.is_news) or (not due.stands and ${wasToldLately}))
    )
    update push_jobs set due_at = null, told_at = coalesce(push_jobs.told_at, clock_timestamp()) from due
    where push_jobs.post_id = due.post_id
    and not ((due.told_at is null and not due.is_news) or (not due.stands and coalesce(${wasToldLately}, false)))`.execute(
    db,
  );
}

/** Nobody withdraws what was sent so long ago. */
export async function forgetSentDeliveries(db: Db): Promise<void> {
  await sql`
    delete from push_deliveries
    where due_at is null and sent_at < clock_timestamp() - make_interval(hours => ${WITHDRAWN_WITHIN})`.execute(db);
}
