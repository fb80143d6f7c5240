import { createECDH } from "node:crypto";
import { isIP } from "node:net";
import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "../database.ts";
import { conflict } from "../errors.ts";

/** Browsers that may want to hear of one blog; each of its key events is encrypted for each of them. */
const MOST = 50_000;
/** A browser is forgotten once so many messages in a row could not be handed over, */
const DEAD_AFTER = 5;
/** over so many days. */
const DEAD_FOR = 3;

/** A PushSubscription as the browser writes it. @param allow `address:port` that need be neither public nor encrypted */
export const subscriptionOf = (allow: readonly string[]) =>
  z.strictObject({
    endpoint: endpointOf(allow),
    expirationTime: z.number().nullable().optional(),
    keys: z.strictObject({
      p256dh: z.string().max(100).refine(isPublicKey, "invalid-key"),
      auth: z
        .string()
        .max(40)
        .refine((text) => Buffer.from(text, "base64url").length === 16, "invalid-key"),
    }),
  });

export type Subscription = z.output<ReturnType<typeof subscriptionOf>>;

export const endpointOf = (allow: readonly string[]) =>
  z
    .url()
    .max(1_000)
    .refine((text) => URL.canParse(text) && mayBeAsked(new URL(text), allow), "not-a-push-service");

/** Where it leads is looked at again whenever something is sent there; see publicConnector() in embeds/fetcher.ts. */
export function mayBeAsked(
  { protocol, host, hostname, port, username, password }: URL,
  allow: readonly string[],
): boolean {
  if (allow.includes(host)) return true;
  const isName = !isIP(hostname.replace(/^\[|\]$/g, "")) && hostname.includes(".");
  return protocol === "https:" && port === "" && !username && !password && isName;
}

function isPublicKey(text: string): boolean {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== 65 || bytes[0] !== 4) return false;
  const curve = createECDH("prime256v1");
  curve.generateKeys();
  try {
    return curve.computeSecret(bytes).length > 0;
  } catch {
    return false;
  }
}

/** @returns whether it was not known yet. @throws AppError 409 where a blog has all that it may have */
export async function subscribe(db: Db, blogId: string, { endpoint, keys }: Subscription): Promise<boolean> {
  const { count } = await db
    .selectFrom("push_subscriptions")
    .select((eb) => eb.fn.countAll<string>().as("count"))
    .where("blog_id", "=", blogId)
    .executeTakeFirstOrThrow();
  if (Number(count) >= MOST) throw conflict("too-many-subscriptions", "No more browsers can be told of this blog.");
  const values = { blog_id: blogId, endpoint, p256dh: keys.p256dh, auth: keys.auth };
  const made = await db
    .insertInto("push_subscriptions")
    .values(values)
    .onConflict((clash) => clash.columns(["blog_id", "endpoint"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!made)
    await db
      .updateTable("push_subscriptions")
      .set({ p256dh: keys.p256dh, auth: keys.auth, failures: 0, failing_since: null })
      .where("blog_id", "=", blogId)
      .where("endpoint", "=", endpoint)
      .execute();
  return made !== undefined;
}

export async function unsubscribe(db: Db, blogId: string, endpoint: string): Promise<void> {
  await db.deleteFrom("push_subscriptions").where("blog_id", "=", blogId).where("endpoint", "=", endpoint).execute();
}

/** The browser has gone, and with it everything that was on its way there. */
export async function forgetSubscription(db: Db, endpoint: string): Promise<void> {
  await db.deleteFrom("push_subscriptions").where("endpoint", "=", endpoint).execute();
}

/** Something could be handed over again. */
export async function countSuccess(db: Db, endpoint: string): Promise<void> {
  await db
    .updateTable("push_subscriptions")
    .set({ failures: 0, failing_since: null })
    .where("endpoint", "=", endpoint)
    .execute();
}

/** A message could not be handed over. @returns whether that was once too often, and the browser is forgotten */
export async function countFailure(db: Db, endpoint: string): Promise<boolean> {
  await sql`
    update push_subscriptions
    set failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp())
    where endpoint = ${endpoint}`.execute(db);
  const dead = await sql`
    delete from push_subscriptions where endpoint = ${endpoint} and failures >= ${DEAD_AFTER}
    and failing_since < clock_timestamp() - make_interval(days => ${DEAD_FOR}) returning id`.execute(db);
  return dead.rows.length > 0;
}
