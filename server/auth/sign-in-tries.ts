import { randomBytes } from "node:crypto";
import { APIError } from "better-auth/api";
import { sql } from "kysely";
import type { Db } from "../database.ts";

/** Sign-in tries: seconds, and tries in them from one address; and for one account, whatever the addresses. */
export const PER_ADDRESS = { window: 60, max: 10 };
export const PER_ACCOUNT = { window: 15 * 60, max: 20 };

/** The address that a sign-in is tried with; null for any other request, and for what no account can have. */
export function signInEmail({ path, body }: { path?: string; body?: { email?: unknown } }): string | null {
  const email = path === "/sign-in/email" ? body?.email : null;
  return typeof email === "string" && /^[\x21-\x7e]{3,254}$/.test(email) ? email.toLowerCase() : null;
}

/** Guessing one account's password from many addresses is slowed as well. @returns seconds to wait, or null */
export async function tooManyTries(db: Db, email: string | null): Promise<number | null> {
  if (email === null) return null;
  const key = `account:${email}`;
  const now = Date.now();
  const expired = sql<boolean>`rate_limits.last_request < ${now - PER_ACCOUNT.window * 1000}`;
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
  if (count <= PER_ACCOUNT.max) return null;
  return Math.max(1, PER_ACCOUNT.window - Math.floor(now / 1000 - began));
}

/** The right password ends the count; whoever does not know it cannot. */
export async function forgetTries(db: Db, email: string | null): Promise<void> {
  if (email !== null) await db.deleteFrom("rate_limits").where("key", "=", `account:${email}`).execute();
}

export const tooMany = (seconds: number) =>
  new APIError(
    "TOO_MANY_REQUESTS",
    { message: "Too many tries for this account." },
    { "X-Retry-After": String(seconds) },
  );
