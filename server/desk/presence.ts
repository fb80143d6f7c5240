import { sql } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import { advance } from "../blogs/streams.ts";
import type { Db, Trx } from "../database.ts";
import { invalid } from "../errors.ts";
import { isShared } from "../posts/reading.ts";
import { transact } from "../transact.ts";

/** Seconds of silence after which an open desk counts as left; desks tell every 20. */
const SILENCE = 60;

export interface Seen {
  /** Made up by the browser tab, the same as long as it is open. */
  readonly tab: string;
  /** The post whose text is being changed there. */
  readonly editing: string | null;
}

/** Most times nothing is new, and one small statement says so. @returns false when there is more to do */
export async function isStillThere(db: Db, actor: Actor, blogId: string, { tab, editing }: Seen): Promise<boolean> {
  const kept = await db
    .updateTable("desk_presence")
    .set({ seen_at: sql<Date>`clock_timestamp()` })
    .where("blog_id", "=", blogId)
    .where("user_id", "=", actor.userId!)
    .where("tab", "=", tab)
    .where(sql<boolean>`editing is not distinct from ${editing}::bigint`)
    .returning("tab")
    .executeTakeFirst();
  return kept !== undefined;
}

/** Somebody opens a desk there, or begins or ends changing a post. */
export async function appear(trx: Trx, actor: Actor, blogId: string, { tab, editing }: Seen): Promise<void> {
  if (editing !== null) await requirePost(trx, actor, blogId, editing);
  await tellIfNew(trx, blogId, async () => {
    await trx
      .insertInto("desk_presence")
      .values({ blog_id: blogId, user_id: actor.userId!, tab, editing, seen_at: sql<Date>`clock_timestamp()` })
      .onConflict((clash) =>
        clash.columns(["blog_id", "user_id", "tab"]).doUpdateSet({ editing, seen_at: sql<Date>`clock_timestamp()` }),
      )
      .execute();
  });
}

export async function leave(trx: Trx, actor: Actor, blogId: string, tab: string): Promise<void> {
  await tellIfNew(trx, blogId, async () => {
    await trx
      .deleteFrom("desk_presence")
      .where("blog_id", "=", blogId)
      .where("user_id", "=", actor.userId!)
      .where("tab", "=", tab)
      .execute();
  });
}

/** Takes those away who fell silent; called now and then by every server, of which one finds each. */
export async function sweepPresence(db: Db): Promise<void> {
  const silent = sql<boolean>`seen_at < clock_timestamp() - make_interval(secs => ${SILENCE})`;
  const blogs = await db.selectFrom("desk_presence").select("blog_id").distinct().where(silent).execute();
  for (const { blog_id } of blogs)
    await transact(db, (trx) =>
      tellIfNew(trx, blog_id, async () => {
        await trx.deleteFrom("desk_presence").where("blog_id", "=", blog_id).where(silent).execute();
      }),
    );
}

export interface PresentPerson {
  readonly name: string;
  readonly slug: string;
  /** Posts that they are changing, oldest first. */
  readonly editing: string[];
}

/** Who is on the desk, by name; a person with several tabs open is there once. */
export async function presentAt(db: Db, blogId: string): Promise<PresentPerson[]> {
  return db
    .selectFrom("desk_presence")
    .innerJoin("users", "users.id", "desk_presence.user_id")
    .select([
      "users.name",
      "users.slug",
      sql<
        string[]
      >`coalesce(array_agg(distinct editing order by editing) filter (where editing is not null), '{}')::text[]`.as(
        "editing",
      ),
    ])
    .where("blog_id", "=", blogId)
    .groupBy(["users.id", "users.name", "users.slug"])
    .orderBy("users.name")
    .orderBy("users.slug")
    .execute();
}

/** Changes come one after another in a blog, so that each is told by whoever makes it. */
async function tellIfNew(trx: Trx, blogId: string, change: () => Promise<void>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('desk_presence'), hashtext(${blogId}))`.execute(trx);
  const before = JSON.stringify(await presentAt(trx, blogId));
  await change();
  if (JSON.stringify(await presentAt(trx, blogId)) !== before)
    await advance(trx, blogId, "desk", { parts: ["desk-presence"] });
}

/** What nobody but its author may know of is nobody else's to edit. */
async function requirePost(trx: Trx, actor: Actor, blogId: string, id: string): Promise<void> {
  const post = await trx
    .selectFrom("posts")
    .select("id")
    .where("blog_id", "=", blogId)
    .where("id", "=", id)
    .where(isShared(actor.userId))
    .executeTakeFirst();
  if (!post) throw invalid([{ pointer: "/editing", code: "unknown-post" }]);
}
