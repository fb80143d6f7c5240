import { Router } from "express";
import { z } from "zod";
import { may, permit, type Actor } from "../auth/permissions.ts";
import { findBlog } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { isPrivate } from "../posts/states.ts";
import { takedownsOf, type Takedown, type TakedownPlace } from "../posts/takedowns.ts";
import { summaryOf, titleOf } from "../posts/title.ts";
import { parse } from "../reading.ts";
import { writersOf, type Writers } from "../realtime/desk-changes.ts";
import { stamp } from "../rendering/times.ts";
import { deskHead, person, staff } from "./desk-frame.ts";

/** Posts on a page. */
const POSTS = 30;

/** An address that was cut off begins at the beginning. */
const pageQuery = z.object({
  before: z
    .string()
    .regex(/^\d{1,15}-\d{1,18}$/)
    .optional()
    .catch(() => undefined),
});

/** What was taken down in a blog: by whom, when and why; for the desk, which restores it from here. */
export function deskTakenDown(context: Context): Router {
  const { db, views } = context;
  const router = Router();

  router.get("/desk/blogs/:slug/taken-down", async (request, response) => {
    const actor = await staff(context, request, response);
    if (!actor) return;
    const blog = await findBlog(db, request.params.slug);
    permit(actor, "post:read-hidden", blog.id);
    const before = placeOf(parse(pageQuery, request.query, "query:").before);
    // Before the rows, so that anything newer is only read twice.
    const { version } = await headOf(db, blog.id, "desk");
    const found = await takedownsOf(db, blog.id, { reader: actor.userId, before, limit: POSTS + 1 });
    const shown = found.slice(0, POSTS);
    const writers = await writersOf(
      db,
      shown.map(({ post }) => post),
    );
    response.send(
      views.page("desk-taken-down", {
        head: deskHead(`Taken down: ${blog.title}`, blog.language),
        ...person(actor, blog),
        slug: blog.slug,
        title: blog.title,
        epoch: context.epoch(blog.id),
        version,
        takedowns: shown.map((takedown) => takedownModel(takedown, blog, actor, writers)),
        next: found.length > POSTS ? addressAfter(shown.at(-1)!) : "",
        latest: before !== null,
      }),
    );
  });

  return router;
}

/** What it said is for those who may read its history, and a deleted draft for its author. */
function takedownModel({ post, at, by, reason }: Takedown, blog: Blog, actor: Actor, writers: Writers) {
  const isErased = post.erased_at !== null;
  const mayKnow = may(actor, "post:revisions", blog.id) === "any";
  const words = !isErased && (mayKnow || isPrivate(post)) ? titleOf(post) || "A picture" : null;
  return {
    id: post.id,
    version: post.version,
    label: isErased ? "Erased" : post.published_at ? "Taken down" : "Deleted",
    at: stamp(at, blog),
    by: by ?? "the server",
    title: words ?? (isErased ? "What it said is gone for good" : "A post"),
    excerpt: words !== null && post.headline ? summaryOf(post) : "",
    reason: mayKnow || isPrivate(post) ? reason : "",
    writer: writers.get(post.created_by ?? "") ?? null,
    restorable: !isErased,
    needs: post.published_at ? "publish" : "write",
    history: mayKnow,
  };
}

/** The page of the list that begins with a post. */
export const addressFrom = (id: string, removedAt: Date): string => `?before=${removedAt.getTime() + 1}-0#post-${id}`;

const addressAfter = ({ post }: Takedown): string => `?before=${post.removed_at!.getTime()}-${post.id}`;

function placeOf(before: string | undefined): TakedownPlace | null {
  if (before === undefined) return null;
  const [at, id] = before.split("-") as [string, string];
  return { at: new Date(Number(at)), id };
}
