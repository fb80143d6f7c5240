import { audit } from "../audit.ts";
import type { Actor } from "../auth/permissions.ts";
import { advance } from "../blogs/streams.ts";
import type { Blog, Db, Trx } from "../database.ts";

/** Who answers for a blog at the moment, and how they came to. */
export interface DutyAnswer {
  onDuty: { name: string; slug: string } | null;
  /** What the one before left to know. */
  note: string;
  by: string | null;
  at: string | null;
}

export async function dutyOf(db: Db, blogId: string): Promise<DutyAnswer> {
  const row = await db
    .selectFrom("duties")
    .leftJoin("users as person", "person.id", "duties.user_id")
    .leftJoin("users as giver", "giver.id", "duties.by_id")
    .select(["person.name", "person.slug", "note", "giver.name as by", "at"])
    .where("blog_id", "=", blogId)
    .orderBy("duties.id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!row) return { onDuty: null, note: "", by: null, at: null };
  const { name, slug, note, by, at } = row;
  return { onDuty: name !== null && slug !== null ? { name, slug } : null, note, by, at: at.toISOString() };
}

/** The account that is on duty, null for nobody; as long as the blog is locked, it stays so. */
export async function onDuty(db: Db, blogId: string): Promise<string | null> {
  const row = await db
    .selectFrom("duties")
    .select("user_id")
    .where("blog_id", "=", blogId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.user_id ?? null;
}

/** Whoever begins a blog answers for it until it is handed over. */
export async function beginDuty(trx: Trx, { userId }: Actor, { id, created_at }: Blog): Promise<void> {
  if (userId === null) return;
  await trx.insertInto("duties").values({ blog_id: id, user_id: userId, by_id: userId, at: created_at }).execute();
}

/** @param userId null: nobody */
export async function handOver(
  trx: Trx,
  actor: Actor,
  blogId: string,
  userId: string | null,
  note: string,
): Promise<void> {
  await trx.insertInto("duties").values({ blog_id: blogId, user_id: userId, by_id: actor.userId, note }).execute();
  await audit(trx, actor, "blog.hand-over", blogId, userId ? `user:${userId}` : `blog:${blogId}`, { note });
  await advance(trx, blogId, "desk", { parts: ["desk-settings"] });
}
