import type { Db } from "../database.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { titleOf } from "../posts/title.ts";
import { within } from "../within.ts";
import type { PushService, Said } from "./push-service.ts";
import {
  deliverLater,
  forgetDelivery,
  forgetSubscription,
  listDeliveries,
  takeDeliveries,
  type Delivery,
} from "./queue.ts";

/** Milliseconds between two looks when there is nothing to do. */
const POLL = 1_000;
/** Messages on their way from one server at one time. */
const AT_ONCE = 20;
/** After the first failure so many seconds, and twice as long after each further one. */
const RETRY = 5;
const MOST_TRIES = 6;
/** Milliseconds after which a silent database counts as away: a question that it lost is asked again. */
const PATIENCE = 8_000;

export interface Pusher {
  /** Finishes what was begun. */
  stop(): Promise<void>;
}

/**
 * Tells the browsers that asked for it of key events. Every server does so, and each message is sent by the one that
 * takes it from the list.
 */
export function startPusher(
  { db, log, metrics }: { db: Db; log: Log; metrics: Metrics },
  service: PushService,
): Pusher {
  let stopped = false;
  let woken = Promise.withResolvers<void>();
  const running = run();
  return {
    async stop() {
      stopped = true;
      woken.resolve();
      await running;
      await service.close();
    },
  };

  async function run(): Promise<void> {
    while (!stopped) {
      woken = Promise.withResolvers<void>();
      const more = await round().catch((error: unknown) => {
        log.warn({ err: error }, "could not look for key events to tell of; trying again");
        return false;
      });
      if (more) continue;
      const timer = setTimeout(() => woken.resolve(), POLL);
      await woken.promise;
      clearTimeout(timer);
    }
  }

  /** @returns whether there may be more to do at once */
  async function round(): Promise<boolean> {
    await within(PATIENCE, listDeliveries(db));
    const deliveries = await within(PATIENCE, takeDeliveries(db, AT_ONCE));
    await Promise.all(deliveries.map(deliver));
    return deliveries.length === AT_ONCE;
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const { post, subscription } = delivery;
    const said = await service.send(subscription, messageOf(delivery), `post-${post.id}`);
    const outcome = outcomeOf(said, delivery);
    metrics.notifications.inc({ outcome });
    if (outcome === "refused") log.warn({ status: said.status, post: post.id }, "a push service refused a message");
    await within(PATIENCE, settle(delivery, said, outcome));
  }

  async function settle(delivery: Delivery, { retryAfter }: Said, outcome: Outcome): Promise<void> {
    if (outcome === "gone") return forgetSubscription(db, delivery);
    if (outcome === "later") return deliverLater(db, delivery, retryAfter ?? RETRY * 2 ** (delivery.tries - 1));
    await forgetDelivery(db, delivery);
  }
}

type Outcome = "sent" | "gone" | "later" | "refused";

function outcomeOf({ status }: Said, { tries }: Delivery): Outcome {
  if (status >= 200 && status < 300) return "sent";
  if (status === 404 || status === 410) return "gone";
  const isForLater = status === 0 || status === 429 || status >= 500;
  return isForLater && tries < MOST_TRIES ? "later" : "refused";
}

/** What views/browser/worker/ shows. */
function messageOf({ post, blog }: Delivery): string {
  return JSON.stringify({
    title: blog.title,
    body: titleOf(post),
    language: blog.language,
    url: `/blogs/${blog.slug}/posts/${post.id}`,
    tag: `post-${post.id}`,
    at: post.published_at!.toISOString(),
  });
}
