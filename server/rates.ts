import ipaddr from "ipaddr.js";
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from "rate-limiter-flexible";
import { createClient } from "redis";
import type postgres from "postgres";
import { AppError } from "./errors.ts";
import type { Log } from "./log.ts";

/** So many, in so many seconds, by one person and from one address. */
const RATES = {
  comment: { person: [10, 100], address: [10, 60] },
  edit: { person: [20, 100], address: [40, 60] },
  report: { person: [10, 600], address: [20, 600] },
  /** A browser is the person. */
  push: { person: [20, 3_600], address: [60, 3_600] },
  reaction: { person: [60, 60], address: [120, 60] },
} as const satisfies Record<string, Record<"person" | "address", readonly [number, number]>>;

export type RateKind = keyof typeof RATES;

export interface Rates {
  /**
   * Counts one more try.
   * @param address null where it says nothing about the caller
   * @returns what takes the count back: a try that came to nothing, or that was a repeat, costs nobody anything
   * @throws AppError 429, without making the wait any longer
   */
  take(kind: RateKind, userId: string, address: string | null): Promise<() => Promise<void>>;
  /** Forgets what counts no more, addresses above all; called now and then by the server. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * How often people may do what others see, counted over all servers: in Redis where there is one, and in Postgres
 * otherwise. While Redis cannot be reached, each server counts for itself.
 */
export async function openRates(sql: postgres.Sql, redisUrl: string | null, log: Log): Promise<Rates> {
  const redis = redisUrl === null ? null : createClient({ url: redisUrl, disableOfflineQueue: true });
  redis?.on("error", (error: unknown) => log.warn({ err: error }, "Redis cannot be reached"));
  await redis?.connect();
  // The library speaks to a pool of the pg package; ours is another, with the same query in it.
  const pool = {
    query: async ({ text, values }: { text: string; values: never[] }) => ({ rows: await sql.unsafe(text, values) }),
  };
  const limiters = new Map<string, RateLimiterAbstract>();
  for (const [kind, by] of Object.entries(RATES))
    for (const [whose, [points, duration]] of Object.entries(by)) {
      const options = { keyPrefix: `${kind} ${whose}`, points, duration };
      limiters.set(
        options.keyPrefix,
        redis
          ? new RateLimiterRedis({
              ...options,
              storeClient: redis,
              useRedisPackage: true,
              insuranceLimiter: new RateLimiterMemory(options),
            })
          : new RateLimiterPostgres({
              ...options,
              storeClient: pool,
              storeType: "pool",
              tableName: "rates",
              tableCreated: true,
              clearExpiredByTimeout: false,
            }),
      );
    }

  return {
    async take(kind, userId, address) {
      const taken: [RateLimiterAbstract, string][] = [];
      const giveBack = async () => {
        await Promise.all(taken.map(([limiter, key]) => limiter.reward(key)));
      };
      for (const [whose, key] of [["person", userId] as const, ["address", address && blockOf(address)] as const]) {
        if (key === null) continue;
        const limiter = limiters.get(`${kind} ${whose}`)!;
        taken.push([limiter, key]);
        try {
          await limiter.consume(key);
        } catch (error) {
          await giveBack();
          if (!(error instanceof RateLimiterRes)) throw error;
          throw tooFast(error.msBeforeNext);
        }
      }
      return giveBack;
    },
    sweep: async () => {
      await sql`delete from rates where expire < ${Date.now()}`;
    },
    close: async () => {
      await redis?.close();
    },
  };
}

function tooFast(milliseconds: number): AppError {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return new AppError(429, "too-fast", `That was a lot at once. Try again in ${seconds} s.`, {
    headers: { "Retry-After": String(seconds) },
  });
}

/**
 * What stands for an address: of IPv6 the network that one customer has. Addresses of the machine itself and of private
 * networks are proxies', behind which everybody is (TRUST_PROXY tells who is who), and count for nobody.
 */
function blockOf(text: string): string | null {
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return null;
  if (address.kind() === "ipv4") return address.toString();
  return `${(address as ipaddr.IPv6).parts.slice(0, 4).join(":")}/64`;
}
