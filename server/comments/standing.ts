import { sql } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import type { Db, Restriction, Trx } from "../database.ts";
import { AppError } from "../errors.ts";

/** Days that count as somebody's recent history, and minutes in which the same words are a repeat. */
const RECENT_DAYS = 7;
const REPEAT_MINUTES = 6;

/** The restrictions that hold for somebody now, in one blog or everywhere. */
export async function restrictionsInForce(db: Db, userId: string, blogId: string | null): Promise<Restriction[]> {
  return db
    .selectFrom("commenter_restrictions")
    .selectAll()
    .where("user_id", "=", userId)
    .where("lifted_at", "is", null)
    .where("acknowledged_at", "is", null)
    .where((eb) => eb.or([eb("until", "is", null), eb("until", ">", sql<Date>`clock_timestamp()`)]))
    .$if(blogId !== null, (query) =>
      query.where((eb) => eb.or([eb("blog_id", "is", null), eb("blog_id", "=", blogId)])),
    )
    .orderBy("id")
    .execute();
}

/** What restrictions keep somebody from writing: told plainly, since nobody is restricted in secret. */
export function refusalOf(restrictions: readonly Restriction[]): AppError | null {
  const find = (kind: Restriction["kind"]) => restrictions.find((restriction) => restriction.kind === kind);
  const extra = ({ id, message, until }: Restriction) => ({
    restriction: { id, message, until: until?.toISOString() ?? null },
  });
  const ban = find("ban");
  if (ban) return new AppError(403, "banned", "You cannot comment here any more.", { extra: extra(ban) });
  const suspension = find("suspend");
  if (suspension)
    return new AppError(403, "suspended", "You cannot comment for the time being.", {
      extra: { ...extra(suspension), until: suspension.until!.toISOString() },
    });
  const warning = find("warn");
  if (warning)
    return new AppError(403, "warned", "Read the moderators’ warning before you go on.", { extra: extra(warning) });
  return null;
}

export interface Standing {
  readonly isPremoderated: boolean;
  /** Comments of theirs that readers can see, or could until they deleted them. */
  readonly publishedBefore: number;
  /** In the last week, decisions of moderators. */
  readonly recentlyDecided: number;
  readonly recentlyRejected: number;
  /** The text keys of what they said here in the last minutes. */
  readonly recentTexts: string[];
  /** When they commented in this blog last. */
  readonly lastAt: Date | null;
}

/**
 * Who is writing, kept from being restricted until the transaction ends.
 * @param except a comment that is being edited, and is not part of its author's past
 * @throws AppError 403 for somebody who may not write here now
 */
export async function holdStanding(
  trx: Trx,
  { userId }: Actor,
  blogId: string,
  except: string | null,
): Promise<Standing> {
  // A person's comments come one after another, so that each sees the one before.
  const user = await trx
    .selectFrom("users")
    .select(["id", "email_verified"])
    .where("id", "=", userId!)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const { restrictions, id } = await requireFree(trx, user, blogId);
  const { rows } = await sql<Omit<Standing, "isPremoderated">>`
    select
      (select count(*)::integer from (select from comments where author_id = ${id} and id <> ${except ?? "0"}::bigint
        and status in ('published', 'approved') limit 1000) as public) as "publishedBefore",
      count(*) filter (where decided_at > clock_timestamp() - make_interval(days => ${RECENT_DAYS}))::integer as "recentlyDecided",
      count(*) filter (where status = 'rejected' and decided_at > clock_timestamp() - make_interval(days => ${RECENT_DAYS}))::integer as "recentlyRejected",
      coalesce(array_agg(text_key) filter (where text_key is not null and deleted_at is null and blog_id = ${blogId}
        and created_at > clock_timestamp() - make_interval(mins => ${REPEAT_MINUTES})), '{}') as "recentTexts",
      max(created_at) filter (where blog_id = ${blogId}) as "lastAt"
    from (select * from comments where author_id = ${id} and id <> ${except ?? "0"}::bigint
      order by created_at desc, id desc limit 200) as recent`.execute(trx);
  return { ...rows[0]!, isPremoderated: restrictions.some(({ kind }) => kind === "premoderate") };
}

/**
 * Who wants to do something lesser than write, such as report or like.
 * @throws AppError 403 for somebody who may not take part here now
 */
export async function requireParticipant(trx: Trx, { userId }: Actor, blogId: string): Promise<void> {
  const user = await trx
    .selectFrom("users")
    .select(["id", "email_verified"])
    .where("id", "=", userId!)
    .forShare()
    .executeTakeFirst();
  await requireFree(trx, user, blogId);
}

/** @throws AppError 401 for an account that is gone, 403 for one that is restricted or not confirmed */
async function requireFree(
  db: Db,
  user: { id: string; email_verified: boolean } | undefined,
  blogId: string,
): Promise<{ id: string; restrictions: Restriction[] }> {
  if (!user) throw new AppError(401, "unauthenticated", "This account is gone.");
  const restrictions = await restrictionsInForce(db, user.id, blogId);
  const refusal = refusalOf(restrictions);
  if (refusal) throw refusal;
  if (!user.email_verified)
    throw new AppError(403, "email-unverified", "Follow the link in the e-mail that we sent you, and then take part.");
  return { id: user.id, restrictions };
}

/** The same without any lock, before something is asked that takes time or money. @throws AppError */
export async function requireWelcome(db: Db, { userId }: Actor, blogId: string): Promise<void> {
  const query = db.selectFrom("users").select(["id", "email_verified"]).where("id", "=", userId!);
  await requireFree(db, await query.executeTakeFirst(), blogId);
}
