import { findBlogById } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import { FEED_TYPES } from "./formats.ts";

/** Milliseconds in which changes of a blog are gathered, and after which a hub that did not take the word is told again. */
const WAITS = { first: 1_000, again: [10_000, 60_000, 300_000] };
/** Milliseconds for the hub to answer. */
const PATIENCE = 5_000;

export interface Hub {
  /** A blog is not what it was; the hub hears of it soon. */
  changed(blogId: string): void;
  /** What it was not told yet, it is not told any more. */
  stop(): void;
}

/**
 * Tells a WebSub hub that a blog's feeds have changed, so that it fetches them for all who subscribe there. Nothing is
 * kept: a word that is lost is made good by the next change. Every server tells it; to a hub a word too many is nothing.
 */
export function openHub({ db, log, publicUrl }: Context, url: string, waits = WAITS): Hub {
  const timers = new Map<string, NodeJS.Timeout>();
  const stopped = new AbortController();

  return {
    changed(blogId) {
      if (!timers.has(blogId)) tellIn(waits.first, blogId, waits.again);
    },
    stop() {
      stopped.abort();
      timers.forEach((timer) => clearTimeout(timer));
    },
  };

  function tellIn(milliseconds: number, blogId: string, again: readonly number[]): void {
    if (stopped.signal.aborted) return;
    const timer = setTimeout(() => {
      timers.delete(blogId);
      tell(blogId).catch((error: unknown) => {
        const [next, ...later] = again;
        log.warn({ err: error, again: next !== undefined }, "the WebSub hub did not take the word");
        // A change meanwhile has begun anew.
        if (next !== undefined && !timers.has(blogId)) tellIn(next, blogId, later);
      });
    }, milliseconds);
    timers.set(blogId, timer);
  }

  async function tell(blogId: string): Promise<void> {
    const { slug } = await findBlogById(db, blogId);
    const feeds = Object.keys(FEED_TYPES).map((format) => ["hub.url", `${publicUrl}/blogs/${slug}/feed.${format}`]);
    const response = await fetch(url, {
      method: "POST",
      body: new URLSearchParams([["hub.mode", "publish"], ...feeds]),
      headers: { "User-Agent": "Dateline (WebSub)" },
      redirect: "manual",
      signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(PATIENCE)]),
    });
    await response.body?.cancel();
    if (response.status >= 300) throw new Error(`It answered ${response.status}.`);
  }
}
