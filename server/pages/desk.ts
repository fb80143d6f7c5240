import { Router, type Request } from "express";
import { z } from "zod";
import { actorOf } from "../auth/actors.ts";
import { permit, type Actor } from "../auth/permissions.ts";
import { findBlog } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { authorsOf } from "../desk/overview.ts";
import { id } from "../input.ts";
import { picturesOf } from "../media/media.ts";
import { keyEvents, listPosts, waitingPosts } from "../posts/reading.ts";
import { isPrivate } from "../posts/states.ts";
import { titleOf } from "../posts/title.ts";
import { changesBetween, MAX_BEHIND } from "../realtime/changes.ts";
import { deskPostChanges, renderDeskHeader } from "../realtime/desk-changes.ts";
import { renderDeskPart } from "../realtime/desk-parts.ts";
import type { FollowAnswer } from "../realtime/protocol.ts";
import { parse } from "../reading.ts";
import { stamp } from "../rendering/times.ts";
import { rendered } from "../rendering/views.ts";
import { deskHead, person, staff } from "./desk-frame.ts";
import { deskHome } from "./desk-home.ts";
import { deskTakenDown } from "./desk-taken-down.ts";

/** Published posts that the desk shows at first, and at each "Older posts". */
const POSTS = 60;
/** Milliseconds between two polls of a desk whose sockets fail. */
const POLL_IN_MS = 5_000;

const updatesQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(2_147_483_647),
  epoch: z.string().max(64),
});

/** The newsroom's own pages. They are each person's, so nobody may keep them. */
export function deskPages(context: Context): Router {
  const { db, views } = context;
  const router = Router();
  router.use("/desk", (_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });

  router.use(deskHome(context));
  router.use(deskTakenDown(context));

  router.get("/desk/blogs/:slug", async (request, response) => {
    const actor = await staff(context, request, response);
    if (!actor) return;
    const blog = await deskOf(actor, request.params.slug);
    // Before the rows, so that anything newer is only sent twice.
    const { version } = await headOf(db, blog.id, "desk");
    const [waiting, posts] = await Promise.all([
      waitingPosts(db, blog.id, actor.userId),
      listPosts(db, blog.id, { limit: POSTS + 1 }),
    ]);
    const [shown, pending] = [
      await fragments(blog, posts.slice(0, POSTS), actor),
      await fragments(blog, waiting, actor),
    ];
    response.send(
      views.page("desk-blog", {
        head: deskHead(blog.title, blog.language),
        ...person(actor, blog),
        slug: blog.slug,
        title: blog.title,
        epoch: context.epoch(blog.id),
        version,
        header: rendered(renderDeskHeader(context, blog)),
        parts: await parts(blog),
        overview: rendered(await overview(blog)),
        pending: pending.map(({ html }) => rendered(html!)),
        posts: shown.map(({ html }) => rendered(html!)),
        end: posts.length > POSTS ? posts[POSTS - 1]!.id : "",
      }),
    );
  });

  // The next older posts, with the version that they are at least as new as.
  router.get("/desk/blogs/:slug/posts", async (request, response) => {
    const { actor, blog } = await deskRequest(request);
    const { before } = parse(z.strictObject({ before: id }), request.query, "query:");
    const { version } = await headOf(db, blog.id, "desk");
    const posts = await listPosts(db, blog.id, { before, limit: POSTS + 1 });
    const end = posts.length > POSTS ? posts[POSTS - 1]!.id : "";
    response.json({ version, posts: await fragments(blog, posts.slice(0, POSTS), actor), end });
  });

  // One's own drafts: those that nobody else may read are in no stream.
  router.get("/desk/blogs/:slug/drafts", async (request, response) => {
    const { actor, blog } = await deskRequest(request);
    const { version } = await headOf(db, blog.id, "desk");
    const own = (await waitingPosts(db, blog.id, actor.userId)).filter(isPrivate);
    response.json({ version, posts: await fragments(blog, own, actor) });
  });

  // What follows from many posts, and is too much to render with each of them.
  router.get("/desk/blogs/:slug/overview", async (request, response) => {
    const { blog } = await deskRequest(request);
    response.type("html").send(await overview(blog));
  });

  // The batch without a socket: the same answer as to `follow`.
  router.get("/desk/blogs/:slug/updates", async (request, response) => {
    const { blog } = await deskRequest(request);
    const { after, epoch } = parse(updatesQuery, request.query, "query:");
    response.json({ ...(await updates(blog, epoch, after)), pollInMs: POLL_IN_MS });
  });

  return router;

  async function deskRequest(request: Request): Promise<{ actor: Actor; blog: Blog }> {
    const actor = await actorOf(db, context.auth, request.headers);
    return { actor, blog: await deskOf(actor, String(request.params.slug)) };
  }

  async function deskOf(actor: Actor, slug: string): Promise<Blog> {
    const blog = await findBlog(db, slug);
    permit(actor, "desk:follow", blog.id);
    return blog;
  }

  async function fragments(blog: Blog, posts: Parameters<typeof deskPostChanges>[2], { userId }: Actor) {
    return deskPostChanges(context, blog, posts, await picturesOf(db, posts), userId);
  }

  /** What stands beside the posts, by element id. */
  async function parts(blog: Blog) {
    const names = ["desk-presence", "desk-settings", "desk-claims", "desk-chat"] as const;
    const html = await Promise.all(names.map((name) => renderDeskPart(context, blog, name)));
    return Object.fromEntries(names.map((name, n) => [name.slice("desk-".length), rendered(html[n]!)]));
  }

  async function overview(blog: Blog): Promise<string> {
    const [events, authors] = await Promise.all([keyEvents(db, blog.id), authorsOf(db, blog.id)]);
    return views.fragment("desk/overview", {
      events: events.map((post) => ({
        id: post.id,
        title: titleOf(post),
        isSummary: post.summary,
        published: stamp(post.published_at!, blog),
      })),
      authors: authors.map((author) => ({ ...author, last: stamp(new Date(author.last), blog) })),
    });
  }

  async function updates(blog: Blog, epoch: string, after: number): Promise<FollowAnswer> {
    const now = context.epoch(blog.id);
    const { version } = await headOf(db, blog.id, "desk");
    const refusal = epoch !== now ? "epoch" : after > version ? "future" : version - after > MAX_BEHIND && "behind";
    const changes = refusal
      ? []
      : await changesBetween(context, { kind: "desk", blogId: blog.id, only: null }, after, version);
    const reason = refusal || (changes === "document" && "document");
    if (reason || changes === "document")
      return { ok: false, problem: { code: "resync", reason: reason || "document" } };
    return { ok: true, epoch: now, from: after, to: version, head: version, changes };
  }
}
