import { LRUCache } from "lru-cache";
import { findBlog } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import { within } from "../within.ts";
import { HeadCheck } from "./head-check.ts";

/** Milliseconds for a look at the database. */
export const DATABASE_PATIENCE = 6_000;

/** What readers follow. */
export type ReaderStream = "blog" | "comments";

export interface StreamHead {
  readonly blogId: string;
  readonly version: number;
  /** The epoch and the version; what is good for one label is good for no other. */
  readonly label: string;
}

/** How far the streams of blogs are, asked together by all who want to know. */
export class StreamHeads {
  readonly #context: Context;
  /** A blog's id, and the epoch in which it had it: in another history it may be another's. */
  readonly #ids = new LRUCache<string, { id: string; epoch: string }>({ max: 10_000 });
  /** The newest that the database has confirmed, and when. */
  readonly #confirmed = new LRUCache<string, { label: string; at: number }>({ max: 10_000 });
  readonly #heads = new HeadCheck<StreamHead>((key) => within(DATABASE_PATIENCE, this.#now(key)));

  constructor(context: Context) {
    this.#context = context;
  }

  /** @throws AppError 404 */
  get(stream: ReaderStream, slug: string): Promise<StreamHead> {
    return this.#heads.get(`${stream} ${slug}`);
  }

  /** Whether it was the newest a moment ago. @param milliseconds how long that moment may have passed */
  wasNewest(stream: ReaderStream, slug: string, label: string, milliseconds: number): boolean {
    const last = this.#confirmed.get(`${stream} ${slug}`);
    return last?.label === label && Date.now() - last.at < milliseconds;
  }

  async #now(key: string): Promise<StreamHead> {
    const { db, epoch } = this.#context;
    const [stream, slug] = key.split(" ") as [ReaderStream, string];
    const known = this.#ids.get(slug);
    const isGood = known && known.epoch === epoch(known.id);
    const blogId = isGood ? known.id : (await findBlog(db, slug)).id;
    this.#ids.set(slug, { id: blogId, epoch: epoch(blogId) });
    const { version } = await headOf(db, blogId, stream);
    const label = `${epoch(blogId)} ${version}`;
    this.#confirmed.set(key, { label, at: Date.now() });
    return { blogId, version, label };
  }
}
