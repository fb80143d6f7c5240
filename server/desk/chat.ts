import { sql } from "kysely";
import { audit } from "../audit.ts";
import type { Actor } from "../auth/permissions.ts";
import { advance } from "../blogs/streams.ts";
import type { Db, DeskMessage, Trx } from "../database.ts";
import { forbidden, invalid, notFound } from "../errors.ts";
import { withdrawAnswers } from "../idempotency.ts";

/** Messages that the desk shows; older ones are asked for. */
export const RECENT_MESSAGES = 100;
/** Minutes in which one's own message can be taken back. */
const REGRET_MINUTES = 10;

export type MessageRow = DeskMessage & { author_name: string | null; author_slug: string | null };

/** Says something to the colleagues on this desk. */
export async function say(trx: Trx, actor: Actor, blogId: string, body: string): Promise<MessageRow> {
  const message = await trx
    .insertInto("desk_messages")
    .values({ blog_id: blogId, author_id: actor.userId, body })
    .returningAll()
    .executeTakeFirstOrThrow();
  await advance(trx, blogId, "desk", { parts: ["desk-chat"] });
  return { ...message, author_name: actor.name, author_slug: actor.slug };
}

/** Takes back what one said oneself, lately. @throws AppError 403 for a colleague's message, and for one that is too old */
export async function takeBack(trx: Trx, actor: Actor, blog: { id: string; slug: string }, id: string): Promise<void> {
  const message = await trx
    .selectFrom("desk_messages")
    .select([
      "author_id",
      sql<boolean>`created_at > clock_timestamp() - make_interval(mins => ${REGRET_MINUTES})`.as("is_fresh"),
    ])
    .where("blog_id", "=", blog.id)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (!message) throw notFound("message");
  if (message.author_id !== actor.userId) throw forbidden("This message is a colleague's.");
  if (!message.is_fresh) throw forbidden(`A message can be taken back for ${REGRET_MINUTES} minutes.`);
  await trx.deleteFrom("desk_messages").where("id", "=", id).execute();
  await withdrawAnswers(trx, locationOf(blog.slug, id));
  await audit(trx, actor, "desk-message.take-back", blog.id, `desk-message:${id}`);
  await advance(trx, blog.id, "desk", { parts: ["desk-chat"] });
}

export const locationOf = (slug: string, id: string): string => `/api/blogs/${slug}/desk-messages/${id}`;

/** The latest messages, or those before one of them; newest first. */
export async function messagesOf(
  db: Db,
  blogId: string,
  limit: number,
  before: string | null = null,
): Promise<MessageRow[]> {
  if (before !== null && !(await isOf(db, blogId, before)))
    throw invalid([{ pointer: "query:before", code: "unknown-cursor" }]);
  return db
    .selectFrom("desk_messages")
    .leftJoin("users", "users.id", "desk_messages.author_id")
    .selectAll("desk_messages")
    .select(["users.name as author_name", "users.slug as author_slug"])
    .where("blog_id", "=", blogId)
    .$if(before !== null, (query) => query.where("desk_messages.id", "<", before!))
    .orderBy("desk_messages.id", "desc")
    .limit(limit)
    .execute();
}

/** Ids rise with time, and one that was taken back meanwhile is a good cursor still; one from the future is not. */
async function isOf(db: Db, blogId: string, id: string): Promise<boolean> {
  const newest = await db
    .selectFrom("desk_messages")
    .select("id")
    .where("blog_id", "=", blogId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return newest !== undefined && BigInt(id) <= BigInt(newest.id);
}
