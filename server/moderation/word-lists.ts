import type { Actor } from "../auth/permissions.ts";
import { note } from "../comments/log.ts";
import type { Db, Trx, WordMatch } from "../database.ts";
import { conflict, invalid } from "../errors.ts";
import { checkEntries } from "../rules/word-entries.ts";
import { compile, type Match } from "../rules/words.ts";

export type ListName = WordMatch["list"];
export const LIST_NAMES = ["banned", "suspect"] as const satisfies readonly ListName[];

export interface WordList {
  readonly name: ListName;
  readonly entries: string[];
  readonly version: number;
}

/** Entries named in the log, for each way; a list that is pasted anew would fill pages. */
const MOST_LOGGED = 100;

export async function findWordList(db: Db, name: ListName): Promise<WordList> {
  return db.selectFrom("word_lists").selectAll().where("name", "=", name).executeTakeFirstOrThrow();
}

/**
 * Saves a list, or leaves the one that there is: nothing that cannot be compiled takes its place. Comments are checked
 * by the new one from then on; those that were handed in before stay as they are.
 * @param version of the list that the moderator began with
 * @throws AppError 422 with the entries that cannot be kept, 409 with the list as it is when a colleague saved meanwhile
 */
export async function saveWordList(
  trx: Trx,
  actor: Actor,
  name: ListName,
  given: readonly string[],
  version: number,
): Promise<WordList> {
  const entries = acceptable(given);
  const before = await trx
    .selectFrom("word_lists")
    .selectAll()
    .where("name", "=", name)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (before.version !== version)
    throw conflict("version-conflict", "A colleague saved this list meanwhile.", { current: before });
  const [old, next] = [new Set(before.entries), new Set(entries)];
  const added = entries.filter((entry) => !old.has(entry));
  const removed = before.entries.filter((entry) => !next.has(entry));
  if (!added.length && !removed.length) return before;
  const saved = await trx
    .updateTable("word_lists")
    .set({ entries, version: version + 1 })
    .where("name", "=", name)
    .returningAll()
    .executeTakeFirstOrThrow();
  const counts = { added: added.length, removed: removed.length };
  const named = { added: added.slice(0, MOST_LOGGED), removed: removed.slice(0, MOST_LOGGED) };
  await note(trx, actor, {
    kind: "word-list",
    blogId: null,
    version: saved.version,
    details: { name, counts, ...named },
  });
  return saved;
}

/** What a list would find in a text; with entries that are not saved yet, what they would. */
export function tryWords(entries: readonly string[], text: string): Match[] {
  return compile(acceptable(entries)).matches(text);
}

/** @throws AppError 422 with each entry that cannot be kept, by its place */
function acceptable(given: readonly string[]): string[] {
  const { errors, entries } = checkEntries(given);
  if (errors.length) throw invalid(errors.map(({ index, code }) => ({ pointer: `/entries/${index}`, code })));
  return entries;
}
