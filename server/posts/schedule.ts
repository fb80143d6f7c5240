import { sql } from "kysely";
import { ANYONE, may, type Actor } from "../auth/permissions.ts";
import { holdBlog } from "../blogs/blogs.ts";
import type { Blog, Db, Post, Trx } from "../database.ts";
import type { Log } from "../log.ts";
import { transact } from "../transact.ts";
import { within } from "../within.ts";
import { savePost } from "./posts.ts";

/** Milliseconds. The poll finds what no notification told of, and what another server left undone. */
const POLL = 1_000;
/** A post that was due and could not be had, because somebody is just saving it, is tried again so soon. */
const AGAIN = 50;
/** Milliseconds after which a silent database counts as away. */
const PATIENCE = 8_000;
/** Posts taken in one go; as long as they take, their blog's other posts wait. */
const AT_ONCE = 25;
const MAX_NOTE = 1_000;

export interface Scheduler {
  /** When the database last answered it, over the connections that requests have too; milliseconds since 1970. */
  readonly answered: number;
  /** Something was scheduled: look when the next post is due. */
  wake(): void;
  /** Finishes what was begun. */
  stop(): Promise<void>;
}

/**
 * Publishes scheduled posts when they are due, by the database's clock. Every server does so, and each post is
 * published by the one that gets its row; nothing is kept in memory that matters.
 */
export function startScheduler(db: Db, log: Log): Scheduler {
  let stopped = false;
  let answered = Date.now();
  let woken = Promise.withResolvers<void>();
  const wake = () => woken.resolve();
  const running = run();
  return {
    get answered() {
      return answered;
    },
    wake,
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!stopped) {
      woken = Promise.withResolvers<void>();
      const timer = setTimeout(wake, await round());
      await woken.promise;
      clearTimeout(timer);
    }
  }

  /** @returns milliseconds until the next look */
  async function round(): Promise<number> {
    try {
      const next = (await within(PATIENCE, untilNext(db))) ?? POLL;
      answered = Date.now();
      if (next > 0) return Math.min(POLL, next + 1);
      let wait = AGAIN;
      for (const { blogId, ids } of await within(PATIENCE, duePosts(db)))
        if (!stopped && !(await publish(blogId, ids))) wait = POLL;
      return wait;
    } catch (error) {
      log.warn({ err: error }, "could not look for scheduled posts; trying again");
      return POLL;
    }
  }

  /**
   * All in one transaction, since many may be due at one moment; by themselves where that fails, so that one which
   * cannot be published does not keep the others from their time.
   * @returns whether that worked
   */
  async function publish(blogId: string, ids: string[]): Promise<boolean> {
    try {
      const work = transact(db, (trx) => publishScheduled(trx, blogId, ids));
      await within(PATIENCE, work);
      return true;
    } catch (error) {
      log.warn({ err: error, posts: ids }, "scheduled posts could not be published; trying again");
      if (ids.length > 1) for (const id of ids) await publish(blogId, [id]);
      return false;
    }
  }
}

/** What is due, the longest overdue first, by blog. */
async function duePosts(db: Db): Promise<{ blogId: string; ids: string[] }[]> {
  const posts = await db
    .selectFrom("posts")
    .select(["id", "blog_id"])
    .where("status", "=", "scheduled")
    .where("publish_at", "<=", sql<Date>`clock_timestamp()`)
    .orderBy("publish_at")
    .orderBy("id")
    .limit(AT_ONCE)
    .execute();
  const byBlog = Map.groupBy(posts, (post) => post.blog_id);
  return [...byBlog].map(([blogId, due]) => ({ blogId, ids: due.map(({ id }) => id) }));
}

/** Milliseconds until the next scheduled post is due, less than 0 for one that is overdue; null without any. */
async function untilNext(db: Db): Promise<number | null> {
  const { wait } = await db
    .selectFrom("posts")
    .select(sql<number | null>`(extract(epoch from min(publish_at) - clock_timestamp()) * 1000)::float8`.as("wait"))
    .where("status", "=", "scheduled")
    .executeTakeFirstOrThrow();
  return wait;
}

/** Publishes those that are still due and that no other server has in hand, or gives them back to the desk. */
async function publishScheduled(trx: Trx, blogId: string, ids: string[]): Promise<void> {
  const blog = await holdBlog(trx, blogId);
  const posts = await trx
    .selectFrom("posts")
    .selectAll()
    .where("id", "in", ids)
    .where("status", "=", "scheduled")
    .where("publish_at", "<=", sql<Date>`clock_timestamp()`)
    .orderBy("publish_at")
    .orderBy("id")
    .forUpdate()
    .skipLocked()
    .execute();
  const schedulers = await schedulersOf(trx, blogId, posts);
  // Sent together, and done by the database in this order.
  await Promise.all(posts.map((post) => publishOrGiveBack(trx, post, blog, schedulers.get(post.scheduled_by ?? ""))));
}

async function publishOrGiveBack(trx: Trx, post: Post, blog: Blog, scheduler: Actor | undefined): Promise<Post> {
  const unscheduled: Post = { ...post, publish_at: null, scheduled_by: null };
  if (!scheduler) return giveBack(trx, post, unscheduled, "may-not-publish");
  if (blog.state === "closed") return giveBack(trx, post, unscheduled, "blog-closed");
  const published: Post = { ...unscheduled, status: "published" };
  return savePost(trx, scheduler, post, published, "publish", { publishAt: post.publish_at });
}

async function giveBack(trx: Trx, post: Post, unscheduled: Post, reason: keyof typeof REASONS): Promise<Post> {
  const note = [REASONS[reason], post.note].filter(Boolean).join("\n").slice(0, MAX_NOTE);
  const after: Post = { ...unscheduled, status: "draft", shared: true, note };
  return savePost(trx, SERVER, post, after, "unschedule", { publishAt: post.publish_at, reason });
}

const REASONS = {
  "blog-closed": "Not published at its time: the blog was closed by then.",
  "may-not-publish": "Not published at its time: whoever scheduled it may not publish here any more.",
};

const SERVER: Actor = { ...ANYONE, name: "Dateline", via: "system" };

/** Of those who scheduled these posts, by id, the ones who may still publish. */
async function schedulersOf(trx: Trx, blogId: string, posts: Post[]): Promise<Map<string, Actor>> {
  const ids = new Set(posts.flatMap((post) => post.scheduled_by ?? []));
  if (!ids.size) return new Map();
  const rows = await trx
    .selectFrom("roles")
    .innerJoin("users", "users.id", "roles.user_id")
    .select(["users.id", "users.name", "users.slug", "role", "blog_id as blogId"])
    .where("users.id", "in", [...ids])
    .execute();
  const actors = [...Map.groupBy(rows, ({ id }) => id)].map(([userId, grants]): Actor => {
    const { name, slug } = grants[0]!;
    return { ...SERVER, userId, name, slug, grants };
  });
  const allowed = actors.filter((actor) => may(actor, "post:publish", blogId) === "any");
  return new Map(allowed.map((actor) => [actor.userId!, actor]));
}
