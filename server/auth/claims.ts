import { sql } from "kysely";
import type { Db } from "../database.ts";
import { transact } from "../transact.ts";
import { forgetTries } from "./sign-in-tries.ts";

/**
 * Who has read our mail has shown whose address it is. Whoever opened the account without showing that may have been
 * somebody else, so nothing that they left in it opens it again: no API token and no second factor of theirs.
 */
export async function claimByMail(
  db: Db,
  { id, email, emailVerified }: { id: string; email: string; emailVerified: boolean },
): Promise<void> {
  await forgetTries(db, email);
  if (emailVerified) return;
  await transact(db, async (trx) => {
    await trx.deleteFrom("api_tokens").where("user_id", "=", id).execute();
    await sql`delete from two_factors where user_id = ${id}`.execute(trx);
    await trx
      .updateTable("users")
      .set({ email_verified: true, two_factor_enabled: false, updated_at: new Date() })
      .where("id", "=", id)
      .execute();
  });
}
