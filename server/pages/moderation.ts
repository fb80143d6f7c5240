import { Router } from "express";
import { z } from "zod";
import { permit, type Actor } from "../auth/permissions.ts";
import { findBlog } from "../blogs/blogs.ts";
import { headOf, MODERATION } from "../blogs/streams.ts";
import { findComment, type CommentRow } from "../comments/comments.ts";
import { requireCursor } from "../comments/lists.ts";
import type { Context } from "../context.ts";
import { id, slug } from "../input.ts";
import { notFound } from "../errors.ts";
import { cardsFor } from "../moderation/cards.ts";
import { historyOf } from "../moderation/history.ts";
import { countQueues, queued, QUEUES, type Queue } from "../moderation/queues.ts";
import { changesBetween, MAX_BEHIND } from "../realtime/changes.ts";
import type { Change, FollowAnswer } from "../realtime/protocol.ts";
import { renderCard } from "../realtime/queue-changes.ts";
import { parse } from "../reading.ts";
import { CLOCK, REJECTIONS } from "../rendering/card-model.ts";
import { placeBetween } from "../rendering/models.ts";
import { stamp } from "../rendering/times.ts";
import { rendered } from "../rendering/views.ts";
import { askingModerator, moderationFrame, moderatorOf, MOST_BLOGS, type Moderator } from "./moderation-frame.ts";
import { entryModels, moderationLog } from "./moderation-log.ts";
import { moderationOverview } from "./moderation-overview.ts";
import { moderationPeople } from "./moderation-people.ts";
import { moderationSettings } from "./moderation-settings.ts";
import { moderationWords } from "./moderation-words.ts";

/** Cards that are shown at first, and at each "More". */
const CARDS = 40;
/** Milliseconds between two polls of a page whose sockets fail. */
const POLL_IN_MS = 5_000;

const LABELS: Record<Queue, string> = {
  pending: "Pending",
  reported: "Reported",
  unmoderated: "Unmoderated",
  approved: "Approved",
  rejected: "Rejected",
};
const NOTHING: Record<Queue, string> = {
  pending: "Nothing waits. New comments that have to be looked at come here by themselves.",
  reported: "Nothing is reported.",
  unmoderated: "Every comment was looked at.",
  approved: "Nothing was approved here yet.",
  rejected: "Nothing was rejected here yet.",
};

/** What nobody can make sense of is left out: these addresses are typed, kept and shared. */
const queueQuery = z.object({
  queue: z.enum(QUEUES).catch("pending"),
  order: z.enum(["oldest", "newest"]).catch("oldest"),
  blog: z
    .union([slug.transform((one) => [one]), z.array(slug).max(50)])
    .optional()
    .catch(() => undefined),
});
type QueueQuery = z.output<typeof queueQuery>;

const moreQuery = queueQuery.extend({ after: id });
const updatesQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(2_147_483_647),
  epoch: z.string().max(64),
});

