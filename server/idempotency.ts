import { createHash } from "node:crypto";
import { sql, type RawBuilder } from "kysely";
import { withCommit } from "./connection.ts";
import { AppError, conflict, gone } from "./errors.ts";
import type { Db, Post, Trx } from "./database.ts";
import type { Answer } from "./http.ts";
import { transact } from "./transact.ts";

/** Which request this is: whose, on which route, under which key, and a hash of what it asks. */
export interface RequestIdentity {
  readonly actor: string;
  readonly route: string;
  readonly key: string;
  readonly fingerprint: Buffer;
}

/**
 * What a transaction may do with its key by itself: keep the post that it makes as the answer, in the very statement
 * that makes it and ends the transaction, so that the blog's counters are locked for no longer than that.
 */
export interface KeyOfPost {
  /**
   * An update that takes the post from a common table expression named `saved`.
   * @param path of the post without its id
   */
  keep(path: string): RawBuilder<unknown>;
}

/** How a request is answered: what it does, and how the answer is made again of a post that was kept by its key. */
export interface Work {
  (trx: Trx, key?: KeyOfPost): Promise<Answer>;
}
export type Again = (trx: Trx, post: Post) => Promise<Answer>;

const KEPT_HOURS = 48;

export const fingerprintOf = (body: Buffer): Buffer => createHash("sha256").update(body).digest();

/**
 * Does the work once for a key: the key, the rows it makes and the answer commit together, so a retry after any
 * failure either finds all of them or does the work. A second request with the key waits for the first to end.
 * Refusals are not kept; the same key may be tried again after them.
 * @param again needed where the work may keep a post by its key
 * @throws AppError 422 when the key was used for something else, 410 when what it made was removed since
 */
export async function once(db: Db, identity: RequestIdentity, work: Work, again?: Again): Promise<Answer> {
  return transact(db, async (trx) => {
    const { actor, route, key, fingerprint } = identity;
    const claimed = await trx
      .insertInto("idempotency_keys")
      .values({ actor, route, key, fingerprint, status: null, headers: null, body: null })
      .onConflict((clash) => clash.doNothing())
      .returning("key")
      .executeTakeFirst();
    if (!claimed) return replay(trx, identity, again);
    let kept = false;
    const answer = await work(trx, {
      keep(path) {
        kept = true;
        return keepSaved(identity, path);
      },
    });
    if (kept) return answer;
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

/** The row and not the answer, which is made of it when this is done. */
const keepSaved = ({ actor, route, key }: RequestIdentity, path: string): RawBuilder<unknown> => sql`
  update idempotency_keys set status = 201, body = row_to_json(saved),
    headers = json_build_object(${KEPT_AS_ROW}::text, 'posts', 'Location', ${`${path}/`}::text || saved.id)
  from saved where actor = ${actor} and route = ${route} and key = ${key}`;

/** Among the kept headers: that the body is a row and of which table. */
const KEPT_AS_ROW = "row of";

async function replay(trx: Trx, { actor, route, key, fingerprint }: RequestIdentity, again?: Again): Promise<Answer> {
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
  const { status, headers, body } =
    again && kept.headers?.[KEPT_AS_ROW] ? await again(trx, await postOf(trx, kept.body!)) : kept;
  return { status: status!, headers: { ...headers, "Idempotent-Replayed": "true" }, body };
}

/** As it was made. What a newer version of Dateline has added since, it has as the post has it now. */
async function postOf(trx: Trx, row: object): Promise<Post> {
  const { rows } = await sql<Post>`
    select made.* from posts, json_populate_record(posts, ${row}::json) as made
    where posts.id = (${row}::json->>'id')::bigint`.execute(trx);
  return rows[0]!;
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
