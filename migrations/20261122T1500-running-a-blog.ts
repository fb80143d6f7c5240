import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // The standing box on top of a blog's page. A row stays when the box is taken off, so that its version goes on.
  await sql`
    create table what_we_know (
      blog_id    bigint primary key references blogs on delete cascade,
      title      text not null default '',
      body       text not null default '',
      version    integer not null default 0,
      updated_at timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`
    create table what_we_know_revisions (
      blog_id bigint not null references blogs on delete cascade,
      version integer not null,
      by_id   text references users on delete set null,
      at      timestamptz(3) not null,
      title   text not null,
      body    text not null,
      primary key (blog_id, version)
    )
  `.execute(db);
  await sql`alter table blogs add column closing_summary text`.execute(db);
  // Who answers for a blog, one row for each time that it was handed over; the latest says who does now.
  await sql`
    create table duties (
      id      bigint generated always as identity primary key,
      blog_id bigint not null references blogs on delete cascade,
      user_id text references users on delete set null,
      by_id   text references users on delete set null,
      note    text not null default '',
      at      timestamptz(3) not null default now()
    )
  `.execute(db);
  await sql`create index on duties (blog_id, id desc)`.execute(db);
  // Which parts a page has is the code's to say.
  await sql`alter table blog_parts drop constraint if exists blog_parts_part_check`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table what_we_know, what_we_know_revisions, duties`.execute(db);
  await sql`alter table blogs drop column closing_summary`.execute(db);
}
