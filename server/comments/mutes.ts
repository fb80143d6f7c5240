import type { Db, Trx } from "../database.ts";
import { conflict, invalid, notFound } from "../errors.ts";

/** Somebody whose comments a person does not want to see; staff are seen by everybody. */
export async function mute(trx: Trx, userId: string, mutedId: string): Promise<void> {
  if (userId === mutedId) throw invalid([{ pointer: "", code: "cannot-mute-own" }]);
  const person = await trx.selectFrom("users").select("id").where("id", "=", mutedId).executeTakeFirst();
  if (!person) throw notFound("person");
  const isStaff = trx.selectFrom("roles").select("id").where("user_id", "=", mutedId).where("role", "<>", "reader");
  if (await isStaff.executeTakeFirst()) throw conflict("cannot-mute-staff", "The newsroom cannot be muted.");
  await trx
    .insertInto("commenter_mutes")
    .values({ user_id: userId, muted_id: mutedId })
    .onConflict((clash) => clash.doNothing())
    .execute();
}

export async function unmute(trx: Trx, userId: string, mutedId: string): Promise<void> {
  await trx.deleteFrom("commenter_mutes").where("user_id", "=", userId).where("muted_id", "=", mutedId).execute();
}

export async function mutedBy(db: Db, userId: string): Promise<{ id: string; name: string }[]> {
  return db
    .selectFrom("commenter_mutes")
    .innerJoin("users", "users.id", "commenter_mutes.muted_id")
    .select(["users.id", "users.name"])
    .where("commenter_mutes.user_id", "=", userId)
    .orderBy("users.name")
    .execute();
}
