import { createHmac, randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Db, Trx } from "../database.ts";

/** Days after which, at the latest, nobody can tell any more what was written from one address. */
const KEPT_DAYS = 30;

/**
 * Keeps a hash of where a comment was written from, so that moderators can see who writes under several names. Its salt
 * is a new one each week, and is thrown away with the hash.
 */
export async function keepAddress(trx: Trx, commentId: string, address: string): Promise<void> {
  const { rows } = await sql<{ week: string; salt: Buffer }>`
    with made as (
      insert into address_salts (week, salt) values (date_trunc('week', now())::date, ${randomBytes(32)})
      on conflict (week) do nothing returning week, salt
    )
    select week::text, salt from made union all
    select week::text, salt from address_salts where week = date_trunc('week', now())::date limit 1`.execute(trx);
  const [kept] = rows;
  // Another transaction is making this week's salt; the comment goes without.
  if (!kept) return;
  const hash = createHmac("sha256", kept.salt).update(address).digest();
  await trx.insertInto("comment_addresses").values({ comment_id: commentId, week: kept.week, hash }).execute();
}

export async function forgetOldAddresses(db: Db): Promise<void> {
  const tooOld = sql<string>`(now() - make_interval(days => ${KEPT_DAYS}))::date`;
  await db.deleteFrom("comment_addresses").where("week", "<=", tooOld).execute();
  await db.deleteFrom("address_salts").where("week", "<=", tooOld).execute();
}
