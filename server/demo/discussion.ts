import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { audit } from "../audit.ts";
import { OPERATOR } from "../auth/actors.ts";
import { currentWords } from "../comments/word-lists.ts";
import { submitComment } from "../comments/writing.ts";
import type { Actor } from "../auth/permissions.ts";
import type { Trx } from "../database.ts";
import { decideComment, featureComment } from "../moderation/decisions.ts";
import { minutesBefore, type Cast } from "./cast.ts";
import { COMMENTS, type DemoComment } from "./comments.ts";

/** Minutes that a comment waited for a moderator. */
const WAITED = 3;
/** Of those that were published without one, so many are still to be looked at. */
const LEFT_ONE_IN = 8;

/** Has the readers write their comments, and a moderator decide them. @returns the ids of those with a key */
export async function holdDiscussion(
  trx: Trx,
  cast: Cast,
  blogId: string,
  now: Date,
): Promise<ReadonlyMap<string, string>> {
  const moderator = cast.get("Milo Haas")!;
  const readers = await makeReaders(trx, cast);
  const advice = { words: await currentWords(trx), outside: null };
  const keyed = new Map<string, string>();
  const times: { id: string; at: Date; decided: Date | null }[] = [];
  for (const [n, comment] of COMMENTS.entries()) {
    const { at, by, body, key, to, verdict } = comment;
    const author = { ...OPERATOR, userId: readers.get(by)!, name: by, grants: [] };
    await atTime(trx, minutesBefore(now, at));
    await moderateFirst(trx, blogId, verdict === "pending");
    const { id, status, version } = await submitComment(
      trx,
      author,
      blogId,
      { body, parentId: to ? keyed.get(to)! : null },
      advice,
    );
    if (key) keyed.set(key, id);
    const isLeft = verdict === "pending" || (!verdict && !key && status === "published" && n % LEFT_ONE_IN === 0);
    if (!isLeft) {
      await atTime(trx, minutesBefore(now, at - WAITED));
      await decideComment(trx, moderator, blogId, id, { version, ...decisionOn(verdict) });
    }
    const decided = isLeft ? null : minutesBefore(now, at - WAITED);
    times.push({ id, at: minutesBefore(now, at), decided });
  }
  await moderateFirst(trx, blogId, false);
  await atTime(trx, null);
  await takePart(
    trx,
    moderator,
    blogId,
    times.map(({ id }) => id),
  );
  await sql`
    update comments set created_at = t.at, decided_at = t.decided
    from json_to_recordset(${JSON.stringify(times)}::text::json) as t(id bigint, at timestamptz, decided timestamptz)
    where comments.id = t.id`.execute(trx);
  return keyed;
}

/** Readers like what others said, and report some of it; the moderator picks a few. */
async function takePart(trx: Trx, moderator: Actor, blogId: string, ids: readonly string[]): Promise<void> {
  await sql`
    insert into comment_reactions (comment_id, user_id)
    select comments.id, reader.id from comments,
      (select id, row_number() over (order by id) as n from users where email like '%@readers.demo.example') as reader
    where blog_id = ${blogId} and face = 'comment' and comments.author_id <> reader.id and (reader.n * comments.id * 7) % 11 < 2`.execute(
    trx,
  );
  await sql`
    insert into comment_reports (comment_id, reporter_id, reason, details)
    select id, (select id from users where email like '%@readers.demo.example' and id <> author_id order by id limit 1),
      case n when 1 then 'off-topic' else 'other' end, case n when 1 then null else 'Nobody here can know that yet.' end
    from (select id, author_id, row_number() over (order by id desc) as n from comments
      where blog_id = ${blogId} and status = 'published') as latest
    where n <= 2`.execute(trx);
  for (const id of ids.filter((_, n) => n % 29 === 2)) {
    const comment = await trx.selectFrom("comments").select("face").where("id", "=", id).executeTakeFirstOrThrow();
    if (comment.face === "comment") await featureComment(trx, moderator, blogId, id, true, null);
  }
}

/** What is to wait in the demo, waits because moderators want to see it first. */
async function moderateFirst(trx: Trx, blogId: string, wanted: boolean): Promise<void> {
  await trx
    .updateTable("comment_settings")
    .set({ moderation: wanted ? "pre" : "post" })
    .where("blog_id", "=", blogId)
    .execute();
}

/** What the log is told from here on happened then. */
async function atTime(trx: Trx, at: Date | null): Promise<void> {
  await sql`select set_config('dateline.at', ${at?.toISOString() ?? ""}, true)`.execute(trx);
}

const decisionOn = (verdict: DemoComment["verdict"]) =>
  verdict && verdict !== "pending"
    ? { decision: "reject" as const, reasonCode: verdict.reason, reasonText: verdict.words ?? null }
    : { decision: "approve" as const, reasonCode: null, reasonText: null };

/** Accounts without a password, in which nobody can sign in; made in a few statements, since there are many. */
async function makeReaders(trx: Trx, cast: Cast): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(COMMENTS.map(({ by }) => by))].filter((name) => !cast.has(name));
  const readers = names.map((name) => {
    const slug = `demo-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
    return {
      id: randomBytes(16).toString("hex"),
      name,
      slug,
      email: `${slug}@readers.demo.example`,
      email_verified: true,
      image: null,
    };
  });
  await trx.insertInto("users").values(readers).execute();
  await trx
    .insertInto("roles")
    .values(readers.map(({ id }) => ({ user_id: id, role: "reader" as const, blog_id: null, granted_by: null })))
    .execute();
  await audit(trx, OPERATOR, "account.create", null, "users:demo-readers", { count: readers.length });
  const known = [...cast].map(([name, { userId }]) => [name, userId!] as const);
  return new Map([...readers.map(({ id, name }) => [name, id] as const), ...known]);
}
