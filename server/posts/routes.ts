import { z } from "zod";
import { permit, type Actor } from "../auth/permissions.ts";
import { eraseComment } from "../comments/promotion.ts";
import type { Context } from "../context.ts";
import type { Blog, Db, Post, PostStatus, Trx } from "../database.ts";
import { requireEmbeds } from "../embeds/embeds.ts";
import { conflict, gone, invalid, notFound } from "../errors.ts";
import { route, type AnyRoute, type Answer, type Call } from "../http.ts";
import { id, limit, slug } from "../input.ts";
import { requirePictures } from "../media/media.ts";
import { problemBody, problemOf, problemSchema } from "../problems.ts";
import { changePost, mayRead, permitOutgoing } from "./changing.ts";
import { erasePost } from "./erasure.ts";
import { bulk, MAX_TAGS, newPost, postChanges, removal, statuses, tag, type Bulk } from "./fields.ts";
import {
  editPost,
  lockPostsOfComments,
  removePost,
  setKeyEvent,
  setPinned,
  setSummary,
  type PostChanges,
} from "./posts.ts";
import { findPost, listPosts } from "./reading.ts";
import { postAnswer, presentPosts, type PostAnswer } from "./present.ts";
import { revisionAnswer, revisionContent, revisionsOf } from "./revisions.ts";
import { isPrivate, secondsFromNow } from "./states.ts";
import { permitNew, resolveAuthors, writeNew } from "./writing.ts";

type Slug = { slug: string };
type PostPath = { slug: string; id: string };
type RevisionPath = PostPath & { version: string };
interface ListQuery {
  limit: number;
  before?: string | undefined;
  after?: string | undefined;
  filter?: "key-events" | undefined;
  status: PostStatus[];
  author?: string | undefined;
  tag?: string | undefined;
}

/** What is put on a post, and taken off it. */
const MARKS = [
  { name: "pin", set: setPinned, put: "Pin a post to the top", delete: "Unpin a post" },
  { name: "key-event", set: setKeyEvent, put: "Mark a post as a key event", delete: "Unmark a key event" },
  { name: "summary", set: setSummary, put: "Mark a post as a summary", delete: "Unmark a summary" },
] as const;

const bulkResult = z.object({
  id: z.string(),
  status: z.int(),
  post: postAnswer.optional(),
  problem: problemSchema.optional(),
});

