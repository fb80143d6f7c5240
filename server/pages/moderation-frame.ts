import type { Request, Response } from "express";
import { actorOf } from "../auth/actors.ts";
import { may, permit, SOMEWHERE, type Actor } from "../auth/permissions.ts";
import { listBlogs } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { blogsOf } from "../moderation/scope.ts";
import { staff } from "./desk-frame.ts";

/** Streams that a moderator of single blogs follows at once. */
export const MOST_BLOGS = 4;

/** Blogs that somebody who moderates everywhere chooses from. */
const LISTED = 200;

/** Who moderates, and where. */
export interface Moderator {
  readonly actor: Actor;
  readonly isEverywhere: boolean;
  /** Where they may, running blogs first. */
  readonly blogs: readonly Blog[];
}

/** Whoever is not signed in is sent to do so, and comes back. */
export async function moderatorOf(context: Context, request: Request, response: Response): Promise<Moderator | null> {
  const actor = await staff(context, request, response);
  return actor && knownModerator(context, actor);
}

/** The same for what a page fetches. @throws AppError 401, 403 */
export async function askingModerator(context: Context, request: Request): Promise<Moderator> {
  return knownModerator(context, await actorOf(context.db, context.auth, request.headers));
}

async function knownModerator({ db }: Context, actor: Actor): Promise<Moderator> {
  permit(actor, "comment:decide", SOMEWHERE);
  const among = await blogsOf(db, actor, "comment:decide", undefined);
  return { actor, isEverywhere: among === null, blogs: await listBlogs(db, null, among?.length ?? LISTED, among) };
}

const PAGES = [
  ["queues", "Queues", "/moderation"],
  ["overview", "Overview", "/moderation/overview"],
  ["log", "Log", "/moderation/log"],
  ["words", "Words", "/moderation/words"],
  ["settings", "Settings", "/moderation/settings"],
] as const;

/** What the layout and the masthead of a moderators' page need. */
export function moderationFrame(
  { actor, isEverywhere, blogs }: Moderator,
  page: (typeof PAGES)[number][0] | "person",
  title: string,
) {
  const posting = blogs.filter(({ id }) => may(actor, "post:write", id) !== null).map(({ slug }) => slug);
  return {
    head: {
      title,
      language: "en",
      styles: ["css/desk.css", "css/desk-aside.css", "css/moderation.css"],
      script: "js/moderation.js",
    },
    me: { id: actor.userId, name: actor.name },
    isEverywhere,
    posting: posting.join(" "),
    pages: PAGES.map(([name, label, address]) => ({ label, address, current: name === page })),
    myBlogs: blogs.map(({ slug, title }) => ({ slug, title })),
  };
}
