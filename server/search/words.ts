import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { Log } from "../log.ts";

/** Milliseconds between two looks. Nobody waits for them, since whoever searches looks first. */
const EVERY = 5_000;
/** Posts read in one transaction, some 50 ms of work, for which nobody else can edit them. */
const AT_ONCE = 20;

/**
 * Reads the words of posts that were written or edited since, the latest first.
 * @param most of so many posts
 */
export async function readWords(db: Db, most: number): Promise<void> {
  for (let left = most; left > 0; left -= AT_ONCE) if ((await readSome(db, Math.min(left, AT_ONCE))) === 0) return;
}

/** Posts that somebody is just changing are left for the next time; while their words are read, nobody changes them. */
async function readSome(db: Db, most: number): Promise<number> {
  const { rows } = await sql<{ read: number }>`
    with due as (
      select post_id from post_search_due order by post_id desc limit ${most} for update skip locked
    ), quiet as (
      select posts from posts join due on id = post_id for share of posts skip locked
    ), said as (
      insert into post_search select (posts).id, post_words(posts) from quiet
      on conflict (post_id) do update set words = excluded.words
    ), done as (
      delete from post_search_due using quiet where post_id = (posts).id
    )
    select count(*)::int as read from quiet`.execute(db);
  return rows[0]!.read;
}

/** Reads words now and then, so that there is never much left to do for whoever searches. */
export function startReadingWords(db: Db, log: Log): { stop(): Promise<void> } {
  let stopped = false;
  let reading = Promise.resolve();
  const timer = setInterval(() => (reading = reading.then(read)), EVERY);
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await reading;
    },
  };

  async function read(): Promise<void> {
    try {
      while (!stopped && (await readSome(db, AT_ONCE)) > 0);
    } catch (error) {
      log.debug({ err: error }, "could not read the words of posts; the next look tries again");
    }
  }
}
