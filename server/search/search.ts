import { sql, type RawBuilder } from "kysely";
import { may, type Action, type Actor } from "../auth/permissions.ts";
import type { Author, Blog, Db, PostKind, PostStatus } from "../database.ts";
import { invalid } from "../errors.ts";
import { within } from "../within.ts";
import { readWords } from "./words.ts";

export interface SearchOptions {
  /** As people type it: words, "phrases", or, -not. */
  readonly q: string;
  readonly blogId: string | null;
  readonly status: PostStatus | null;
  /** An account's slug, as it stands in bylines. */
  readonly author: string | null;
  readonly from: Date | null;
  /** Not after this. */
  readonly to: Date | null;
  readonly order: "newest" | "relevance";
  readonly limit: number;
  /** The post id to continue from. */
  readonly after: string | null;
}

export interface FoundPost {
  id: string;
  blog_slug: string;
  blog_title: string;
  kind: PostKind;
  status: PostStatus;
  headline: string | null;
  authors: Author[];
  published_at: Date | null;
  updated_at: Date;
  /** HTML without any element, with what was found between BEGIN and END. */
  excerpt: string;
}

/** Characters that no text of ours can hold; see input.ts. */
export const BEGIN = "\u0002";
export const END = "\u0003";

/** Posts written since the last look at new words that a search waits for, and milliseconds for which it does. */
const LATEST = 500;
const PATIENCE = 2_500;

/** When a post was, or is, in the story. */
const moment = sql<Date>`coalesce(p.published_at, p.created_at)`;

/**
 * The posts that say this and that the actor may read, each in the language of its blog. What is asked first is the
 * index of words; the rest is asked of what that finds.
 */
export async function searchPosts(db: Db, actor: Actor, options: SearchOptions): Promise<FoundPost[]> {
  // Where they cannot be read now, what was read before is searched; the next look at new words says what is wrong.
  await within(PATIENCE, readWords(db, LATEST)).catch(() => {});
  return (await (await statement(db, actor, options)).execute(db)).rows;
}

/** For the test that looks at its plan. */
export async function statement(db: Db, actor: Actor, options: SearchOptions): Promise<RawBuilder<FoundPost>> {
  const { q, blogId, status, author, from, to, limit } = options;
  const configs = await configsOf(db, blogId);
  const query = queryOf(configs, q);
  const conditions = [
    matches(configs, q),
    readableBy(actor),
    ...(blogId === null ? [] : [sql`p.blog_id = ${blogId}`]),
    ...(status === null ? [] : [sql`p.status = ${status}`]),
    ...(author === null ? [] : [sql`p.authors @> ${JSON.stringify([{ slug: author }])}::text::jsonb`]),
    ...(from === null ? [] : [sql`${moment} >= ${from}`]),
    ...(to === null ? [] : [sql`${moment} <= ${to}`]),
    ...(await following(db, options, query)),
  ];
  const place = options.order === "newest" ? moment : sql`ts_rank(s.words, ${query})`;
  return sql<FoundPost>`
    with found as (
      select p.*, b.slug as blog_slug, b.title as blog_title, b.language, ${query} as query, ${place} as place
      from post_search s join posts p on p.id = s.post_id join blogs b on b.id = p.blog_id
      where ${sql.join(conditions, sql` and `)}
      order by ${place} desc, p.id desc limit ${limit}
    )
    select id, blog_slug, blog_title, kind, status, headline, authors, published_at, updated_at,
      ts_headline(search_config(language), ${plainWords}, query, ${HEADLINE}) as excerpt
    from found order by place desc, id desc
  `;
}

/** Blogs whose title has all of these letters, latest first. */
export async function searchBlogs(db: Db, q: string, limit: number): Promise<Pick<Blog, "slug" | "title" | "state">[]> {
  return db
    .selectFrom("blogs")
    .select(["slug", "title", "state"])
    .where("title", "ilike", `%${q.replace(/[\\%_]/g, "\\$&")}%`)
    .orderBy("created_at", "desc")
    .limit(limit)
    .execute();
}

