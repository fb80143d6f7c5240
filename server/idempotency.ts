import { createHash } from "node:crypto";
import { sql } from "kysely";
import { withCommit } from "./connection.ts";
import { AppError, conflict, gone } from "./errors.ts";
import type { Db, Trx } from "./database.ts";
import type { Answer } from "./http.ts";
import { transact } from "./transact.ts";

/** Which request this is: whose, on which route, under which key, and a hash of what it asks. */
export interface RequestIdentity {
  readonly actor: string;
  readonly route: string;
  readonly key: string;
  readonly fingerprint: Buffer;
}

const KEPT_HOURS = 48;

export const fingerprintOf = (body: Buffer): Buffer => createHash("sha256").update(body).digest();

/**
 * Does the work once for a key: the key, the rows it makes and the answer commit together, so a retry after any
 * failure either finds all of them or does the work. A second request with the key waits for the first to end.
 * Refusals are not kept; the same key may be tried again after them.
 * @throws AppError 422 when the key was used for something else, 410 when what it made was removed since
 */
export async function once(db: Db, identity: RequestIdentity, work: (trx: Trx) => Promise<Answer>): Promise<Answer> {
  return transact(db, async (trx) => {
    const { actor, route, key, fingerprint } = identity;
    const claimed = await trx
      .insertInto("idempotency_keys")
      .values({ actor, route, key, fingerprint, status: null, headers: null, body: null })
      .onConflict((clash) => clash.doNothing())
      .returning("key")
      .executeTakeFirst();
    if (!claimed) return replay(trx, identity);
    const answer = await work(trx);
    const keep = trx
      .updateTable("idempotency_keys")
      .set({ status: answer.status, headers: answer.headers ?? {}, body: answer.body ?? null })
      .where("actor", "=", actor)
      .where("route", "=", route)
      .where("key", "=", key);
    await trx.executeQuery(withCommit(keep.compile()));
    return answer;
  });
}

async function replay(trx: Trx, { actor, route, key, fingerprint }: RequestIdentity): Promise<Answer> {
  const kept = await trx
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("actor", "=", actor)
    .where("route", "=", route)
    .where("key", "=", key)
    .executeTakeFirst();
  if (!kept?.status)
    throw conflict("request-in-progress", "A request with this Idempotency-Key is under way; try again.");
  if (!kept.fingerprint.equals(fingerprint))
    throw new AppError(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.");
  if (kept.status === 410) throw gone("post");
  return { status: kept.status, headers: { ...kept.headers, "Idempotent-Replayed": "true" }, body: kept.body };
}

/** A removed post must not come back as the kept answer to the request that made it. */
export async function withdrawAnswers(trx: Trx, location: string): Promise<void> {
  await trx
    .updateTable("idempotency_keys")
    .set({ status: 410, body: null })
    .where(sql<boolean>`headers->>'Location' = ${location}`)
    .execute();
}

/** Keys are good for two days; called now and then by the server. */
export async function forgetOldKeys(db: Db): Promise<void> {
  await db
    .deleteFrom("idempotency_keys")
    .where("created_at", "<", sql<Date>`now() - make_interval(hours => ${KEPT_HOURS})`)
    .execute();
}
