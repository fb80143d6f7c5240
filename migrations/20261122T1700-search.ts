import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // How Postgres reads a blog's language (BCP 47); word by word where it knows nothing of it.
  await sql`
    create function search_config(language text) returns regconfig language plpgsql stable parallel safe as $$
    begin
      return coalesce((select oid::regconfig from pg_ts_config
        where cfgnamespace = 'pg_catalog'::regnamespace and cfgname = case split_part(lower(language), '-', 1)
          when 'ar' then 'arabic' when 'ca' then 'catalan' when 'da' then 'danish' when 'de' then 'german'
          when 'el' then 'greek' when 'en' then 'english' when 'es' then 'spanish' when 'et' then 'estonian'
          when 'eu' then 'basque' when 'fi' then 'finnish' when 'fr' then 'french' when 'ga' then 'irish'
          when 'hi' then 'hindi' when 'hu' then 'hungarian' when 'hy' then 'armenian' when 'id' then 'indonesian'
          when 'it' then 'italian' when 'lt' then 'lithuanian' when 'nb' then 'norwegian' when 'ne' then 'nepali'
          when 'nl' then 'dutch' when 'nn' then 'norwegian' when 'no' then 'norwegian' when 'pt' then 'portuguese'
          when 'ro' then 'romanian' when 'ru' then 'russian' when 'sr' then 'serbian' when 'sv' then 'swedish'
          when 'ta' then 'tamil' when 'tr' then 'turkish' when 'yi' then 'yiddish' end), 'simple'::regconfig);
    end $$
  `.execute(db);

  // What each post can be found by. A table of its own, so that nobody who reads a post reads this along.
  await sql`
    create table post_search (
      post_id bigint primary key references posts on delete cascade,
      words   tsvector not null
    )
  `.execute(db);
  await sql`
    create function post_words(post posts) returns tsvector language plpgsql stable as $$
    declare
      config regconfig := (select search_config(language) from blogs where id = post.blog_id);
      -- Where a body has markup these have text; a "<script>" in it would hide the rest from the parser.
      said text := translate(concat_ws(' ', post.quote->>'text', post.comment->>'body'), '<', ' ');
      names text := translate(concat_ws(' ', post.quote#>>'{attribution,name}', post.quote#>>'{attribution,role}',
        post.quote#>>'{attribution,source}', post.comment#>>'{author,name}',
        jsonb_path_query_array(post.authors, '$[*].name')::text), '<', ' ');
    begin
      return setweight(to_tsvector(config, translate(concat_ws(' ', post.headline, array_to_string(post.tags, ' ')), '<', ' ')), 'A')
        || setweight(to_tsvector(config, concat_ws(' ', post.body, said)), 'B')
        || setweight(to_tsvector(config, names), 'C');
    end $$
  `.execute(db);
  await sql`insert into post_search select id, post_words(posts) from posts`.execute(db);
  await sql`create index post_search_words on post_search using gin (words)`.execute(db);
  await sql`
    create function keep_words() returns trigger language plpgsql as $$
    begin
      insert into post_search values (new.id, post_words(new))
      on conflict (post_id) do update set words = excluded.words;
      return null;
    end $$
  `.execute(db);
  await sql`create trigger keep_words_of_new after insert on posts for each row execute function keep_words()`.execute(
    db,
  );
  await sql`
    create trigger keep_words after update on posts for each row
    when ((old.headline, old.body, old.quote, old.comment, old.tags, old.authors)
      is distinct from (new.headline, new.body, new.quote, new.comment, new.tags, new.authors))
    execute function keep_words()
  `.execute(db);
  await sql`
    create function keep_words_of_blog() returns trigger language plpgsql as $$
    begin
      update post_search set words = post_words(posts) from posts where posts.id = post_id and blog_id = new.id;
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger keep_words_of_blog after update on blogs for each row
    when (search_config(old.language) is distinct from search_config(new.language))
    execute function keep_words_of_blog()
  `.execute(db);

  // For picking a reader's comment by the beginnings of words.
  await sql`create index comments_words on comments using gin (to_tsvector('simple', body)) where status = 'approved'`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger keep_words_of_new on posts`.execute(db);
  await sql`drop trigger keep_words on posts`.execute(db);
  await sql`drop trigger keep_words_of_blog on blogs`.execute(db);
  await sql`drop table post_search`.execute(db);
  await sql`drop function keep_words, keep_words_of_blog, post_words(posts), search_config(text)`.execute(db);
  await sql`drop index comments_words`.execute(db);
}
