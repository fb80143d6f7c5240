import type { CommentStatus } from "../database.ts";

/** What became of a comment that was sent by a plain form. */
export const SAID = ["published", "waiting", "refused"] as const;
export type Said = (typeof SAID)[number];

export const saidOf = (status: CommentStatus): Said =>
  status === "rejected" ? "refused" : status === "pending" || status === "held" ? "waiting" : "published";
