import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table posts
      add column publish_at   timestamptz(3),
      add column scheduled_by text references users on delete set null,
      add column shared       boolean not null default false,
      add column tags         text[] not null default '{}',
      add column sources      jsonb not null default '[]',
      add column note         text,
      add column updated_by   text references users on delete set null,
      add column erased_at    timestamptz(3),
      drop constraint posts_status_check,
      add constraint posts_status_check check (status in ('draft', 'submitted', 'scheduled', 'published', 'removed')),
      add constraint posts_publish_at_check check ((status = 'scheduled') = (publish_at is not null)),
      add constraint posts_erased_check check (erased_at is null or status = 'removed')
  `.execute(db);
  // Which post is due next, asked every second.
  await sql`create index on posts (publish_at, id) where status = 'scheduled'`.execute(db);
  // What the desk lists beside the published posts; tombstones are many and seldom asked for.
  await sql`create index on posts (blog_id, id desc) where status in ('draft', 'submitted', 'scheduled')`.execute(db);
}
