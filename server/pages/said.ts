import type { CommentStatus } from "../database.ts";

/** What became of a comment that was sent by a plain form. */
export const SAID = ["published", "waiting", "refused"] as const;
export type Said = (typeof SAID)[number];

/** The sentence on the page that the form leads to. */
export const SAID_WORDS: Record<Said, string> = {
  published: "Your comment is published.",
  waiting: "Thank you. Your comment is waiting for a moderator; you are told when it is published.",
  refused: "Your comment was not published, since it goes against the rules of this discussion.",
};

export const saidOf = (status: CommentStatus): Said =>
  status === "rejected" ? "refused" : status === "pending" || status === "held" ? "waiting" : "published";
