import type { Db, WordMatch } from "../database.ts";
import { compile, type Matcher } from "../rules/words.ts";

type ListName = WordMatch["list"];
export type Words = Record<ListName, Matcher>;

/** Compiled once for each version, in each process. */
const compiled = new Map<string, { version: number; matcher: Matcher }>();

/** The lists as they are now; one that cannot be read is an error, and no comment is let through without it. */
export async function currentWords(db: Db): Promise<Words> {
  const versions = await db.selectFrom("word_lists").select(["name", "version"]).execute();
  const matchers = await Promise.all(
    versions.map(async ({ name, version }) => [name, await matcherOf(db, name, version)] as const),
  );
  return Object.fromEntries(matchers) as Words;
}

async function matcherOf(db: Db, name: ListName, version: number): Promise<Matcher> {
  const known = compiled.get(name);
  if (known?.version === version) return known.matcher;
  const row = await db
    .selectFrom("word_lists")
    .select(["entries", "version"])
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  const matcher = compile(row.entries);
  compiled.set(name, { version: row.version, matcher });
  return matcher;
}
