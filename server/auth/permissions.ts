import { ROLES, type Role } from "../database.ts";
import { forbidden, unauthenticated } from "../errors.ts";

/** "own": only what the actor wrote. */
type Cell = "any" | "own" | null;

const any: Cell = "any";
const own: Cell = "own";
const no: Cell = null;

export const SCOPES = ["read", "posts", "blogs", "comments", "moderation", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Who may do what: every rule there is. Routes and sockets ask it through `may` and `permit`. The scope is what an
 * API token needs besides. "anyone" is a caller who is not signed in; every account is at least a reader.
 */
// prettier-ignore
export const PERMISSIONS = {
  //                      scope         anyone reader contributor reporter moderator editor admin
  "blog:read":           ["read",         any,   any,    any,       any,      any,    any,   any],
  "blog:create":         ["blogs",        no,    no,     no,        no,       no,     any,   any],
  "blog:edit":           ["blogs",        no,    no,     no,        no,       no,     any,   any],
  "blog:close":          ["blogs",        no,    no,     no,        no,       no,     any,   any],
  // What is not published and not private; nobody reads a private draft but its author.
  "post:read-hidden":    ["read",         no,    no,     any,       any,      any,    any,   any],
  // Notes between editor and author, and sources that are not for readers.
  "post:read-internal":  ["read",         no,    no,     own,       any,      any,    any,   any],
  "post:write":          ["posts",        no,    no,     own,       any,      no,     any,   any],
  "post:publish":        ["posts",        no,    no,     no,        any,      no,     any,   any],
  "post:set-time":       ["posts",        no,    no,     no,        no,       no,     any,   any],
  "post:erase":          ["posts",        no,    no,     no,        no,       no,     any,   any],
  "post:revisions":      ["read",         no,    no,     own,       any,      any,    any,   any],
  "media:write":         ["posts",        no,    no,     own,       any,      no,     any,   any],
  "media:read-own":      ["read",         no,    no,     any,       any,      no,     any,   any],
  "embed:write":         ["posts",        no,    no,     any,       any,      no,     any,   any],
  "comment:write":       ["comments",     no,    any,    any,       any,      any,    any,   any],
  // Like, report, mute; change and delete what is one's own.
  "comment:take-part":   ["comments",     no,    any,    any,       any,      any,    any,   any],
  "comment:read-hidden": ["read",         no,    own,    own,       own,      any,    any,   any],
  "comment:decide":      ["moderation",   no,    no,     no,        no,       any,    any,   any],
  "discussion:settings": ["moderation",   no,    no,     no,        no,       any,    any,   any],
  // Whoever writes comments: what they wrote, notes about them, restrictions.
  "commenter:read":      ["moderation",   no,    no,     no,        no,       any,    any,   any],
  "commenter:restrict":  ["moderation",   no,    no,     no,        no,       any,    any,   any],
  "word-list:edit":      ["moderation",   no,    no,     no,        no,       any,    any,   any],
  "desk:follow":         ["read",         no,    no,     any,       any,      any,    any,   any],
  "desk:talk":           ["posts",        no,    no,     any,       any,      any,    any,   any],
  "blog:hand-over":      ["blogs",        no,    no,     no,        own,      own,    any,   any],
  "desk:search":         ["read",         no,    no,     any,       any,      any,    any,   any],
  "people:search":       ["read",         no,    no,     any,       any,      any,    any,   any],
  "member:manage":       ["admin",        no,    no,     no,        no,       no,     any,   any],
  "audit:read":          ["read",         no,    no,     no,        no,       no,     any,   any],
  "account:read-own":    ["read",         no,    any,    any,       any,      any,    any,   any],
  "account:delete-own":  ["admin",        no,    any,    any,       any,      any,    any,   any],
  "account:change-own":  ["admin",        no,    any,    any,       any,      any,    any,   any],
  "token:manage-own":    ["admin",        no,    any,    any,       any,      any,    any,   any],
  "account:manage":      ["admin",        no,    no,     no,        no,       no,     no,    any],
} as const satisfies Record<string, readonly [Scope, ...Cell[]]>;

export type Action = keyof typeof PERMISSIONS;

export interface Grant {
  readonly role: Role;
  /** null: everywhere. */
  readonly blogId: string | null;
}

/** Who is calling, and what they hold at this moment. */
export interface Actor {
  /** null: not signed in (or, via "command", the operator at the machine). */
  readonly userId: string | null;
  readonly name: string;
  readonly slug: string | null;
  readonly grants: readonly Grant[];
  readonly via: "session" | "token" | "command" | "system";
  /** null: not limited by a token. */
  readonly scopes: readonly Scope[] | null;
  /** null: not limited to one blog by a token. */
  readonly onlyBlogId: string | null;
  /** When the token in use ends; null: never, or there is none. */
  readonly until: Date | null;
}

/** For what belongs to no blog and yet is there for those who write in one: a role in any blog is enough. */
export const SOMEWHERE = Symbol("somewhere");
/** A blog's id; null is outside any blog. */
export type Place = string | typeof SOMEWHERE | null;

export const ANYONE: Actor = {
  userId: null,
  name: "",
  slug: null,
  grants: [],
  via: "session",
  scopes: null,
  onlyBlogId: null,
  until: null,
};

/**
 * How far the actor may do this there. Rights outside any blog come only from roles held everywhere, and a token that
 * is good for one blog has none of them.
 */
export function may(actor: Actor, action: Action, place: Place): Cell {
  const [scope, anyone, ...byRole] = PERMISSIONS[action];
  if (anyone) return anyone;
  if (actor.userId === null || (actor.scopes && !actor.scopes.includes(scope))) return null;
  if (actor.onlyBlogId !== null && typeof place === "string" && actor.onlyBlogId !== place) return null;
  const roles = actor.grants.filter((grant) => counts(actor, grant, place)).map((grant) => grant.role);
  const cells: Cell[] = ["reader" as const, ...roles].map((role) => byRole[ROLES.indexOf(role)]!);
  return cells.includes(any) ? any : cells.includes(own) ? own : null;
}

function counts({ onlyBlogId }: Actor, { blogId }: Grant, place: Place): boolean {
  if (place === null) return blogId === null && onlyBlogId === null;
  if (place === SOMEWHERE) return blogId === null || onlyBlogId === null || blogId === onlyBlogId;
  return blogId === null || blogId === place;
}

/**
 * @param owner whose the thing is, where "own" could be enough; undefined when that is checked later
 * @throws AppError 401 for somebody not signed in, 403 otherwise
 */
export function permit(actor: Actor, action: Action, place: Place, owner?: string | null): void {
  const extent = may(actor, action, place);
  if (extent === any || (extent === own && (owner === undefined || owner === actor.userId))) return;
  if (actor.userId === null) throw unauthenticated();
  const role = roleFor(actor, action, place, extent === null && (owner === undefined || owner === actor.userId));
  if (extent === own && owner !== null)
    throw forbidden(`With your role this can be done only to what is your own; to anything else it takes ${role}.`);
  throw forbidden(missingFromToken(actor, action, place) ?? `This takes ${role}.`);
}

/* What is missing, made of the caller and the table alone: it tells nothing of what there is. */

function missingFromToken({ scopes, onlyBlogId }: Actor, action: Action, place: Place): string | null {
  const [scope] = PERMISSIONS[action];
  if (scopes && !scopes.includes(scope)) return `This token has no scope for this: it takes “${scope}”.`;
  if (onlyBlogId === null || place === SOMEWHERE || place === onlyBlogId) return null;
  return place === null
    ? "This token is good for one blog, and this belongs to none."
    : "This token is good for another blog.";
}

/** @param isOwn whether a role is enough that goes as far as what is the caller's own */
function roleFor({ onlyBlogId }: Actor, action: Action, place: Place, isOwn: boolean): string {
  const [, , ...byRole] = PERMISSIONS[action];
  const enough = ROLES.filter((_role, n) => byRole[n] === any || (byRole[n] === own && isOwn));
  const named = [enough.slice(0, -1).join(", "), enough.at(-1)].filter(Boolean).join(" or ");
  const where =
    place === null
      ? ", held everywhere"
      : place !== SOMEWHERE
        ? " in this blog"
        : onlyBlogId === null
          ? " in some blog"
          : " in this token’s blog";
  return `the role of ${named}${where}`;
}
