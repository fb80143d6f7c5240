import { Router } from "express";
import { sql } from "kysely";
import { z } from "zod";
import { may, permit, SOMEWHERE, type Actor } from "../auth/permissions.ts";
import { listBlogs } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Db, PostStatus } from "../database.ts";
import { id, line, slug } from "../input.ts";
import { newsroom } from "../members/members.ts";
import { parse } from "../reading.ts";
import { stamp } from "../rendering/times.ts";
import { rendered } from "../rendering/views.ts";
import { markedExcerpt } from "../search/excerpt.ts";
import { searchBlogs, searchPosts, type FoundPost } from "../search/search.ts";
import { deskHead, person, staff } from "./desk-frame.ts";
import { addressFrom } from "./desk-taken-down.ts";

/** Posts that a search shows at once. */
const FOUND = 30;

const SHOWS = { all: "All", live: "Live", closed: "Closed", mine: "Mine" } as const;
type Show = keyof typeof SHOWS;

const STATUSES: Record<PostStatus, string> = {
  published: "Published",
  draft: "Draft",
  submitted: "Waiting for approval",
  scheduled: "Scheduled",
  removed: "Taken down",
};

const day = z.iso
  .date()
  .optional()
  .catch(() => undefined);

/** What nobody can make sense of is left out: these addresses are typed, kept and shared. */
const homeQuery = z.object({
  show: z.enum(["all", "live", "closed", "mine"]).catch("all"),
  q: line(200).catch(""),
  status: z
    .enum(["draft", "submitted", "scheduled", "published", "removed"])
    .optional()
    .catch(() => undefined),
  author: slug.optional().catch(() => undefined),
  blog: slug.optional().catch(() => undefined),
  from: day,
  to: day,
  after: id.optional().catch(() => undefined),
});
type HomeQuery = z.output<typeof homeQuery>;

/** The blogs that somebody works on, a search over all of them, and the page where one begins. */
export function deskHome(context: Context): Router {
  const { db, views } = context;
  const router = Router();

  router.get("/desk", async (request, response) => {
    const actor = await staff(context, request, response);
    if (!actor) return;
    permit(actor, "desk:follow", SOMEWHERE);
    const query = parse(homeQuery, request.query, "query:");
    const all = (await listBlogs(db, null, 200)).filter(({ id }) => may(actor, "desk:follow", id) === "any");
    const own = await blogsOf(db, actor);
    const shown: Record<Show, typeof all> = {
      all,
      live: all.filter(({ state }) => state === "live"),
      closed: all.filter(({ state }) => state === "closed"),
      mine: all.filter(({ id }) => own.has(id)),
    };
    response.send(
      views.page("desk", {
        head: deskHead("Desk"),
        ...person(actor, null),
        query: { ...query, from: query.from ?? "", to: query.to ?? "" },
        narrowed: [query.status, query.author, query.blog, query.from, query.to].some(Boolean),
        filters: Object.entries(SHOWS).map(([name, label]) => ({
          label,
          address: `/desk${name === "all" ? "" : `?show=${name}`}`,
          blogCount: shown[name as Show].length,
          current: name === query.show,
        })),
        blogs: shown[query.show].map((blog) => ({
          url: `/desk/blogs/${blog.slug}`,
          title: blog.title,
          live: blog.state === "live",
          posts: blog.visible,
          updated: stamp(blog.changed_at, blog),
        })),
        statuses: choices(Object.entries(STATUSES), query.status),
        authors: choices(
          (await newsroom(db)).map(({ name, slug }) => [slug, name]),
          query.author,
        ),
        inBlogs: choices(
          all.map(({ slug, title }) => [slug, title]),
          query.blog,
        ),
        found: query.q ? await found(actor, query) : null,
      }),
    );
  });

  router.get("/desk/new", async (request, response) => {
    const actor = await staff(context, request, response);
    if (!actor) return;
    permit(actor, "blog:create", null);
    response.send(views.page("desk-new", { head: deskHead("A new blog"), ...person(actor, null) }));
  });

  return router;

  async function found(actor: Actor, query: HomeQuery) {
    const { q, status, author, blog, from, to, after } = query;
    const place =
      blog === undefined
        ? undefined
        : await db.selectFrom("blogs").select("id").where("slug", "=", blog).executeTakeFirst();
    const rows = await searchPosts(db, actor, {
      q,
      blogId: place?.id ?? null,
      status: status ?? null,
      author: author ?? null,
      from: from === undefined ? null : new Date(`${from}T00:00:00Z`),
      to: to === undefined ? null : new Date(`${to}T23:59:59.999Z`),
      order: "newest",
      limit: FOUND + 1,
      after: after ?? null,
    });
    const shown = rows.slice(0, FOUND);
    const blogs = after === undefined && blog === undefined ? await searchBlogs(db, q, 10) : [];
    const desks = await desksOf(actor, [...shown.map((row) => row.blog_slug), ...blogs.map((one) => one.slug)]);
    return {
      blogs: blogs.map((one) => ({
        ...one,
        live: one.state === "live",
        url: desks.has(one.slug) ? `/desk/blogs/${one.slug}` : `/blogs/${one.slug}`,
      })),
      posts: shown.map((row) => foundPost(row, desks)),
      nothing: shown.length === 0 && blogs.length === 0,
      next: rows.length > FOUND ? addressOf({ ...query, after: shown.at(-1)!.id }) : "",
    };
  }

  /** Slugs of the blogs among these in which somebody works. */
  async function desksOf(actor: Actor, slugs: string[]): Promise<Set<string>> {
    if (!slugs.length) return new Set();
    const rows = await db.selectFrom("blogs").select(["id", "slug"]).where("slug", "in", slugs).execute();
    return new Set(rows.filter((row) => may(actor, "desk:follow", row.id) === "any").map((row) => row.slug));
  }
}

