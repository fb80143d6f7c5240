import { FORMER_READER } from "../comments/comments.ts";
import { escape } from "../comments/html.ts";
import type { WordMatch } from "../database.ts";
import type { Card } from "../moderation/cards.ts";
import { placeBetween } from "./models.ts";
import { stamp } from "./times.ts";

/** Moderators work for several newsrooms' clocks at once. */
export const CLOCK = { language: "en", time_zone: "UTC" };

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

/** Why moderators reject comments, as they are asked; the digit of each is its place. */
export const REJECTIONS = [
  { code: "offensive", label: "Offensive" },
  { code: "abuse", label: "Abuse or harassment" },
  { code: "hate", label: "Hate speech" },
  { code: "spam", label: "Spam or advertising" },
  { code: "off-topic", label: "Off topic" },
  { code: "personal-data", label: "Personal data" },
  { code: "legal", label: "Against the law" },
  { code: "misinformation", label: "Misinformation" },
  { code: "other", label: "Something else" },
].map((one, n) => ({ ...one, digit: n + 1 }));

const REPORTS: Record<string, string> = {
  offensive: "Offensive",
  abuse: "Abuse",
  hate: "Hate",
  spam: "Spam",
  "off-topic": "Off topic",
  legal: "Against the law",
  "personal-data": "Personal data",
  other: "Something else",
};

const STATUSES = {
  published: "Published unseen",
  approved: "Approved",
  pending: "Waiting",
  held: "Held back",
  rejected: "Rejected",
};

const RESTRICTIONS = { ban: "Banned", suspend: "Suspended", warn: "Warned", premoderate: "Always looked at first" };

/** What is said of a rejection, by the code that it was given. */
export const rejectionLabel = (code: string): string =>
  code === "banned"
    ? "Its author was banned"
    : (REJECTIONS.find((one) => one.code === code)?.label ??
      code.replace(/^./, (first) => first.toUpperCase()).replaceAll("-", " "));

export const reasonLabel = (code: string): string =>
  REASONS[code] ?? code.replace(/^outside:/, "The newsroom’s own check: ");
export const statusLabel = (status: keyof typeof STATUSES): string => STATUSES[status];
export const restrictionLabel = (kind: keyof typeof RESTRICTIONS): string => RESTRICTIONS[kind];
export const reportLabel = (code: string): string => REPORTS[code] ?? code;

/** A comment as moderators see it, all of them alike. */
export function cardModel({ comment, queues, ...card }: Card) {
  return {
    id: comment.id,
    version: comment.version,
    status: comment.status,
    statusLabel: STATUSES[comment.status],
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
    reasons: comment.reasons.map((code) => ({ code, label: reasonLabel(code) })),
    reports: card.reports.map(({ at, reason, ...report }) => ({
      ...report,
      label: reportLabel(reason),
      at: stamp(at, CLOCK),
    })),
    restrictions: card.restrictions.map(({ id, kind, until, message, blog_id }) => ({
      id,
      label: RESTRICTIONS[kind],
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
      byId: comment.decided_by,
      word: comment.status === "rejected" ? "Rejected" : "Approved",
      at: stamp(comment.decided_at, CLOCK),
      reason: comment.reason_code && rejectionLabel(comment.reason_code),
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
