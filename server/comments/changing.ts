import { sql } from "kysely";
import { MODERATION, numbersForComments } from "../blogs/streams.ts";
import type { Actor } from "../auth/permissions.ts";
import type { Comment, Trx } from "../database.ts";
import { notFound } from "../errors.ts";
import { forgetComments } from "../posts/erasure.ts";
import { lockPostsOfComments, removePost } from "../posts/posts.ts";
import { facesOf } from "./faces.ts";

/*
 * The locks of a discussion, always in this order (docs/decisions/0012): the blog (and its settings with it), shared → the
 * person, shared → the thread's first comment → the thread's other comments → posts → the streams' counters.
 */

/**
 * A comment of this blog, with its whole thread held: nothing in it changes beside this transaction.
 * @throws AppError 404
 */
export async function lockComment(trx: Trx, blogId: string, id: string): Promise<Comment> {
  const found = await trx
    .selectFrom("comments")
    .select("root_id")
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (!found) throw notFound("comment");
  await lockThreads(trx, [found.root_id]);
  return trx.selectFrom("comments").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
}

/** In the order of their numbers, so that two who hold several never wait for each other. */
export async function lockThreads(trx: Trx, rootIds: readonly string[]): Promise<void> {
  await trx
    .selectFrom("comments")
    .select("id")
    .where("id", "in", [...rootIds])
    .orderBy("id")
    .forNoKeyUpdate()
    .execute();
}

export interface Changes {
  /** The ids of comments whose text or status changed. */
  readonly changed: readonly string[];
  /** The ids of comments that only look otherwise, such as by whom they answer. */
  readonly marked?: readonly string[];
  /** Why posts are taken down that show what is not seen any more. */
  readonly why: string;
  /** Whether what was changed was deleted: its words are forgotten in the newsroom's posts and their history too. */
  readonly forget?: boolean;
}

/**
 * Works out anew what readers see of threads in which something changed: posts that show what is seen no more are taken
 * down, what answers it too; and all that changed gets its numbers, in the discussion what readers see otherwise, in the
 * moderators' queues every comment that was changed. The last thing that a transaction does.
 */
export async function settleThreads(
  trx: Trx,
  actor: Actor,
  blogId: string,
  rootIds: readonly string[],
  { changed, marked = [], why, forget = false }: Changes,
): Promise<void> {
  const rows = rootIds.length
    ? await trx
        .selectFrom("comments")
        .select(["id", "root_id", "parent_id", "status", "deleted_at", "face"])
        .where("root_id", "in", [...rootIds])
        .execute()
    : [];
  const faces = facesOf(rows);
  const turned = rows.filter(({ id, face }) => faces.get(id) !== face);
  if (turned.length)
    await sql`
      update comments set face = turned.face
      from json_to_recordset(${JSON.stringify(turned.map(({ id }) => ({ id, face: faces.get(id) })))}::text::json) as turned(id bigint, face text)
      where comments.id = turned.id`.execute(trx);
  const unseen = turned.filter(({ face }) => face === "comment").map(({ id }) => id);
  await takeDownPosts(trx, actor, blogId, forget ? [...new Set([...unseen, ...changed])] : unseen, why);
  if (forget) await forgetComments(trx, changed);
  const isSeen = (id: string) => marked.includes(id) || (changed.includes(id) && faces.get(id) !== "none");
  const shown = new Set([...turned.map(({ id }) => id), ...[...changed, ...marked].filter(isSeen)]);
  const queued = new Set([...changed, ...turned.map(({ id }) => id)]);
  await number(trx, blogId, [...shown], [...queued]);
}

/** What happens to a comment must happen to the posts that show it. All are locked before the first takes its numbers. */
async function takeDownPosts(
  trx: Trx,
  actor: Actor,
  blogId: string,
  ids: readonly string[],
  why: string,
): Promise<void> {
  if (!ids.length) return;
  for (const post of await lockPostsOfComments(trx, blogId, ids)) await removePost(trx, actor, post, why);
}

/** Gives comments the next numbers of the discussion (those that readers see otherwise) and of the moderators' queues. */
export async function number(trx: Trx, blogId: string, shown: string[], queued: string[]): Promise<void> {
  if (!shown.length && !queued.length) return;
  const { taken, discussion, queue } = numbersForComments(trx, blogId, shown.length > 0, queued.length > 0);
  await sql`
    with ${taken}
    update comments set
      position = ${discussion ? sql`case when id = any(${shown}::bigint[]) then ${discussion} else position end` : sql`position`},
      queue_position = ${queue ? sql`case when id = any(${queued}::bigint[]) then ${queue} else queue_position end` : sql`queue_position`}
    where id = any(${[...new Set([...shown, ...queued])]}::bigint[])`.execute(trx);
}

/** Somebody goes by another name: their comments, and the answers to them that name them, look otherwise. */
export async function renameCommenter(trx: Trx, userId: string): Promise<void> {
  const rows = await trx
    .selectFrom("comments")
    .select(["comments.id", "comments.blog_id", "comments.root_id"])
    .where("face", "<>", "none")
    .where((eb) =>
      eb.or([
        eb("author_id", "=", userId),
        eb("parent_id", "in", eb.selectFrom("comments as own").select("own.id").where("own.author_id", "=", userId)),
      ]),
    )
    .orderBy("comments.blog_id")
    .execute();
  const own = await trx.selectFrom("comments").select(["id", "root_id"]).where("author_id", "=", userId).execute();
  const rootIds = [...new Set([...rows, ...own].map(({ root_id }) => root_id))];
  if (rootIds.length) await lockThreads(trx, rootIds);
  // The counters of all discussions before the one of the queues, as everywhere.
  for (const [blogId, shown] of Map.groupBy(rows, ({ blog_id }) => blog_id))
    await number(
      trx,
      blogId,
      shown.map(({ id }) => id),
      [],
    );
  if (own.length)
    await number(
      trx,
      MODERATION,
      [],
      own.map(({ id }) => id),
    );
}
