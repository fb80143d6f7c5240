import type { Base } from "./composition.ts";

/** A way to send what is in the composer. */
export type Way = "publish" | "now" | "schedule" | "draft" | "share" | "submit" | "save";

export interface Rights {
  readonly publish: boolean;
  /** Nothing can go out while the blog is closed. */
  readonly closed: boolean;
}

const WORDS: Record<Way, string> = {
  publish: "Publish",
  now: "Publish at once",
  schedule: "Schedule …",
  draft: "Save draft, only for me",
  share: "Save draft, for the desk",
  submit: "Submit for approval",
  save: "Save changes",
};

export const wordsOf = (way: Way): string => WORDS[way];

/** The ways that there are for this post and this person, the usual one first. */
export function waysFor(base: Base | null, { publish, closed }: Rights): [Way, ...Way[]] {
  if (base?.status === "published") return ["save"];
  if (closed) return ["draft", "share", "submit"];
  if (!publish) return base?.status === "submitted" ? ["save", "draft", "share"] : ["submit", "draft", "share"];
  if (base?.status === "scheduled") return ["save", "now", "schedule", "draft", "share"];
  return ["publish", "now", "schedule", "submit", "draft", "share"];
}
