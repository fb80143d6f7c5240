import { Router } from "express";
import type { CommentStatus } from "../database.ts";
import type { Context } from "../context.ts";
import { may } from "../auth/permissions.ts";
import { headOf, MODERATION } from "../blogs/streams.ts";
import { cardsFor } from "../moderation/cards.ts";
import { findCommenter, isInForce, type RestrictionRow } from "../moderation/commenters.ts";
import { historyOf } from "../moderation/history.ts";
import { renderCard } from "../realtime/queue-changes.ts";
import { CLOCK, REJECTIONS, restrictionLabel, statusLabel } from "../rendering/card-model.ts";
import { stamp } from "../rendering/times.ts";
import { rendered } from "../rendering/views.ts";
import { blogsOf } from "../moderation/scope.ts";
import { moderationFrame, moderatorOf, MOST_BLOGS, type Moderator } from "./moderation-frame.ts";
import { entryModels } from "./moderation-log.ts";

/** Things that happened to somebody, of which the page tells. */
const HAPPENINGS = 30;

/** Somebody who writes comments, with all that a moderator may know of them. */
export function moderationPeople(context: Context): Router {
  const { db, views } = context;
  const router = Router();

  router.get("/moderation/people/:person", async (request, response) => {
    const moderator = await moderatorOf(context, request, response);
    if (!moderator) return;
    const { actor } = moderator;
    const blogIds = await blogsOf(db, actor, "commenter:read", undefined);
    const { version } = await headOf(db, MODERATION, "moderation");
    const person = await findCommenter(db, request.params.person, blogIds);
    const [cards, happenings] = await Promise.all([
      cardsFor(db, person.comments),
      historyOf(db, { commenterId: person.id, blogIds, order: "newest", limit: HAPPENINGS, after: null }),
    ]);
    const since = stamp(person.since, CLOCK);
    response.send(
      views.page("moderation-person", {
        ...moderationFrame(moderator, "person", person.name),
        streams: streamsOf(moderator).map((one) => ({ ...one, epoch: context.epoch(MODERATION), version })),
        person: { id: person.id, name: person.name, since, isStaff: person.isStaff, sameAddress: person.sameAddress },
        counts: Object.entries(person.counts).map(([status, number]) => ({
          label: statusLabel(status as CommentStatus),
          number,
        })),
        restrictions: person.restrictions.map((row) => restrictionModel(row, moderator)),
        notes: person.notes.map((note) => ({
          ...note,
          by: note.by?.name ?? "A former colleague",
          at: stamp(new Date(note.at), CLOCK),
          isMine: note.by?.id === actor.userId,
        })),
        happenings: await entryModels(db, happenings),
        cards: cards.map((card) => rendered(renderCard(context, card))),
        rejections: REJECTIONS,
      }),
    );
  });

  return router;
}

function streamsOf({ isEverywhere, blogs }: Moderator) {
  if (isEverywhere) return [{ stream: "moderation", updates: "/moderation/updates" }];
  return blogs.slice(0, MOST_BLOGS).map(({ slug }) => ({
    stream: `moderation:${slug}`,
    updates: `/moderation/blogs/${slug}/updates`,
  }));
}

function restrictionModel(row: RestrictionRow, { actor }: Moderator) {
  const ended = row.lifted_at ?? row.acknowledged_at;
  return {
    id: row.id,
    label: restrictionLabel(row.kind),
    where: row.blog_slug === null ? "everywhere" : `in ${row.blog_slug}`,
    until: row.until && stamp(row.until, CLOCK),
    message: row.message,
    by: row.by ?? "A former colleague",
    at: stamp(row.created_at, CLOCK),
    isInForce: isInForce(row),
    ended: row.acknowledged_at
      ? "Read"
      : row.lifted_by_name
        ? `Ended by ${row.lifted_by_name}`
        : row.lifted_at
          ? "Ended"
          : "Over",
    endedAt: ended && stamp(ended, CLOCK),
    mayLift: may(actor, "commenter:restrict", row.blog_id) === "any",
  };
}
