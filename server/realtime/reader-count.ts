import { randomUUID } from "node:crypto";
import { countReaders, readersNow } from "../desk/readership.ts";
import type { Context } from "../context.ts";
import type { StreamKind } from "../database.ts";

/** Milliseconds. */
const EVERY = 10_000;

/** A stream that somebody on this process follows. */
interface Followed {
  readonly name: string;
  readonly kind: StreamKind;
  readonly blogId: string;
}

export interface ReaderCount {
  /** Readers of a blog over all processes, as far as they were counted last. */
  of(blogId: string): number | undefined;
  stop(): Promise<void>;
}

/**
 * Counts the readers over all processes, each of which writes down its own. The desks on this process are told when
 * the number is another; readers are told with the next head, so that it costs nothing more.
 */
export function startReaderCount(
  { db, log }: Pick<Context, "db" | "log">,
  followed: () => Followed[],
  readersOf: (name: string) => number,
  tell: (stream: string, readers: number) => void,
): ReaderCount {
  const process = randomUUID();
  let counted = new Map<string, number>();
  const told = new Map<string, number>();
  let wroteAny = false;
  let counting = Promise.resolve();
  const timer = setInterval(() => (counting = counting.then(count)), EVERY);

  return {
    of: (blogId) => counted.get(blogId),
    async stop() {
      clearInterval(timer);
      await counting;
      if (wroteAny) await countReaders(db, process, new Map()).catch(unimportant);
    },
  };

  async function count(): Promise<void> {
    try {
      const streams = followed();
      const readers = streams.filter(({ kind }) => kind === "blog").map(({ name, blogId }) => [blogId, name] as const);
      const own = new Map(readers.map(([blogId, name]) => [blogId, readersOf(name)]));
      if (own.size || wroteAny) await countReaders(db, process, own);
      wroteAny = own.size > 0;
      const blogIds = [...new Set(streams.map(({ blogId }) => blogId))];
      counted = blogIds.length ? await readersNow(db, blogIds) : new Map();
      tellDesks(streams.filter(({ kind }) => kind === "desk"));
    } catch (error) {
      unimportant(error);
    }
  }

  function tellDesks(desks: Followed[]): void {
    const open = new Set(desks.map(({ name }) => name));
    for (const name of told.keys()) if (!open.has(name)) told.delete(name);
    for (const { name, blogId } of desks) {
      const readers = counted.get(blogId) ?? 0;
      if (told.get(name) === readers) continue;
      told.set(name, readers);
      tell(name, readers);
    }
  }

  /** The next count makes up for one that failed. */
  function unimportant(error: unknown): void {
    log.debug({ err: error }, "could not count the readers");
  }
}
