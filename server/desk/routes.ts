import { z } from "zod";
import { permit } from "../auth/permissions.ts";
import { lockBlog } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { id, limit, optionalLine, prose, slug, text } from "../input.ts";
import { findPerson, isOfDesk } from "../members/members.ts";
import { summaryOf } from "../posts/title.ts";
import { locationOf, messagesOf, RECENT_MESSAGES, say, takeBack, type MessageRow } from "./chat.ts";
import { openClaims } from "./claims.ts";
import { dutyOf, handOver, onDuty } from "./duty.ts";
import { authorsOf, postsSince, tagsOf } from "./overview.ts";
import { appear, isStillThere, leave, presentAt } from "./presence.ts";
import { readershipOf, readersNow } from "./readership.ts";

type Slug = { slug: string };

const tab = z.string().regex(/^[\w-]{8,64}$/);
const presence = z.strictObject({ tab, editing: id.nullable() });
const message = z.strictObject({ body: text(2_000) });
const newDuty = z.strictObject({ slug: slug.nullable(), note: prose(1_000).trim().default("") });

const messageAnswer = z.object({
  id: z.string(),
  author: z.object({ name: z.string(), slug: z.string() }).nullable(),
  body: z.string(),
  at: z.iso.datetime(),
});

const person = z.object({ name: z.string(), slug: z.string() });
const presenceAnswer = z.object({ people: z.array(person.extend({ editing: z.array(z.string()) })) });

const claim = z.object({
  id: z.string(),
  headline: z.string().nullable(),
  summary: z.string(),
  verification: z.enum(["unverified", "partly-verified", "disputed"]),
  verificationNote: z.string().nullable(),
  since: z.iso.datetime(),
  publishedAt: z.iso.datetime(),
  version: z.int(),
});

const dutyAnswer = z.object({
  onDuty: person.nullable(),
  note: z.string(),
  by: z.string().nullable(),
  at: z.iso.datetime().nullable(),
});

const readershipAnswer = z.object({
  now: z.int(),
  points: z.array(z.object({ at: z.iso.datetime(), readers: z.int() })),
  posts: z.array(z.object({ id: z.string(), at: z.iso.datetime(), title: z.string() })),
});

const authorCount = z.object({
  name: z.string(),
  slug: z.string().nullable(),
  posts: z.int(),
  last: z.iso.datetime(),
});

