import { z } from "zod";
import { findBlog } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import { picturesOf } from "../media/media.ts";
import { listPosts } from "../posts/reading.ts";
import { titleOf } from "../posts/title.ts";
import { renderHeader, renderLastUpdated, renderPost } from "../realtime/changes.ts";
import { parse } from "../reading.ts";
import { placeOf } from "../rendering/models.ts";
import { stamp } from "../rendering/times.ts";
import { rendered } from "../rendering/views.ts";
import { theme } from "./embed-theme.ts";
import { html, type Document, type Page } from "./reader-page.ts";

const whole = (most: number, usual: number) =>
  z
    .string()
    .regex(/^[1-9]\d?$/)
    .transform(Number)
    .pipe(z.number().max(most))
    .default(usual);

/** What the site around a frame may decide of it. */
const embedQuery = z.strictObject({ ...theme, posts: whole(50, 10) });
const latestQuery = z.strictObject({ count: whole(10, 3) });

/** @returns a page that is a 422 where the query says what cannot be */
export const embedPage = (query: URLSearchParams): Page =>
  pageOf({ others: "frames", route: "/blogs/:slug/embed" }, embedQuery, query, renderEmbed);

export const latestPage = (query: URLSearchParams): Page =>
  pageOf({ others: "scripts", route: "/blogs/:slug/latest.json" }, latestQuery, query, latestLines);

function pageOf<T extends z.ZodType>(
  what: Pick<Page, "others" | "route">,
  schema: T,
  query: URLSearchParams,
  render: (context: Context, slug: string, asked: z.output<T>, version: number) => Promise<Document>,
): Page {
  // A repeated key becomes a list, which no schema takes.
  const given = Object.fromEntries([...query.keys()].map((key) => [key, oneOrAll(query.getAll(key))]));
  const asked = schema.safeParse(given);
  return {
    name: `${what.others} ${JSON.stringify(asked.data)}`,
    ...what,
    render: async (context, slug, version) => render(context, slug, parse(schema, given, "query:"), version),
  };
}

const oneOrAll = (values: string[]): string | string[] => (values.length === 1 ? values[0]! : values);

/**
 * A blog's newest posts in a frame on somebody else's page: the same fragments as on its own page, live and whole
 * without JavaScript too; links lead out of the frame.
 * @param version as of renderBlogPage()
 * @throws AppError 404
 */
async function renderEmbed(
  context: Context,
  slug: string,
  { posts: most, ...look }: z.output<typeof embedQuery>,
  version: number,
): Promise<Document> {
  const { db, publicUrl, views } = context;
  const blog = await findBlog(db, slug);
  const live = blog.state === "live";
  const found = await listPosts(db, blog.id, { limit: most + 1 });
  const posts = found.slice(0, most);
  const pictures = await picturesOf(db, posts);
  const text = views.page(
    "embed",
    {
      head: {
        title: blog.title,
        canonical: `${publicUrl}/blogs/${slug}`,
        theme: new URLSearchParams(Object.entries(look).filter(([, value]) => value !== undefined)).toString(),
      },
      slug,
      live,
      most,
      version,
      epoch: context.epoch(blog.id),
      address: `/blogs/${slug}`,
      header: rendered(renderHeader(context, blog)),
      lastUpdated: rendered(await renderLastUpdated(context, blog)),
      posts: posts.map((post) => rendered(renderPost(context, post, blog, pictures))),
      end: found.length > most ? placeOf(posts.at(-1)!) : "",
    },
    { language: blog.language, layout: "embed" },
  );
  return { ...html(text), isFinal: !live };
}

/** The newest posts in a line each, for a front page. @throws AppError 404 */
async function latestLines(
  { db, publicUrl }: Context,
  slug: string,
  { count }: z.output<typeof latestQuery>,
): Promise<Document> {
  const blog = await findBlog(db, slug);
  const address = `${publicUrl}/blogs/${slug}`;
  const posts = await listPosts(db, blog.id, { limit: count });
  const lines = posts.map((post) => {
    const { iso, time, zone } = stamp(post.published_at!, blog);
    return {
      id: post.id,
      title: titleOf(post),
      url: `${address}/posts/${post.id}`,
      publishedAt: iso,
      time: `${time} ${zone}`,
      keyEvent: post.key_event,
      summary: post.summary,
    };
  });
  const { title, state, language } = blog;
  return {
    type: "application/json; charset=utf-8",
    text: JSON.stringify({ blog: { slug, title, state, language, url: address }, posts: lines }),
    isFinal: state === "closed",
  };
}
