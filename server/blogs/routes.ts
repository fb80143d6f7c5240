import { z } from "zod";
import { auditOf } from "../audit.ts";
import type { Context } from "../context.ts";
import type { Blog, Db } from "../database.ts";
import { route, type AnyRoute, type Answer } from "../http.ts";
import { id, language, limit, line, prose, slug, timeZone } from "../input.ts";
import {
  blogAnswerOf,
  createBlog,
  editBlog,
  freeBlogSlug,
  listBlogs,
  lockBlog,
  presentBlog,
  setClosed,
} from "./blogs.ts";

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
  url: z.string(),
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
          return answer(trx, 201, await createBlog(trx, actor, slug, body));
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

    ...(["put", "delete"] as const).map((method) =>
      route<{ slug: string }>({
        method,
        path: "/api/blogs/:slug/closure",
        summary: method === "put" ? "End the story" : "Resume the story",
        action: "blog:close",
        answers: { 200: blogAnswer },
        handle: ({ blog, actor, transact }) =>
          transact(async (trx) =>
            answer(trx, 200, await setClosed(trx, actor, await lockBlog(trx, blog.id), method === "put")),
          ),
      }),
    ),

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
