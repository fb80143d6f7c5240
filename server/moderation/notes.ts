import type { Actor } from "../auth/permissions.ts";
import { note } from "../comments/log.ts";
import type { Db, Trx } from "../database.ts";
import { notFound } from "../errors.ts";
import { showAgain } from "./restrictions.ts";

export interface Note {
  readonly id: string;
  readonly body: string;
  /** null: a colleague who is gone. */
  readonly by: { readonly id: string; readonly name: string } | null;
  readonly at: string;
}

/** More than anybody reads. */
const MOST_NOTES = 200;

/** What moderators wrote down about somebody, newest first. */
export async function notesOn(db: Db, userId: string): Promise<Note[]> {
  const rows = await notes(db).where("user_id", "=", userId).limit(MOST_NOTES).execute();
  return rows.map(presentNote);
}

export async function writeNote(trx: Trx, actor: Actor, userId: string, body: string): Promise<Note> {
  const { id } = await trx
    .insertInto("commenter_notes")
    .values({ user_id: userId, author_id: actor.userId, body })
    .returning("id")
    .executeTakeFirstOrThrow();
  await note(trx, actor, { kind: "note", blogId: null, commenterId: userId, details: { note: id } });
  await showAgain(trx, userId, null);
  return presentNote(await notes(trx).where("commenter_notes.id", "=", id).executeTakeFirstOrThrow());
}

/** One's own; a colleague's is not there. */
export async function deleteNote(trx: Trx, actor: Actor, userId: string, id: string): Promise<void> {
  const deleted = await trx
    .deleteFrom("commenter_notes")
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .where("author_id", "=", actor.userId)
    .returning("id")
    .executeTakeFirst();
  if (!deleted) throw notFound("note of yours");
  await note(trx, actor, { kind: "note", blogId: null, commenterId: userId, details: { note: id, deleted: true } });
  await showAgain(trx, userId, null);
}

const notes = (db: Db) =>
  db
    .selectFrom("commenter_notes")
    .leftJoin("users", "users.id", "commenter_notes.author_id")
    .select(["commenter_notes.id", "body", "at", "author_id", "users.name"])
    .orderBy("commenter_notes.id", "desc");

const presentNote = (row: { id: string; body: string; at: Date; author_id: string | null; name: string | null }) => ({
  id: row.id,
  body: row.body,
  by: row.author_id === null ? null : { id: row.author_id, name: row.name ?? "" },
  at: row.at.toISOString(),
});