/** What the colleagues on one desk share: their talk, who is there, what is still to be confirmed, who reads. */
export function deskRoutes({ db }: Context): AnyRoute[] {
  return [
    route<Slug, { limit: number; before?: string | undefined }>({
      method: "get",
      path: "/api/blogs/:slug/desk-messages",
      summary: "What colleagues say to each other, newest first",
      action: "desk:follow",
      query: z.strictObject({ limit: limit(RECENT_MESSAGES, RECENT_MESSAGES), before: id.optional() }),
      answers: { 200: z.object({ messages: z.array(messageAnswer), next: z.string().nullable() }) },
      async handle({ blog, query }) {
        const rows = await messagesOf(db, blog.id, query.limit + 1, query.before ?? null);
        const messages = rows.slice(0, query.limit).map(presentMessage);
        return { status: 200, body: { messages, next: rows.length > query.limit ? messages.at(-1)!.id : null } };
      },
    }),

    route<Slug, {}, z.output<typeof message>>({
      method: "post",
      path: "/api/blogs/:slug/desk-messages",
      summary: "Say something to the colleagues on this desk",
      action: "desk:talk",
      body: message,
      creates: "by-key",
      answers: { 201: messageAnswer },
      handle: ({ blog, body, actor, transact }) =>
        transact(async (trx) => {
          const said = await say(trx, actor, blog.id, body.body);
          return { status: 201, body: presentMessage(said), headers: { Location: locationOf(blog.slug, said.id) } };
        }),
    }),

    route<{ slug: string; id: string }>({
      method: "delete",
      path: "/api/blogs/:slug/desk-messages/:id",
      summary: "Take back what one said oneself, for ten minutes",
      action: "desk:talk",
      answers: { 204: null },
      handle: ({ blog, params, actor, transact }) =>
        transact(async (trx) => {
          await takeBack(trx, actor, blog, params.id);
          return { status: 204 };
        }),
    }),

    route<Slug>({
      method: "get",
      path: "/api/blogs/:slug/presence",
      summary: "Who is on this desk, and which posts they are changing",
      action: "desk:follow",
      answers: { 200: presenceAnswer },
      handle: async ({ blog }) => ({ status: 200, body: { people: await presentAt(db, blog.id) } }),
    }),

    route<Slug, {}, z.output<typeof presence>>({
      method: "put",
      path: "/api/blogs/:slug/presence",
      summary: "Say that this browser tab is on the desk, and which post is changed in it; every 20 seconds",
      action: "desk:talk",
      body: presence,
      answers: { 204: null },
      async handle({ blog, body, actor, transact }) {
        if (await isStillThere(db, actor, blog.id, body)) return { status: 204 };
        return transact(async (trx) => {
          await appear(trx, actor, blog.id, body);
          return { status: 204 };
        });
      },
    }),

    route<Slug, {}, { tab: string }>({
      method: "delete",
      path: "/api/blogs/:slug/presence",
      summary: "Say that this browser tab leaves the desk",
      action: "desk:talk",
      body: z.strictObject({ tab }),
      answers: { 204: null },
      handle: ({ blog, body, actor, transact }) =>
        transact(async (trx) => {
          await leave(trx, actor, blog.id, body.tab);
          return { status: 204 };
        }),
    }),

    route<Slug>({
      method: "get",
      path: "/api/blogs/:slug/claims",
      summary: "Published posts that say what nobody confirmed yet, those that wait longest first",
      action: "desk:follow",
      answers: { 200: z.object({ claims: z.array(claim) }) },
      async handle({ blog }) {
        const claims = (await openClaims(db, blog.id)).map((post) => ({
          id: post.id,
          headline: post.headline,
          summary: summaryOf(post),
          verification: post.verification,
          verificationNote: post.verification_note,
          since: post.claim_since.toISOString(),
          publishedAt: post.published_at!.toISOString(),
          version: post.version,
        }));
        return { status: 200, body: { claims } };
      },
    }),

    route<Slug>({
      method: "get",
      path: "/api/blogs/:slug/duty",
      summary: "Who is on duty for this blog, and what the one before left to know",
      action: "desk:follow",
      answers: { 200: dutyAnswer },
      handle: async ({ blog }) => ({ status: 200, body: await dutyOf(db, blog.id) }),
    }),

    route<Slug, {}, z.output<typeof newDuty>>({
      method: "put",
      path: "/api/blogs/:slug/duty",
      summary: "Hand the blog over to a colleague",
      action: "blog:hand-over",
      body: newDuty,
      answers: { 200: dutyAnswer },
      handle: ({ blog, body, actor, transact }) =>
        transact(async (trx) => {
          await lockBlog(trx, blog.id);
          permit(actor, "blog:hand-over", blog.id, await onDuty(trx, blog.id));
          const next = body.slug === null ? null : await findPerson(trx, body.slug);
          if (next && !(await isOfDesk(trx, blog.id, next.id)))
            throw invalid([{ pointer: "/slug", code: "not-of-this-desk" }]);
          await handOver(trx, actor, blog.id, next?.id ?? null, body.note);
          return { status: 200, body: await dutyOf(trx, blog.id) };
        }),
    }),

    route<Slug, { hours: number }>({
      method: "get",
      path: "/api/blogs/:slug/readership",
      summary: "How many read this blog now and in each minute of the last hours, and what was posted meanwhile",
      action: "desk:follow",
      query: z.strictObject({ hours: limit(48, 6) }),
      answers: { 200: readershipAnswer },
      async handle({ blog, query }) {
        const [now, points, posts] = await Promise.all([
          readersNow(db, [blog.id]),
          readershipOf(db, blog.id, query.hours),
          postsSince(db, blog.id, query.hours),
        ]);
        return { status: 200, body: { now: now.get(blog.id) ?? 0, points, posts } };
      },
    }),

    route<Slug>({
      method: "get",
      path: "/api/blogs/:slug/authors",
      summary: "Whose names stand under how many published posts",
      action: "desk:follow",
      answers: { 200: z.object({ authors: z.array(authorCount) }) },
      handle: async ({ blog }) => ({ status: 200, body: { authors: await authorsOf(db, blog.id) } }),
    }),

    route<Slug, { q: string; limit: number }>({
      method: "get",
      path: "/api/blogs/:slug/tags",
      summary: "The tags in use that begin with some letters, most used first",
      action: "desk:follow",
      query: z.strictObject({ q: optionalLine(40).default(""), limit: limit(50, 10) }),
      answers: { 200: z.object({ tags: z.array(z.object({ tag: z.string(), posts: z.int() })) }) },
      handle: async ({ blog, query }) => ({
        status: 200,
        body: { tags: await tagsOf(db, blog.id, query.q, query.limit) },
      }),
    }),
  ];
}

const presentMessage = (row: MessageRow): z.output<typeof messageAnswer> => ({
  id: row.id,
  author:
    row.author_name !== null && row.author_slug !== null ? { name: row.author_name, slug: row.author_slug } : null,
  body: row.body,
  at: row.created_at.toISOString(),
});
