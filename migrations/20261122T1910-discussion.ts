import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // A comment's status says what was decided; its face, what readers see of it: server/comments/faces.ts.
  await sql`alter table comments drop constraint comments_status_check, drop constraint comments_body_check`.execute(
    db,
  );
  await sql`
    alter table comments
      add check (status in ('published', 'approved', 'pending', 'held', 'rejected')),
      add column root_id bigint references comments,
      add column initial_status text,
      add column reasons text[] not null default '{}',
      add column matches jsonb not null default '[]',
      add column text_key text,
      add column is_staff boolean not null default false,
      add column face text not null default 'none' check (face in ('none', 'comment', 'tombstone')),
      add column position integer,
      add column queue_position integer not null default 1,
      add column reactions integer not null default 0 check (reactions >= 0),
      add column featured_at timestamptz(3),
      add column featured_by text references users on delete set null,
      add column edited_at timestamptz(3),
      add column deleted_at timestamptz(3),
      add check (body <> '' or deleted_at is not null)
  `.execute(db);
  await sql`
    with recursive threads as (
      select id, id as root_id from comments where parent_id is null
      union all select comments.id, threads.root_id from comments join threads on comments.parent_id = threads.id
    )
    update comments set root_id = threads.root_id, initial_status = 'pending' from threads where threads.id = comments.id
  `.execute(db);
  // Whatever hangs below a comment that is not shown was not shown either.
  await sql`
    with recursive shown as (
      select id from comments where parent_id is null and status = 'approved'
      union all select comments.id from comments join shown on comments.parent_id = shown.id where status = 'approved'
    )
    update comments set face = 'comment', position = 1 where id in (select id from shown)
  `.execute(db);
  await sql`alter table comments alter column root_id set not null, alter column initial_status set not null`.execute(
    db,
  );
  await sql`drop index comments_blog_id_created_at_id_idx, comments_blog_id_created_at_id_idx1`.execute(db);
  await sql`create index on comments (blog_id, created_at desc, id desc) where face <> 'none'`.execute(db);
  await sql`create index comments_threads on comments (blog_id, created_at desc, id desc) where face <> 'none' and parent_id is null`.execute(
    db,
  );
  await sql`create index comments_liked on comments (blog_id, reactions desc, id desc) where face = 'comment'`.execute(
    db,
  );
  await sql`create index comments_picks on comments (blog_id, featured_at desc, id desc) where featured_at is not null`.execute(
    db,
  );
  await sql`create index on comments (parent_id) where parent_id is not null`.execute(db);
  await sql`create index on comments (root_id, created_at, id)`.execute(db);
  await sql`create index on comments (blog_id, position)`.execute(db);
  await sql`create index on comments (queue_position)`.execute(db);
  await sql`create index on comments (author_id, created_at desc, id desc) include (status)`.execute(db);
  await sql`drop index comments_words`.execute(db);
  await sql`create index comments_words on comments using gin (to_tsvector('simple', body)) where face = 'comment'`.execute(
    db,
  );
  // The queues: each over all blogs, and for one.
  for (const [name, condition] of [
    ["pending", "status in ('pending', 'held') and deleted_at is null"],
    ["unmoderated", "status in ('published', 'pending', 'held') and deleted_at is null"],
    ["approved", "status = 'approved' and deleted_at is null"],
    ["rejected", "status = 'rejected' and deleted_at is null"],
  ]) {
    await sql`create index ${sql.ref(`comments_${name}`)} on comments (created_at, id) include (blog_id) where ${sql.raw(condition!)}`.execute(
      db,
    );
    await sql`create index ${sql.ref(`comments_${name}_of_blog`)} on comments (blog_id, created_at, id) where ${sql.raw(condition!)}`.execute(
      db,
    );
  }

  await sql`
    create table comment_revisions (
      comment_id bigint not null references comments on delete cascade,
      number     integer not null,
      body       text not null,
      status     text not null,
      at         timestamptz(3) not null default clock_timestamp(),
      primary key (comment_id, number)
    )
  `.execute(db);

  await sql`
    create table comment_settings (
      blog_id             bigint primary key references blogs on delete cascade,
      state               text not null default 'open' check (state in ('open', 'closed', 'disabled')),
      moderation          text not null default 'post' check (moderation in ('pre', 'post')),
      slow_mode_seconds   integer not null default 0 check (slow_mode_seconds between 0 and 86400),
      new_commenter_hold  integer not null default 2 check (new_commenter_hold between 0 and 100),
      hold_links          boolean not null default true,
      allowed_domains     text[] not null default '{}',
      edit_window_seconds integer not null default 300 check (edit_window_seconds between 0 and 86400),
      closes_at           timestamptz(3),
      version             integer not null default 1
    )
  `.execute(db);
  await sql`insert into comment_settings (blog_id) select id from blogs`.execute(db);
  await sql`create index on comment_settings (closes_at) where closes_at is not null and state = 'open'`.execute(db);

  await sql`
    create table comment_reactions (
      comment_id bigint not null references comments on delete cascade,
      user_id    text not null references users on delete cascade,
      at         timestamptz(3) not null default clock_timestamp(),
      primary key (comment_id, user_id)
    )
  `.execute(db);
  await sql`create index on comment_reactions (user_id)`.execute(db);
  // The number stands on the comment, for sorting; kept by the table itself, so that it cannot be another.
  await sql`
    create function count_reactions() returns trigger language plpgsql as $$
    begin
      update comments set reactions = reactions + case tg_op when 'INSERT' then 1 else -1 end
      where id = case tg_op when 'INSERT' then new.comment_id else old.comment_id end;
      return null;
    end $$
  `.execute(db);
  await sql`create trigger count_reactions after insert or delete on comment_reactions for each row execute function count_reactions()`.execute(
    db,
  );

  await sql`
    create table comment_reports (
      id          bigint generated always as identity primary key,
      comment_id  bigint not null references comments on delete cascade,
      reporter_id text references users on delete set null,
      reason      text not null,
      details     text,
      at          timestamptz(3) not null default clock_timestamp(),
      closed_at   timestamptz(3)
    )
  `.execute(db);
  await sql`create unique index comment_reports_open on comment_reports (comment_id, reporter_id) where closed_at is null`.execute(
    db,
  );
  await sql`create index on comment_reports (comment_id, at)`.execute(db);
  await sql`create index on comment_reports (reporter_id)`.execute(db);

  await sql`
    create table commenter_restrictions (
      id              bigint generated always as identity primary key,
      user_id         text not null references users on delete cascade,
      kind            text not null check (kind in ('ban', 'suspend', 'warn', 'premoderate')),
      blog_id         bigint references blogs on delete cascade,
      until           timestamptz(3),
      message         text,
      created_by      text references users on delete set null,
      created_at      timestamptz(3) not null default clock_timestamp(),
      lifted_at       timestamptz(3),
      lifted_by       text references users on delete set null,
      acknowledged_at timestamptz(3),
      check (kind <> 'suspend' or until is not null)
    )
  `.execute(db);
  await sql`
    create unique index commenter_restrictions_in_force on commenter_restrictions (user_id, kind, blog_id)
    nulls not distinct where lifted_at is null and acknowledged_at is null
  `.execute(db);
  await sql`create index on commenter_restrictions (user_id, id desc)`.execute(db);
  await sql`
    create table commenter_notes (
      id         bigint generated always as identity primary key,
      user_id    text not null references users on delete cascade,
      author_id  text references users on delete set null,
      body       text not null,
      at         timestamptz(3) not null default clock_timestamp()
    )
  `.execute(db);
  await sql`create index on commenter_notes (user_id, id desc)`.execute(db);
  await sql`
    create table commenter_mutes (
      user_id  text not null references users on delete cascade,
      muted_id text not null references users on delete cascade,
      at       timestamptz(3) not null default clock_timestamp(),
      primary key (user_id, muted_id),
      check (user_id <> muted_id)
    )
  `.execute(db);
  await sql`create index on commenter_mutes (muted_id)`.execute(db);

  // Where comments were written from: a hash whose salt is thrown away with it, after 30 days.
  await sql`create table address_salts (week date primary key, salt bytea not null)`.execute(db);
  await sql`
    create table comment_addresses (
      comment_id bigint primary key references comments on delete cascade,
      week       date not null,
      hash       bytea not null
    )
  `.execute(db);
  await sql`create index on comment_addresses (hash)`.execute(db);
  await sql`create index on comment_addresses (week)`.execute(db);

  await sql`
    create table word_lists (
      name    text primary key check (name in ('banned', 'suspect')),
      entries text[] not null default '{}',
      version integer not null default 1
    )
  `.execute(db);
  await sql`insert into word_lists (name) values ('banned'), ('suspect')`.execute(db);
  await sql`
    create table discussion (
      only_row boolean primary key default true check (only_row),
      disabled boolean not null default false,
      message  text not null default '',
      version  integer not null default 1
    )
  `.execute(db);
  await sql`insert into discussion default values`.execute(db);

  // How often people did what is limited; server/rates.ts.
  await sql`create unlogged table rates (key varchar(255) primary key, points integer not null default 0, expire bigint)`.execute(
    db,
  );

  // What happened to comments and to those who write them, by whomever: it can only be added to. The demo tells of the
  // past, and says when with dateline.at.
  await sql`
    create table moderation_log (
      id           bigint generated always as identity primary key,
      at           timestamptz(3) not null default coalesce(nullif(current_setting('dateline.at', true), '')::timestamptz, clock_timestamp()),
      kind         text not null,
      comment_id   bigint,
      commenter_id text,
      blog_id      bigint,
      actor_id     text,
      via          text not null,
      from_status  text,
      to_status    text,
      version      integer,
      reason_code  text,
      reason_text  text,
      details      jsonb not null default '{}'
    )
  `.execute(db);
  await sql`create index on moderation_log (comment_id, id)`.execute(db);
  await sql`create index on moderation_log (commenter_id, id desc)`.execute(db);
  await sql`create index on moderation_log (actor_id, id desc)`.execute(db);
  await sql`create index on moderation_log (blog_id, id desc)`.execute(db);
  await sql`create index on moderation_log (at)`.execute(db);
  await sql`create trigger append_only before update or delete on moderation_log for each row execute function refuse_change()`.execute(
    db,
  );
  await sql`create trigger never_emptied before truncate on moderation_log for each statement execute function refuse_change()`.execute(
    db,
  );
  await sql`
    insert into moderation_log (at, kind, comment_id, commenter_id, blog_id, actor_id, via, to_status, version)
    select created_at, 'submit', id, author_id, blog_id, author_id, 'system', 'pending', 1 from comments order by id
  `.execute(db);
  await sql`
    insert into moderation_log (at, kind, comment_id, commenter_id, blog_id, actor_id, via, from_status, to_status, version, reason_code, reason_text)
    select decided_at, case status when 'approved' then 'approve' else 'reject' end, id, author_id, blog_id, decided_by, 'system',
      'pending', status, version, reason_code, reason_text
    from comments where decided_at is not null order by decided_at, id
  `.execute(db);

  // A discussion is followed as its blog is; the queue of all blogs is one stream, which belongs to none of them (0).
  await sql`alter table streams drop constraint streams_kind_check, drop constraint streams_blog_id_fkey`.execute(db);
  await sql`alter table streams add check (kind in ('blog', 'desk', 'comments') and blog_id > 0 or kind = 'moderation' and blog_id = 0)`.execute(
    db,
  );
  await sql`insert into streams (blog_id, kind, version) select id, 'comments', 1 from blogs`.execute(db);
  await sql`insert into streams (blog_id, kind, version) values (0, 'moderation', 1)`.execute(db);
}

export async function down(): Promise<void> {
  throw new Error("What readers said in the meantime would be lost; restore a backup instead.");
}