export function postRoutes({ db, log, pictures, publicUrl }: Context): AnyRoute[] {
  return [
    route<Slug, ListQuery>({
      method: "get",
      path: "/api/blogs/:slug/posts",
      summary: "The published posts, newest first, by cursor; for the desk also drafts, submissions and the rest",
      action: "blog:read",
      query: z
        .strictObject({
          limit: limit(100, 20),
          before: id.optional(),
          after: id.optional(),
          filter: z.enum(["key-events"]).optional(),
          status: statuses,
          author: slug.optional(),
          tag: tag.optional(),
        })
        .refine(({ before, after }) => !(before && after), "one-cursor-only"),
      answers: {
        200: z.object({ posts: z.array(postAnswer), next: z.string().nullable(), previous: z.string().nullable() }),
      },
      async handle({ blog, query, actor }) {
        const { limit, after, filter, ...wanted } = query;
        if (wanted.status.some((status) => status !== "published")) permit(actor, "post:read-hidden", blog.id);
        const more = await listPosts(db, blog.id, {
          ...wanted,
          limit: limit + 1,
          after,
          keyEventsOnly: filter === "key-events",
          reader: actor.userId,
        });
        const full = more.length > limit;
        const posts = after && full ? more.slice(1) : more.slice(0, limit);
        return {
          status: 200,
          body: {
            posts: await presentPosts(db, posts, { blog, publicUrl, viewer: actor }),
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
      handle({ blog, body, actor, transact }) {
        permitNew(actor, blog, body);
        return transact(
          async (trx, key) => answer(trx, 201, await writeNew(trx, actor, blog, body, key), blog, actor),
          (trx, post) => answer(trx, 201, post, blog, actor),
        );
      },
    }),

    route<PostPath>({
      method: "get",
      path: "/api/blogs/:slug/posts/:id",
      summary: "One post",
      action: "blog:read",
      answers: { 200: postAnswer },
      async handle({ blog, actor, params }) {
        return answer(db, 200, await visiblePost(db, actor, blog, params.id), blog, actor);
      },
    }),

    route<PostPath, {}, z.output<typeof postChanges>>({
      method: "patch",
      path: "/api/blogs/:slug/posts/:id",
      summary: "Edit, hand in, schedule, publish, take back, restore, correct or verify a post",
      action: "post:write",
      body: postChanges,
      edits: true,
      answers: { 200: postAnswer },
      handle: (call) =>
        change(call, async (trx, before) => {
          const { blog, body, actor } = call;
          permitOutgoing(actor, blog, before.status, body.status);
          if (before.status === "removed" && before.published_at) permit(actor, "post:publish", blog.id);
          if (body.publishedAt) permit(actor, "post:set-time", blog.id);
          if (body.quote && before.kind !== "quote") throw invalid([{ pointer: "/quote", code: "not-for-this-kind" }]);
          return editPost(trx, actor, before, await changesOf(trx, actor, body));
        }),
    }),

    route<PostPath, {}, z.output<typeof removal>>({
      method: "delete",
      path: "/api/blogs/:slug/posts/:id",
      summary: "Take a post down; with legal, erase what it said from its history too",
      action: "post:write",
      body: removal,
      edits: true,
      answers: { 200: postAnswer },
      async handle(call) {
        const { blog, body, actor } = call;
        const files: string[] = [];
        const answered = await change(call, async (trx, before) => {
          permitOutgoing(actor, blog, before.status);
          if (!body.legal) return removePost(trx, actor, before, body.reason);
          permit(actor, "post:erase", blog.id);
          const erasure = await eraseWithComment(trx, actor, before, body.reason);
          files.push(...erasure.files);
          return erasure.erased;
        });
        // They are shown to nobody as it is, since every post that shows them was removed.
        await pictures
          .remove(files)
          .catch((error: unknown) => log.error({ err: error, files }, "files were not erased"));
        return answered;
      },
    }),

    route<Slug, {}, Bulk>({
      method: "post",
      path: "/api/blogs/:slug/posts/bulk",
      summary: "Do one thing to many posts, each by itself",
      action: "post:write",
      body: bulk,
      answers: { 200: z.object({ results: z.array(bulkResult) }) },
      async handle(call) {
        const { blog, body, actor } = call;
        const results: z.output<typeof bulkResult>[] = [];
        // One after another, each in a transaction of its own, so that no two of them can wait for each other.
        for (const { id, version } of body.posts)
          try {
            const post = await call.transact(async (trx) => {
              const scope = { blog, actor, publicUrl };
              const changed = await changePost(trx, scope, id, [version], (before) => act(trx, actor, before, body));
              return answer(trx, 200, changed, blog, actor);
            });
            results.push({ id, status: 200, post: post.body as PostAnswer });
          } catch (error) {
            const problem = problemOf(error);
            if (problem.status === 500) log.error({ err: error }, "unexpected error in a bulk action");
            results.push({ id, status: problem.status, problem: problemBody(problem) });
          }
        return { status: 200, body: { results } };
      },
    }),

    ...(["put", "delete"] as const).flatMap((method) =>
      MARKS.map(({ name, set, ...summaries }) =>
        route<PostPath>({
          method,
          path: `/api/blogs/:slug/posts/:id/${name}`,
          summary: summaries[method],
          action: "post:publish",
          answers: { 200: postAnswer },
          handle: (call) => change(call, (trx, before) => set(trx, call.actor, before, method === "put")),
        }),
      ),
    ),

    route<PostPath>({
      method: "get",
      path: "/api/blogs/:slug/posts/:id/revisions",
      summary: "Every revision of a post: who, when, and what changed",
      action: "post:revisions",
      answers: { 200: z.object({ revisions: z.array(revisionAnswer) }) },
      async handle({ blog, actor, params }) {
        const post = await findPost(db, blog.id, params.id);
        permitHistory(actor, blog, post);
        return { status: 200, body: { revisions: await revisionsOf(db, post.id) } };
      },
    }),

    route<RevisionPath>({
      method: "post",
      path: "/api/blogs/:slug/posts/:id/revisions/:version/restoration",
      summary: "Let a post say again what an earlier revision said",
      action: "post:write",
      edits: true,
      answers: { 200: postAnswer },
      handle: (call) =>
        change(call, async (trx, before) => {
          const { blog, actor, params } = call;
          permitOutgoing(actor, blog, before.status);
          permitHistory(actor, blog, before);
          const version = Number(params.version);
          const { media, ...content } = await revisionContent(trx, before, version);
          const changes = { ...content, ...(media ? { media: await requirePictures(trx, media) } : {}) };
          return editPost(trx, actor, before, changes, { action: "restore-revision", details: { from: version } });
        }),
    }),
  ];

  /** Locks the post, checks that it is the caller's to change and the version that they saw, changes it, answers. */
  function change<P extends PostPath, Q, B>(
    call: Call<P, Q, B>,
    work: (trx: Trx, before: Post) => Promise<Post>,
  ): Promise<Answer> {
    const { blog, params, actor, matches } = call;
    return call.transact(async (trx) => {
      const scope = { blog, actor, publicUrl };
      const changed = await changePost(trx, scope, params.id, matches, (before) => work(trx, before));
      return answer(trx, 200, changed, blog, actor);
    });
  }

  async function answer(on: Db, status: 200 | 201, post: Post, blog: Blog, viewer: Actor): Promise<Answer> {
    const [body] = (await presentPosts(on, [post], { blog, publicUrl, viewer })) as [PostAnswer];
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

/** The history holds what a removed post said, which is not for those who only hand in. */
function permitHistory(actor: Actor, blog: Blog, post: Post): void {
  if (isPrivate(post) && post.created_by !== actor.userId) throw notFound("post");
  permit(actor, "post:revisions", blog.id, post.status === "removed" ? null : post.created_by);
}

/** A reader's comment that the post shows goes with it, and every other post that shows it. */
async function eraseWithComment(trx: Trx, actor: Actor, before: Post, reason: string): ReturnType<typeof erasePost> {
  const { erased, files } = await erasePost(trx, actor, before, reason);
  if (!before.comment_id) return { erased, files };
  await eraseComment(trx, actor, before.blog_id, before.comment_id);
  for (const post of await lockPostsOfComments(trx, before.blog_id, [before.comment_id]))
    files.push(...(await erasePost(trx, actor, post, reason)).files);
  return { erased, files };
}

async function act(trx: Trx, actor: Actor, before: Post, { action, reason, tag }: Bulk): Promise<Post> {
  permitOutgoing(
    actor,
    { id: before.blog_id },
    before.status,
    action === "tag" || action === "remove" ? null : "published",
  );
  switch (action) {
    case "remove":
      return removePost(trx, actor, before, reason!);
    case "unpublish":
      if (before.status !== "published") throw conflict("not-published", "This post is not published.");
      return editPost(trx, actor, before, { status: "draft" }, { details: reason ? { reason } : {} });
    case "publish":
      return before.status === "published" ? before : editPost(trx, actor, before, { status: "published" });
    case "key-event":
    case "no-key-event":
      return setKeyEvent(trx, actor, before, action === "key-event");
    case "pin":
    case "unpin":
      return setPinned(trx, actor, before, action === "pin");
    case "tag":
      if (before.tags.includes(tag!)) return before;
      if (before.tags.length >= MAX_TAGS) throw invalid([{ pointer: "/tag", code: "too-big" }]);
      return editPost(trx, actor, before, { tags: [...before.tags, tag!] });
  }
}

async function changesOf(trx: Trx, actor: Actor, body: z.output<typeof postChanges>): Promise<PostChanges> {
  const { media, embeds, authors, correction, publishIn, ...fields } = body;
  // A note says what is known of one state; under another it would be false evidence.
  const isNewState = fields.verification !== undefined && fields.verificationNote === undefined;
  return {
    ...fields,
    ...(publishIn ? { publishAt: await secondsFromNow(trx, publishIn) } : {}),
    ...(isNewState ? { verificationNote: null } : {}),
    ...(media ? { media: await requirePictures(trx, media) } : {}),
    ...(embeds ? { embeds: await requireEmbeds(trx, embeds) } : {}),
    ...(authors ? { authors: await resolveAuthors(trx, actor, authors) } : {}),
    ...(correction !== undefined ? { correction: correction?.text ?? null } : {}),
  };
}
