import { setTimeout as pause } from "node:timers/promises";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { StreamKind } from "../database.ts";
import { within } from "../within.ts";
import { changesBetween, MAX_BEHIND } from "./changes.ts";
import type { Batch, Change, ResyncReason } from "./protocol.ts";

/** Milliseconds that a reading may take; a database that does not answer must not hold a stream up for ever. */
const PATIENCE = 8_000;
/** Milliseconds for which a stream rests after a batch: half as long as writing it took, if that was worth it. */
const REST = { least: 5, most: 250 };
/**
 * Milliseconds for which what follows a batch is gathered at least: comments and likes come by the dozen, and none is as
 * urgent as a post.
 */
const GATHER: Partial<Record<StreamKind, number>> = { comments: 400, moderation: 100 };

/** What a stream's name says. */
export interface Subject {
  readonly kind: StreamKind;
  /** MODERATION for the queues of all blogs. */
  readonly blogId: string;
  /** The one blog whose part of the queues this is; they are numbered together. Null: everything. */
  readonly only: string | null;
}

/** A stream that somebody on this process follows. */
export interface OpenStream extends Subject {
  readonly name: string;
  /** What has been pushed to the room. */
  head: number;
  /** What is known to exist. */
  known: number;
  /** When the oldest change that is not pushed yet was made, by the database's clock; milliseconds since 1970. */
  oldestAt: number | null;
  pushing: boolean;
  /** Answers to those who come from the same version, until the head moves. */
  readonly catchUps: Map<number, Promise<Change[] | "document">>;
}

/** Where pushes go. */
export interface Outlet {
  /** Resolves when everybody in the room has been served. */
  batch(stream: OpenStream, batch: Batch): Promise<void>;
  resync(stream: OpenStream, reason: ResyncReason): void;
}

/** What a follower has missed, or why only a fresh page helps. */
export type CaughtUp = { to: number; changes: Change[] } | { resync: ResyncReason };

/** The streams that somebody on this process follows, each pushed from the tables as far as it is known to exist. */
export class OpenStreams {
  readonly #context: Context;
  readonly #outlet: Outlet;
  readonly #byName = new Map<string, Promise<OpenStream>>();
  readonly #open = new Map<string, OpenStream>();
  /** Counts the histories; whatever was read in another one is of no use. */
  #generation = 0;

  constructor(context: Context, outlet: Outlet) {
    this.#context = context;
    this.#outlet = outlet;
  }

