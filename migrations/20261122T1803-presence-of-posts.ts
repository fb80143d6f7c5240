import { sql, type Kysely } from "kysely";

/** Who edits what is shown by the post's title, and so changes with it, at the version that the desk was given for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function touch_presence() returns trigger language plpgsql as $$
    begin
      if exists (select from desk_presence where editing = new.id) then
        insert into blog_parts (blog_id, part, version) values (new.blog_id, 'desk-presence', new.desk_position)
        on conflict (blog_id, part) do update set version = excluded.version;
      end if;
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger touch_presence after update on posts for each row
    when (old.desk_position <> new.desk_position
      and (old.status, old.shared, old.headline, old.body, old.quote, old.comment)
        is distinct from (new.status, new.shared, new.headline, new.body, new.quote, new.comment))
    execute function touch_presence()
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger touch_presence on posts`.execute(db);
  await sql`drop function touch_presence`.execute(db);
}