/** The moderators' own pages. They are each person's, so nobody may keep them. */
export function moderationPages(context: Context): Router {
  const { db, views } = context;
  const router = Router();
  router.use("/moderation", (_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  router.use(moderationPeople(context));
  router.use(moderationWords(context));
  router.use(moderationSettings(context));
  router.use(moderationOverview(context));
  router.use(moderationLog(context));

  router.get("/moderation", async (request, response) => {
    const moderator = await moderatorOf(context, request, response);
    if (!moderator) return;
    const query = parse(queueQuery, request.query, "query:");
    const { blogIds, slugs } = shownBlogs(moderator, query);
    // Before the rows, so that anything newer is only sent twice.
    const { version } = await headOf(db, MODERATION, "moderation");
    const [counts, comments] = await Promise.all([
      countQueues(db, blogIds),
      queued(db, query.queue, blogIds, { order: query.order, limit: CARDS + 1, after: null }),
    ]);
    const shown = await cards(comments.slice(0, CARDS));
    response.send(
      views.page("moderation", {
        ...moderationFrame(moderator, "queues", LABELS[query.queue]),
        queue: query.queue,
        order: query.order,
        slugs: slugs.join(" "),
        streams: streamsOf(moderator, slugs),
        epoch: context.epoch(MODERATION),
        version,
        queues: QUEUES.map((name) => ({
          name,
          label: LABELS[name],
          address: addressOf({ ...query, queue: name }),
          size: counts[name],
          current: name === query.queue,
        })),
        orders: [
          { value: "oldest", label: "Oldest first", chosen: query.order === "oldest" },
          { value: "newest", label: "Newest first", chosen: query.order === "newest" },
        ],
        choices: moderator.blogs.map(({ slug, title }) => ({ slug, title, chosen: slugs.includes(slug) })),
        chosenCount: slugs.length,
        narrowed: slugs.length > 0 && slugs.length < moderator.blogs.length,
        nothing: NOTHING[query.queue],
        rejections: REJECTIONS,
        cards: shown.map(({ html }) => rendered(html!)),
        end: comments.length > CARDS ? comments[CARDS - 1]!.id : "",
      }),
    );
  });

  // The next cards, with the version that they are at least as new as.
  router.get("/moderation/cards", async (request, response) => {
    const moderator = await askingModerator(context, request);
    const query = parse(moreQuery, request.query, "query:");
    const { blogIds } = shownBlogs(moderator, query);
    await requireCursor(db, null, query.after);
    const { version } = await headOf(db, MODERATION, "moderation");
    const { order, after } = query;
    const comments = await queued(db, query.queue, blogIds, { order, limit: CARDS + 1, after });
    const end = comments.length > CARDS ? comments[CARDS - 1]!.id : "";
    response.json({ version, cards: await cards(comments.slice(0, CARDS)), end });
  });

  // One card as it is now.
  router.get("/moderation/cards/:id", async (request, response) => {
    const { actor } = await askingModerator(context, request);
    const [card] = await cards([await moderated(actor, request.params.id)]);
    response.json(card);
  });

  // What happened to a comment, and what it said at each time.
  router.get("/moderation/cards/:id/history", async (request, response) => {
    const { actor } = await askingModerator(context, request);
    const { id: commentId } = await moderated(actor, request.params.id);
    const [entries, revisions] = await Promise.all([
      historyOf(db, { commentId, order: "oldest", limit: 1_000, after: null }),
      db.selectFrom("comment_revisions").selectAll().where("comment_id", "=", commentId).orderBy("number").execute(),
    ]);
    const model = {
      entries: await entryModels(db, entries),
      revisions: revisions.map(({ body, at }) => ({ body, at: stamp(at, CLOCK) })),
      isChanged: revisions.length > 1,
    };
    response.type("html").send(views.fragment("moderation/history", model));
  });

  // The batches without a socket: the same answers as to `follow`.
  router.get("/moderation/updates", async (request, response) => {
    const { actor } = await askingModerator(context, request);
    permit(actor, "comment:decide", null);
    const { after, epoch } = parse(updatesQuery, request.query, "query:");
    response.json({ ...(await updates(null, epoch, after)), pollInMs: POLL_IN_MS });
  });

  router.get("/moderation/blogs/:slug/updates", async (request, response) => {
    const { actor } = await askingModerator(context, request);
    const blog = await findBlog(db, request.params.slug);
    permit(actor, "comment:decide", blog.id);
    const { after, epoch } = parse(updatesQuery, request.query, "query:");
    response.json({ ...(await updates(blog.id, epoch, after)), pollInMs: POLL_IN_MS });
  });

  return router;

  async function moderated(actor: Actor, given: string): Promise<CommentRow> {
    const known = id.safeParse(given);
    if (!known.success) throw notFound("comment");
    const comment = await findComment(db, known.data);
    permit(actor, "comment:decide", comment.blog_id);
    return comment;
  }

  async function cards(comments: readonly CommentRow[]): Promise<Change[]> {
    const found = await cardsFor(db, comments);
    return found.map((card) => ({
      target: `card-${card.comment.id}`,
      html: card.comment.deleted_at ? null : renderCard(context, card),
      place: placeBetween(card.comment.created_at, card.comment.id),
    }));
  }

  async function updates(only: string | null, epoch: string, after: number): Promise<FollowAnswer> {
    const now = context.epoch(MODERATION);
    const { version } = await headOf(db, MODERATION, "moderation");
    const refusal = epoch !== now ? "epoch" : after > version ? "future" : version - after > MAX_BEHIND && "behind";
    const subject = { kind: "moderation", blogId: MODERATION, only } as const;
    const changes = refusal ? [] : await changesBetween(context, subject, after, version);
    const reason = refusal || (changes === "document" && "document");
    if (reason || changes === "document")
      return { ok: false, problem: { code: "resync", reason: reason || "document" } };
    return { ok: true, epoch: now, from: after, to: version, head: version, changes };
  }
}

/** The blogs that are chosen, as far as they are the moderator's; for one of single blogs at most as many as are followed. */
function shownBlogs(
  { isEverywhere, blogs }: Moderator,
  { blog: wanted }: QueueQuery,
): { blogIds: string[] | null; slugs: string[] } {
  const chosen = wanted && blogs.filter(({ slug }) => wanted.includes(slug));
  if (isEverywhere && !chosen?.length) return { blogIds: null, slugs: [] };
  const shown = chosen?.length ? chosen : blogs;
  const followed = isEverywhere ? shown : shown.slice(0, MOST_BLOGS);
  return { blogIds: followed.map(({ id }) => id), slugs: followed.map(({ slug }) => slug) };
}

function streamsOf({ isEverywhere }: Moderator, slugs: readonly string[]) {
  const all = { stream: "moderation", updates: "/moderation/updates" };
  if (isEverywhere) return [all];
  return slugs.map((slug) => ({ stream: `moderation:${slug}`, updates: `/moderation/blogs/${slug}/updates` }));
}

function addressOf({ queue, order, blog = [] }: QueueQuery): string {
  const query = new URLSearchParams({ queue, ...(order === "newest" ? { order } : {}) });
  for (const slug of blog) query.append("blog", slug);
  return `/moderation?${query}`;
}
