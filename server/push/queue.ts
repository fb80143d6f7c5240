import { sql } from "kysely";
import type { Blog, Db, Post } from "../database.ts";
import { isKeyEvent, isNews } from "./listing.ts";

/** Seconds within which a server tells what became of a delivery; after that another one takes it. */
const LEASE = 60;

/** What one browser is told of one post. */
export interface Delivery {
  readonly post: Post;
  readonly blog: Pick<Blog, "slug" | "title" | "language">;
  readonly subscription: {
    readonly id: string;
    readonly endpoint: string;
    readonly origin: string;
    readonly p256dh: string;
    readonly auth: string;
    readonly failures: number;
  };
  /** It takes the place of what the browser was told before. */
  readonly withdrawal: boolean;
  readonly shortened: boolean;
  /** This one included. */
  readonly tries: number;
  /** Since when the browser may have it from a former try. */
  readonly before: Date | null;
}

type Taken = Omit<Delivery, "post" | "blog" | "subscription"> &
  Delivery["subscription"] & { readonly post_id: string; readonly fits: boolean };

/** The push services that something is due for, in the order of their names. @param after a name to begin after */
export async function dueOrigins(db: Db, after: string, atMost: number): Promise<string[]> {
  // One look into the index for each, however much is on the list.
  const { rows } = await sql<{ origin: string }>`
    with recursive listed (origin) as (
      select min(origin) from push_deliveries where due_at is not null and origin >= ${after}
      union all
      select (
        select min(push_deliveries.origin) from push_deliveries
        where push_deliveries.due_at is not null and push_deliveries.origin > listed.origin
      ) from listed where listed.origin is not null
    )
    select origin from listed where origin is not null limit ${atMost}`.execute(db);
  return rows.map(({ origin }) => origin);
}

/**
 * Takes deliveries for this server alone; should it end before it says what became of them, they are anybody's again.
 * @param offers for each push service, how many
 */
export async function takeDeliveries(
  db: Db,
  offers: readonly { origin: string; places: number }[],
): Promise<Delivery[]> {
  const { rows: taken } = await sql<Taken>`
    with due as materialized (
      select found.* from unnest(${offers.map(({ origin }) => origin)}::text[], ${offers.map(({ places }) => places)}::integer[])
        as offered (origin, places)
      cross join lateral (
        select post_id, subscription_id, sent_at as before,
          case when withdrawal then not ${isKeyEvent} else ${isNews} end as fits
        from push_deliveries join posts on posts.id = push_deliveries.post_id
        where push_deliveries.origin = offered.origin and due_at <= clock_timestamp()
        order by due_at limit offered.places for update of push_deliveries skip locked
      ) as found
    )
    update push_deliveries set tries = push_deliveries.tries + 1,
      due_at = clock_timestamp() + make_interval(secs => ${LEASE}),
      sent_at = case when due.fits then clock_timestamp() else due.before end
    from due join push_subscriptions on push_subscriptions.id = due.subscription_id
    where push_deliveries.post_id = due.post_id and push_deliveries.subscription_id = due.subscription_id
    returning due.post_id, due.before, due.fits, push_deliveries.withdrawal, push_deliveries.shortened,
      push_deliveries.tries, push_deliveries.origin, push_subscriptions.id, push_subscriptions.endpoint,
      push_subscriptions.p256dh, push_subscriptions.auth, push_subscriptions.failures`.execute(db);
  const fitting = taken.filter(({ fits }) => fits);
  if (fitting.length < taken.length)
    await putAside(
      db,
      taken.filter(({ fits }) => !fits),
    );
  return withPosts(db, fitting);
}

/** What has been taken down, is no key event any more, or again is one. listDeliveries() hears of it by itself. */
async function putAside(db: Db, unfit: readonly Taken[]): Promise<void> {
  const posts = [...new Set(unfit.map(({ post_id }) => post_id))];
  await sql`
    delete from push_deliveries where post_id = any(${posts}::bigint[]) and not withdrawal and sent_at is null`.execute(
    db,
  );
  await sql`
    update push_deliveries set due_at = null, withdrawal = false where post_id = any(${posts}::bigint[])`.execute(db);
}

async function withPosts(db: Db, taken: readonly Taken[]): Promise<Delivery[]> {
  if (!taken.length) return [];
  const ids = [...new Set(taken.map(({ post_id }) => post_id))];
  const posts = await db
    .selectFrom("posts")
    .innerJoin("blogs", "blogs.id", "posts.blog_id")
    .selectAll("posts")
    .select(["blogs.slug", "blogs.title", "blogs.language"])
    .where("posts.id", "in", ids)
    .execute();
  const byId = new Map(
    posts.map(({ slug, title, language, ...post }) => [post.id, { post, blog: { slug, title, language } }]),
  );
  return taken.flatMap(({ post_id, withdrawal, shortened, tries, before, ...subscription }) => {
    const what = byId.get(post_id);
    return what ? [{ ...what, subscription, withdrawal, shortened, tries, before }] : [];
  });
}

/** The push service has it. What has come to be wanted instead meanwhile is due at once. */
export async function deliveryArrived(db: Db, { withdrawal, ...delivery }: Delivery): Promise<void> {
  if (withdrawal) return forgetWithdrawal(db, delivery);
  await sql`
    update push_deliveries set due_at = case when withdrawal then clock_timestamp() end, tries = 0
    where ${isOf(delivery)}`.execute(db);
}

/** It never will. */
export async function deliveryRefused(db: Db, { withdrawal, before, ...delivery }: Delivery): Promise<void> {
  if (withdrawal) return forgetWithdrawal(db, delivery);
  if (before === null) return void (await sql`delete from push_deliveries where ${isOf(delivery)}`.execute(db));
  await sql`
    update push_deliveries set due_at = case when withdrawal then clock_timestamp() end, tries = 0, sent_at = ${before}
    where ${isOf(delivery)}`.execute(db);
}

async function forgetWithdrawal(db: Db, delivery: Pick<Delivery, "post" | "subscription">): Promise<void> {
  await sql`delete from push_deliveries where ${isOf(delivery)} and withdrawal`.execute(db);
  await sql`update push_deliveries set due_at = clock_timestamp(), tries = 0 where ${isOf(delivery)}`.execute(db);
}

/** @param mayHaveArrived whether it is not known that the push service did not take it */
export async function deliverLater(
  db: Db,
  { before, ...delivery }: Delivery,
  seconds: number,
  { mayHaveArrived = false, shortened = delivery.shortened } = {},
): Promise<void> {
  await sql`
    update push_deliveries set due_at = clock_timestamp() + make_interval(secs => ${seconds}), shortened = ${shortened},
      sent_at = case when ${mayHaveArrived || delivery.withdrawal} then sent_at else ${before} end
    where ${isOf(delivery)}`.execute(db);
  // Withdrawn while it was on its way, where it has not arrived.
  await sql`delete from push_deliveries where ${isOf(delivery)} and withdrawal and sent_at is null`.execute(db);
}

/** The server that took them ends: whoever starts next has them at once. */
export async function giveBack(db: Db, delivery: Delivery): Promise<void> {
  await sql`
    update push_deliveries set due_at = clock_timestamp(), tries = tries - 1 where ${isOf(delivery)}`.execute(db);
}

const isOf = ({ post, subscription }: Pick<Delivery, "post" | "subscription">) =>
  sql`post_id = ${post.id} and subscription_id = ${subscription.id}`;
