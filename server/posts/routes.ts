import { z } from "zod";
import { may, permit, type Actor } from "../auth/permissions.ts";
import { promotableComment } from "../comments/comments.ts";
import type { Context } from "../context.ts";
import type { Author, Blog, Db, Post, Trx } from "../database.ts";
import { gone, invalid, notFound } from "../errors.ts";
import { route, type AnyRoute, type Answer, type Call } from "../http.ts";
import { id, limit } from "../input.ts";
import { requirePictures } from "../media/media.ts";
import { newPost, postChanges, removal, type GivenAuthors } from "./fields.ts";
import { createPost, editPost, lockPost, removePost, setKeyEvent, setPinned, type PostChanges } from "./posts.ts";
import { findPost, listPosts } from "./reading.ts";
import { postAnswer, presentPosts, type PostAnswer } from "./present.ts";
import { revisionsOf } from "./revisions.ts";

const revision = z.object({
  version: z.int(),
  at: z.iso.datetime(),
  by: z.string().nullable(),
  action: z.string(),
  content: z.record(z.string(), z.unknown()),
  diff: z.array(z.object({ kind: z.enum(["same", "added", "removed"]), text: z.string() })),
});

type Slug = { slug: string };
type PostPath = { slug: string; id: string };

export function postRoutes({ db, publicUrl }: Context): AnyRoute[] {
  return [
    route<
      Slug,
      { limit: number; before?: string | undefined; after?: string | undefined; filter?: "key-events" | undefined }
    >({
      method: "get",
      path: "/api/blogs/:slug/posts",
      summary: "The published posts, newest first, by cursor",
      action: "blog:read",
      query: z
        .strictObject({
          limit: limit(100, 20),
          before: id.optional(),
          after: id.optional(),
          filter: z.enum(["key-events"]).optional(),
        })
        .refine(({ before, after }) => !(before && after), "one-cursor-only"),
      answers: {
        200: z.object({ posts: z.array(postAnswer), next: z.string().nullable(), previous: z.string().nullable() }),
      },
      async handle({ blog, query }) {
        const { limit, before, after, filter } = query;
        const more = await listPosts(db, blog.id, {
          limit: limit + 1,
          ...(before ? { before } : {}),
          ...(after ? { after } : {}),
          keyEventsOnly: filter === "key-events",
        });
        const full = more.length > limit;
        const posts = after && full ? more.slice(1) : more.slice(0, limit);
        return {
          status: 200,
          body: {
            posts: await presentPosts(db, posts, { slug: blog.slug, publicUrl }),
            next: posts.length && (after || full) ? posts.at(-1)!.id : null,
            previous: posts[0]?.id ?? after ?? null,
          },
        };
      },
    }),

    route<Slug, {}, z.output<typeof newPost>>({
      method: "post",
      path: "/api/blogs/:slug/posts",
      summary: "Publish a post, or keep a draft of one",
      action: "post:write",
      body: newPost,
      creates: "by-key",
      answers: { 201: postAnswer },
      async handle({ blog, body, actor, transact }) {
        const { commentId, keyEvent, pinned, kind, ...fields } = body;
        const status = fields.status ?? "published";
        if (status === "published" || keyEvent || pinned) permit(actor, "post:publish", blog.id);
        if (fields.quote && kind !== "quote") throw invalid([{ pointer: "/quote", code: "not-for-this-kind" }]);
        if (commentId && kind !== "comment") throw invalid([{ pointer: "/commentId", code: "not-for-this-kind" }]);
        return transact(async (trx) => {
          const post = await createPost(trx, actor, blog.id, {
            kind,
            status,
            keyEvent,
            pinned,
            headline: fields.headline ?? null,
            body: fields.body ?? "",
            quote: fields.quote ?? null,
            comment: commentId ? await promotableComment(trx, blog.id, commentId) : null,
            media: await requirePictures(trx, fields.media ?? []),
            authors: await resolveAuthors(trx, actor, fields.authors),
            verification: fields.verification ?? null,
            verificationNote: fields.verificationNote ?? null,
            correction: null,
          });
          return answer(trx, 201, post, blog);
        });
      },
    }),

    route<PostPath>({
      method: "get",
      path: "/api/blogs/:slug/posts/:id",
      summary: "One post",
      action: "blog:read",
      answers: { 200: postAnswer },
      async handle({ blog, actor, params }) {
        return answer(db, 200, await visiblePost(db, actor, blog, params.id), blog);
      },
    }),

    route<PostPath, {}, z.output<typeof postChanges>>({
      method: "patch",
      path: "/api/blogs/:slug/posts/:id",
      summary: "Edit, publish, correct or verify a post",
      action: "post:write",
      body: postChanges,
      edits: true,
      answers: { 200: postAnswer },
      handle: (call) =>
        change(call, async (trx, before) => {
          const { blog, body, actor } = call;
          if (before.status === "published" || body.status === "published") permit(actor, "post:publish", blog.id);
          if (before.status === "published" && body.status && body.status !== "published")
            throw invalid(
              [{ pointer: "/status", code: "already-published" }],
              "A published post can be removed, not taken back to a draft.",
            );
          if (body.quote && before.kind !== "quote") throw invalid([{ pointer: "/quote", code: "not-for-this-kind" }]);
          return editPost(trx, actor, before, await changesOf(trx, actor, body));
        }),
    }),

    route<PostPath, {}, z.output<typeof removal>>({
      method: "delete",
      path: "/api/blogs/:slug/posts/:id",
      summary: "Take a post down",
      action: "post:write",
      body: removal,
      edits: true,
      answers: { 200: postAnswer },
      handle: (call) =>
        change(call, (trx, before) => {
          if (before.status === "published") permit(call.actor, "post:publish", call.blog.id);
          return removePost(trx, call.actor, before, call.body.reason);
        }),
    }),

    ...(["put", "delete"] as const).flatMap((method) => [
      route<PostPath>({
        method,
        path: "/api/blogs/:slug/posts/:id/pin",
        summary: method === "put" ? "Pin a post to the top" : "Unpin a post",
        action: "post:publish",
        answers: { 200: postAnswer },
        handle: (call) => change(call, (trx, before) => setPinned(trx, call.actor, before, method === "put")),
      }),
      route<PostPath>({
        method,
        path: "/api/blogs/:slug/posts/:id/key-event",
        summary: method === "put" ? "Mark a post as a key event" : "Unmark a key event",
        action: "post:publish",
        answers: { 200: postAnswer },
        handle: (call) => change(call, (trx, before) => setKeyEvent(trx, call.actor, before, method === "put")),
      }),
    ]),

    route<PostPath>({
      method: "get",
      path: "/api/blogs/:slug/posts/:id/revisions",
      summary: "Every revision of a post: who, when, and what changed",
      action: "post:revisions",
      answers: { 200: z.object({ revisions: z.array(revision) }) },
      async handle({ blog, actor, params }) {
        const post = await findPost(db, blog.id, params.id);
        permit(actor, "post:revisions", blog.id, post.created_by);
        return { status: 200, body: { revisions: await revisionsOf(db, post.id) } };
      },
    }),
  ];

  /** Locks the post, checks that it is the caller's to change and the version that they saw, changes it, answers. */
  function change<Q, B>(call: Call<PostPath, Q, B>, work: (trx: Trx, before: Post) => Promise<Post>): Promise<Answer> {
    const { blog, params, actor } = call;
    return call.transact(async (trx) => {
      const before = await lockPost(trx, blog.id, params.id);
      if (before.status !== "published" && before.status !== "removed" && !mayRead(actor, blog, before))
        throw notFound("post");
      permit(actor, "post:write", blog.id, before.created_by);
      const [current] = await presentPosts(trx, [before], { slug: blog.slug, publicUrl });
      call.requireMatch(before.version, () => current);
      return answer(trx, 200, await work(trx, before), blog);
    });
  }

  async function answer(on: Db, status: 200 | 201, post: Post, blog: Blog): Promise<Answer> {
    const [body] = (await presentPosts(on, [post], { slug: blog.slug, publicUrl })) as [PostAnswer];
    const headers = {
      ETag: `"${post.version}"`,
      ...(status === 201 ? { Location: `/api/blogs/${blog.slug}/posts/${post.id}` } : {}),
    };
    return { status, body, headers };
  }
}

