import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // What is slow at one push service (`https://push.example`) holds up nobody else; what fails for long is forgotten.
  await sql`
    alter table push_subscriptions
      add origin text not null generated always as (coalesce(lower(substring(endpoint from '^[^/]+//[^/?#]+')), '')) stored,
      add failures integer not null default 0,
      add failing_since timestamptz(3)
  `.execute(db);
  await sql`create index push_subscriptions_by_endpoint on push_subscriptions (endpoint)`.execute(db);
  await sql`alter table push_jobs add told_at timestamptz(3)`.execute(db);
  await sql`update push_jobs set told_at = clock_timestamp() - interval '1 day' where due_at is null`.execute(db);
  // A delivery stays for a while after it was sent (due_at is null then): it may have to be withdrawn.
  await sql`
    alter table push_deliveries
      alter due_at drop not null,
      add origin text not null default '',
      add withdrawal boolean not null default false,
      add shortened boolean not null default false,
      add sent_at timestamptz(3)
  `.execute(db);
  await sql`
    update push_deliveries set origin = push_subscriptions.origin from push_subscriptions where id = subscription_id
  `.execute(db);
  await sql`create index push_deliveries_by_origin on push_deliveries (origin, due_at) where due_at is not null`.execute(
    db,
  );
  await sql`create index push_deliveries_sent on push_deliveries (sent_at) where due_at is null`.execute(db);
  await sql`
    create or replace function tell_of_key_event() returns trigger language plpgsql as $$
    declare
      was_one boolean := false;
      is_one boolean := new.status = 'published' and new.key_event;
    begin
      if tg_op = 'UPDATE' then was_one := old.status = 'published' and old.key_event; end if;
      if was_one and not is_one then
        update push_jobs set due_at = clock_timestamp() + interval '2 seconds' where post_id = new.id;
      elsif is_one and not was_one and exists (select from push_subscriptions where blog_id = new.blog_id) then
        insert into push_jobs (post_id, due_at) values (new.id, clock_timestamp() + interval '2 seconds')
        on conflict (post_id) do update set due_at = excluded.due_at;
      end if;
      return null;
    end $$
  `.execute(db);
  await sql`drop trigger tell_of_key_event on posts`.execute(db);
  await sql`
    create trigger tell_of_key_event after insert or update of status, key_event on posts
    for each row execute function tell_of_key_event()
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`delete from push_deliveries where due_at is null or withdrawal`.execute(db);
  await sql`
    alter table push_deliveries
      alter due_at set not null, drop origin, drop withdrawal, drop shortened, drop sent_at
  `.execute(db);
  await sql`alter table push_jobs drop told_at`.execute(db);
  await sql`drop index push_subscriptions_by_endpoint`.execute(db);
  await sql`alter table push_subscriptions drop origin, drop failures, drop failing_since`.execute(db);
  await sql`
    create or replace function tell_of_key_event() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and old.status = 'published' and old.key_event then return null; end if;
      if exists (select from push_subscriptions where blog_id = new.blog_id) then
        insert into push_jobs (post_id, due_at) values (new.id, clock_timestamp() + interval '2 seconds')
        on conflict (post_id) do nothing;
      end if;
      return null;
    end $$
  `.execute(db);
  await sql`drop trigger tell_of_key_event on posts`.execute(db);
  await sql`
    create trigger tell_of_key_event after insert or update of status, key_event on posts
    for each row when (new.status = 'published' and new.key_event) execute function tell_of_key_event()
  `.execute(db);
}
