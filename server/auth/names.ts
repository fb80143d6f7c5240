import { sql } from "kysely";
import type { Trx } from "../database.ts";
import { nameSkeleton } from "../rules/names.ts";

export const skeletonOf = nameSkeleton;

/** Two people of one name must not get one slug, nor two that look alike one name; they are named one after the other. */
export async function lockNames(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('users.slug'))`.execute(trx);
}

/**
 * Whether anybody has this name, or one that looks like it. Those without a skeleton in the table are few (colleagues
 * whose name is another's too, and accounts from before there were skeletons), and are looked at one by one.
 */
export async function isNameTaken(trx: Trx, name: string, exceptBy: string | null = null): Promise<boolean> {
  const skeleton = nameSkeleton(name);
  const others = await trx
    .selectFrom("users")
    .select(["name", "name_skeleton"])
    .distinct()
    .where((users) => users.or([users("name_skeleton", "=", skeleton), users("name_skeleton", "is", null)]))
    .$if(exceptBy !== null, (users) => users.where("id", "<>", exceptBy!))
    .execute();
  return others.some((other) => (other.name_skeleton ?? nameSkeleton(other.name)) === skeleton);
}
