import { createHash } from "node:crypto";
import { sql, type QueryCreator, type RawBuilder } from "kysely";
import { LRUCache } from "lru-cache";
import type { BlogPart, Db, Schema, StreamKind, Trx } from "../database.ts";

export interface Advance {
  /** The number that this change has taken. */
  readonly version: number;
  /** The moment of the change by the database's clock, at least a millisecond after the one before. */
  readonly at: Date;
  /** How many posts of this blog were ever published, this change included. */
  readonly published: number;
}

export interface Effects {
  /** Parts of the page that this change alters besides the post itself. */
  readonly parts?: BlogPart[];
  /** 1 when a post is published for the first time. */
  readonly published?: number;
  /** By how many the posts that readers see grow or shrink. */
  readonly visible?: number;
}

/**
 * Gives the next visible change to a stream its number, and tells every server once it commits. The row lock taken
 * here, and held to the commit, is what makes versions dense and their commits ordered; so this comes after every
 * other lock of the transaction.
 */
export async function advance(trx: Trx, blogId: string, kind: StreamKind, effects: Effects = {}): Promise<Advance> {
  const taken = await nextNumber(trx, blogId, kind, effects).executeTakeFirstOrThrow();
  if (effects.parts?.length) await touch(trx, blogId, effects.parts, taken.version);
  return taken;
}

/** What a statement that changes a post takes for it, as SQL that the rest of the statement can use. */
export interface Numbers {
  /** The common table expressions that take them. */
  readonly taken: RawBuilder<unknown>;
  readonly at: RawBuilder<Date>;
  readonly deskVersion: RawBuilder<number>;
  /** Null where readers see nothing of the change. */
  readonly version: RawBuilder<number> | null;
  readonly published: RawBuilder<number> | null;
}

/**
 * The next number of the desk and, for a change that readers see, of the blog, as `advance` gives them, within one
 * statement that makes the change as well: so the counters are locked for a moment only. The desk's row is always
 * locked first, since the other one is looked for only when that is done.
 */
export function numbersFor(trx: Trx, blogId: string, shown: Effects | null): Numbers {
  const desk = sql`desk as (${nextNumber(trx, blogId, "desk", {})})`;
  const deskVersion = sql<number>`(select version from desk)`;
  if (!shown) return { taken: desk, at: sql`(select at from desk)`, deskVersion, version: null, published: null };
  const blog = nextNumber(trx, blogId, "blog", shown).where(sql<boolean>`exists (select from desk)`);
  const touched = sql`, touched as (
    insert into blog_parts (blog_id, part, version) select ${blogId}::bigint, unnest(${shown.parts}::text[]), version from blog
    on conflict (blog_id, part) do update set version = excluded.version)`;
  return {
    taken: sql`${desk}, blog as (${blog})${shown.parts?.length ? touched : sql``}`,
    at: sql`(select at from blog)`,
    deskVersion,
    version: sql`(select version from blog)`,
    published: sql`(select published from blog)`,
  };
}

/** Something on the pages of all discussions changed; their counters are locked in the order of the blogs' numbers. */
export async function advanceDiscussions(trx: Trx, part: BlogPart): Promise<void> {
  await sql`
    with locked as (select blog_id from streams where kind = 'comments' order by blog_id for update),
    taken as (
      update streams set version = version + 1, changed_at = greatest(changed_at + interval '1 millisecond', clock_timestamp())
      from locked where streams.blog_id = locked.blog_id and kind = 'comments'
      returning streams.blog_id, version, pg_notify('dateline', concat_ws(' ', kind, streams.blog_id, version,
        round(extract(epoch from changed_at) * 1000)))
    )
    insert into blog_parts (blog_id, part, version) select blog_id, ${part}, version from taken
    on conflict (blog_id, part) do update set version = excluded.version`.execute(trx);
}

/** In place of a blog's id: the moderators' queues are one stream for all blogs. */
export const MODERATION = "0";

/**
 * The same for comments: the next numbers of the discussion that readers follow and of the moderators' queues, taken in
 * this order.
 */
