import { sql } from "kysely";
import type { Blog, Db, Post } from "../database.ts";

/** Key events whose readers are put on the list in one go. */
const JOBS_AT_ONCE = 10;
/** Hours after which news is none any more, such as that of a post with a time of long ago. */
const NEWS_FOR = 6;
/** Seconds within which a server tells what became of a delivery; after that another one takes it. */
const LEASE = 60;

/** One key event for one browser. */
export interface Delivery {
  readonly post: Post;
  readonly blog: Pick<Blog, "slug" | "title" | "language">;
  readonly subscription: {
    readonly id: string;
    readonly endpoint: string;
    readonly p256dh: string;
    readonly auth: string;
  };
  /** This one included. */
  readonly tries: number;
}

const fit = sql<boolean>`posts.status = 'published' and posts.key_event and posts.published_at > clock_timestamp() - make_interval(hours => ${NEWS_FOR})`;

/**
 * Puts every browser that wants to know on the list of deliveries of the key events that are due. One that is none any
 * more is dropped, and may become one again.
 */
export async function listDeliveries(db: Db): Promise<void> {
  await sql`
    with due as (
      select post_id from push_jobs where due_at <= clock_timestamp() order by due_at limit ${JOBS_AT_ONCE} for update skip locked
    ), told as (
      select posts.id, posts.blog_id from posts join due on due.post_id = posts.id where ${fit}
    ), listed as (
      insert into push_deliveries (post_id, subscription_id, due_at)
      select told.id, push_subscriptions.id, clock_timestamp() from told
      join push_subscriptions on push_subscriptions.blog_id = told.blog_id on conflict do nothing
    ), done as (
      update push_jobs set due_at = null where post_id in (select id from told)
    )
    delete from push_jobs where post_id in (select post_id from due) and post_id not in (select id from told)`.execute(
    db,
  );
}

/**
 * Takes deliveries for this server alone; should it end before it says what became of them, they are anybody's again.
 * What has been taken down or is no key event any more is forgotten instead.
 */
export async function takeDeliveries(db: Db, atMost: number): Promise<Delivery[]> {
  const { rows: taken } = await sql<{ post_id: string; subscription_id: string; tries: number }>`
    update push_deliveries set tries = tries + 1, due_at = clock_timestamp() + make_interval(secs => ${LEASE})
    where (post_id, subscription_id) in (
      select post_id, subscription_id from push_deliveries where due_at <= clock_timestamp()
      order by due_at limit ${atMost} for update skip locked
    ) returning post_id, subscription_id, tries`.execute(db);
  if (!taken.length) return [];
  const [posts, subscriptions] = await Promise.all([
    db
      .selectFrom("posts")
      .innerJoin("blogs", "blogs.id", "posts.blog_id")
      .selectAll("posts")
      .select(["blogs.slug", "blogs.title", "blogs.language"])
      .where(
        "posts.id",
        "in",
        taken.map(({ post_id }) => post_id),
      )
      .where(fit)
      .execute(),
    db
      .selectFrom("push_subscriptions")
      .select(["id", "endpoint", "p256dh", "auth"])
      .where(
        "id",
        "in",
        taken.map(({ subscription_id }) => subscription_id),
      )
      .execute(),
  ]);
  const gone = taken.filter(({ post_id }) => !posts.some(({ id }) => id === post_id));
  for (const postId of new Set(gone.map(({ post_id }) => post_id)))
    await db.deleteFrom("push_deliveries").where("post_id", "=", postId).execute();
  const bySubscription = new Map(subscriptions.map((row) => [row.id, row]));
  const byPost = new Map(
    posts.map(({ slug, title, language, ...post }) => [post.id, { post, blog: { slug, title, language } }]),
  );
  return taken.flatMap(({ post_id, subscription_id, tries }) => {
    const [what, subscription] = [byPost.get(post_id), bySubscription.get(subscription_id)];
    return what && subscription ? [{ ...what, subscription, tries }] : [];
  });
}

/** It has arrived, or never will. */
export async function forgetDelivery(db: Db, { post, subscription }: Delivery): Promise<void> {
  await db
    .deleteFrom("push_deliveries")
    .where("post_id", "=", post.id)
    .where("subscription_id", "=", subscription.id)
    .execute();
}

export async function deliverLater(db: Db, { post, subscription }: Delivery, seconds: number): Promise<void> {
  await db
    .updateTable("push_deliveries")
    .set({ due_at: sql<Date>`clock_timestamp() + make_interval(secs => ${seconds})` })
    .where("post_id", "=", post.id)
    .where("subscription_id", "=", subscription.id)
    .execute();
}

/** The browser has gone, and with it everything that was on its way there. */
export async function forgetSubscription(db: Db, { subscription }: Delivery): Promise<void> {
  await db.deleteFrom("push_subscriptions").where("endpoint", "=", subscription.endpoint).execute();
}
