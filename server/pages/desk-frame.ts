import type { Request, Response } from "express";
import { actorOf } from "../auth/actors.ts";
import { may, SOMEWHERE, type Action, type Actor } from "../auth/permissions.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";

/** What a person may do in a blog, for the page to show the right buttons; with "-own", only to their own. The API decides. */
const RIGHTS: Record<string, Action> = {
  write: "post:write",
  publish: "post:publish",
  "set-time": "post:set-time",
  erase: "post:erase",
  edit: "blog:edit",
  close: "blog:close",
  "hand-over": "blog:hand-over",
  members: "member:manage",
  create: "blog:create",
  moderate: "comment:decide",
};

/** Whoever is not signed in is sent to do so, and comes back. */
export async function staff({ db, auth }: Context, request: Request, response: Response): Promise<Actor | null> {
  const actor = await actorOf(db, auth, request.headers);
  if (actor.userId !== null) return actor;
  response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  return null;
}

/** What the layout needs for a page of the newsroom. */
export const deskHead = (title: string, language = "en") => ({
  title,
  language,
  styles: ["css/desk.css", "css/composer.css", "css/desk-aside.css"],
  script: "js/desk.js",
});

/** Who is looking, and what they may do in the blog; without one, anywhere. */
export function person(actor: Actor, blog: Blog | null) {
  const place = blog?.id ?? null;
  const rights = Object.entries(RIGHTS).flatMap(([name, action]) => {
    const extent = may(actor, action, place);
    return extent === null ? [] : extent === "own" ? `${name}-own` : name;
  });
  return {
    me: { id: actor.userId, name: actor.name, slug: actor.slug },
    rights: rights.join(" "),
    mayCreate: may(actor, "blog:create", null) !== null,
    mayModerate: may(actor, "comment:decide", SOMEWHERE) !== null,
  };
}
