import { FORMER_READER } from "../comments/comments.ts";
import { escape } from "../comments/html.ts";
import type { WordMatch } from "../database.ts";
import type { Card } from "../moderation/cards.ts";
import { placeBetween } from "./models.ts";
import { stamp } from "./times.ts";

/** Moderators work for several newsrooms' clocks at once. */
const CLOCK = { language: "en", time_zone: "UTC" };

const REASONS: Record<string, string> = {
  "banned-word": "Banned word",
  "suspect-word": "Suspect word",
  repeat: "Same words again",
  links: "Links",
  "new-commenter": "New commenter",
  "recent-history": "Often rejected lately",
  "premoderated-person": "Person is always looked at first",
  premoderation: "Blog is looked at first",
  outside: "The newsroom’s own check",
  "check-failed": "A check failed",
};

/** A comment as moderators see it, all of them alike. */
export function cardModel({ comment, queues, ...card }: Card) {
  return {
    id: comment.id,
    version: comment.version,
    status: comment.status,
    place: placeBetween(comment.created_at, comment.id),
    queues: queues.join(" "),
    blog: { slug: comment.blog_slug, title: card.blogTitle },
    url: `/blogs/${comment.blog_slug}/comments/${comment.id}`,
    isVisible: comment.face === "comment",
    author: {
      ...card.author,
      id: comment.author_id,
      name: comment.author_name ?? FORMER_READER,
      isStaff: comment.is_staff,
      since: card.author.since && stamp(card.author.since, CLOCK),
    },
    body: { reduced: marked(comment.body, comment.matches) },
    parent: card.parent && { ...card.parent, name: card.parent.name ?? FORMER_READER },
    reasons: comment.reasons.map((code) => ({ code, label: REASONS[code] ?? code })),
    reports: card.reports.map(({ at, ...report }) => ({ ...report, at: stamp(at, CLOCK) })),
    restrictions: card.restrictions.map(({ id, kind, until, message, blog_id }) => ({
      id,
      kind,
      message,
      isEverywhere: blog_id === null,
      until: until && stamp(until, CLOCK),
    })),
    sameAddress: card.sameAddress,
    featured: comment.featured_at !== null,
    edited: comment.edited_at && stamp(comment.edited_at, CLOCK),
    at: stamp(comment.created_at, CLOCK),
    decided: comment.decided_at && {
      by: card.decidedBy,
      at: stamp(comment.decided_at, CLOCK),
      reasonCode: comment.reason_code,
      reasonText: comment.reason_text,
    },
  };
}

/** Escaped text in which the listed words are marked; matches may overlap. */
function marked(text: string, matches: readonly WordMatch[]): string {
  const parts: string[] = [];
  let end = 0;
  for (const match of matches.toSorted((one, other) => one.start - other.start)) {
    const start = Math.max(match.start, end);
    if (match.end <= start) continue;
    parts.push(
      escape(text.slice(end, start)),
      `<mark class="is-${match.list}">${escape(text.slice(start, match.end))}</mark>`,
    );
    end = match.end;
  }
  parts.push(escape(text.slice(end)));
  return parts
    .join("")
    .split(/\n{2,}/)
    .map((paragraph) => `<p dir="auto">${paragraph.replaceAll("\n", "<br>")}</p>`)
    .join("");
}
