import { z } from "zod";
import type { Context } from "../context.ts";
import { ROLES, type Blog, type Role } from "../database.ts";
import { findBlog } from "../blogs/blogs.ts";
import { forbidden, invalid, notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { line, slug, time } from "../input.ts";
import { audit } from "../audit.ts";
import { createAccount, grantRole } from "./accounts.ts";
import { hashPassword, MAX_PASSWORD, MIN_PASSWORD } from "./passwords.ts";
import { SCOPES, type Actor } from "./permissions.ts";
import { createToken, revokeToken, tokensOf } from "./tokens.ts";

const newToken = z.strictObject({
  name: line(80),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  blog: slug.optional(),
  expiresAt: time.refine((at) => at.getTime() > Date.now(), "in-the-past").optional(),
});

const newAccount = z.strictObject({
  email: z.email().max(254),
  name: line(80),
  password: z.string().min(MIN_PASSWORD).max(MAX_PASSWORD),
});

const newRole = z.strictObject({ email: z.email().max(254), role: z.enum(ROLES), blog: slug.optional() });

const roleAnswer = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  blog: z.string().nullable(),
});

const tokenAnswer = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  blog: z.string().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});

/** Sign-in, sign-out, sessions, passwords and two-factor codes are better-auth's own routes under /api/auth. */
export function accountRoutes({ db }: Context): AnyRoute[] {
  return [
    route({
      method: "get",
      path: "/api/me",
      summary: "Who is calling, and which roles they hold",
      action: "account:read-own",
      answers: {
        200: z.object({
          id: z.string(),
          name: z.string(),
          slug: z.string(),
          roles: z.array(z.object({ role: z.enum(ROLES), blog: z.string().nullable() })),
        }),
      },
      async handle({ actor }) {
        const roles = await db
          .selectFrom("roles")
          .leftJoin("blogs", "blogs.id", "roles.blog_id")
          .select(["role", "blogs.slug as blog"])
          .where("user_id", "=", actor.userId)
          .orderBy("roles.id")
          .execute();
        return { status: 200, body: { id: actor.userId, name: actor.name, slug: actor.slug, roles } };
      },
    }),

    route({
      method: "get",
      path: "/api/tokens",
      summary: "One's own API tokens",
      action: "token:manage-own",
      answers: { 200: z.object({ tokens: z.array(tokenAnswer) }) },
      handle: async ({ actor }) => ({ status: 200, body: { tokens: await tokensOf(db, actor.userId!) } }),
    }),

    route<{}, {}, z.output<typeof newToken>>({
      method: "post",
      path: "/api/tokens",
      summary: "Make an API token; its text is shown this once",
      action: "token:manage-own",
      body: newToken,
      answers: { 201: z.object({ id: z.string(), token: z.string() }) },
      async handle({ actor, body, transact }) {
        const blog = body.blog ? await findBlog(db, body.blog) : null;
        requireNotStronger(actor, body, blog);
        return transact(async (trx) => ({
          status: 201,
          body: await createToken(trx, actor, actor.userId!, {
            name: body.name,
            scopes: body.scopes,
            blogId: blog?.id ?? null,
            expiresAt: body.expiresAt ?? null,
          }),
        }));
      },
    }),

    route<{ tokenId: string }>({
      method: "delete",
      path: "/api/tokens/:tokenId",
      summary: "Revoke an API token at once",
      action: "token:manage-own",
      answers: { 204: null },
      handle: ({ params, actor, transact }) =>
        transact(async (trx) => {
          await revokeToken(trx, actor, params.tokenId);
          return { status: 204 };
        }),
    }),

    route<{}, {}, z.output<typeof newAccount>>({
      method: "post",
      path: "/api/accounts",
      summary: "Make an account",
      action: "account:manage",
      // Its key is the e-mail address: an Idempotency-Key would keep a fast hash of the password.
      body: newAccount,
      answers: { 201: z.object({ id: z.string(), slug: z.string() }) },
      handle: async ({ body: { email, name, password }, actor, transact }) => {
        const account = { email, name, hash: await hashPassword(password) };
        return transact(async (trx) => ({ status: 201, body: await createAccount(trx, actor, account) }));
      },
    }),

    route<{}, { blog?: string | undefined }>({
      method: "get",
      path: "/api/roles",
      summary: "Who holds which role, everywhere or in one blog",
      action: "account:manage",
      blogFromQuery: true,
      query: z.strictObject({ blog: slug.optional() }),
      answers: { 200: z.object({ roles: z.array(roleAnswer) }) },
      async handle({ query, blog }) {
        const roles = await db
          .selectFrom("roles")
          .innerJoin("users", "users.id", "roles.user_id")
          .leftJoin("blogs", "blogs.id", "roles.blog_id")
          .select(["roles.id", "users.name", "users.email", "roles.role", "blogs.slug as blog"])
          .$if(query.blog !== undefined, (rows) => rows.where("roles.blog_id", "=", blog.id))
          .orderBy("roles.id")
          .execute();
        return { status: 200, body: { roles } };
      },
    }),

    route<{}, {}, { email: string; role: Role; blog?: string | undefined }>({
      method: "post",
      path: "/api/roles",
      summary: "Give an account a role, everywhere or in one blog",
      action: "account:manage",
      body: newRole,
      answers: { 201: z.object({ id: z.string() }) },
      async handle({ body, actor, transact }) {
        const blog = body.blog ? await findBlog(db, body.blog) : null;
        return transact(async (trx) => {
          const user = await trx
            .selectFrom("users")
            .select("id")
            .where("email", "=", body.email.toLowerCase())
            .executeTakeFirst();
          if (!user) throw invalid([{ pointer: "/email", code: "unknown-account" }]);
          return { status: 201, body: { id: await grantRole(trx, actor, user.id, body.role, blog?.id ?? null) } };
        });
      },
    }),

    route<{ id: string }>({
      method: "delete",
      path: "/api/roles/:id",
      summary: "Take a role away at once",
      action: "account:manage",
      answers: { 204: null },
      handle: ({ params, actor, transact }) =>
        transact(async (trx) => {
          const taken = await trx
            .deleteFrom("roles")
            .where("id", "=", params.id)
            .returning(["user_id", "role", "blog_id"])
            .executeTakeFirst();
          if (!taken) throw notFound("role");
          await audit(trx, actor, "role.take", taken.blog_id, `user:${taken.user_id}`, { role: taken.role });
          return { status: 204 };
        }),
    }),
  ];
}

/** A token may not make one that reaches further or lasts longer than itself. */
function requireNotStronger(actor: Actor, wanted: z.output<typeof newToken>, blog: Blog | null): void {
  if (actor.via !== "token") return;
  if (wanted.scopes.some((scope) => !actor.scopes?.includes(scope)))
    throw forbidden("A token cannot make one with more scopes than its own.");
  if (actor.onlyBlogId !== null && blog?.id !== actor.onlyBlogId)
    throw forbidden("A token cannot make one for more blogs than its own.");
  if (actor.until !== null && !(wanted.expiresAt && wanted.expiresAt <= actor.until))
    throw forbidden("A token cannot make one that lasts longer than itself.");
}
