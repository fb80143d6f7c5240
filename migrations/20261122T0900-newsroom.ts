import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // Accounts. users, sessions, accounts, verifications, two_factors and rate_limits are what better-auth keeps.
  await sql`
    create table users (
      id                 text primary key,
      name               text not null,
      slug               text not null unique,
      email              text not null unique,
      email_verified     boolean not null default false,
      image              text,
      two_factor_enabled boolean not null default false,
      created_at         timestamptz(3) not null default now(),
      updated_at         timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`
    create table sessions (
      id         text primary key,
      user_id    text not null references users on delete cascade,
      token      text not null unique,
      expires_at timestamptz(3) not null,
      ip_address text,
      user_agent text,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`create index on sessions (user_id)`.execute(db);
  await sql`
    create table accounts (
      id                       text primary key,
      user_id                  text not null references users on delete cascade,
      account_id               text not null,
      provider_id              text not null,
      password                 text,
      access_token             text,
      refresh_token            text,
      id_token                 text,
      access_token_expires_at  timestamptz(3),
      refresh_token_expires_at timestamptz(3),
      scope                    text,
      created_at               timestamptz(3) not null default now(),
      updated_at               timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`create index on accounts (user_id)`.execute(db);
  await sql`
    create table verifications (
      id         text primary key,
      identifier text not null,
      value      text not null,
      expires_at timestamptz(3) not null,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`create index on verifications (identifier)`.execute(db);
  await sql`
    create table two_factors (
      id                        text primary key,
      user_id                   text not null references users on delete cascade,
      secret                    text not null,
      backup_codes              text not null,
      verified                  boolean,
      failed_verification_count integer,
      locked_until              timestamptz(3)
    )
  `.execute(db);
  await sql`create index on two_factors (user_id)`.execute(db);
  await sql`
    create table rate_limits (
      id           text primary key,
      key          text not null unique,
      count        integer not null,
      last_request bigint not null
    )
  `.execute(db);

  await sql`
    create table blogs (
      id         bigint generated always as identity primary key,
      slug       text not null unique,
      title      text not null,
      standfirst text not null,
      language   text not null,
      time_zone  text not null,
      state      text not null default 'live' check (state in ('live', 'closed')),
      revision   integer not null default 1,
      created_by text references users on delete set null,
      created_at timestamptz(3) not null default now(),
      closed_at  timestamptz(3)
    )
  `.execute(db);
  // What readers of a blog follow, one row for each of its streams; see server/blogs/streams.ts.
  await sql`
    create table streams (
      blog_id    bigint not null references blogs on delete cascade,
      kind       text not null check (kind in ('blog', 'desk')),
      version    integer not null default 0,
      changed_at timestamptz(3) not null default now(),
      published  integer not null default 0,
      visible    integer not null default 0,
      primary key (blog_id, kind)
    ) with (fillfactor = 50)
  `.execute(db);
  // The parts of the reader's page that are not posts, with the version at which each last changed.
  await sql`
    create table blog_parts (
      blog_id bigint not null references blogs on delete cascade,
      part    text not null check (part in ('document', 'header', 'pinned', 'key-events')),
      version integer not null,
      primary key (blog_id, part)
    ) with (fillfactor = 50)
  `.execute(db);
  // Which history the stream versions belong to; a restored or failed-over database begins a new one.
  await sql`
    create table history (
      only_row boolean primary key default true check (only_row),
      epoch    uuid not null default gen_random_uuid(),
      identity text
    )
  `.execute(db);
  await sql`insert into history default values`.execute(db);

  await sql`
    create table roles (
      id         bigint generated always as identity primary key,
      user_id    text not null references users on delete cascade,
      role       text not null check (role in ('reader', 'contributor', 'reporter', 'moderator', 'editor', 'admin')),
      blog_id    bigint references blogs on delete cascade,
      granted_by text references users on delete set null,
      created_at timestamptz(3) not null default now(),
      unique nulls not distinct (user_id, role, blog_id)
    )
  `.execute(db);
  await sql`
    create table api_tokens (
      id           text primary key,
      user_id      text not null references users on delete cascade,
      name         text not null,
      hash         bytea not null,
      scopes       text[] not null,
      blog_id      bigint references blogs on delete cascade,
      created_at   timestamptz(3) not null default now(),
      expires_at   timestamptz(3),
      last_used_at timestamptz(3)
    )
  `.execute(db);
  await sql`create index on api_tokens (user_id)`.execute(db);

  await sql`
    create table comments (
      id          bigint generated always as identity primary key,
      blog_id     bigint not null references blogs on delete cascade,
      author_id   text references users on delete set null,
      parent_id   bigint,
      body        text not null check (body <> ''),
      status      text not null check (status in ('pending', 'approved', 'rejected')),
      version     integer not null default 1,
      reason_code text,
      reason_text text,
      created_at  timestamptz(3) not null default now(),
      decided_at  timestamptz(3),
      decided_by  text references users on delete set null,
      unique (id, blog_id),
      foreign key (parent_id, blog_id) references comments (id, blog_id)
    )
  `.execute(db);
  await sql`create index on comments (blog_id, created_at desc, id desc) where status = 'approved'`.execute(db);
  await sql`create index on comments (blog_id, created_at, id) where status = 'pending'`.execute(db);

  await sql`
    create table posts (
      id                bigint generated always as identity primary key,
      blog_id           bigint not null references blogs on delete cascade,
      kind              text not null check (kind in ('entry', 'quote', 'comment')),
      status            text not null check (status in ('draft', 'submitted', 'published', 'removed')),
      headline          text,
      body              text not null default '',
      quote             jsonb,
      comment           jsonb,
      comment_id        bigint references comments,
      media             jsonb not null default '[]',
      authors           jsonb not null default '[]',
      key_event         boolean not null default false,
      pinned_at         timestamptz(3),
      verification      text check (verification in ('unverified', 'partly-verified', 'verified', 'disputed')),
      verification_note text,
      correction        text,
      corrected_at      timestamptz(3),
      version           integer not null default 1,
      position          integer,
      desk_position     integer not null,
      page              integer,
      created_by        text references users on delete set null,
      created_at        timestamptz(3) not null default now(),
      published_at      timestamptz(3),
      updated_at        timestamptz(3) not null default now(),
      edited_at         timestamptz(3),
      removed_at        timestamptz(3),
      check (status <> 'published' or (published_at is not null and position is not null and page is not null)),
      unique (blog_id, position),
      unique (blog_id, desk_position)
    )
  `.execute(db);
  await sql`create index on posts (blog_id, published_at desc, id desc) where status = 'published'`.execute(db);
  await sql`create index on posts (blog_id, page) where status = 'published'`.execute(db);
  await sql`create index on posts (blog_id, published_at desc) where status = 'published' and key_event`.execute(db);
  await sql`create index on posts (blog_id, pinned_at desc) where status = 'published' and pinned_at is not null`.execute(
    db,
  );
  await sql`create index on posts (comment_id) where comment_id is not null`.execute(db);
  // Which posts show a picture, asked whenever its file is.
  await sql`create index on posts using gin (media jsonb_path_ops)`.execute(db);
  await sql`
    create table post_revisions (
      post_id bigint not null references posts on delete cascade,
      version integer not null,
      by_id   text references users on delete set null,
      at      timestamptz(3) not null default now(),
      action  text not null,
      content jsonb not null,
      primary key (post_id, version)
    )
  `.execute(db);

  await sql`
    create table media (
      id          text primary key,
      width       integer not null,
      height      integer not null,
      sources     jsonb not null,
      alt         text not null default '',
      caption     text not null default '',
      credit      text not null default '',
      focal_point jsonb,
      version     integer not null default 1,
      created_by  text references users on delete set null,
      created_at  timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`
    create table idempotency_keys (
      actor       text not null,
      route       text not null,
      key         text not null,
      fingerprint bytea not null,
      status      integer,
      headers     json,
      body        json,
      created_at  timestamptz(3) not null default now(),
      primary key (actor, route, key)
    )
  `.execute(db);
  await sql`create index on idempotency_keys (created_at)`.execute(db);
  await sql`create index on idempotency_keys ((headers->>'Location'))`.execute(db);
  await sql`
    create table audit_log (
      id       bigint generated always as identity primary key,
      at       timestamptz(3) not null default now(),
      actor_id text,
      via      text not null,
      action   text not null,
      blog_id  bigint,
      subject  text not null,
      details  jsonb not null default '{}'
    )
  `.execute(db);
  await sql`create index on audit_log (blog_id, id desc)`.execute(db);

  // The audit log is append-only whoever asks, this application included.
  await sql`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name;
    end $$
  `.execute(db);
  await sql`create trigger append_only before update or delete on audit_log for each row execute function refuse_change()`.execute(
    db,
  );
  await sql`create trigger never_emptied before truncate on audit_log for each statement execute function refuse_change()`.execute(
    db,
  );

  // Whatever ends a session, a token or a role, every server hears of it and looks again at its open sockets.
  await sql`
    create function announce_access() returns trigger language plpgsql as $$
    begin
      perform pg_notify('dateline', 'access ' || coalesce(old.user_id, new.user_id));
      return null;
    end $$
  `.execute(db);
  await sql`create trigger announce_access after update or delete on sessions for each row execute function announce_access()`.execute(
    db,
  );
  await sql`create trigger announce_access after delete on api_tokens for each row execute function announce_access()`.execute(
    db,
  );
  await sql`create trigger announce_access after insert or update or delete on roles for each row execute function announce_access()`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table audit_log, idempotency_keys, media, post_revisions, posts, comments, api_tokens, roles, history, blog_parts,
      streams, blogs, rate_limits, two_factors, verifications, accounts, sessions, users
  `.execute(db);
  await sql`drop function announce_access, refuse_change`.execute(db);
}
