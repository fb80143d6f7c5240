import { randomBytes } from "node:crypto";
import ipaddr from "ipaddr.js";
import { sql } from "kysely";
import type { Db } from "../database.ts";

export interface Limit {
  /** Seconds. */
  readonly window: number;
  /** In one window. */
  readonly max: number;
}

/** Sign-ups from one network, also those that come to nothing. */
export const SIGN_UPS = { window: 60 * 60, max: 30 };
/** Letters to one mailbox, whoever asked for them. */
export const LETTERS = { window: 60 * 60, max: 6 };
/** Who is called something else every day is nobody. */
export const NAMES_OF_ONE = { window: 24 * 60 * 60, max: 5 };

/** Counts one more under the key. @returns seconds to wait when that is one too many, or null */
export async function countTry(db: Db, key: string, { window, max }: Limit): Promise<number | null> {
  const now = Date.now();
  const expired = sql<boolean>`rate_limits.last_request < ${now - window * 1000}`;
  const { count, began } = await db
    .insertInto("rate_limits")
    .values({ id: randomBytes(16).toString("hex"), key, count: 1, last_request: now })
    .onConflict((clash) =>
      clash.column("key").doUpdateSet({
        count: sql<number>`case when ${expired} then 1 else rate_limits.count + 1 end`,
        last_request: sql<number>`case when ${expired} then ${now}::bigint else rate_limits.last_request end`,
      }),
    )
    .returning(["count", sql<number>`(last_request / 1000)::integer`.as("began")])
    .executeTakeFirstOrThrow();
  if (count <= max) return null;
  return Math.max(1, window - Math.floor(now / 1000 - began));
}

/** An address as it is counted: whoever has one of IPv6 has a whole /64 of them. */
export function networkOf(address: string | undefined): string {
  if (!address || !ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}
