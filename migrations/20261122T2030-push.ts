import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // A reader's browser that wants to be told of a blog's key events. It belongs to no account.
  await sql`
    create table push_subscriptions (
      id bigint generated always as identity primary key,
      blog_id bigint not null references blogs on delete cascade,
      endpoint text not null,
      p256dh text not null,
      auth text not null,
      created_at timestamptz(3) not null default now(),
      unique (blog_id, endpoint)
    )
  `.execute(db);
  // A post that became a key event: due_at is null once everybody is on the list of deliveries, and a post is told of once.
  await sql`
    create table push_jobs (
      post_id bigint primary key references posts on delete cascade,
      due_at timestamptz(3)
    )
  `.execute(db);
  await sql`create index on push_jobs (due_at) where due_at is not null`.execute(db);
  await sql`
    create table push_deliveries (
      post_id bigint not null references posts on delete cascade,
      subscription_id bigint not null references push_subscriptions on delete cascade,
      tries smallint not null default 0,
      due_at timestamptz(3) not null,
      primary key (post_id, subscription_id)
    )
  `.execute(db);
  await sql`create index on push_deliveries (due_at)`.execute(db);
  await sql`create index on push_deliveries (subscription_id)`.execute(db);
  // Whatever way it is published or marked. The pause is for whoever takes a slip back at once.
  await sql`
    create function tell_of_key_event() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and old.status = 'published' and old.key_event then return null; end if;
      if exists (select from push_subscriptions where blog_id = new.blog_id) then
        insert into push_jobs (post_id, due_at) values (new.id, clock_timestamp() + interval '2 seconds')
        on conflict (post_id) do nothing;
      end if;
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger tell_of_key_event after insert or update of status, key_event on posts
    for each row when (new.status = 'published' and new.key_event) execute function tell_of_key_event()
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger tell_of_key_event on posts`.execute(db);
  await sql`drop function tell_of_key_event()`.execute(db);
  for (const table of ["push_deliveries", "push_jobs", "push_subscriptions"])
    await sql`drop table ${sql.table(table)}`.execute(db);
}