  all(): OpenStream[] {
    return [...this.#open.values()];
  }

  get(name: string): Promise<OpenStream> | undefined {
    return this.#byName.get(name);
  }

  open(name: string, subject: Subject): Promise<OpenStream> {
    const known = this.#byName.get(name);
    if (known) return known;
    const opening = this.#read(name, subject);
    this.#byName.set(name, opening);
    opening.catch(() => this.#byName.delete(name));
    return opening;
  }

  close(stream: OpenStream): void {
    this.#byName.delete(stream.name);
    this.#open.delete(stream.name);
  }

  /** A notification has said that a stream is this far. */
  hear(kind: string, blogId: string, version: number, at: number): void {
    for (const stream of this.#open.values()) {
      if (stream.kind !== kind || stream.blogId !== blogId || version <= stream.head) continue;
      stream.oldestAt ??= at;
      this.#learn(stream, version);
    }
  }

  /** Asks the tables what the notifications may have failed to say. */
  async poll(): Promise<void> {
    const generation = this.#generation;
    const versions = await this.#versions();
    if (generation !== this.#generation) return;
    for (const stream of this.all()) {
      const version = versions.get(keyOf(stream.kind, stream.blogId));
      if (version !== undefined) this.#learn(stream, version);
    }
  }

  /** How far each open stream is in the tables, by key. */
  async #versions(): Promise<Map<string, number>> {
    const blogIds = new Set(this.all().map((stream) => stream.blogId));
    const reading = this.#context.db
      .selectFrom("streams")
      .select(["blog_id", "kind", "version"])
      .where("blog_id", "in", [...blogIds, "0"])
      .execute();
    const rows = await within(PATIENCE, reading);
    return new Map(rows.map((row) => [keyOf(row.kind, row.blog_id), row.version]));
  }

  /**
   * The versions belong to another history: nobody's position is of use, and what is being read of the old one is
   * dropped when it arrives. A stream whose blog the new history does not have is closed.
   * @param begin called when the new numbers are known, before any of them is used
   */
  async beginHistory(begin: () => void): Promise<void> {
    const versions = await this.#versions();
    this.#generation++;
    begin();
    for (const stream of this.all()) {
      const version = versions.get(keyOf(stream.kind, stream.blogId));
      Object.assign(stream, { head: version ?? 0, known: version ?? 0, oldestAt: null });
      stream.catchUps.clear();
      this.#outlet.resync(stream, "epoch");
      if (version === undefined) this.close(stream);
    }
  }

  /** What came after the version that a follower has seen. */
  async catchUp(stream: OpenStream, epoch: string, version: number): Promise<CaughtUp> {
    if (epoch !== this.#context.epoch(stream.blogId)) return { resync: "epoch" };
    // A follower who was pushed more by another server is not from the future; this one is behind.
    if (version > stream.head) await this.#lookAgain(stream);
    if (version > stream.known) return { resync: "future" };
    const to = Math.max(stream.head, version);
    if (to - version > MAX_BEHIND) return { resync: "behind" };
    const changes = to === version ? [] : await this.#sharedChanges(stream, version, to);
    return changes === "document" ? { resync: "document" } : { to, changes };
  }

  async #lookAgain(stream: OpenStream): Promise<void> {
    const generation = this.#generation;
    const { version } = await headOf(this.#context.db, stream.blogId, stream.kind);
    if (generation === this.#generation) this.#learn(stream, version);
  }

  /** Ten thousand readers who come back after a cut have seen the same version, and are answered by one reading. */
  #sharedChanges(stream: OpenStream, after: number, upTo: number): Promise<Change[] | "document"> {
    const known = stream.catchUps.get(after);
    if (known) return known;
    const reading = changesBetween(this.#context, stream, after, upTo);
    stream.catchUps.set(after, reading);
    reading.catch(() => stream.catchUps.delete(after));
    return reading;
  }

  async #read(name: string, subject: Subject): Promise<OpenStream> {
    const { version } = await headOf(this.#context.db, subject.blogId, subject.kind);
    const stream = { name, ...subject, head: version, known: version, oldestAt: null, pushing: false };
    const opened: OpenStream = { ...stream, catchUps: new Map() };
    this.#open.set(name, opened);
    return opened;
  }

  #learn(stream: OpenStream, version: number): void {
    stream.known = Math.max(stream.known, version);
    if (!stream.pushing) void this.#push(stream);
  }

  /**
   * One push of a stream at a time, since two at once could overtake each other. What arrives meanwhile is read
   * together by the next, so a burst folds: everybody gets where it led, in fewer steps. After a batch to many the
   * stream rests for half as long as they took, so that a lasting burst folds even where each batch would be out before
   * the next change: it costs two thirds of the loop, or more where a batch takes over half a second. A change after
   * a quiet time waits for nothing.
   */
  async #push(stream: OpenStream): Promise<void> {
    stream.pushing = true;
    try {
      while (stream.known > stream.head && this.#isOpen(stream)) {
        const from = stream.head;
        const to = Math.min(stream.known, from + MAX_BEHIND);
        const generation = this.#generation;
        const reading = changesBetween(this.#context, stream, from, to);
        const changes = await within(PATIENCE, reading);
        if (generation !== this.#generation) continue;
        stream.head = to;
        stream.catchUps.clear();
        if (changes === "document") this.#outlet.resync(stream, "document");
        else {
          const epoch = this.#context.epoch(stream.blogId);
          const began = performance.now();
          await this.#outlet.batch(stream, { stream: stream.name, epoch, from, to, changes });
          const took = performance.now() - began;
          await rest(Math.max(Math.min(took / 2, REST.most), GATHER[stream.kind] ?? 0));
        }
      }
    } catch (error) {
      this.#context.log.warn({ err: error, stream: stream.name }, "push failed; the next poll tries again");
    } finally {
      stream.pushing = false;
    }
  }

  #isOpen(stream: OpenStream): boolean {
    return this.#open.get(stream.name) === stream;
  }
}

/** The process need not stay for it. */
async function rest(milliseconds: number): Promise<void> {
  if (milliseconds >= REST.least) await pause(milliseconds, undefined, { ref: false });
}

const keyOf = (kind: string, blogId: string): string => `${kind} ${blogId}`;
