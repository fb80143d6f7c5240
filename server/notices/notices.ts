import { sql } from "kysely";
import { z } from "zod";
import { FORMER_READER } from "../comments/comments.ts";
import type { Db, Trx } from "../database.ts";
import { happenings } from "./happenings.ts";
import { reasonWords } from "./reasons.ts";

/** Notices that are told of; what happened before them is in the comments themselves. */
const MOST = 100;

const TITLES = {
  approved: "Your comment was published",
  rejected: "Your comment was not published",
  promoted: "Your comment is in the live blog",
  warn: "A warning from the moderators",
  suspend: "You cannot comment for the time being",
  ban: "You cannot comment any more",
} as const;

/** Something that happened to a person, or to what they wrote. */
export const notice = z.object({
  kind: z.enum(["reply", "approved", "rejected", "promoted", "restriction"]),
  /** It in a line. */
  title: z.string(),
  at: z.iso.datetime(),
  /** Whether it happened since the person last said that they have seen their notices. */
  isNew: z.boolean(),
  /** null: a restriction that holds everywhere. */
  blog: z.object({ slug: z.string(), title: z.string() }).nullable(),
  /** The person's own; null for a restriction. */
  comment: z.object({ id: z.string(), body: z.string() }).nullable(),
  /** Of a reply: what was answered. */
  reply: z.object({ id: z.string(), body: z.string(), name: z.string(), url: z.string() }).nullable(),
  /** Of a promotion: the post that shows the comment, and the newsroom's answer in it. */
  post: z.object({ id: z.string(), url: z.string(), body: z.string() }).nullable(),
  /** Of a rejection: the moderators' code for why, what it means, and their words where they gave any. */
  reasonCode: z.string().nullable(),
  why: z.string().nullable(),
  reason: z.string().nullable(),
  restriction: z
    .object({
      id: z.string(),
      kind: z.enum(["warn", "suspend", "ban"]),
      message: z.string().nullable(),
      until: z.iso.datetime().nullable(),
    })
    .nullable(),
});

export type Notice = z.output<typeof notice>;

/** A row of `happenings`, with what is told of it. */
interface Row {
  kind: Notice["kind"];
  at: Date;
  is_new: boolean;
  slug: string | null;
  title: string | null;
  comment_id: string | null;
  comment: string | null;
  reply_id: string | null;
  reply: string | null;
  reply_name: string | null;
  post_id: string | null;
  answer: string | null;
  reason_code: string | null;
  reason: string | null;
  restriction_id: string | null;
  restriction: "warn" | "suspend" | "ban" | null;
  until: Date | null;
}

/** What happened to somebody, newest first. Nothing is stored: a promotion that was taken back is not told. */
export async function noticesOf(db: Db, userId: string, publicUrl: string): Promise<Notice[]> {
  const { rows } = await sql<Row>`
    select happened.*, blogs.slug, blogs.title, own.body as comment, answer.body as reply, users.name as reply_name,
      happened.at > coalesce((select seen_at from notices_seen where user_id = ${userId}), '-infinity') as is_new
    from (${happenings(userId)} order by at desc, comment_id desc limit ${MOST}) as happened
    left join comments own on own.id = happened.comment_id
    left join comments answer on answer.id = happened.reply_id
    left join users on users.id = answer.author_id
    left join blogs on blogs.id = happened.blog_id
    order by happened.at desc, happened.comment_id desc`.execute(db);
  return rows.map((row) => present(row, publicUrl));
}

function titleOf({ kind, reply_name, restriction }: Row): string {
  if (kind === "reply") return `${reply_name ?? FORMER_READER} answered your comment`;
  return TITLES[kind === "restriction" ? restriction! : kind];
}

function present(row: Row, publicUrl: string): Notice {
  const { slug, comment_id, reply_id, post_id, restriction_id } = row;
  const blog = `${publicUrl}/blogs/${slug}`;
  return {
    kind: row.kind,
    title: titleOf(row),
    at: row.at.toISOString(),
    isNew: row.is_new,
    blog: slug === null ? null : { slug, title: row.title! },
    comment: comment_id && { id: comment_id, body: row.comment! },
    reply: reply_id && {
      id: reply_id,
      body: row.reply!,
      name: row.reply_name ?? FORMER_READER,
      url: `${blog}/comments/${reply_id}`,
    },
    post: post_id && { id: post_id, url: `${blog}/posts/${post_id}`, body: row.answer ?? "" },
    reasonCode: row.reason_code,
    why: row.reason_code && reasonWords(row.reason_code),
    reason: row.kind === "restriction" ? null : row.reason,
    restriction: restriction_id && {
      id: restriction_id,
      kind: row.restriction!,
      message: row.reason,
      until: row.until?.toISOString() ?? null,
    },
  } as Notice;
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
