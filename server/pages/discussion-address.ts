import { id } from "../input.ts";
import { SAID, type Said } from "./said.ts";

/** The orders that readers can choose. */
export const READER_SORTS = ["newest", "oldest", "reactions", "featured"] as const;
export type ReaderSort = (typeof READER_SORTS)[number];

/** Which part of a discussion a page shows. */
export interface DiscussionAddress {
  readonly sort: ReaderSort;
  /** The first comment of the one thread that is shown; null for the list of threads. */
  readonly thread: string | null;
  /** The comment that the page goes on from; null for the first page. */
  readonly after: string | null;
  /** What became of a comment that was sent by a plain form. */
  readonly said: Said | null;
}

/** Null for what no page has as its address; parameters of others are passed over. */
export function discussionAddress(query: URLSearchParams): DiscussionAddress | null {
  const sort = query.get("sort") ?? "newest";
  const [thread, after] = [query.get("thread"), query.get("after")];
  if (!isOne(READER_SORTS, sort)) return null;
  if (![thread, after].every((given) => given === null || id.safeParse(given).success)) return null;
  const said = query.get("said");
  return {
    sort: thread === null ? sort : "newest",
    thread,
    after,
    said: said !== null && isOne(SAID, said) ? said : null,
  };
}

export function addressOf(slug: string, { sort, thread, after, said }: Partial<DiscussionAddress>): string {
  const query = new URLSearchParams();
  if (sort && sort !== "newest") query.set("sort", sort);
  if (thread) query.set("thread", thread);
  if (after) query.set("after", after);
  if (said) query.set("said", said);
  return `/blogs/${slug}/comments${query.size ? `?${query.toString()}` : ""}`;
}

const isOne = <T extends string>(all: readonly T[], given: string): given is T => all.includes(given as T);
