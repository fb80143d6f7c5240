import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { audit } from "../audit.ts";
import { OPERATOR } from "../auth/actors.ts";
import { currentWords } from "../comments/word-lists.ts";
import { submitComment } from "../comments/writing.ts";
import type { Trx } from "../database.ts";
import { decideComment } from "../moderation/decisions.ts";
import { minutesBefore, type Cast } from "./cast.ts";
import { COMMENTS, type DemoComment } from "./comments.ts";

/** Minutes that a comment waited for a moderator. */
const WAITED = 3;

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
  for (const comment of COMMENTS) {
    const { at, by, body, key, to, verdict } = comment;
    const author = { ...OPERATOR, userId: readers.get(by)!, name: by, grants: [] };
    await atTime(trx, minutesBefore(now, at));
    const { id, version } = await submitComment(
      trx,
      author,
      blogId,
      { body, parentId: to ? keyed.get(to)! : null },
      advice,
    );
    if (key) keyed.set(key, id);
    if (verdict !== "pending") {
      await atTime(trx, minutesBefore(now, at - WAITED));
      await decideComment(trx, moderator, blogId, id, { version, ...decisionOn(verdict) });
    }
    const decided = verdict === "pending" ? null : minutesBefore(now, at - WAITED);
    times.push({ id, at: minutesBefore(now, at), decided });
  }
  await atTime(trx, null);
  await sql`
    update comments set created_at = t.at, decided_at = t.decided
    from json_to_recordset(${JSON.stringify(times)}::text::json) as t(id bigint, at timestamptz, decided timestamptz)
    where comments.id = t.id`.execute(trx);
  return keyed;
}

/** What the log is told from here on happened then. */
async function atTime(trx: Trx, at: Date | null): Promise<void> {
  await sql`select set_config('dateline.at', ${at?.toISOString() ?? ""}, true)`.execute(trx);
}

const decisionOn = (verdict: Exclude<DemoComment["verdict"], "pending">) =>
  verdict
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