export function numbersForComments(trx: Trx, blogId: string, isShown: boolean, isQueued: boolean) {
  const discussion = nextNumber(trx, blogId, "comments", {});
  const queue = nextNumber(trx, MODERATION, "moderation", {});
  const inTurn = isShown ? queue.where(sql<boolean>`exists (select from discussion)`) : queue;
  const taken = [
    ...(isShown ? [sql`discussion as (${discussion})`] : []),
    ...(isQueued ? [sql`queue as (${inTurn})`] : []),
  ];
  return {
    taken: sql.join(taken),
    discussion: isShown ? sql<number>`(select version from discussion)` : null,
    queue: isQueued ? sql<number>`(select version from queue)` : null,
  };
}

const nextNumber = (db: QueryCreator<Schema>, blogId: string, kind: StreamKind, effects: Effects) =>
  db
    .updateTable("streams")
    .set((eb) => ({
      version: eb("version", "+", 1),
      changed_at: sql<Date>`greatest(changed_at + interval '1 millisecond', clock_timestamp())`,
      published: eb("published", "+", effects.published ?? 0),
      visible: eb("visible", "+", effects.visible ?? 0),
    }))
    .where("blog_id", "=", blogId)
    .where("kind", "=", kind)
    .returning(["version", "changed_at as at", "published", told(kind, blogId)]);

/** `<kind> <blog> <version> <milliseconds since 1970>`: numbers only; whoever hears them reads the rows. */
const told = (kind: StreamKind, blogId: string) =>
  sql`pg_notify('dateline', concat_ws(' ', ${kind}::text, ${blogId}::text, version, round(extract(epoch from changed_at) * 1000)))`.as(
    "told",
  );

async function touch(trx: Trx, blogId: string, parts: BlogPart[], version: number): Promise<void> {
  await trx
    .insertInto("blog_parts")
    .values(parts.map((part) => ({ blog_id: blogId, part, version })))
    .onConflict((conflict) => conflict.columns(["blog_id", "part"]).doUpdateSet({ version }))
    .execute();
}

export interface Head {
  readonly version: number;
  readonly changedAt: Date;
  readonly visible: number;
  /** How many posts were ever published. */
  readonly published: number;
}

export async function headOf(db: Db, blogId: string, kind: StreamKind): Promise<Head> {
  const row = await db
    .selectFrom("streams")
    .select(["version", "changed_at", "visible", "published"])
    .where("blog_id", "=", blogId)
    .where("kind", "=", kind)
    .executeTakeFirstOrThrow();
  return { version: row.version, changedAt: row.changed_at, visible: row.visible, published: row.published };
}

/** The parts of a stream's page whose latest change lies after `after` and not after `upTo`. */
export async function partsChanged(
  db: Db,
  blogId: string,
  kind: StreamKind,
  after: number,
  upTo: number,
): Promise<BlogPart[]> {
  const rows = await db
    .selectFrom("blog_parts")
    .select("part")
    .where("blog_id", "=", blogId)
    .where(
      sql<boolean>`case when part like 'desk-%' then 'desk' when part like 'comments-%' then 'comments' else 'blog' end = ${kind}`,
    )
    .where("version", ">", after)
    .where("version", "<=", upTo)
    .execute();
  return rows.map((row) => row.part);
}

/**
 * Which history the versions belong to. Its identity is Postgres's own: the cluster, its timeline (a fail-over or
 * point-in-time restore begins a new one), and the oids of database and table (a restored dump has others).
 * @returns a uuid, a new one when the identity is not the one that was seen last
 */
export async function currentHistory(db: Db): Promise<string> {
  const { rows } = await sql<{ identity: string }>`
    select concat_ws('/', (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id,
      (select oid from pg_database where datname = current_database()), 'streams'::regclass::oid) as identity`.execute(
    db,
  );
  const { identity } = rows[0]!;
  await db
    .updateTable("history")
    .set({ identity, epoch: sql<string>`case when identity is null then epoch else gen_random_uuid() end` })
    .where((eb) => eb.or([eb("identity", "is", null), eb("identity", "<>", identity)]))
    .execute();
  const { epoch } = await db.selectFrom("history").select("epoch").executeTakeFirstOrThrow();
  return epoch;
}

/**
 * The epoch of one blog's streams: a uuid that differs from history to history, and from blog to blog, so that a
 * version of another blog is as little use as one from another history.
 */
export function epochOf(history: string, blogId: string): string {
  const both = `${history} ${blogId}`;
  const known = epochs.get(both);
  if (known !== undefined) return known;
  const epoch = hashed(both);
  epochs.set(both, epoch);
  return epoch;
}

/** Each request for a page asks. */
const epochs = new LRUCache<string, string>({ max: 1_000 });

function hashed(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
