import { sql, type Kysely } from "kysely";

/** A post that was taken back is edited further, which is nothing that readers were shown. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table posts add column shown_at timestamptz(3)`.execute(db);
  await sql`update posts set shown_at = updated_at where position is not null`.execute(db);
}
