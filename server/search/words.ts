import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { Log } from "../log.ts";
import { within } from "../within.ts";

/** Milliseconds until the next look. Nobody waits for it, since whoever searches looks first. */
const NEXT_LOOK = 5_000;
/** … while there is more to do. Those who post now come first: a second of these is some 50 ms of work. */
const MORE_TO_DO = 1_000;
/** Milliseconds after which a silent database counts as away. */
const PATIENCE = 8_000;
/** Posts read in one transaction, some 50 ms of work, for which nobody else can edit them. */
const AT_ONCE = 20;

/**
 * Reads the words of posts that were written or edited since, the latest first, also of those that somebody is just
 * saving or reading: it waits for them.
 * @param most of so many posts
 */
export async function readWords(db: Db, most: number): Promise<void> {
  for (let left = most; left > 0; left -= AT_ONCE)
    if ((await readSome(db, Math.min(left, AT_ONCE), sql``)).due === 0) return;
}

/**
 * Nobody changes a post while its words are read. A post is always locked before the note that it is due, as those who
 * change one do; who finds the note gone when they have the post has nothing left to do.
 * @param busy what to do about a post that somebody is changing
 * @returns how many were due, of at most so many, and how many of them were read here
 */
async function readSome(db: Db, most: number, busy = sql`skip locked`): Promise<{ due: number; read: number }> {
  const { rows } = await sql<{ due: number; read: number }>`
    with due as (
      select post_id from post_search_due order by post_id desc limit ${most}
    ), quiet as (
      select posts from posts where id in (select post_id from due) order by id for share ${busy}
    ), taken as (
      delete from post_search_due using quiet where post_id = (posts).id returning quiet.posts
    ), said as (
      insert into post_search select (posts).id, post_words(posts) from taken
      on conflict (post_id) do update set words = excluded.words
    )
    select (select count(*) from due)::int as due, (select count(*) from taken)::int as read`.execute(db);
  return rows[0]!;
}

/** Reads words now and then, so that there is never much left to do for whoever searches. */
export function startReadingWords(db: Db, log: Log): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const ended = goOn();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };

  async function goOn(): Promise<void> {
    for (let wait = NEXT_LOOK; await waited(wait); wait = await look());
  }

  /** @returns milliseconds until the next look */
  async function look(): Promise<number> {
    try {
      const { read } = await within(PATIENCE, readSome(db, AT_ONCE));
      return read === AT_ONCE ? MORE_TO_DO : NEXT_LOOK;
    } catch (error) {
      log.warn({ err: error }, "could not read the words of posts; the next look tries again");
      return NEXT_LOOK;
    }
  }

  /** @returns whether there is more to do */
  function waited(milliseconds: number): Promise<boolean> {
    return pause(milliseconds, true, { signal: stopping.signal }).catch(() => false);
  }
}
