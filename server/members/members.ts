import { sql } from "kysely";
import { audit } from "../audit.ts";
import { grantRole } from "../auth/accounts.ts";
import type { Actor, Grant } from "../auth/permissions.ts";
import { advance } from "../blogs/streams.ts";
import { ROLES, type Db, type Role, type Trx } from "../database.ts";
import { forbidden, notFound } from "../errors.ts";

/** Roles that say what one may do in a blog; everybody is a reader of all. */
export const MEMBER_ROLES = ["contributor", "reporter", "moderator", "editor", "admin"] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

export interface Member {
  readonly name: string;
  readonly slug: string;
  /** Weakest first. */
  readonly roles: { role: MemberRole; everywhere: boolean }[];
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
}

/** Everybody who may write or moderate in this blog, by name. */
export async function membersOf(db: Db, blogId: string): Promise<Member[]> {
  const rows = await db
    .selectFrom("roles")
    .innerJoin("users", "users.id", "roles.user_id")
    .select(["users.id", "users.name", "users.slug", "roles.role", "roles.blog_id"])
    .where((eb) => eb.or([eb("roles.blog_id", "=", blogId), eb("roles.blog_id", "is", null)]))
    .where("roles.role", "<>", "reader")
    .orderBy("users.name")
    .orderBy("users.slug")
    .execute();
  const members = new Map<string, Member>();
  for (const { id, name, slug, role, blog_id } of rows) {
    const member = members.get(id) ?? { name, slug, roles: [] };
    member.roles.push({ role: role as MemberRole, everywhere: blog_id === null });
    members.set(id, member);
  }
  for (const { roles } of members.values())
    roles.sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || Number(a.everywhere) - Number(b.everywhere));
  return [...members.values()];
}

export async function findPerson(db: Db, slug: string): Promise<Person> {
  const person = await db
    .selectFrom("users")
    .select(["id", "name", "slug"])
    .where("slug", "=", slug)
    .executeTakeFirst();
  if (!person) throw notFound("person");
  return person;
}

/**
 * Gives a role in this blog; one that is held already stays as it is.
 * @throws AppError 403 for a role above the giver's own
 */
export async function giveRole(
  trx: Trx,
  actor: Actor,
  blogId: string,
  userId: string,
  role: MemberRole,
): Promise<void> {
  requireNotAbove(actor, blogId, role);
  const held = await trx
    .selectFrom("roles")
    .select("id")
    .where("user_id", "=", userId)
    .where("role", "=", role)
    .where("blog_id", "=", blogId)
    .executeTakeFirst();
  if (held) return;
  await grantRole(trx, actor, userId, role, blogId);
  await advance(trx, blogId, "desk", { parts: ["desk-settings"] });
}

/** Takes a role in this blog away; it ends with the next request, and open sockets are cut. Roles held everywhere stay. */
export async function takeRole(
  trx: Trx,
  actor: Actor,
  blogId: string,
  userId: string,
  role: MemberRole,
): Promise<void> {
  requireNotAbove(actor, blogId, role);
  const taken = await trx
    .deleteFrom("roles")
    .where("user_id", "=", userId)
    .where("role", "=", role)
    .where("blog_id", "=", blogId)
    .returning("id")
    .executeTakeFirst();
  if (!taken) return;
  await audit(trx, actor, "role.take", blogId, `user:${userId}`, { role });
  await advance(trx, blogId, "desk", { parts: ["desk-settings"] });
}

/** Whether somebody is one of those who run this blog. */
export async function isOfDesk(db: Db, blogId: string, userId: string): Promise<boolean> {
  const role = await db
    .selectFrom("roles")
    .select("id")
    .where("user_id", "=", userId)
    .where("role", "in", ["reporter", "moderator", "editor", "admin"])
    .where((eb) => eb.or([eb("blog_id", "=", blogId), eb("blog_id", "is", null)]))
    .limit(1)
    .executeTakeFirst();
  return role !== undefined;
}

/** People whose slug begins with this, or whose name has a word that does; those of the newsroom first, or (not everybody) alone. */
export async function findPeople(
  db: Db,
  wanted: string,
  { everybody, limit }: { everybody: boolean; limit: number },
): Promise<Pick<Person, "name" | "slug">[]> {
  const ofNewsroom = sql<boolean>`exists (select from roles where user_id = users.id and role <> 'reader')`;
  const beginning = `${wanted.replace(/[\\%_]/g, "\\$&")}%`;
  return db
    .selectFrom("users")
    .select(["name", "slug"])
    .where((eb) =>
      eb.or([eb("name", "ilike", beginning), eb("name", "ilike", `% ${beginning}`), eb("slug", "like", beginning)]),
    )
    .$if(!everybody, (people) => people.where(ofNewsroom))
    .orderBy(ofNewsroom, "desc")
    .orderBy("name")
    .orderBy("slug")
    .limit(limit)
    .execute();
}

/** Everybody who writes or moderates anywhere, by name. */
export async function newsroom(db: Db): Promise<Pick<Person, "name" | "slug">[]> {
  return db
    .selectFrom("users")
    .select(["name", "slug"])
    .where(sql<boolean>`exists (select from roles where user_id = users.id and role <> 'reader')`)
    .orderBy("name")
    .orderBy("slug")
    .limit(500)
    .execute();
}

/** Nobody gives or takes what ranks above the roles that they hold there themselves. */
function requireNotAbove(actor: Actor, blogId: string, role: Role): void {
  const here = ({ blogId: held }: Grant) => held === null || held === blogId;
  const highest = Math.max(...actor.grants.filter(here).map((grant) => ROLES.indexOf(grant.role)), 0);
  if (ROLES.indexOf(role) > highest) throw forbidden("This role is above your own.");
}
