import { sql } from "kysely";
import type { Db, Trx } from "../database.ts";

/** Who it is about. */
export interface Person {
  readonly id: string;
  readonly email: string;
}

/** What a table holds of a person. */
interface Holding {
  /** What they are given; null where it says nothing of them that they could use, or is somebody else's. */
  readonly export: ((db: Db, person: Person) => Promise<unknown>) | null;
  /** How it goes; "with the account" is what the foreign keys do when the account's row goes. */
  readonly erase: ((trx: Trx, person: Person) => Promise<unknown>) | "with the account" | "with the comments";
}

const rows =
  (query: (person: Person) => ReturnType<typeof sql<object>>) =>
  async (db: Db, person: Person): Promise<object[]> =>
    (await query(person).execute(db)).rows;

const NOTHING = "nothing of readers";

/**
 * Every table of the database, and what it holds of a reader: the one list that export and deletion go by. A table that
 * is not on it fails a test.
 */
export const PERSONAL_DATA: Readonly<Record<string, Holding | typeof NOTHING>> = {
  users: {
    export: rows(({ id }) => sql`select name, email, email_verified, created_at from users where id = ${id}`),
    erase: async (trx, { id }) => trx.deleteFrom("users").where("id", "=", id).execute(),
  },
  sessions: {
    export: rows(({ id }) => sql`select created_at, expires_at from sessions where user_id = ${id}`),
    erase: "with the account",
  },
  // The password's hash is of use to nobody but who would break it.
  accounts: { export: null, erase: "with the account" },
  two_factors: { export: null, erase: "with the account" },
  // Codes in mails that were not used yet.
  verifications: {
    export: null,
    erase: async (trx, { id, email }) =>
      sql`delete from verifications where strpos(identifier, ${email}) > 0 or value in (${id}, ${email})`.execute(trx),
  },
  roles: {
    export: rows(({ id }) => sql`select role, created_at from roles where user_id = ${id}`),
    erase: "with the account",
  },
  api_tokens: {
    export: rows(({ id }) => sql`select name, scopes, created_at, last_used_at from api_tokens where user_id = ${id}`),
    erase: "with the account",
  },
  rate_limits: {
    export: null,
    erase: async (trx, { id, email }) =>
      sql`delete from rate_limits where strpos(key, ${id}) > 0 or strpos(key, ${email}) > 0`.execute(trx),
  },
  rates: {
    export: null,
    erase: async (trx, { id }) => sql`delete from rates where strpos(key, ${id}) > 0`.execute(trx),
  },
  comments: {
    export: rows(
      ({ id }) => sql`
        select comments.id, blogs.slug as blog, parent_id as "answerTo", body, status, reasons, reason_code as "rejection",
          reason_text as "rejectionText", reactions, featured_at as "pickedAt", comments.created_at as "at", edited_at as "editedAt",
          deleted_at as "deletedAt"
        from comments join blogs on blogs.id = comments.blog_id where author_id = ${id} order by comments.id`,
    ),
    erase: async (trx, { id }) =>
      trx.updateTable("comments").set({ author_id: null }).where("author_id", "=", id).execute(),
  },
  comment_revisions: {
    export: rows(
      ({ id }) => sql`
        select comment_id as "comment", number, comment_revisions.body, at from comment_revisions
        join comments on comments.id = comment_id where author_id = ${id} order by comment_id, number`,
    ),
    erase: "with the comments",
  },
  // Only a hash that cannot be turned back, for thirty days.
  comment_addresses: { export: null, erase: "with the comments" },
  address_salts: NOTHING,
  comment_reactions: {
    export: rows(
      ({ id }) => sql`select comment_id as "comment", at from comment_reactions where user_id = ${id} order by at`,
    ),
    erase: async (trx, { id }) => trx.deleteFrom("comment_reactions").where("user_id", "=", id).execute(),
  },
  comment_reports: {
    export: rows(
      ({ id }) =>
        sql`select comment_id as "comment", reason, details, at from comment_reports where reporter_id = ${id} order by id`,
    ),
    erase: async (trx, { id }) =>
      trx
        .updateTable("comment_reports")
        .set({ reporter_id: null, details: null })
        .where("reporter_id", "=", id)
        .execute(),
  },
  commenter_restrictions: {
    export: rows(
      ({ id }) => sql`
        select kind, blogs.slug as blog, until, message, commenter_restrictions.created_at as "at", lifted_at as "liftedAt"
        from commenter_restrictions left join blogs on blogs.id = blog_id where user_id = ${id} order by commenter_restrictions.id`,
    ),
    erase: "with the account",
  },
  // What moderators wrote for each other is theirs; it goes with whom it is about.
  commenter_notes: { export: null, erase: "with the account" },
  commenter_mutes: {
    export: rows(
      ({ id }) =>
        sql`select users.name, at from commenter_mutes join users on users.id = muted_id where user_id = ${id}`,
    ),
    erase: "with the account",
  },
  notices_seen: {
    export: rows(({ id }) => sql`select seen_at from notices_seen where user_id = ${id}`),
    erase: "with the account",
  },
  idempotency_keys: {
    export: null,
    erase: async (trx, { id }) => trx.deleteFrom("idempotency_keys").where("actor", "=", id).execute(),
  },
  // It can only be added to, and says nothing of what somebody wrote, nor who they are: the account's number leads nowhere
  // once the account is gone.
  moderation_log: {
    export: rows(
      ({ id }) => sql`
        select at, kind, comment_id as "comment", from_status as "from", to_status as "to", reason_code as "reason", reason_text as "reasonText"
        from moderation_log where commenter_id = ${id} and kind <> 'note' order by id`,
    ),
    erase: "with the account",
  },
  audit_log: {
    export: rows(({ id }) => sql`select at, action from audit_log where actor_id = ${id} order by id`),
    erase: "with the account",
  },
  // Posts that show a comment of theirs are taken down with it, and neither they nor their history keep its words.
  posts: { export: null, erase: "with the comments" },
  post_revisions: { export: null, erase: "with the comments" },
  post_search: { export: null, erase: "with the comments" },
  post_search_due: NOTHING,
  blogs: NOTHING,
  blog_parts: NOTHING,
  streams: NOTHING,
  history: NOTHING,
  comment_settings: NOTHING,
  discussion: NOTHING,
  word_lists: NOTHING,
  media: NOTHING,
  pictures_being_kept: NOTHING,
  embeds: NOTHING,
  what_we_know: NOTHING,
  what_we_know_revisions: NOTHING,
  duties: NOTHING,
  desk_messages: NOTHING,
  desk_presence: NOTHING,
  // A browser, whoever uses it; nothing leads from it to an account.
  push_subscriptions: NOTHING,
  push_jobs: NOTHING,
  push_deliveries: NOTHING,
  reader_counts: NOTHING,
  readership: NOTHING,
  kysely_migration: NOTHING,
  kysely_migration_lock: NOTHING,
};

/** Everything that is held about somebody, by the table it is in. */
export async function exportData(db: Db, person: Person): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const [table, holding] of Object.entries(PERSONAL_DATA))
    if (holding !== NOTHING && holding.export) all[table] = await holding.export(db, person);
  return all;
}

/** What is left of somebody when their comments are gone, and then their account. */
export async function eraseRest(trx: Trx, person: Person): Promise<void> {
  for (const [table, holding] of Object.entries(PERSONAL_DATA))
    if (table !== "users" && holding !== NOTHING && typeof holding.erase === "function")
      await holding.erase(trx, person);
  const { users } = PERSONAL_DATA as { users: Holding };
  if (typeof users.erase === "function") await users.erase(trx, person);
}
