import { diffWordsWithSpace } from "diff";
import { sql, type InsertQueryBuilder, type RawBuilder, type UpdateQueryBuilder } from "kysely";
import { z } from "zod";
import type { Actor } from "../auth/permissions.ts";
import type { Numbers } from "../blogs/streams.ts";
import { withCommit } from "../connection.ts";
import type { Db, Post, PostSource, Quote, Schema, Trx } from "../database.ts";
import { notFound } from "../errors.ts";
import { plainText } from "./body.ts";
import type { PostFields } from "./content.ts";

const words = z.array(z.object({ kind: z.enum(["same", "added", "removed"]), text: z.string() }));

/** A revision as the API shows it. */
export const revisionAnswer = z.object({
  version: z.int(),
  at: z.iso.datetime(),
  by: z.string().nullable(),
  action: z.string(),
  content: z.record(z.string(), z.unknown()),
  /** The words of the post against those of the revision before, in order. */
  diff: words,
  /** What changed since the revision before, field by field. */
  changes: z.array(z.object({ field: z.string(), diff: words })),
});

type Revision = z.output<typeof revisionAnswer>;
type Content = Partial<PostFields> & {
  status?: string;
  keyEvent?: boolean;
  summary?: boolean;
  pinned?: boolean;
  publishAt?: string | null;
};

/** A post by the names that revisions have for its parts. */
const CONTENT = sql`jsonb_build_object('status', status, 'headline', headline, 'body', body, 'quote', quote,
  'comment', comment, 'media', media, 'embeds', embeds, 'authors', authors, 'verification', verification,
  'verificationNote', verification_note, 'correction', correction, 'tags', tags, 'sources', sources, 'note', note,
  'shared', shared, 'publishAt', publish_at, 'publishedAt', published_at, 'keyEvent', key_event, 'summary', summary,
  'pinned', pinned_at is not null)`;

/**
 * Takes the numbers for a change of one post and saves it by the given statement, which returns all of it; in the same
 * one, keeps the post as it is after the change under its version, and says in the audit log who did it.
 * @param kept what else to do with the post, which it calls `saved`; the statement then ends the transaction
 */
export async function recordChange(
  trx: Trx,
  actor: Actor,
  action: string,
  numbers: Numbers,
  save: InsertQueryBuilder<Schema, "posts", Post> | UpdateQueryBuilder<Schema, "posts", "posts", Post>,
  details: object = {},
  kept?: RawBuilder<unknown>,
): Promise<Post> {
  const statement = sql<Post>`
    with ${numbers.taken}, saved as (${save}), revision as (
      insert into post_revisions (post_id, version, by_id, at, action, content)
      select id, version, ${actor.userId}::text, ${numbers.at}, ${action}::text, ${CONTENT} from saved
    ), line as (
      insert into audit_log (actor_id, via, action, blog_id, subject, details)
      select ${actor.userId}::text, ${actor.via}::text, ${`post.${action}`}::text, blog_id, 'post:' || id,
        jsonb_build_object('version', version) || ${details}::jsonb from saved
    )${kept ? sql`, kept as (${kept})` : sql``} select * from saved`.compile(trx);
  const { rows } = await trx.executeQuery(kept ? withCommit(statement) : statement);
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
    const [before, after] = [(rows[n - 1]?.content ?? {}) as Content, row.content as Content];
    return {
      ...row,
      content: { ...after },
      at: at.toISOString(),
      diff: diff(asRead(before), asRead(after)),
      changes: FIELDS.flatMap(([field, show]) => {
        const [was, is] = [show(before), show(after)];
        return was === is ? [] : [{ field, diff: diff(was, is) }];
      }),
    };
  });
}

/** What a post said at one version, as changes to what it says now. @throws AppError 404 for no such revision */
export async function revisionContent(db: Db, post: Post, version: number): Promise<Partial<PostFields>> {
  const row = await db
    .selectFrom("post_revisions")
    .select("content")
    .where("post_id", "=", post.id)
    .where("version", "=", version)
    .executeTakeFirst();
  if (!row) throw notFound("revision");
  // A correction was shown to readers and stays; a note is a talk between people and not the post's.
  const { headline, body, quote, media, embeds, authors, verification, verificationNote, tags, sources } =
    row.content as Content;
  const content = { headline, body, quote, media, embeds, authors, verification, verificationNote, tags, sources };
  // One from before there were tags says nothing of them.
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
}

/** Each field as a line of text or several, in the order in which a history shows them; "" where there is nothing. */
const FIELDS: [field: string, show: (content: Content) => string][] = [
  ["status", ({ status }) => status ?? ""],
  ["publishAt", ({ publishAt }) => publishAt ?? ""],
  ["headline", ({ headline }) => headline ?? ""],
  ["quote", ({ quote }) => (quote ? quoteText(quote) : "")],
  ["comment", ({ comment }) => (comment ? `${comment.author.name}: ${comment.body}` : "")],
  ["body", ({ body }) => plainParagraphs(body ?? "")],
  [
    "media",
    ({ media = [] }) => media.map(({ alt, caption, credit }) => joined([alt, caption, credit], " · ")).join("\n"),
  ],
  ["embeds", ({ embeds = [] }) => embeds.map(({ title, url }) => joined([title, url], " · ")).join("\n")],
  ["authors", ({ authors = [] }) => authors.map(({ name }) => name).join(", ")],
  ["verification", ({ verification, verificationNote }) => joined([verification, verificationNote], ": ")],
  ["correction", ({ correction }) => correction ?? ""],
  ["tags", ({ tags = [] }) => tags.map((tag) => `#${tag}`).join(" ")],
  ["sources", ({ sources = [] }) => sources.map(sourceText).join("\n")],
  ["note", ({ note }) => note ?? ""],
  ["keyEvent", ({ keyEvent }) => (keyEvent ? "Key event" : "")],
  ["summary", ({ summary }) => (summary ? "Summary" : "")],
  ["pinned", ({ pinned }) => (pinned ? "Pinned" : "")],
];

const READ = new Set(["headline", "quote", "body", "embeds", "correction"]);

/** What a reader reads of it. */
const asRead = (content: Content): string =>
  joined(
    FIELDS.filter(([field]) => READ.has(field)).map(([, show]) => show(content)),
    "\n",
  );

function quoteText({ text, attribution: { name, role, source, sourceUrl } }: Quote): string {
  return `“${text}” ${joined([name, role, source, sourceUrl], ", ")}`;
}

const sourceText = ({ name, url, note, public: shown }: PostSource): string =>
  `${joined([name, url, note], " · ")} (${shown ? "public" : "internal"})`;

const joined = (parts: (string | null | undefined)[], by: string): string => parts.filter(Boolean).join(by);

/** A paragraph, an item, a heading or a row of a table a line, and where a link leads. */
function plainParagraphs(html: string): string {
  const lines = html
    .replace(/<a href="([^"]*)"[^>]*>(.*?)<\/a>/g, "$2 ($1)")
    .split(/<\/(?:p|li|blockquote|h3|caption|tr)>|<br \/>/);
  return joined(lines.map(plainText), "\n");
}

function diff(before: string, after: string): Revision["diff"] {
  return diffWordsWithSpace(before, after).map(({ added, removed, value }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    text: value,
  }));
}
