import { sql, type Kysely } from "kysely";

/** A claim is as old as whoever writes the row says; where nothing is said, it begins with the change that makes it one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function keep_claim() returns trigger language plpgsql as $$
    begin
      if new.status = 'published' and new.verification in ('unverified', 'partly-verified', 'disputed') then
        new.claim_since := coalesce(new.claim_since, new.updated_at);
      else
        new.claim_since := null;
      end if;
      return new;
    end $$
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function keep_claim() returns trigger language plpgsql as $$
    begin
      if new.status = 'published' and new.verification in ('unverified', 'partly-verified', 'disputed') then
        new.claim_since := coalesce(case when tg_op = 'UPDATE' then old.claim_since end, new.claim_since, new.updated_at);
      else
        new.claim_since := null;
      end if;
      return new;
    end $$
  `.execute(db);
}
