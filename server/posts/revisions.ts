import { diffWordsWithSpace } from "diff";
import type { Actor } from "../auth/permissions.ts";
import type { Db, Post, Trx } from "../database.ts";
import { plainText } from "./body.ts";

export interface Revision {
  version: number;
  at: string;
  by: string | null;
  action: string;
  content: object;
  /** The words of the post against those of the revision before, in order. */
  diff: { kind: "same" | "added" | "removed"; text: string }[];
}

/** Keeps the post as it is after this change; its version is the revision's number. */
export async function recordRevision(trx: Trx, actor: Actor, post: Post, action: string): Promise<void> {
  const { status, headline, body, quote, comment, media, authors, verification, correction } = post;
  await trx
    .insertInto("post_revisions")
    .values({
      post_id: post.id,
      version: post.version,
      by_id: actor.userId,
      at: post.updated_at,
      action,
      content: {
        status,
        headline,
        body,
        quote,
        comment,
        media,
        authors,
        verification,
        correction,
        verificationNote: post.verification_note,
        keyEvent: post.key_event,
        pinned: post.pinned_at !== null,
      },
    })
    .execute();
}

/** Every revision of a post, oldest first. */
export async function revisionsOf(db: Db, postId: string): Promise<Revision[]> {
  const rows = await db
    .selectFrom("post_revisions")
    .leftJoin("users", "users.id", "post_revisions.by_id")
    .select(["version", "at", "action", "content", "users.name as by"])
    .where("post_id", "=", postId)
    .orderBy("version")
    .execute();
  return rows.map(({ at, ...row }, n) => {
    const previous = rows[n - 1];
    return { ...row, at: at.toISOString(), diff: diff(previous ? words(previous.content) : "", words(row.content)) };
  });
}

/** What a reader reads of it, a line each. */
function words(content: object): string {
  const { headline, body, quote, correction } = content as Partial<
    Pick<Post, "headline" | "body" | "quote" | "correction">
  >;
  return [headline, quote && `“${quote.text}” ${quote.attribution.name}`, plainText(body ?? ""), correction]
    .filter(Boolean)
    .join("\n");
}

function diff(before: string, after: string): Revision["diff"] {
  return diffWordsWithSpace(before, after).map(({ added, removed, value }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    text: value,
  }));
}
