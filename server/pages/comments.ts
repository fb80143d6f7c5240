import { randomUUID } from "node:crypto";
import express, { Router, type Request, type Response } from "express";
import { z } from "zod";
import { actorOf } from "../auth/actors.ts";
import { permit, type Actor } from "../auth/permissions.ts";
import { findBlog } from "../blogs/blogs.ts";
import { findComment, type CommentRow } from "../comments/comments.ts";
import { handedIn, handIn } from "../comments/handing-in.ts";
import { gateOf } from "../comments/routes.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { AppError, notFound } from "../errors.ts";
import { fingerprintOf, once } from "../idempotency.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { id } from "../input.ts";
import { parse } from "../reading.ts";
import { commentModel } from "../rendering/comment-models.ts";
import { rendered } from "../rendering/views.ts";
import { formModel, waysIn } from "./comment-form.ts";
import { addressOfComment } from "./comment-place.ts";
import { refusalWords } from "./comment-refusals.ts";
import { addressOf } from "./discussion-address.ts";
import { requireOwnForm } from "./forms.ts";
import { saidOf } from "./said.ts";

/** Three bytes of a form for each of a comment. */
const readForm = express.urlencoded({ extended: false, limit: "128kb", inflate: false });

const sent = z.strictObject({
  body: z.string().max(32_000),
  parentId: id.optional(),
  key: z.string().regex(/^[\x21-\x7e]{1,60}$/),
});
type Sent = z.output<typeof sent>;

/** The pages beside the discussion's own: permalinks, and comments by a plain form. */
export function commentPages(context: Context): Router {
  const { auth, config, db, publicUrl, views } = context;
  const router = Router();

  router.get("/blogs/:slug/comments/new", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    const given = request.query.parent;
    const parentId = given === undefined ? undefined : parse(id, given, "query:parent");
    const actor = await actorOf(db, auth, request.headers);
    await show(response, 200, blog, actor, { body: "", ...(parentId ? { parentId } : {}) }, "");
  });

  router.post("/blogs/:slug/comments", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    const blog = await findBlog(db, request.params.slug);
    const given = parse(sent, request.body);
    const actor = await actorOf(db, auth, request.headers);
    try {
      permit(actor, "comment:write", blog.id);
      response.redirect(303, await send(request, blog, actor, given));
    } catch (error) {
      // What was written is given back with every refusal; a failure of ours is answered as any other.
      if (!(error instanceof AppError)) throw error;
      response.set(error.headers);
      await show(response, error.status, blog, actor, given, refusalWords(error));
    }
  });

  // A permalink leads into the page that holds the comment, wherever that is by now.
  router.get("/blogs/:slug/comments/:id", async (request, response) => {
    const blog = await findBlog(db, request.params.slug);
    const row = await commentOf(blog, request.params.id);
    response.set("Cache-Control", "no-cache");
    response.redirect(302, await addressOfComment(db, row));
  });

  return router;

  /** @returns where its author reads what became of it */
  async function send(request: Request, blog: Blog, actor: Actor, given: Sent): Promise<string> {
    const { body, parentId = null, key } = given;
    const said = Buffer.from(JSON.stringify([body, parentId]));
    const identity = {
      actor: actor.userId!,
      route: `FORM /blogs/${blog.slug}/comments`,
      // The page may be the same for many comments: its key and what is said tell a repeat.
      key: `${key} ${fingerprintOf(said).toString("base64url")}`,
      fingerprint: fingerprintOf(said),
    };
    const writer = { actor, blog, address: request.ip ?? null };
    const answer = await handIn(gateOf(context), writer, { body, parentId }, (work) => once(db, identity, work));
    const { id, status } = handedIn(answer);
    const row = await findComment(db, id);
    const options = { said: saidOf(status) };
    return row.face === "none" ? addressOf(blog.slug, options) : addressOfComment(db, row, options);
  }

  async function commentOf(blog: Blog, given: string): Promise<CommentRow> {
    if (!id.safeParse(given).success) throw notFound("comment");
    const row = await findComment(db, given);
    if (row.blog_id !== blog.id) throw notFound("comment");
    return row;
  }

  /** What is answered, if readers see it. */
  async function answered(blog: Blog, parentId: string): Promise<CommentRow | null> {
    const row = await commentOf(blog, parentId).catch((error: unknown) => {
      if (error instanceof AppError && error.status === 404) return null;
      throw error;
    });
    return row?.face === "comment" ? row : null;
  }

  async function show(
    response: Response,
    status: number,
    blog: Blog,
    actor: Actor,
    { body, parentId }: Pick<Sent, "body" | "parentId">,
    problem: string,
  ): Promise<void> {
    const { slug, title, language } = blog;
    const parent = parentId ? await answered(blog, parentId) : null;
    if (parentId && !parent && !problem) throw notFound("comment");
    const ways = actor.userId === null ? waysIn(config, addressOf(slug, {})) : null;
    const fields = { parentId: parentId ?? "", text: body, problem, rows: 8 };
    const form = formModel(slug, randomUUID(), ways, fields);
    response.status(status).set("Cache-Control", "no-store");
    response.send(
      views.page(
        "comment-form",
        {
          head: { title: wordingFor(language).say("discussion.of", { title }), styles: ["css/discussion.css"] },
          slug,
          title,
          parent: parent && commentModel(parent, blog),
          form: rendered(views.fragment("comment-form", form, language)),
        },
        { language },
      ),
    );
  }
}
