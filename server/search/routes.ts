import { z } from "zod";
import type { Context } from "../context.ts";
import { route, type AnyRoute } from "../http.ts";
import { id, limit, line, slug, time } from "../input.ts";
import { markedExcerpt } from "./excerpt.ts";
import { searchBlogs, searchPosts, type FoundPost } from "./search.ts";

const query = z.strictObject({
  q: line(200),
  blog: slug.optional(),
  status: z.enum(["draft", "submitted", "scheduled", "published", "removed"]).optional(),
  author: slug.optional(),
  from: time.optional(),
  to: time.optional(),
  order: z.enum(["newest", "relevance"]).default("newest"),
  limit: limit(50, 20),
  after: id.optional(),
});

const found = z.object({
  id: z.string(),
  blog: z.object({ slug: z.string(), title: z.string() }),
  kind: z.enum(["entry", "quote", "comment"]),
  status: z.enum(["draft", "submitted", "scheduled", "published", "removed"]),
  headline: z.string().nullable(),
  excerpt: z.string(),
  authors: z.array(z.object({ name: z.string(), slug: z.string().nullable(), avatar: z.string().nullable() })),
  publishedAt: z.iso.datetime().nullable(),
  updatedAt: z.iso.datetime(),
  url: z.string(),
});

const answer = z.object({
  blogs: z.array(z.object({ slug: z.string(), title: z.string(), state: z.enum(["live", "closed"]) })),
  posts: z.array(found),
  next: z.string().nullable(),
});

export function searchRoutes({ db, publicUrl }: Context): AnyRoute[] {
  return [
    route<{}, z.output<typeof query>>({
      method: "get",
      path: "/api/search",
      summary: "Posts by their words, in the language of their blog, and blogs by title",
      action: "desk:search",
      somewhere: true,
      blogFromQuery: true,
      query,
      answers: { 200: answer },
      async handle({ actor, blog, query: { q, limit, order, ...given } }) {
        const rows = await searchPosts(db, actor, {
          q,
          order,
          limit: limit + 1,
          blogId: given.blog === undefined ? null : blog.id,
          status: given.status ?? null,
          author: given.author ?? null,
          from: given.from ?? null,
          to: given.to ?? null,
          after: given.after ?? null,
        });
        const posts = rows.slice(0, limit).map((row) => present(row, publicUrl));
        const isFirst = given.after === undefined && given.blog === undefined;
        const blogs = isFirst ? await searchBlogs(db, q, 10) : [];
        return { status: 200, body: { blogs, posts, next: rows.length > limit ? posts.at(-1)!.id : null } };
      },
    }),
  ];
}

const present = (row: FoundPost, publicUrl: string): z.output<typeof found> => ({
  id: row.id,
  blog: { slug: row.blog_slug, title: row.blog_title },
  kind: row.kind,
  status: row.status,
  headline: row.headline,
  excerpt: markedExcerpt(row.excerpt),
  authors: row.authors,
  publishedAt: row.published_at?.toISOString() ?? null,
  updatedAt: row.updated_at.toISOString(),
  url: `${publicUrl}/blogs/${row.blog_slug}/posts/${row.id}`,
});
