import { isDeepStrictEqual } from "node:util";
import type { Db, Post, Verification } from "../database.ts";
import type { PostFields } from "./content.ts";

/**
 * What readers were shown of a post's changes, without what it said before: a wrong line is not told again, and of
 * corrections and notes only those that stand now.
 */
export type ShownChange =
  | { readonly kind: "published" | "edited"; readonly at: Date }
  | { readonly kind: "corrected"; readonly at: Date; readonly text: string | null }
  | {
      readonly kind: "verification";
      readonly at: Date;
      readonly to: Verification | null;
      readonly note: string | null;
    };

type Content = Partial<PostFields> & { status?: string };

/** Since the post was first published, the newest first; a time in which it was taken back leaves no trace but the next publication. */
export async function shownChanges(db: Db, post: Post): Promise<ShownChange[]> {
  const revisions = await db
    .selectFrom("post_revisions")
    .select(["at", "content"])
    .where("post_id", "=", post.id)
    .orderBy("version")
    .execute();
  const changes: ShownChange[] = [];
  let before: Content = {};
  for (const { at, content } of revisions) {
    const after = content as Content;
    if (after.status === "published")
      changes.push(...(before.status === "published" ? between(before, after, at) : begun(after, at)));
    before = after;
  }
  return changes.toReversed().map((change) => withoutTheWithdrawn(change, post));
}

function withoutTheWithdrawn(change: ShownChange, post: Post): ShownChange {
  if (change.kind === "corrected" && change.text !== post.correction) return { ...change, text: null };
  if (change.kind === "verification" && change.note !== post.verification_note) return { ...change, note: null };
  return change;
}

const begun = (after: Content, at: Date): ShownChange[] => [
  { kind: "published", at },
  ...(after.verification ? [verificationOf(after, at)] : []),
  ...(after.correction ? [{ kind: "corrected" as const, at, text: after.correction }] : []),
];

function between(before: Content, after: Content, at: Date): ShownChange[] {
  const changes: ShownChange[] = [];
  if (after.correction && after.correction !== before.correction)
    changes.push({ kind: "corrected", at, text: after.correction });
  if (after.verification !== before.verification || after.verificationNote !== before.verificationNote)
    changes.push(verificationOf(after, at));
  if (!changes.length && !isDeepStrictEqual(wordsOf(before), wordsOf(after))) changes.push({ kind: "edited", at });
  return changes;
}

const verificationOf = ({ verification, verificationNote }: Content, at: Date): ShownChange => ({
  kind: "verification",
  at,
  to: verification ?? null,
  note: verificationNote ?? null,
});

const wordsOf = ({ headline, body, quote, comment, media, embeds, authors, sources = [] }: Content): object => ({
  headline,
  body,
  quote,
  comment,
  media,
  embeds,
  authors,
  sources: sources.filter((source) => source.public),
});
