import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // What colleagues say to each other beside a blog.
  await sql`
    create table desk_messages (
      id         bigint generated always as identity primary key,
      blog_id    bigint not null references blogs on delete cascade,
      author_id  text references users on delete set null,
      body       text not null check (body <> ''),
      created_at timestamptz(3) not null default clock_timestamp()
    )
  `.execute(db);
  await sql`create index on desk_messages (blog_id, id desc)`.execute(db);

  // Which desks are open, one row for each browser tab; those that fall silent are swept away.
  await sql`
    create table desk_presence (
      blog_id bigint not null references blogs on delete cascade,
      user_id text not null references users on delete cascade,
      tab     text not null,
      editing bigint references posts on delete set null,
      seen_at timestamptz(3) not null default now(),
      primary key (blog_id, user_id, tab)
    ) with (fillfactor = 50)
  `.execute(db);
  await sql`create index on desk_presence (editing) where editing is not null`.execute(db);

  // Since when a published post has been a claim that nobody confirmed; null for any other post.
  await sql`alter table posts add column claim_since timestamptz(3)`.execute(db);
  await sql`
    update posts set claim_since = published_at
    where status = 'published' and verification in ('unverified', 'partly-verified', 'disputed')
  `.execute(db);
  await sql`create index on posts (blog_id, claim_since, id) where claim_since is not null`.execute(db);
  await sql`
    create function keep_claim() returns trigger language plpgsql as $$
    begin
      if new.status = 'published' and new.verification in ('unverified', 'partly-verified', 'disputed') then
        new.claim_since := coalesce(case when tg_op = 'UPDATE' then old.claim_since end, new.claim_since, new.updated_at);
      else
        new.claim_since := null;
      end if;
      return new;
    end $$
  `.execute(db);
  await sql`create trigger keep_claim before insert or update on posts for each row execute function keep_claim()`.execute(
    db,
  );
  // The desk's list of claims changes with the post, and so at the version that the desk was given for it.
  await sql`
    create function touch_claims() returns trigger language plpgsql as $$
    begin
      insert into blog_parts (blog_id, part, version) values (new.blog_id, 'desk-claims', new.desk_position)
      on conflict (blog_id, part) do update set version = excluded.version;
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger touch_claims_of_new after insert on posts for each row
    when (new.claim_since is not null) execute function touch_claims()
  `.execute(db);
  await sql`
    create trigger touch_claims after update on posts for each row
    when ((old.claim_since is not null or new.claim_since is not null) and old.desk_position <> new.desk_position)
    execute function touch_claims()
  `.execute(db);

  // How many readers each server process has now, and the most that all of them had in each minute.
  await sql`
    create table reader_counts (
      process uuid not null,
      blog_id bigint not null references blogs on delete cascade,
      readers integer not null,
      at      timestamptz(3) not null default now(),
      primary key (blog_id, process)
    ) with (fillfactor = 50)
  `.execute(db);
  await sql`
    create table readership (
      blog_id bigint not null references blogs on delete cascade,
      minute  timestamptz(0) not null,
      readers integer not null,
      primary key (blog_id, minute)
    ) with (fillfactor = 70)
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger keep_claim on posts`.execute(db);
  await sql`drop trigger touch_claims_of_new on posts`.execute(db);
  await sql`drop trigger touch_claims on posts`.execute(db);
  await sql`drop function keep_claim, touch_claims`.execute(db);
  await sql`alter table posts drop column claim_since`.execute(db);
  await sql`drop table desk_messages, desk_presence, reader_counts, readership`.execute(db);
}
