import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import { audit } from "../audit.ts";
import type { Db, Trx } from "../database.ts";
import { notFound } from "../errors.ts";
import { grantsOfUser } from "./accounts.ts";
import type { Actor, Scope } from "./permissions.ts";

export interface ApiToken {
  id: string;
  name: string;
  scopes: Scope[];
  /** Slug of the only blog it is good for. */
  blog: string | null;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

export interface NewToken {
  readonly name: string;
  readonly scopes: Scope[];
  readonly blogId: string | null;
  readonly expiresAt: Date | null;
}

/** Seconds between two notes of a token's use. */
const USE_NOTED_EVERY = 60;

/**
 * Makes a token of the form `dl_<id>_<secret>`, 256 random bits of secret. Only its SHA-256 is kept: the text returned
 * here is shown once and never again.
 */
export async function createToken(
  trx: Trx,
  actor: Actor,
  userId: string,
  token: NewToken,
): Promise<{ id: string; token: string }> {
  const id = randomBytes(8).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  await trx
    .insertInto("api_tokens")
    .values({
      id,
      user_id: userId,
      name: token.name,
      hash: sha256(secret),
      scopes: token.scopes,
      blog_id: token.blogId,
      expires_at: token.expiresAt,
      last_used_at: null,
    })
    .execute();
  await audit(trx, actor, "token.create", token.blogId, `token:${id}`, { name: token.name, scopes: token.scopes });
  return { id, token: `dl_${id}_${secret}` };
}

export async function tokensOf(db: Db, userId: string): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom("api_tokens")
    .leftJoin("blogs", "blogs.id", "api_tokens.blog_id")
    .select([
      "api_tokens.id",
      "name",
      "scopes",
      "blogs.slug as blog",
      "api_tokens.created_at",
      "expires_at",
      "last_used_at",
    ])
    .where("user_id", "=", userId)
    .orderBy("api_tokens.created_at", "desc")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: row.scopes as Scope[],
    blog: row.blog,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }));
}

/** Ends one's own token at once; its open sockets are closed by every server that hears of it. */
export async function revokeToken(trx: Trx, actor: Actor, id: string): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom("api_tokens")
    .where("id", "=", id)
    .where("user_id", "=", actor.userId)
    .executeTakeFirst();
  if (!numDeletedRows) throw notFound("token");
  await audit(trx, actor, "token.revoke", null, `token:${id}`);
}

/**
 * Whom a token speaks for, and what they hold at this moment: the token, the account and its roles in one look.
 * @returns null for a token that is unknown, wrong, expired or revoked
 */
export async function tokenHolder(db: Db, text: string): Promise<Actor | null> {
  const [, id, secret] = /^dl_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (!id || !secret) return null;
  const row = await db
    .selectFrom("api_tokens")
    .innerJoin("users", "users.id", "api_tokens.user_id")
    .select(["hash", "scopes", "api_tokens.blog_id", "expires_at", "users.id as user_id", "users.name", "slug"])
    .select([
      grantsOfUser.as("grants"),
      sql<boolean>`expires_at <= now()`.as("expired"),
      sql<boolean>`last_used_at > now() - make_interval(secs => ${USE_NOTED_EVERY})`.as("noted"),
    ])
    .where("api_tokens.id", "=", id)
    .executeTakeFirst();
  if (!row || row.expired || !timingSafeEqual(row.hash, sha256(secret))) return null;
  if (!row.noted) await noteUse(db, id);
  const { user_id: userId, name, slug, grants, blog_id: onlyBlogId, expires_at: until } = row;
  return { userId, name, slug, grants, via: "token", scopes: row.scopes as Scope[], onlyBlogId, until };
}

async function noteUse(db: Db, id: string): Promise<void> {
  await db
    .updateTable("api_tokens")
    .set({ last_used_at: sql<Date>`now()` })
    .where("id", "=", id)
    .execute();
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
