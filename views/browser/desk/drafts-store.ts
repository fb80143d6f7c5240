import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Composition, Mark, Piece, PostAnswer } from "./composition.ts";

/** A request that waits for its turn, or for a connection. */
export interface Sending {
  /** Its place in the queue; the store gives it. */
  seq?: number;
  /** The Idempotency-Key. */
  key: string;
  account: string;
  blog: string;
  /** The tab that it was sent from, which shows what becomes of it. */
  tab: string;
  method: "POST" | "PATCH";
  path: string;
  /** For a PATCH. */
  version: number | null;
  content: Record<string, unknown>;
  /** Set once the rest is done. */
  marks: { name: Mark; on: boolean }[];
  /** What the body says of its status: as it is, or out in a few seconds unless somebody says no. */
  status: "keep" | "draft" | "submitted" | "published" | "scheduled" | "undoable";
  publishAt: string | null;
  shared: boolean | null;
  /** The bytes of the first try: a key is good for one body. */
  body: string | null;
  tries: number;
  /** Milliseconds; not before then. */
  notBefore: number;
  /** What it was made of, for when it comes back. */
  composition: Composition;
}

/** What became of it. */
export interface Sent {
  sending: Sending;
  post: PostAnswer;
  /** Until when it can be called back, by this device's clock; milliseconds. */
  until: number;
}

/** A picture that is on its way to the newsroom. */
export interface Upload {
  /** Also its Idempotency-Key, so that a second try makes no second picture. */
  id: string;
  composition: string;
  name: string;
  /** null once it is there. */
  file: Blob | null;
  /** As the server answered. */
  picture: Piece | null;
  /** Milliseconds. */
  addedAt: number;
}

interface Schema extends DBSchema {
  compositions: { key: string; value: Composition };
  outbox: { key: number; value: Sending };
  uploads: { key: string; value: Upload };
  /** By the Idempotency-Key. */
  sent: { key: string; value: Sent };
}

/** Milliseconds. What was thrown away can be had back for so long. */
const DISCARDED_FOR = 60 * 60 * 1000;
/** Milliseconds after which an upload that belongs to nothing is forgotten. */
const UPLOAD_FOR = 60 * 60 * 1000;

/**
 * What was typed and what has to go out, kept on the device at once. Where the browser refuses to keep anything, as
 * some do in private windows, it stays in memory, and `refused` says so.
 */
