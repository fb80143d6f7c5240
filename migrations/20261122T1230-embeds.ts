import { sql, type Kysely } from "kysely";

/** Links as cards and players, by their address; posts keep what they show of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table embeds (
      id          bigint generated always as identity primary key,
      url         text not null unique,
      kind        text not null check (kind in ('player', 'card', 'link')),
      provider    text not null,
      provider_id text,
      title       text,
      description text,
      author      text,
      site_name   text,
      picture_id  text references media on delete set null,
      created_by  text references users on delete set null,
      created_at  timestamptz(3) not null default now(),
      asked_at    timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`alter table posts add column embeds jsonb not null default '[]'`.execute(db);
  // Which posts show the picture of a card, asked whenever its file is.
  await sql`create index on posts using gin (embeds jsonb_path_ops)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table posts drop column embeds`.execute(db);
  await sql`drop table embeds`.execute(db);
}
