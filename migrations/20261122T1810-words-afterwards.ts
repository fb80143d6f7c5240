import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // To read a post's words takes longer than to write the post, and whoever writes holds the blog's counters.
  await sql`create table post_search_due (post_id bigint primary key references posts on delete cascade)`.execute(db);
  // What it said before is not found any more from the same moment on.
  await sql`
    create or replace function keep_words() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then delete from post_search where post_id = new.id; end if;
      insert into post_search_due values (new.id) on conflict do nothing;
      return null;
    end $$
  `.execute(db);
  // The update waits for whoever is just reading the post in the old language, and has it read once more.
  await sql`
    create or replace function keep_words_of_blog() returns trigger language plpgsql as $$
    begin
      insert into post_search_due select id from posts where blog_id = new.id
      on conflict (post_id) do update set post_id = excluded.post_id;
      return null;
    end $$
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function keep_words() returns trigger language plpgsql as $$
    begin
      insert into post_search values (new.id, post_words(new))
      on conflict (post_id) do update set words = excluded.words;
      return null;
    end $$
  `.execute(db);
  await sql`
    create or replace function keep_words_of_blog() returns trigger language plpgsql as $$
    begin
      update post_search set words = post_words(posts) from posts where posts.id = post_id and blog_id = new.id;
      return null;
    end $$
  `.execute(db);
  await sql`
    insert into post_search select id, post_words(posts) from posts join post_search_due on post_id = id
    on conflict (post_id) do update set words = excluded.words
  `.execute(db);
  await sql`drop table post_search_due`.execute(db);
}