export class DraftsStore {
  #db: IDBPDatabase<Schema> | null = null;
  readonly #memory = {
    compositions: new Map<string, Composition>(),
    outbox: new Map<number, Sending>(),
    uploads: new Map<string, Upload>(),
  };
  #lastSeq = 0;
  readonly #channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("dateline-drafts");
  readonly #refused: (why: unknown) => void;

  /** @param refused called when the browser keeps nothing, now or from some moment on */
  constructor(refused: (why: unknown) => void) {
    this.#refused = refused;
  }

  /** Whether what is written outlives the page. */
  get isKept(): boolean {
    return this.#db !== null;
  }

  async open(): Promise<void> {
    try {
      this.#db = await openDB<Schema>("dateline-desk", 3, {
        upgrade(db, from) {
          if (from < 1) {
            db.createObjectStore("compositions", { keyPath: "id" });
            db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
          }
          if (from < 2) db.createObjectStore("uploads", { keyPath: "id" });
          db.createObjectStore("sent", { keyPath: "sending.key" });
        },
        // A newer page in another tab must not wait for this one.
        blocking: () => this.#db?.close(),
      });
      await this.#forgetOld(this.#db);
    } catch (error) {
      this.#lose(error);
    }
  }

  /** Calls back whenever something changed here or in another tab. */
  watch(changed: () => void): void {
    this.#channel?.addEventListener("message", changed);
    this.#changed = changed;
  }

  async keep(composition: Composition): Promise<void> {
    // What is written must not change while it is being written.
    const copy = structuredClone(composition);
    await this.#do(
      async (db) => void (await db.put("compositions", copy)),
      () => void this.#memory.compositions.set(copy.id, copy),
    );
  }

  /** As it is now, whichever tab wrote it; null when it was sent or forgotten. */
  async composition(id: string): Promise<Composition | null> {
    return this.#do(
      async (db) => (await db.get("compositions", id)) ?? null,
      () => structuredClone(this.#memory.compositions.get(id) ?? null),
    );
  }

  /** Throws it away, or has it back; what is in it stays as it is. */
  async discard(id: string, discardedAt: number | null): Promise<void> {
    await this.#do(
      async (db) => {
        const transaction = db.transaction("compositions", "readwrite");
        const now = await transaction.store.get(id);
        if (now) await transaction.store.put({ ...now, discardedAt });
        await transaction.done;
      },
      () => {
        const now = this.#memory.compositions.get(id);
        if (now) this.#memory.compositions.set(id, { ...now, discardedAt });
      },
    );
  }

  async forget(id: string): Promise<void> {
    await this.#do(
      (db) => db.delete("compositions", id),
      () => void this.#memory.compositions.delete(id),
    );
  }

  /** Everything the account has unfinished in the blog, the latest first. */
  async compositions(account: string, blog: string): Promise<Composition[]> {
    const all = await this.#do(
      (db) => db.getAll("compositions"),
      () => [...this.#memory.compositions.values()],
    );
    return all
      .filter((one) => one.account === account && one.blog === blog)
      .sort((one, other) => other.updatedAt - one.updatedAt);
  }

  /** From the desk of drafts to the outbox, or not at all. */
  async send(sending: Sending): Promise<void> {
    const copy = structuredClone(sending);
    await this.#do(
      async (db) => {
        const transaction = db.transaction(["compositions", "outbox"], "readwrite", { durability: "strict" });
        await Promise.all([
          transaction.objectStore("compositions").delete(copy.composition.id),
          transaction.objectStore("outbox").add(copy),
          transaction.done,
        ]);
      },
      () => {
        copy.seq = ++this.#lastSeq;
        this.#memory.compositions.delete(copy.composition.id);
        this.#memory.outbox.set(copy.seq, copy);
      },
    );
  }

  /** What one account has to send, in order. */
  async outbox(account: string): Promise<Sending[]> {
    const all = await this.#do(
      (db) => db.getAll("outbox"),
      () => [...this.#memory.outbox.values()],
    );
    return all.filter((one) => one.account === account);
  }

  /** Notes how a try went; not for one that was taken back meanwhile. */
  async note(sending: Sending): Promise<boolean> {
    const copy = structuredClone(sending);
    return this.#do(
      async (db) => {
        const transaction = db.transaction("outbox", "readwrite");
        const isThere = (await transaction.store.getKey(copy.seq!)) !== undefined;
        if (isThere) await transaction.store.put(copy);
        await transaction.done;
        return isThere;
      },
      () => this.#memory.outbox.has(copy.seq!) && Boolean(this.#memory.outbox.set(copy.seq!, copy)),
    );
  }

  /**
   * Out of the outbox.
   * @param canUndo keeps it for the tab that it was sent from, which may be loading while another sends it
   */
  async sent(sent: Sent, canUndo: boolean): Promise<void> {
    const seq = sent.sending.seq!;
    await this.#do(
      async (db) => {
        const transaction = db.transaction(["outbox", "sent"], "readwrite");
        await Promise.all([
          transaction.objectStore("outbox").delete(seq),
          canUndo ? transaction.objectStore("sent").put(sent) : null,
          transaction.done,
        ]);
      },
      () => void this.#memory.outbox.delete(seq),
    );
  }

  /** What one account can still call back, the oldest first. What is only in memory is gone with the page. */
  async undoable(account: string): Promise<Sent[]> {
    const all = await this.#do(
      (db) => db.getAll("sent"),
      () => [],
    );
    return all
      .filter(({ sending, until }) => sending.account === account && until > Date.now())
      .sort((one, other) => one.until - other.until);
  }

  /** @param key the Idempotency-Key with which it was sent */
  async forgetSent(key: string): Promise<void> {
    await this.#do(
      (db) => db.delete("sent", key),
      () => {},
    );
  }

  /** From the outbox back to what is unfinished. */
  async bringBack(seq: number, composition: Composition): Promise<void> {
    const copy = structuredClone(composition);
    await this.#do(
      async (db) => {
        const transaction = db.transaction(["compositions", "outbox"], "readwrite", { durability: "strict" });
        await Promise.all([
          transaction.objectStore("compositions").put(copy),
          transaction.objectStore("outbox").delete(seq),
          transaction.done,
        ]);
      },
      () => {
        this.#memory.compositions.set(copy.id, copy);
        this.#memory.outbox.delete(seq);
      },
    );
  }

  /** The same for what has not left: once it has its bytes, it may be there. @returns whether it is unfinished again */
  async takeBack(seq: number): Promise<boolean> {
    return this.#do(
      async (db) => {
        const transaction = db.transaction(["compositions", "outbox"], "readwrite", { durability: "strict" });
        const outbox = transaction.objectStore("outbox");
        const sending = await outbox.get(seq);
        const isHere = sending?.body === null;
        if (isHere) {
          await transaction.objectStore("compositions").put(sending.composition);
          await outbox.delete(seq);
        }
        await transaction.done;
        return isHere;
      },
      () => {
        const sending = this.#memory.outbox.get(seq);
        if (sending?.body !== null) return false;
        this.#memory.compositions.set(sending.composition.id, sending.composition);
        return this.#memory.outbox.delete(seq);
      },
    );
  }

  /** A file may be more than the device has room for; then it stays in memory, and the words are kept all the same. */
  async keepUpload(upload: Upload): Promise<void> {
    this.#memory.uploads.set(upload.id, upload);
    try {
      await this.#db?.put("uploads", upload);
      if (this.#db) this.#memory.uploads.delete(upload.id);
    } catch {
      // It stays where it is.
    }
  }

  async upload(id: string): Promise<Upload | null> {
    const inMemory = this.#memory.uploads.get(id) ?? null;
    return (
      inMemory ??
      (await this.#do(
        async (db) => (await db.get("uploads", id)) ?? null,
        () => null,
      ))
    );
  }

  async forgetUpload(id: string): Promise<void> {
    this.#memory.uploads.delete(id);
    await this.#do(
      (db) => db.delete("uploads", id),
      () => {},
    );
  }

  /** Tells the other tabs, and this one. */
  tell(): void {
    this.#channel?.postMessage("changed");
    this.#changed();
  }

  #changed: () => void = () => {};

  async #do<T>(kept: (db: IDBPDatabase<Schema>) => Promise<T>, inMemory: () => T): Promise<T> {
    if (this.#db) {
      try {
        return await kept(this.#db);
      } catch (error) {
        this.#lose(error);
      }
    }
    return inMemory();
  }

  #lose(error: unknown): void {
    this.#db = null;
    this.#refused(error);
  }

  /** Of all accounts. */
  async #forgetOld(db: IDBPDatabase<Schema>): Promise<void> {
    for (const { sending, until } of await db.getAll("sent"))
      if (until <= Date.now()) await db.delete("sent", sending.key);
    for (const { id, discardedAt } of await db.getAll("compositions"))
      if (discardedAt !== null && discardedAt < Date.now() - DISCARDED_FOR) await db.delete("compositions", id);
    const unfinished = new Set(await db.getAllKeys("compositions"));
    for (const { id, composition, addedAt } of await db.getAll("uploads"))
      if (!unfinished.has(composition) && addedAt < Date.now() - UPLOAD_FOR) await db.delete("uploads", id);
  }
}
