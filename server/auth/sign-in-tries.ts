import { APIError } from "better-auth/api";
import type { Db } from "../database.ts";
import { countTry } from "./tries.ts";

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
  return email === null ? null : countTry(db, `account:${email}`, PER_ACCOUNT);
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