/** The ways in which the words of these blogs are read. */
async function configsOf(db: Db, blogId: string | null): Promise<string[]> {
  const { rows } = await sql<{ config: string }>`
    select distinct search_config(language)::text as config from blogs where ${blogId}::bigint is null or id = ${blogId}
  `.execute(db);
  return rows.map((row) => row.config);
}

const parsed = (config: string, q: string): RawBuilder<unknown> =>
  sql`websearch_to_tsquery(${sql.lit(config)}::regconfig, ${q}::text)`;

/** One question for each language: constants all, so that the index can be asked. */
function matches(configs: string[], q: string): RawBuilder<unknown> {
  if (!configs.length) return sql`false`;
  if (configs.length === 1) return sql`s.words @@ ${parsed(configs[0]!, q)}`;
  const each = configs.map(
    (config) => sql`(s.words @@ ${parsed(config, q)} and search_config(b.language) = ${sql.lit(config)}::regconfig)`,
  );
  return sql`(${sql.join(each, sql` or `)})`;
}

/** The question in the language of the post at hand. */
function queryOf(configs: string[], q: string): RawBuilder<unknown> {
  if (configs.length === 1) return parsed(configs[0]!, q);
  return sql`websearch_to_tsquery(search_config(b.language), ${q}::text)`;
}

/** Keyset: what comes after the post that was last seen, which may be found no longer. */
async function following(
  db: Db,
  { after, order }: SearchOptions,
  query: RawBuilder<unknown>,
): Promise<RawBuilder<unknown>[]> {
  if (after === null) return [];
  const place = order === "newest" ? moment : sql`coalesce(ts_rank(s.words, ${query}), 0)`;
  const { rows } = await sql<{ place: unknown }>`
    select ${place}::text as place from posts p left join post_search s on p.id = s.post_id join blogs b on b.id = p.blog_id
    where p.id = ${after}`.execute(db);
  if (!rows.length) throw invalid([{ pointer: "query:after", code: "unknown-cursor" }]);
  const from = order === "newest" ? sql`${rows[0]!.place}::timestamptz` : sql`${rows[0]!.place}::real`;
  return [sql`(${place}, p.id) < (${from}, ${after}::bigint)`];
}

/**
 * Published posts are everybody's. Drafts are their author's, and the desk's when they are shared; so is what waits
 * to be published. What was taken down is for those who may read its revisions; a draft that was deleted stays its author's.
 */
function readableBy(actor: Actor): RawBuilder<unknown> {
  const desk = whereAllowed(actor, "desk:follow");
  const removed = whereAllowed(actor, "post:revisions");
  const own = sql`(p.shared or p.created_by is null or p.created_by = ${actor.userId})`;
  return sql`(p.status = 'published'
    or (p.status in ('submitted', 'scheduled') and ${desk})
    or (p.status = 'draft' and ${desk} and ${own})
    or (p.status = 'removed' and ${removed} and ${own}))`;
}

/** In which blogs the actor may do this to whatever there is. */
function whereAllowed(actor: Actor, action: Action): RawBuilder<unknown> {
  if (may(actor, action, null) === "any") return sql`true`;
  const held = actor.grants.flatMap(({ blogId }) => blogId ?? []);
  const blogIds = [...new Set([...held, ...(actor.onlyBlogId === null ? [] : [actor.onlyBlogId])])];
  const allowed = blogIds.filter((blogId) => may(actor, action, blogId) === "any");
  return sql`p.blog_id = any(${allowed}::bigint[])`;
}

/** What a post says, as HTML without any element: the parser of words would take "<" in a text for markup. */
const plainWords = sql`
  concat_ws(' · ', nullif(regexp_replace(body, '<[^>]+>', ' ', 'g'), ''),
    replace(replace(concat_ws(' · ', quote->>'text', quote#>>'{attribution,name}', comment->>'body',
      nullif(array_to_string(tags, ' '), '')), '&', '&amp;'), '<', '&lt;'))`;

const HEADLINE = `StartSel=${BEGIN}, StopSel=${END}, MaxFragments=2, MaxWords=24, MinWords=8, FragmentDelimiter=" … "`;
