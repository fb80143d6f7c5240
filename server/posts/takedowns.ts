import { sql } from "kysely";
import type { Db, Post } from "../database.ts";
import { isShared } from "./reading.ts";

/** A post that was taken down, and what is known of that. */
export interface Takedown {
  readonly post: Post;
  readonly at: Date;
  /** null: the server itself, or an account that is gone. */
  readonly by: string | null;
  readonly reason: string;
}

/** A place in the list, which stays one when the post that had it is restored. */
export interface TakedownPlace {
  readonly at: Date;
  readonly id: string;
}

/**
 * What was taken down in a blog, the latest first. Nobody gets another's deleted drafts.
 * @param reader whose own are among them
 * @param before the last place that was seen; null: from the beginning
 */
export async function takedownsOf(
  db: Db,
  blogId: string,
  { reader, before, limit }: { reader: string | null; before: TakedownPlace | null; limit: number },
): Promise<Takedown[]> {
  const rows = await db
    .with("removed", (db) =>
      db
        .selectFrom("posts")
        .selectAll()
        .where("blog_id", "=", blogId)
        .where("status", "=", "removed")
        .where(isShared(reader))
        .$if(before !== null, (query) =>
          query.where((eb) => eb(eb.refTuple("removed_at", "id"), "<", eb.tuple(before!.at, before!.id))),
        )
        .orderBy("removed_at", "desc")
        .orderBy("id", "desc")
        .limit(limit),
    )
    .selectFrom("removed")
    .leftJoinLateral(lastTakedown, (join) => join.onTrue())
    .leftJoinLateral(whatWasSaid, (join) => join.onTrue())
    .selectAll("removed")
    .select(["takedown.at as taken_at", "takedown.by as taken_by", "said.reason as taken_for"])
    .orderBy("removed_at", "desc")
    .orderBy("id", "desc")
    .execute();
  return rows.map(({ taken_at, taken_by, taken_for, ...post }) => ({
    post,
    at: taken_at ?? post.removed_at!,
    by: taken_by,
    reason: taken_for ?? "",
  }));
}

const lastTakedown = () =>
  sql<{ at: Date; by: string | null }>`(
    select at, users.name as by from post_revisions left join users on users.id = by_id
    where post_id = removed.id and action in ('remove', 'erase') order by version desc limit 1)`.as<"takedown">(
    sql`takedown`,
  );

const whatWasSaid = () =>
  sql<{ reason: string | null }>`(
    select details->>'reason' as reason from audit_log
    where subject = 'post:' || removed.id and action in ('post.remove', 'post.erase') order by id desc limit 1)`.as<"said">(
    sql`said`,
  );
