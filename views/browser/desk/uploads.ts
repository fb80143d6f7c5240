import { NEW_PIECE } from "./composition.ts";
import type { DraftsStore, Upload } from "./drafts-store.ts";
import { uploadPicture } from "./media-upload.ts";
import { reasonFor, refusalOf, type Picture } from "./picture.ts";

export type UploadState =
  /** For its turn. */
  | { kind: "waiting" }
  /** A share from 0 to 1; at 1 the server makes its sizes. */
  | { kind: "sending"; share: number }
  /** It is tried again by itself. */
  | { kind: "unreached" }
  | { kind: "signed-out" }
  | { kind: "refused"; reason: string; canRetry: boolean }
  | { kind: "done"; picture: Picture };

interface Entry {
  readonly upload: Upload;
  state: UploadState;
  tries: number;
  /** Milliseconds; not before then. */
  notBefore: number;
  request: AbortController | null;
  watch: (state: UploadState) => void;
}

/** A phone's connection and the server do no better with more. */
const AT_ONCE = 2;
/** Refusals that no second try changes. */
const ABOUT_THE_FILE = new Set([410, 413, 415, 422]);
/** Milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/**
 * Pictures on their way: each is on the device with its key before it leaves, and goes on until the server has answered,
 * whatever becomes of the connection, the server or the page.
 */
export class Uploads {
  readonly #store: DraftsStore;
  readonly #signInAgain: () => Promise<boolean>;
  readonly #entries = new Map<string, Entry>();
  #timer = 0;

  constructor(store: DraftsStore, signInAgain: () => Promise<boolean>) {
    this.#store = store;
    this.#signInAgain = signInAgain;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#next());
  }

  /** @returns the piece's id until the server gives it another */
  add(file: File, composition: string): string {
    const id = crypto.randomUUID();
    const upload: Upload = { id, composition, name: file.name, file, picture: null, addedAt: Date.now() };
    const reason = refusalOf(file);
    void this.#begin(upload, reason ? { kind: "refused", reason, canRetry: false } : { kind: "waiting" });
    return NEW_PIECE + id;
  }

  /** Goes on with what an earlier page began, and tells what becomes of it from now on. */
  async follow(piece: string, watch: (state: UploadState) => void): Promise<void> {
    const id = idOf(piece);
    const entry = this.#entries.get(id) ?? (await this.#resume(id));
    if (!entry) {
      const reason = "The file is no longer on this device. Remove it, and choose it again.";
      return watch({ kind: "refused", reason, canRetry: false });
    }
    entry.watch = watch;
    watch(entry.state);
  }

  /** Nobody looks at it any more; it goes on. */
  leave(piece: string): void {
    const entry = this.#entries.get(idOf(piece));
    if (entry) entry.watch = () => {};
  }

  /** For showing it before it is there. */
  fileOf(piece: string): Blob | null {
    return this.#entries.get(idOf(piece))?.upload.file ?? null;
  }

  cancel(piece: string): void {
    const entry = this.#entries.get(idOf(piece));
    this.#entries.delete(idOf(piece));
    entry?.request?.abort();
    void this.#store.forgetUpload(idOf(piece));
    this.#next();
  }

  retry(piece: string): void {
    const entry = this.#entries.get(idOf(piece));
    if (!entry || entry.request) return;
    entry.notBefore = 0;
    this.#say(entry, { kind: "waiting" });
    this.#next();
  }

  #begin(upload: Upload, state: UploadState): Entry {
    const entry: Entry = { upload, state, tries: 0, notBefore: 0, request: null, watch: () => {} };
    this.#entries.set(upload.id, entry);
    // It leaves once it is safe on the device.
    void this.#store.keepUpload(upload).then(() => this.#next());
    return entry;
  }

  async #resume(id: string): Promise<Entry | null> {
    const upload = await this.#store.upload(id);
    const known = this.#entries.get(id);
    if (known || !upload) return known ?? null;
    if (upload.picture) return this.#begin(upload, { kind: "done", picture: upload.picture as Picture });
    const reason = upload.file && refusalOf(upload.file);
    return this.#begin(upload, reason ? { kind: "refused", reason, canRetry: false } : { kind: "waiting" });
  }

  #hurry(): void {
    for (const entry of this.#entries.values()) entry.notBefore = 0;
    this.#next();
  }

  /** Starts what may start now, and looks again when something is due. */
  #next(): void {
    const entries = [...this.#entries.values()];
    const open = entries.filter(({ state, request }) => !request && /waiting|unreached/.test(state.kind));
    const due = open.filter(({ notBefore }) => notBefore <= Date.now());
    const free = AT_ONCE - entries.filter(({ request }) => request).length;
    for (const entry of due.slice(0, Math.max(0, free))) void this.#send(entry);
    clearTimeout(this.#timer);
    const later = open.map(({ notBefore }) => notBefore - Date.now()).filter((wait) => wait > 0);
    if (later.length) this.#timer = setTimeout(() => this.#next(), Math.min(...later) + 10);
  }

  async #send(entry: Entry): Promise<void> {
    const { upload } = entry;
    if (!upload.file) return;
    entry.tries++;
    entry.request = new AbortController();
    this.#say(entry, { kind: "sending", share: 0 });
    const moved = (share: number): void => this.#say(entry, { kind: "sending", share });
    const answer = await uploadPicture(upload.file, upload.id, moved, entry.request.signal);
    entry.request = null;
    if (this.#entries.get(upload.id) !== entry) return;
    switch (answer.kind) {
      case "done":
        await this.#done(entry, answer.body);
        break;
      case "refused":
        this.#say(entry, {
          kind: "refused",
          reason: reasonFor(answer.problem, upload.name),
          canRetry: !ABOUT_THE_FILE.has(answer.problem.status),
        });
        break;
      case "signed-out":
        this.#say(entry, { kind: "signed-out" });
        void this.#signInAgain().then((isBack) => isBack && this.#signedIn());
        break;
      case "unreached":
        entry.notBefore = Date.now() + waitAfter(entry.tries, answer.retryAfterMs);
        this.#say(entry, { kind: "unreached" });
    }
    this.#next();
  }

  async #done({ upload }: Entry, picture: Picture): Promise<void> {
    const entry = this.#entries.get(upload.id)!;
    Object.assign(upload, { picture, file: null });
    await this.#store.keepUpload(upload);
    this.#say(entry, { kind: "done", picture });
  }

  #signedIn(): void {
    for (const entry of this.#entries.values())
      if (entry.state.kind === "signed-out") this.#say(entry, { kind: "waiting" });
    this.#next();
  }

  #say(entry: Entry, state: UploadState): void {
    entry.state = state;
    entry.watch(state);
  }
}

const idOf = (piece: string): string => piece.slice(NEW_PIECE.length);

/** Longer after each try, and never in step with others who lost the same connection. */
function waitAfter(tries: number, asked: number | null): number {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries - 1, 6));
  return Math.max(asked ?? 0, wait) * (0.75 + Math.random() / 2);
}