/**
 * Where it leads: to its place on the desk, or among what was taken down; for those who do not work there, to what
 * readers see.
 */
function foundPost(row: FoundPost, desks: Set<string>) {
  const at = row.published_at ?? row.updated_at;
  const onDesk = desks.has(row.blog_slug);
  const desk = `/desk/blogs/${row.blog_slug}`;
  const shown = onDesk ? `${desk}#post-${row.id}` : `/blogs/${row.blog_slug}/posts/${row.id}`;
  // Nothing changes a post after that.
  const removed = onDesk ? `${desk}/taken-down${addressFrom(row.id, row.updated_at)}` : "";
  return {
    headline: row.headline ?? "",
    excerpt: rendered(markedExcerpt(row.excerpt)),
    url: row.status === "removed" ? removed : shown,
    blog: row.blog_title,
    status: row.status,
    statusLabel: STATUSES[row.status],
    authors: row.authors.map(({ name }) => name).join(", "),
    at: stamp(at, { language: "en", time_zone: "UTC" }),
  };
}

const choices = (all: [value: string, label: string][], chosen: string | undefined) =>
  all.map(([value, label]) => ({ value, label, chosen: value === chosen }));

function addressOf(query: HomeQuery): string {
  const given = Object.entries(query).filter(([name, value]) => value && !(name === "show" && value === "all"));
  return `/desk?${new URLSearchParams(given).toString()}`;
}

/** Ids of the blogs that somebody began, writes in, answers for, or holds a role of its own in. */
async function blogsOf(db: Db, { userId, grants }: Actor): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from blogs where created_by = ${userId}
    union select distinct blog_id from posts where created_by = ${userId}
    union select blog_id from (select distinct on (blog_id) blog_id, user_id from duties order by blog_id, id desc) as duty
      where user_id = ${userId}`.execute(db);
  return new Set([...rows.map((row) => row.id), ...grants.flatMap(({ blogId }) => blogId ?? [])]);
}
