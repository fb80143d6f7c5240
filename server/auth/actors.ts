import type { IncomingHttpHeaders } from "node:http";
import { fromNodeHeaders } from "better-auth/node";
import type { Db } from "../database.ts";
import { unauthenticated } from "../errors.ts";
import type { Auth } from "./accounts.ts";
import { ANYONE, type Actor } from "./permissions.ts";
import { tokenHolder } from "./tokens.ts";

/** The two headers that can say who is calling. */
export type Credentials = Pick<IncomingHttpHeaders, "authorization" | "cookie">;

/**
 * Who is calling, looked up afresh each time, so that what was revoked does not work a moment longer.
 * @throws AppError 401 for an API token that is not good; a cookie that is not good is a reader who is not signed in.
 */
export async function actorOf(db: Db, auth: Auth, { authorization, cookie }: Credentials): Promise<Actor> {
  if (authorization !== undefined) return bearer(db, authorization);
  if (!cookie?.includes("dateline.session_token")) return ANYONE;
  const headers = fromNodeHeaders({ cookie });
  const session = await auth.api.getSession({ headers, query: { disableRefresh: true } }).catch((error: unknown) => {
    // better-auth wraps what went wrong with the database into an error of its own.
    throw error instanceof Error && error.cause ? error.cause : error;
  });
  if (!session) return ANYONE;
  return actor(db, session.user.id, { via: "session", scopes: null, onlyBlogId: null, until: null });
}

async function bearer(db: Db, authorization: string): Promise<Actor> {
  const [, text] = /^bearer (\S+)$/i.exec(authorization) ?? [];
  const holder = text ? await tokenHolder(db, text) : null;
  if (!holder) throw unauthenticated();
  const { userId, scopes, blogId, expiresAt } = holder;
  return actor(db, userId, { via: "token", scopes, onlyBlogId: blogId, until: expiresAt });
}

async function actor(
  db: Db,
  userId: string,
  how: Pick<Actor, "via" | "scopes" | "onlyBlogId" | "until">,
): Promise<Actor> {
  const rows = await db
    .selectFrom("users")
    .leftJoin("roles", "roles.user_id", "users.id")
    .select(["users.name", "users.slug", "roles.role", "roles.blog_id"])
    .where("users.id", "=", userId)
    .execute();
  if (!rows.length) throw unauthenticated();
  const { name, slug } = rows[0]!;
  const grants = rows.flatMap((row) => (row.role ? [{ role: row.role, blogId: row.blog_id }] : []));
  return { userId, name, slug, grants, ...how };
}

/** The operator at the machine's own command line. */
export const OPERATOR: Actor = {
  ...ANYONE,
  name: "operator",
  via: "command",
  grants: [{ role: "admin", blogId: null }],
};
