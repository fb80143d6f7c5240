import { id } from "../input.ts";
import { tag as tagOf } from "../posts/fields.ts";

/** Which part of a blog a reader's page shows, and in which order. */
export interface StoryAddress {
  /** The post that the page holds, or begins with; null for the first page. */
  readonly around: string | null;
  readonly keyEventsOnly: boolean;
  /** Somebody in the byline, by slug. */
  readonly author: string | null;
  readonly tag: string | null;
  readonly oldestFirst: boolean;
}

const AUTHOR = /^[a-z0-9-]{1,80}$/;

/** Null for what no page has as its address; parameters of others are passed over. */
export function storyAddress(query: URLSearchParams): StoryAddress | null {
  const page = query.get("page");
  const [filter, author, tag, order] = ["filter", "author", "tag", "order"].map((name) => query.get(name));
  if (page !== null && !(page.startsWith("with:") && id.safeParse(page.slice(5)).success)) return null;
  if (filter !== null && filter !== "key-events") return null;
  if (order !== null && order !== "oldest") return null;
  if (author !== null && !AUTHOR.test(author!)) return null;
  const wanted = tag === null ? null : tagOf.safeParse(tag);
  if (wanted?.success === false) return null;
  return {
    around: page?.slice(5) ?? null,
    keyEventsOnly: filter === "key-events",
    author: author ?? null,
    tag: wanted?.data ?? null,
    oldestFirst: order === "oldest",
  };
}

export const isFiltered = ({ keyEventsOnly, author, tag }: StoryAddress): boolean =>
  keyEventsOnly || author !== null || tag !== null;

/** Where that part is; without anything, the blog's own page. */
export function pathOf(slug: string, asked: Partial<StoryAddress> = {}): string {
  const query = new URLSearchParams();
  if (asked.keyEventsOnly) query.set("filter", "key-events");
  if (asked.author) query.set("author", asked.author);
  if (asked.tag) query.set("tag", asked.tag);
  if (asked.oldestFirst) query.set("order", "oldest");
  // Written out, since a colon may stand in a query as it is.
  const page = asked.around ? `page=with:${asked.around}` : "";
  const all = [query.toString(), page].filter(Boolean).join("&");
  return `/blogs/${slug}${all ? `?${all}` : ""}`;
}
