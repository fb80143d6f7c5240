import { LRUCache } from "lru-cache";
import type { Db } from "../database.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { within } from "../within.ts";
import { listDeliveries } from "./listing.ts";
import { messageOf, topicOf } from "./message.ts";
import { openPlaces } from "./places.ts";
import type { PushService, Said } from "./push-service.ts";
import {
  deliverLater,
  deliveryArrived,
  deliveryRefused,
  dueOrigins,
  giveBack,
  takeDeliveries,
  type Delivery,
} from "./queue.ts";
import { countFailure, countSuccess, forgetSubscription } from "./subscriptions.ts";

/** Milliseconds between two looks when there is nothing to do. */
const POLL = 1_000;
/** Push services that are looked at in one go. */
const ORIGINS_AT_ONCE = 100;
/** Milliseconds within which a push service is quick. */
const QUICK = 2_000;
/** After the first failure so many seconds, and twice as long after each further one. */
const RETRY = 5;
const MOST_TRIES = 6;
/** Seconds after which a push service that wants to be asked later has not to be asked any more: as long as it keeps a message. */
const TOO_LATE = 60 * 60;
/** Milliseconds after which a silent database counts as away: a question that it lost is asked again. */
const PATIENCE = 8_000;
/** Milliseconds between two warnings of the same. */
const WARN_EVERY = 60_000;

export interface Pusher {
  /** What is on its way is broken off, and stays on the list for the next start. */
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
  const stopping = new AbortController();
  const places = openPlaces();
  const underWay = new Set<Promise<void>>();
  const warned = new LRUCache<string, true>({ max: 1_000, ttl: WARN_EVERY });
  let woken = Promise.withResolvers<void>();
  let next = "";
  const running = run();
  return {
    async stop() {
      stopping.abort();
      woken.resolve();
      await running;
      await Promise.all(underWay);
      await service.close();
    },
  };

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
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

  /** Lists some, and begins what there is place for. @returns whether there is more to do at once */
  async function round(): Promise<boolean> {
    const isListing = await within(PATIENCE, listDeliveries(db));
    const origins = await within(PATIENCE, dueOrigins(db, next, ORIGINS_AT_ONCE));
    const offers = places.offer(origins);
    next = origins.length === ORIGINS_AT_ONCE ? origins.at(-1)! : "";
    const deliveries = offers.length ? await within(PATIENCE, takeDeliveries(db, offers)) : [];
    deliveries.forEach(begin);
    return isListing || (next !== "" && offers.length > 0);
  }

  function begin(delivery: Delivery): void {
    const { origin } = delivery.subscription;
    places.take(origin);
    const sending = deliver(delivery).catch((error: unknown) => {
      log.warn({ err: error }, "could not note what became of a message; it will be sent again");
    });
    underWay.add(sending);
    void sending.then(() => {
      underWay.delete(sending);
      woken.resolve();
    });
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const began = performance.now();
    const { subscription } = delivery;
    const said = await service.send(subscription, messageOf(delivery), topicOf(delivery), stopping.signal);
    places.free(subscription.origin, said.status !== 0 && performance.now() - began < QUICK);
    if (said.status === 0 && stopping.signal.aborted) return within(PATIENCE, giveBack(db, delivery));
    const outcome = outcomeOf(said, delivery);
    metrics.notifications.inc({ outcome });
    await within(PATIENCE, note(delivery, said, outcome));
  }

  async function note(delivery: Delivery, { status, retryAfter }: Said, outcome: Outcome): Promise<void> {
    const { endpoint, failures } = delivery.subscription;
    if (outcome === "gone") return forgetSubscription(db, endpoint);
    if (outcome === "shortened") return deliverLater(db, delivery, 0, { shortened: true });
    if (outcome === "later")
      return deliverLater(db, delivery, retryAfter ?? RETRY * 2 ** (delivery.tries - 1), { mayHaveArrived: !status });
    if (outcome === "sent") {
      if (failures > 0) await countSuccess(db, endpoint);
      return deliveryArrived(db, delivery);
    }
    warn(delivery, status);
    await deliveryRefused(db, delivery);
    if (isFault(status) && (await countFailure(db, endpoint)))
      log.info({ origin: delivery.subscription.origin }, "a browser that nothing reaches any more is forgotten");
  }

  /** A key that is not the newsroom's any more makes every push service refuse every message. */
  function warn({ subscription: { origin }, post }: Delivery, status: number): void {
    const what = `${status} ${origin}`;
    if (warned.has(what)) return;
    warned.set(what, true);
    log.warn({ status, origin, post: post.id }, "a push service refused a message");
  }
}

type Outcome = "sent" | "gone" | "later" | "shortened" | "refused";

function outcomeOf({ status, retryAfter }: Said, { tries, shortened }: Delivery): Outcome {
  if (status >= 200 && status < 300) return "sent";
  if (status === 404 || status === 410) return "gone";
  if (status === 413 && !shortened) return "shortened";
  const isForLater = status === 0 || status === 429 || status >= 500;
  return isForLater && tries < MOST_TRIES && (retryAfter ?? 0) <= TOO_LATE ? "later" : "refused";
}

/** That it is asked too often, or for too much, says nothing about the browser. */
const isFault = (status: number): boolean => status !== 429 && status !== 413;
