import { may, permit, type Actor } from "../auth/permissions.ts";
import type { Blog, Post, PostStatus, Trx } from "../database.ts";
import { AppError, notFound, stale } from "../errors.ts";
import { lockPost } from "./posts.ts";
import { presentPosts } from "./present.ts";
import { isPrivate } from "./states.ts";

/** Whose change it is, and where. */
export interface ChangeScope {
  readonly blog: Blog;
  readonly actor: Actor;
  readonly publicUrl: string;
}

/** Whether somebody may read a post that is not published: their own, and what the desk shares with them. */
export function mayRead(actor: Actor, blog: Pick<Blog, "id">, post: Post): boolean {
  return may(actor, "post:read-hidden", blog.id) === "any" && isOpenTo(actor, post);
}

const isOpenTo = (actor: Actor, post: Post): boolean => !isPrivate(post) || post.created_by === actor.userId;

/** Whether there is such a post for somebody who would change it. */
function isThere(actor: Actor, blog: Pick<Blog, "id">, post: Post): boolean {
  if (post.status === "published") return true;
  return post.status === "removed" ? isOpenTo(actor, post) : mayRead(actor, blog, post);
}

/** What readers see, or are going to see by itself, is changed only by those who may publish. */
export function permitOutgoing(
  actor: Actor,
  blog: Pick<Blog, "id">,
  ...states: (PostStatus | null | undefined)[]
): void {
  if (states.some((status) => status === "published" || status === "scheduled")) permit(actor, "post:publish", blog.id);
}

/**
 * Locks the post, checks that it is the caller's to change and the version that they saw, and changes it. Refusals
 * carry the post as it is now, so that nobody's work is lost.
 * @param matches the versions that the caller has seen; null: it does not matter
 */
export async function changePost(
  trx: Trx,
  scope: ChangeScope,
  id: string,
  matches: readonly number[] | null,
  work: (before: Post) => Promise<Post>,
): Promise<Post> {
  const { blog, actor } = scope;
  const before = await lockPost(trx, blog.id, id);
  if (!isThere(actor, blog, before)) throw notFound("post");
  permit(actor, "post:write", blog.id, before.created_by);
  try {
    if (matches && !matches.includes(before.version)) throw stale(null, before.version);
    return await work(before);
  } catch (error) {
    throw await withCurrent(error, trx, scope, before);
  }
}

/** The transaction is given up with the refusal, so that what was read at its beginning is the present state. */
async function withCurrent(
  error: unknown,
  trx: Trx,
  { blog, actor: viewer, publicUrl }: ChangeScope,
  before: Post,
): Promise<unknown> {
  if (!(error instanceof AppError) || (error.status !== 409 && error.status !== 412)) return error;
  const [current] = await presentPosts(trx, [before], { blog, viewer, publicUrl });
  const { status, code, message, extra, headers } = error;
  return new AppError(status, code, message, { extra: { ...extra, current }, headers });
}
