import type { IncomingHttpHeaders } from "node:http";
import { fromNodeHeaders } from "better-auth/node";
import type { Db } from "../database.ts";
import { unauthenticated } from "../errors.ts";
import { grantsOfUser } from "./accounts.ts";
import type { Auth } from "./auth.ts";
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
  return signedIn(db, session.user.id);
}

async function bearer(db: Db, authorization: string): Promise<Actor> {
  const [, text] = /^bearer (\S+)$/i.exec(authorization) ?? [];
  const holder = text ? await tokenHolder(db, text) : null;
  if (!holder) throw unauthenticated();
  return holder;
}

async function signedIn(db: Db, userId: string): Promise<Actor> {
  const user = await db
    .selectFrom("users")
    .select(["name", "slug", grantsOfUser.as("grants")])
    .where("users.id", "=", userId)
    .executeTakeFirst();
  if (!user) throw unauthenticated();
  return { userId, ...user, via: "session", scopes: null, onlyBlogId: null, until: null };
}

/** The operator at the machine's own command line. */
export const OPERATOR: Actor = {
  ...ANYONE,
  name: "operator",
  via: "command",
  grants: [{ role: "admin", blogId: null }],
};
