import { z } from "zod";
import { auditOf } from "../audit.ts";
import type { Context } from "../context.ts";
import { permit, type Actor } from "../auth/permissions.ts";
import type { Blog, Db, Trx, WhatWeKnow } from "../database.ts";
import { AppError, invalid, type InputError } from "../errors.ts";
import { route, type AnyRoute, type Answer, type Call } from "../http.ts";
import { id, language, limit, line, prose, slug, timeZone } from "../input.ts";
import { newPost, richText } from "../posts/fields.ts";
import { permitNew, writeNew } from "../posts/writing.ts";
import {
  blogAnswerOf,
  closeBlog,
  createBlog,
  editBlog,
  freeBlogSlug,
  listBlogs,
  lockBlog,
  presentBlog,
  reopenBlog,
} from "./blogs.ts";
import {
  findWhatWeKnow,
  lockWhatWeKnow,
  presentWhatWeKnow,
  whatWeKnewBefore,
  writeWhatWeKnow,
  type BoxFields,
} from "./what-we-know.ts";

const fields = {
  title: line(200),
  standfirst: prose(1_000).trim(),
  language,
  timeZone,
};

const newBlog = z.strictObject({
  ...fields,
  slug: slug.optional(),
  standfirst: fields.standfirst.default(""),
  language: fields.language.default("en"),
  timeZone: fields.timeZone.default("UTC"),
  firstPost: newPost.optional(),
});

const blogChanges = z.strictObject(fields).partial();

export const blogAnswer = z.object({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  standfirst: z.string(),
  language: z.string(),
  timeZone: z.string(),
  state: z.enum(["live", "closed"]),
  version: z.int(),
  epoch: z.uuid(),
  postCount: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  closingSummary: z.string().nullable(),
  url: z.string(),
});

const box = z.strictObject({
  title: line(120).default("What we know"),
  body: richText(10_000).refine((body) => body !== "", "empty"),
});

const boxAnswer = z.object({
  title: z.string(),
  body: z.string(),
  version: z.int(),
  updatedAt: z.iso.datetime().nullable(),
});

const boxRevision = z.object({
  version: z.int(),
  at: z.iso.datetime(),
  by: z.string().nullable(),
  title: z.string(),
  body: z.string(),
});

const auditEntry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z.string().nullable(),
  via: z.enum(["session", "token", "command", "system"]),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
});

