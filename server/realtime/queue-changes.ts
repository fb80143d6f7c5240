import type { Context } from "../context.ts";
import { cardsFor, commentsQueued, type Card } from "../moderation/cards.ts";
import { cardModel } from "../rendering/card-model.ts";
import { placeBetween } from "../rendering/models.ts";
import type { Change } from "./protocol.ts";

/** Cards in one batch; a page of the queue is less than more of them. */
const MOST = 400;

/** What changed in the moderators' queues after one version and up to another: the cards, as all moderators see them. */
export async function queueChanges(
  context: Context,
  blogId: string | null,
  after: number,
  upTo: number,
): Promise<Change[] | "document"> {
  const comments = await commentsQueued(context.db, blogId, after, upTo);
  if (comments.length > MOST) return "document";
  const cards = await cardsFor(context.db, comments);
  return cards.map((card) => ({
    target: `card-${card.comment.id}`,
    html: card.comment.deleted_at ? null : renderCard(context, card),
    place: placeBetween(card.comment.created_at, card.comment.id),
  }));
}

export const renderCard = ({ views }: Context, card: Card): string =>
  views.fragment("moderation/card", cardModel(card));
