import { audit } from "../audit.ts";
import type { Actor } from "../auth/permissions.ts";
import type { Db, Trx, WhatWeKnow } from "../database.ts";
import { advance } from "./streams.ts";

/** What the box says; both are empty where there is none. */
export interface BoxFields {
  title: string;
  /** HTML, reduced to the allow-list of posts/body.ts. */
  body: string;
}

/** The standing box as the API shows it; version 0 and empty before it was first written. */
export interface BoxAnswer extends BoxFields {
  version: number;
  updatedAt: string | null;
}

const NOTHING: BoxFields = { title: "", body: "" };

export async function findWhatWeKnow(db: Db, blogId: string): Promise<WhatWeKnow | null> {
  const row = await db.selectFrom("what_we_know").selectAll().where("blog_id", "=", blogId).executeTakeFirst();
  return row ?? null;
}

export const presentWhatWeKnow = (box: WhatWeKnow | null): BoxAnswer => ({
  title: box?.title ?? "",
  body: box?.body ?? "",
  version: box?.version ?? 0,
  updatedAt: box?.version ? box.updated_at.toISOString() : null,
});

/** The box, kept from every other change until the transaction ends; an empty one where there was none. */
export async function lockWhatWeKnow(trx: Trx, blogId: string): Promise<WhatWeKnow> {
  await trx
    .insertInto("what_we_know")
    .values({ blog_id: blogId })
    .onConflict((clash) => clash.doNothing())
    .execute();
  return trx.selectFrom("what_we_know").selectAll().where("blog_id", "=", blogId).forUpdate().executeTakeFirstOrThrow();
}

/**
 * Writes the box, or takes it off the page for null; what it said is kept. Saying the same again changes nothing.
 * @param before the row, locked by `lockWhatWeKnow`
 */
export async function writeWhatWeKnow(
  trx: Trx,
  actor: Actor,
  before: WhatWeKnow,
  fields: BoxFields | null,
): Promise<WhatWeKnow> {
  const { title, body } = fields ?? NOTHING;
  if (before.title === title && before.body === body) return before;
  const { blog_id } = before;
  await advance(trx, blog_id, "desk", { parts: ["desk-settings"] });
  const { at } = await advance(trx, blog_id, "blog", { parts: ["what-we-know"] });
  const version = before.version + 1;
  const after = await trx
    .updateTable("what_we_know")
    .set({ title, body, version, updated_at: at })
    .where("blog_id", "=", blog_id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await trx
    .insertInto("what_we_know_revisions")
    .values({ blog_id, version, by_id: actor.userId, at, title, body })
    .execute();
  const action = fields ? "what-we-know.write" : "what-we-know.remove";
  await audit(trx, actor, action, blog_id, `blog:${blog_id}`, { version });
  return after;
}

export interface BoxRevision extends BoxFields {
  version: number;
  at: string;
  by: string | null;
}

/** Everything that the box ever said, oldest first; an empty one is where it was taken off. */
export async function whatWeKnewBefore(db: Db, blogId: string): Promise<BoxRevision[]> {
  const rows = await db
    .selectFrom("what_we_know_revisions")
    .leftJoin("users", "users.id", "what_we_know_revisions.by_id")
    .select(["version", "at", "users.name as by", "title", "body"])
    .where("blog_id", "=", blogId)
    .orderBy("version")
    .execute();
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
