import { diffWordsWithSpace } from "diff";
import { sql, type InsertQueryBuilder, type UpdateQueryBuilder } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import type { Numbers } from "../blogs/streams.ts";
import type { Db, Post, Schema, Trx } from "../database.ts";
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

/** A post by the names that revisions have for its parts. */
const CONTENT = sql`jsonb_build_object('status', status, 'headline', headline, 'body', body, 'quote', quote,
  'comment', comment, 'media', media, 'authors', authors, 'verification', verification,
  'verificationNote', verification_note, 'correction', correction, 'keyEvent', key_event,
  'pinned', pinned_at is not null)`;

/**
 * Takes the numbers for a change of one post and saves it by the given statement, which returns all of it; in the same
 * one, keeps the post as it is after the change under its version, and says in the audit log who did it.
 */
export async function recordChange(
  trx: Trx,
  actor: Actor,
  action: string,
  numbers: Numbers,
  save: InsertQueryBuilder<Schema, "posts", Post> | UpdateQueryBuilder<Schema, "posts", "posts", Post>,
  details: object = {},
): Promise<Post> {
  const { rows } = await sql<Post>`
    with ${numbers.taken}, saved as (${save}), revision as (
      insert into post_revisions (post_id, version, by_id, at, action, content)
      select id, version, ${actor.userId}::text, updated_at, ${action}::text, ${CONTENT} from saved
    ), line as (
      insert into audit_log (actor_id, via, action, blog_id, subject, details)
      select ${actor.userId}::text, ${actor.via}::text, ${`post.${action}`}::text, blog_id, 'post:' || id,
        jsonb_build_object('version', version) || ${details}::jsonb from saved
    ) select * from saved`.execute(trx);
  return rows[0]!;
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
