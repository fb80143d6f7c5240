import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { audit } from "../audit.ts";
import type { Role, Trx } from "../database.ts";
import { conflict } from "../errors.ts";
import { lockNames, isNameTaken, skeletonOf } from "./names.ts";
import { ANYONE, type Actor, type Grant } from "./permissions.ts";

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  /** Of the password; made before, since it takes longer than a transaction should. */
  readonly hash: string;
}

/**
 * Makes an account for somebody. Its e-mail address counts as checked by whoever makes it, and its name need not be the
 * only one of its kind: two colleagues may be called the same.
 * @throws AppError 409 when the e-mail address has an account
 */
export async function createAccount(
  trx: Trx,
  actor: Actor,
  { email, name, hash }: NewAccount,
): Promise<{ id: string; slug: string }> {
  await lockNames(trx);
  const skeleton = (await isNameTaken(trx, name)) ? null : skeletonOf(name);
  const made = await addAccount(trx, { email, name, hash, skeleton, isChecked: true });
  if (!made) throw conflict("email-taken", "This e-mail address has an account.");
  await audit(trx, actor, "account.create", null, `user:${made.id}`);
  return made;
}

/**
 * Makes a reader's own account, whose e-mail address they have yet to show to be theirs.
 * @param hash of the password; made before, whether or not there is an account
 * @returns null when the e-mail address has an account, which only its owner is told
 * @throws AppError 409 when somebody has this name, or one that looks like it
 */
export async function signUp(
  trx: Trx,
  { email, name, hash }: { email: string; name: string; hash: string },
): Promise<{ id: string } | null> {
  await lockNames(trx);
  if (await isNameTaken(trx, name)) throw nameTaken();
  const made = await addAccount(trx, { email, name, hash, skeleton: skeletonOf(name), isChecked: false });
  if (made) await audit(trx, { ...ANYONE, userId: made.id }, "account.sign-up", null, `user:${made.id}`);
  return made;
}

/** @throws AppError 409 when somebody else has this name, or one that looks like it */
export async function rename(trx: Trx, actor: Actor, userId: string, name: string): Promise<void> {
  await lockNames(trx);
  if (await isNameTaken(trx, name, userId)) throw nameTaken();
  await trx
    .updateTable("users")
    .set({ name, name_skeleton: skeletonOf(name), updated_at: new Date() })
    .where("id", "=", userId)
    .execute();
  await audit(trx, actor, "account.rename", null, `user:${userId}`);
}

const nameTaken = () => conflict("name-taken", "Somebody has this name, or one that looks like it.");

interface AccountToAdd {
  readonly email: string;
  readonly name: string;
  readonly hash: string;
  readonly skeleton: string | null;
  readonly isChecked: boolean;
}

/** @returns null when the e-mail address has an account */
async function addAccount(
  trx: Trx,
  { email, name, hash, skeleton, isChecked }: AccountToAdd,
): Promise<{ id: string; slug: string } | null> {
  const id = randomBytes(16).toString("hex");
  const slug = await freeSlug(trx, name);
  const made = await trx
    .insertInto("users")
    .values({
      id,
      name,
      name_skeleton: skeleton,
      slug,
      email: email.toLowerCase(),
      email_verified: isChecked,
      image: null,
    })
    .onConflict((clash) => clash.column("email").doNothing())
    .returning(["id", "slug"])
    .executeTakeFirst();
  if (made) await setPassword(trx, id, hash);
  return made ?? null;
}

/** Replaces the password by the one of this hash, and ends every session that was opened with the old one. */
export async function setPassword(trx: Trx, userId: string, hash: string): Promise<void> {
  await trx.deleteFrom("accounts").where("user_id", "=", userId).where("provider_id", "=", "credential").execute();
  await trx
    .insertInto("accounts")
    .values({
      id: randomBytes(16).toString("hex"),
      user_id: userId,
      account_id: userId,
      provider_id: "credential",
      password: hash,
    })
    .execute();
  await trx.deleteFrom("sessions").where("user_id", "=", userId).execute();
}

/** Gives a role in one blog, or everywhere for null. */
export async function grantRole(
  trx: Trx,
  actor: Actor,
  userId: string,
  role: Role,
  blogId: string | null,
): Promise<string> {
  const granted = await trx
    .insertInto("roles")
    .values({ user_id: userId, role, blog_id: blogId, granted_by: actor.userId })
    .onConflict((clash) => clash.columns(["user_id", "role", "blog_id"]).doUpdateSet({ role }))
    .returning("id")
    .executeTakeFirstOrThrow();
  await audit(trx, actor, "role.grant", blogId, `user:${userId}`, { role });
  return granted.id;
}

/** For a query on `users`: every role that the account holds. */
export const grantsOfUser = sql<Grant[]>`(
  select coalesce(json_agg(json_build_object('role', role, 'blogId', roles.blog_id::text)), '[]')
  from roles where roles.user_id = users.id)`;

async function freeSlug(trx: Trx, name: string): Promise<string> {
  const base =
    name
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 60)
      .replace(/^-+|-+$/g, "") || "author";
  const taken = await trx.selectFrom("users").select("slug").where("slug", "like", `${base}%`).execute();
  const slugs = new Set(taken.map((row) => row.slug));
  for (let n = 1; ; n++) {
    const slug = n === 1 ? base : `${base}-${n}`;
    if (!slugs.has(slug)) return slug;
  }
}
