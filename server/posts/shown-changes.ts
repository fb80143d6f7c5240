import { isDeepStrictEqual } from "node:util";
import type { Db, Verification } from "../database.ts";
import type { PostFields } from "./content.ts";

/** What readers were shown of a post's changes, without what it said before: a wrong line is not told again. */
export type ShownChange =
  | { readonly kind: "published" | "edited"; readonly at: Date }
  | { readonly kind: "corrected"; readonly at: Date; readonly text: string }
  | {
      readonly kind: "verification";
      readonly at: Date;
      readonly to: Verification | null;
      readonly note: string | null;
    };

type Content = Partial<PostFields> & { status?: string };

/** Since the post was first published, the newest first; a time in which it was taken back leaves no trace but the next publication. */
export async function shownChanges(db: Db, postId: string): Promise<ShownChange[]> {
  const revisions = await db
    .selectFrom("post_revisions")
    .select(["at", "content"])
    .where("post_id", "=", postId)
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
  return changes.toReversed();
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
