import { sql } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import { note, tellPerson } from "../comments/log.ts";
import type { Db, Restriction, RestrictionKind, Trx } from "../database.ts";
import { lockThreads, number } from "../comments/changing.ts";
import { conflict, notFound } from "../errors.ts";
import { BATCH, rejectSomeOf } from "./decisions.ts";

export interface NewRestriction {
  readonly kind: RestrictionKind;
  /** null: everywhere. */
  readonly blogId: string | null;
  readonly until: Date | null;
  /** Told to the person. */
  readonly message: string | null;
}

/**
 * Restricts somebody. It waits for the comments that they are handing in, and those that come later find it.
 * Where one of this kind is in force already, this one takes its place.
 * @throws AppError 404 for somebody who is not there, 409 for one of the newsroom
 */
export async function restrict(
  trx: Trx,
  actor: Actor,
  userId: string,
  { kind, blogId, until, message }: NewRestriction,
): Promise<Restriction> {
  const person = await trx.selectFrom("users").select("id").where("id", "=", userId).forUpdate().executeTakeFirst();
  if (!person) throw notFound("person");
  const staff = trx.selectFrom("roles").select("id").where("user_id", "=", userId).where("role", "<>", "reader");
  if (await staff.executeTakeFirst())
    throw conflict("cannot-restrict-staff", "Take away their newsroom role first: colleagues are not restricted.");
  // One that has run out makes room.
  await trx
    .updateTable("commenter_restrictions")
    .set({ lifted_at: sql<Date>`until` })
    .where("user_id", "=", userId)
    .where("lifted_at", "is", null)
    .where("until", "<=", sql<Date>`clock_timestamp()`)
    .execute();
  const inForce = await trx
    .selectFrom("commenter_restrictions")
    .select("id")
    .where("user_id", "=", userId)
    .where("kind", "=", kind)
    .where(sql<boolean>`blog_id is not distinct from ${blogId}::bigint`)
    .where("lifted_at", "is", null)
    .where("acknowledged_at", "is", null)
    .executeTakeFirst();
  // Another one instead of the same one changed: whoever has read this one has not read that.
  if (inForce)
    await trx
      .updateTable("commenter_restrictions")
      .set({ lifted_at: sql<Date>`clock_timestamp()`, lifted_by: actor.userId })
      .where("id", "=", inForce.id)
      .execute();
  const saved = await trx
    .insertInto("commenter_restrictions")
    .values({
      user_id: userId,
      kind,
      blog_id: blogId,
      until,
      message,
      created_by: actor.userId,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await note(trx, actor, {
    kind,
    blogId,
    commenterId: userId,
    reasonText: message,
    details: { restriction: saved.id, until: until?.toISOString() ?? null },
  });
  await tellPerson(trx, { author_id: userId });
  await showAgain(trx, userId, blogId);
  return saved;
}

/** Where somebody has written, by the blogs' numbers. */
export async function blogsOfAuthor(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("comments")
    .select("blog_id")
    .distinct()
    .where("author_id", "=", userId)
    .orderBy("blog_id")
    .execute();
  return rows.map(({ blog_id }) => blog_id);
}

/** Rejects everything that somebody wrote, in one blog or in all; blog by blog, each in a transaction of its own. */
export async function rejectExisting(
  inTransaction: <T>(work: (trx: Trx) => Promise<T>) => Promise<T>,
  actor: Actor,
  userId: string,
  blogIds: readonly string[],
): Promise<number> {
  let rejected = 0;
  for (const blogId of blogIds)
    for (let some = BATCH; some === BATCH; rejected += some)
      some = await inTransaction((trx) => rejectSomeOf(trx, actor, blogId, userId));
  return rejected;
}

/** Ends a restriction before its time; twice is once. */
export async function lift(trx: Trx, actor: Actor, restriction: Restriction): Promise<void> {
  const lifted = await trx
    .updateTable("commenter_restrictions")
    .set({ lifted_at: sql<Date>`clock_timestamp()`, lifted_by: actor.userId })
    .where("id", "=", restriction.id)
    .where("lifted_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (!lifted) return;
  await note(trx, actor, {
    kind: "lift",
    blogId: restriction.blog_id,
    commenterId: restriction.user_id,
    details: { restriction: restriction.id, kind: restriction.kind },
  });
  await tellPerson(trx, { author_id: restriction.user_id });
  await showAgain(trx, restriction.user_id, restriction.blog_id);
}

/** Cards of one person that are shown anew when something is known of them. */
const SHOWN_AGAIN = 50;

/** Moderators who have somebody's cards before them see what now holds for the person. */
export async function showAgain(trx: Trx, userId: string, blogId: string | null): Promise<void> {
  const rows = await trx
    .selectFrom("comments")
    .select(["id", "blog_id", "root_id"])
    .where("author_id", "=", userId)
    .$if(blogId !== null, (query) => query.where("blog_id", "=", blogId!))
    .where("deleted_at", "is", null)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(SHOWN_AGAIN)
    .execute();
  const ids = rows.map(({ id }) => id);
  if (!ids.length) return;
  await lockThreads(trx, [...new Set(rows.map(({ root_id }) => root_id))]);
  await number(trx, rows[0]!.blog_id, [], ids);
}

/** Somebody says that they have read a warning, and may write again. */
export async function acknowledge(trx: Trx, actor: Actor, id: string): Promise<void> {
  const read = await trx
    .updateTable("commenter_restrictions")
    .set({ acknowledged_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .where("user_id", "=", actor.userId!)
    .where("kind", "=", "warn")
    .where("lifted_at", "is", null)
    .where("acknowledged_at", "is", null)
    .returning("blog_id")
    .executeTakeFirst();
  if (!read) return requireWarning(trx, actor, id);
  await note(trx, actor, {
    kind: "acknowledge",
    blogId: read.blog_id,
    commenterId: actor.userId,
    details: { restriction: id },
  });
}

/** One that was read or lifted already needs nothing more. @throws AppError 404 */
async function requireWarning(trx: Trx, { userId }: Actor, id: string): Promise<void> {
  const query = trx.selectFrom("commenter_restrictions").select("id").where("id", "=", id).where("kind", "=", "warn");
  if (!(await query.where("user_id", "=", userId!).executeTakeFirst())) throw notFound("warning");
}