export function blogRoutes(context: Context): AnyRoute[] {
  const { db, publicUrl } = context;
  const present = (on: Db, blog: Blog) => presentBlog(on, blog, context.epoch(blog.id), publicUrl);
  const answer = async (on: Db, status: 200 | 201, blog: Blog): Promise<Answer> => {
    const body = await present(on, blog);
    // What follows the dot changes with every post, so that a conditional GET is told; If-Match looks at the rest.
    const headers: Record<string, string> = { ETag: `"${blog.revision}.${body.version}"` };
    if (status === 201) headers.Location = `/api/blogs/${blog.slug}`;
    return { status, body, headers };
  };

  return [
    route<{}, { state?: Blog["state"] | undefined; limit: number }>({
      method: "get",
      path: "/api/blogs",
      summary: "List the blogs, running ones first",
      action: "blog:read",
      query: z.strictObject({ state: z.enum(["live", "closed"]).optional(), limit: limit(100, 50) }),
      answers: { 200: z.object({ blogs: z.array(blogAnswer) }) },
      async handle({ query }) {
        const blogs = await listBlogs(db, query.state ?? null, query.limit);
        const answers = blogs.map((blog) =>
          blogAnswerOf(blog, { ...blog, changedAt: blog.changed_at }, context.epoch(blog.id), publicUrl),
        );
        return { status: 200, body: { blogs: answers } };
      },
    }),

    route<{}, {}, z.output<typeof newBlog>>({
      method: "post",
      path: "/api/blogs",
      summary: "Begin a blog",
      action: "blog:create",
      body: newBlog,
      creates: "by-name",
      answers: { 201: blogAnswer },
      handle: ({ body, actor, transact }) =>
        transact(async (trx) => {
          const slug = body.slug ?? (await freeBlogSlug(trx, slugOf(body.title)));
          const blog = await createBlog(trx, actor, slug, body);
          if (body.firstPost) await within("/firstPost", () => writeFirst(trx, actor, blog, body.firstPost!));
          return answer(trx, 201, blog);
        }),
    }),

    route<{ slug: string }>({
      method: "get",
      path: "/api/blogs/:slug",
      summary: "One blog",
      action: "blog:read",
      answers: { 200: blogAnswer },
      handle: ({ blog }) => answer(db, 200, blog),
    }),

    route<{ slug: string }, {}, z.output<typeof blogChanges>>({
      method: "patch",
      path: "/api/blogs/:slug",
      summary: "Change a blog's title, standfirst, language or time zone",
      action: "blog:edit",
      body: blogChanges,
      edits: true,
      answers: { 200: blogAnswer },
      handle: ({ blog, body, actor, transact, requireMatch }) =>
        transact(async (trx) => {
          const before = await lockBlog(trx, blog.id);
          const current = await present(trx, before);
          requireMatch(before.revision, () => current);
          return answer(trx, 200, await editBlog(trx, actor, before, body));
        }),
    }),

    route<{ slug: string }, {}, { summary?: string | undefined }>({
      method: "put",
      path: "/api/blogs/:slug/closure",
      summary: "End the story, perhaps with a summary",
      action: "blog:close",
      body: z.strictObject({ summary: richText(5_000).optional() }),
      answers: { 200: blogAnswer },
      handle: ({ blog, body, actor, transact }) =>
        transact(async (trx) =>
          answer(trx, 200, await closeBlog(trx, actor, await lockBlog(trx, blog.id), body.summary)),
        ),
    }),

    route<{ slug: string }>({
      method: "delete",
      path: "/api/blogs/:slug/closure",
      summary: "Resume the story",
      action: "blog:close",
      answers: { 200: blogAnswer },
      handle: ({ blog, actor, transact }) =>
        transact(async (trx) => answer(trx, 200, await reopenBlog(trx, actor, await lockBlog(trx, blog.id)))),
    }),

    route<{ slug: string }>({
      method: "get",
      path: "/api/blogs/:slug/what-we-know",
      summary: "The standing box on top of the page; empty where there is none",
      action: "blog:read",
      answers: { 200: boxAnswer },
      handle: async ({ blog }) => boxed(await findWhatWeKnow(db, blog.id)),
    }),

    route<{ slug: string }, {}, z.output<typeof box>>({
      method: "put",
      path: "/api/blogs/:slug/what-we-know",
      summary: "Write the standing box on top of the page",
      action: "post:publish",
      body: box,
      edits: true,
      answers: { 200: boxAnswer },
      handle: (call) => writeBox(call, call.body),
    }),

    route<{ slug: string }>({
      method: "delete",
      path: "/api/blogs/:slug/what-we-know",
      summary: "Take the standing box off the page",
      action: "post:publish",
      edits: true,
      answers: { 200: boxAnswer },
      handle: (call) => writeBox(call, null),
    }),

    route<{ slug: string }>({
      method: "get",
      path: "/api/blogs/:slug/what-we-know/revisions",
      summary: "Everything that the standing box ever said, oldest first: who and when",
      action: "desk:follow",
      answers: { 200: z.object({ revisions: z.array(boxRevision) }) },
      handle: async ({ blog }) => ({ status: 200, body: { revisions: await whatWeKnewBefore(db, blog.id) } }),
    }),

    route<{ slug: string }, { limit: number; before?: string | undefined }>({
      method: "get",
      path: "/api/blogs/:slug/audit",
      summary: "Who did what in this blog, newest first",
      action: "audit:read",
      query: z.strictObject({ limit: limit(200, 50), before: id.optional() }),
      answers: {
        200: z.object({ entries: z.array(auditEntry), next: z.string().nullable() }),
      },
      async handle({ blog, query }) {
        const entries = await auditOf(db, blog.id, query.limit, query.before ?? null);
        return { status: 200, body: { entries, next: entries.length === query.limit ? entries.at(-1)!.id : null } };
      },
    }),
  ];
}

const boxed = (row: WhatWeKnow | null): Answer => {
  const body = presentWhatWeKnow(row);
  return { status: 200, body, headers: { ETag: `"${body.version}"` } };
};

/** @param fields null takes it off */
function writeBox<B>(
  { blog, actor, transact, requireMatch }: Call<{ slug: string }, unknown, B>,
  fields: BoxFields | null,
): Promise<Answer> {
  return transact(async (trx) => {
    const before = await lockWhatWeKnow(trx, blog.id);
    requireMatch(before.version, () => presentWhatWeKnow(before));
    return boxed(await writeWhatWeKnow(trx, actor, before, fields));
  });
}

async function writeFirst(trx: Trx, actor: Actor, blog: Blog, given: z.output<typeof newPost>): Promise<void> {
  permit(actor, "post:write", blog.id);
  permitNew(actor, blog, given);
  await writeNew(trx, actor, blog, given);
}

/** What is wrong with a part of the input is told by where that part stands. */
async function within(pointer: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid-input") throw error;
    const errors = error.extra.errors as InputError[];
    throw invalid(
      errors.map((one) => ({ ...one, pointer: pointer + one.pointer })),
      error.message,
    );
  }
}

/** A slug from a title; one in a script without Latin letters gets a date instead. */
function slugOf(title: string): string {
  const words = title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-+|-+$/g, "");
  return (
    words ||
    `blog-${new Date()
      .toISOString()
      .slice(0, 19)
      .replace(/[^0-9]/g, "")}`
  );
}