/** What nobody published yet does not exist for those who may not read it; what was removed is gone for them. */
async function visiblePost(db: Db, actor: Actor, blog: Blog, postId: string): Promise<Post> {
  const post = await findPost(db, blog.id, postId);
  if (post.status === "published" || mayRead(actor, blog, post)) return post;
  throw post.status === "removed" && post.published_at ? gone("post") : notFound("post");
}

function mayRead(actor: Actor, blog: Blog, post: Post): boolean {
  const extent = may(actor, "post:read-hidden", blog.id);
  return extent === "any" || (extent === "own" && post.created_by === actor.userId);
}

async function changesOf(trx: Trx, actor: Actor, body: z.output<typeof postChanges>): Promise<PostChanges> {
  const { media, authors, correction, ...fields } = body;
  // A note says what is known of one state; under another it would be false evidence.
  const isNewState = fields.verification !== undefined && fields.verificationNote === undefined;
  return {
    ...fields,
    ...(isNewState ? { verificationNote: null } : {}),
    ...(media ? { media: await requirePictures(trx, media) } : {}),
    ...(authors ? { authors: await resolveAuthors(trx, actor, authors) } : {}),
    ...(correction !== undefined ? { correction: correction?.text ?? null } : {}),
  };
}

/** The byline: accounts by slug, guests by name; without one given, whoever writes. */
async function resolveAuthors(db: Db, actor: Actor, given: GivenAuthors | undefined): Promise<Author[]> {
  if (!given) return actor.userId ? [{ name: actor.name, slug: actor.slug, avatar: null }] : [];
  const slugs = given.flatMap((author) => ("slug" in author ? [author.slug] : []));
  const rows = slugs.length
    ? await db.selectFrom("users").select(["slug", "name", "image"]).where("slug", "in", slugs).execute()
    : [];
  const known = new Map(rows.map((row) => [row.slug, { name: row.name, slug: row.slug, avatar: row.image }]));
  return given.map((author, n) => {
    if ("name" in author) return { name: author.name, slug: null, avatar: null };
    const found = known.get(author.slug);
    if (!found) throw invalid([{ pointer: `/authors/${n}/slug`, code: "unknown-author" }]);
    return found;
  });
}
