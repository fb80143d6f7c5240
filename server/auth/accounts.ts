import { randomBytes } from "node:crypto";
import { betterAuth } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { twoFactor } from "better-auth/plugins";
import { sql } from "kysely";
import { audit } from "../audit.ts";
import type { Db, Role, Trx } from "../database.ts";
import { conflict } from "../errors.ts";
import { hashPassword, MAX_PASSWORD, MIN_PASSWORD, verifyPassword } from "./passwords.ts";
import type { Actor, Grant } from "./permissions.ts";
import { forgetTries, PER_ACCOUNT, PER_ADDRESS, signInEmail, tooMany, tooManyTries } from "./sign-in-tries.ts";

/** The header in which sign-in.ts hands over the caller's address; whatever the caller sent under this name is replaced. */
export const ADDRESS_HEADER = "x-dateline-address";

export interface AuthOptions {
  readonly db: Db;
  readonly secret: string;
  readonly baseUrl: string;
  /** Origins that may send credentials, besides the base URL's own. */
  readonly trustedOrigins: string[];
}

export type Auth = ReturnType<typeof openAuth>;

/**
 * better-auth does passwords, sessions, two-factor codes and the limits on guessing, on our own tables (migrations/).
 * Sessions are looked up at each use, without a cache in the cookie, so that a revoked one is gone at once.
 */
export function openAuth({ db, secret, baseUrl, trustedOrigins }: AuthOptions) {
  return betterAuth({
    appName: "Dateline",
    baseURL: baseUrl,
    basePath: "/api/auth",
    secret,
    trustedOrigins,
    database: { db, type: "postgres" },
    telemetry: { enabled: false },
    // A failing database is ours to answer, as everywhere else.
    onAPIError: { throw: true },
    logger: { disabled: true },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    user: {
      modelName: "users",
      fields: {
        emailVerified: "email_verified",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
      additionalFields: { slug: { type: "string", required: true, input: false } },
    },
    session: {
      modelName: "sessions",
      expiresIn: 7 * 24 * 60 * 60,
      updateAge: 60 * 60,
      fields: {
        userId: "user_id",
        expiresAt: "expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
        ipAddress: "ip_address",
        userAgent: "user_agent",
      },
    },
    account: {
      modelName: "accounts",
      fields: {
        userId: "user_id",
        accountId: "account_id",
        providerId: "provider_id",
        accessToken: "access_token",
        refreshToken: "refresh_token",
        idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at",
        refreshTokenExpiresAt: "refresh_token_expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
    },
    verification: {
      modelName: "verifications",
      fields: { expiresAt: "expires_at", createdAt: "created_at", updatedAt: "updated_at" },
    },
    rateLimit: {
      enabled: true,
      storage: "database",
      modelName: "rate_limits",
      fields: { lastRequest: "last_request" },
      window: 60,
      max: 100,
      customRules: {
        "/sign-in/email": PER_ADDRESS,
        "/two-factor/*": PER_ADDRESS,
        "/change-password": PER_ADDRESS,
        // No such path; but the library sweeps counts that are older than its longest window, ours among them.
        "/account": PER_ACCOUNT,
      },
    },
    advanced: {
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      // Said outright, since the library leaves both out when NODE_ENV is "test".
      disableOriginCheck: false,
      disableCSRFCheck: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      cookiePrefix: "dateline",
    },
    databaseHooks: {
      // Where a reporter was when signing in is nobody's business, and nothing that could be seized.
      session: { create: { before: async (session) => ({ data: { ...session, ipAddress: "", userAgent: "" } }) } },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        const wait = await tooManyTries(db, signInEmail(context));
        if (wait !== null) throw tooMany(wait);
        // Whoever changes a password wants the others out who may know the old one.
        return context.path === "/change-password"
          ? { context: { body: { ...context.body, revokeOtherSessions: true } } }
          : undefined;
      }),
      after: createAuthMiddleware(async (context) => {
        if (!(context.context.returned instanceof APIError)) await forgetTries(db, signInEmail(context));
      }),
    },
    plugins: [
      twoFactor({
        issuer: "Dateline",
        schema: {
          user: { fields: { twoFactorEnabled: "two_factor_enabled" } },
          twoFactor: {
            modelName: "two_factors",
            fields: {
              userId: "user_id",
              backupCodes: "backup_codes",
              failedVerificationCount: "failed_verification_count",
              lockedUntil: "locked_until",
            },
          },
        },
      }),
    ],
  });
}

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/**
 * Makes an account; newsrooms have no open sign-up. Its e-mail address counts as checked by whoever makes it.
 * @throws AppError 409 when the e-mail address has an account
 */
export async function createAccount(
  trx: Trx,
  actor: Actor,
  { email, name, password }: NewAccount,
): Promise<{ id: string; slug: string }> {
  const hash = await hashPassword(password);
  // Two people of one name must not get one slug.
  await sql`select pg_advisory_xact_lock(hashtext('users.slug'))`.execute(trx);
  const id = randomBytes(16).toString("hex");
  const slug = await freeSlug(trx, name);
  const made = await trx
    .insertInto("users")
    .values({ id, name, slug, email: email.toLowerCase(), email_verified: true, image: null })
    .onConflict((clash) => clash.column("email").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!made) throw conflict("email-taken", "This e-mail address has an account.");
  await keepPassword(trx, id, hash);
  await audit(trx, actor, "account.create", null, `user:${id}`);
  return { id, slug };
}

/** Replaces the password, and ends every session that was opened with the old one. */
export async function setPassword(trx: Trx, userId: string, password: string): Promise<void> {
  await keepPassword(trx, userId, await hashPassword(password));
}

async function keepPassword(trx: Trx, userId: string, hash: string): Promise<void> {
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
