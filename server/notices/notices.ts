import { sql } from "kysely";
import { z } from "zod";
import type { Db, Trx } from "../database.ts";

/** Notices that are told of; what happened before them is in the comments themselves. */
const MOST = 100;

/** Something that happened to a person's own comment. */
export const notice = z.object({
  kind: z.enum(["approved", "rejected", "promoted"]),
  at: z.iso.datetime(),
  /** Whether it happened since the person last said that they have seen their notices. */
  isNew: z.boolean(),
  blog: z.object({ slug: z.string(), title: z.string() }),
  comment: z.object({ id: z.string(), body: z.string() }),
  /** Of a promotion: the post that shows the comment, and the newsroom's answer in it. */
  post: z.object({ id: z.string(), url: z.string(), body: z.string() }).nullable(),
  /** Of a rejection, where one was given. */
  reason: z.string().nullable(),
});

export type Notice = z.output<typeof notice>;

interface Row {
  kind: Notice["kind"];
  at: Date;
  is_new: boolean;
  slug: string;
  title: string;
  comment_id: string;
  comment: string;
  post_id: string | null;
  answer: string | null;
  reason: string | null;
}

/** What happened to somebody's comments, newest first. Nothing is stored: a promotion that was taken back is not told. */
export async function noticesOf(db: Db, userId: string, publicUrl: string): Promise<Notice[]> {
  const { rows } = await sql<Row>`
    with own as (
      select id, blog_id, body, status, decided_at, reason_text from comments where author_id = ${userId}
    ), happened as (
      select status as kind, decided_at as at, id as comment_id, null::bigint as post_id, null as answer,
        case when status = 'rejected' then reason_text end as reason
      from own where decided_at is not null and status in ('approved', 'rejected')
      union all
      select 'promoted', posts.published_at, own.id, posts.id, posts.body, null
      from own join posts on posts.comment_id = own.id where posts.status = 'published'
    )
    select happened.*, blogs.slug, blogs.title, own.body as comment,
      happened.at > coalesce((select seen_at from notices_seen where user_id = ${userId}), '-infinity') as is_new
    from happened join own on own.id = happened.comment_id join blogs on blogs.id = own.blog_id
    order by happened.at desc, happened.comment_id desc limit ${MOST}`.execute(db);
  return rows.map((row) => ({
    kind: row.kind,
    at: row.at.toISOString(),
    isNew: row.is_new,
    blog: { slug: row.slug, title: row.title },
    comment: { id: row.comment_id, body: row.comment },
    post: row.post_id && {
      id: row.post_id,
      url: `${publicUrl}/blogs/${row.slug}/posts/${row.post_id}`,
      body: row.answer ?? "",
    },
    reason: row.reason,
  })) as Notice[];
}

/** Says that everything up to a moment has been seen; what happens afterwards is new. */
export async function markSeen(trx: Trx, userId: string, upTo: Date): Promise<void> {
  await trx
    .insertInto("notices_seen")
    .values({ user_id: userId, seen_at: upTo })
    .onConflict((clash) =>
      clash.column("user_id").doUpdateSet({ seen_at: sql<Date>`greatest(notices_seen.seen_at, excluded.seen_at)` }),
    )
    .execute();
}
