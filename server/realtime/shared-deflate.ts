import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { LRUCache } from "lru-cache";

/** Bytes below which compressing does not pay. */
export const WORTH_DEFLATING = 1_024;
/** The end of a flushed deflate block, which RFC 7692 leaves out on the wire. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const EXTENSION = "permessage-deflate";

/**
 * What to offer: clients compress each message by itself, so that nothing has to be kept for them, and remember what
 * they were sent unless they ask otherwise.
 */
export const SHARED_DEFLATE = { threshold: WORTH_DEFLATING, clientNoContextTakeover: true };

/** The parts of a `ws` WebSocket that compression is about; private there, so any of them may be missing. */
export interface Compressible {
  _extensions?: Record<string, Extension | undefined>;
}

interface Extension {
  params?: Record<string, unknown> | null;
}

type Done = (error: Error | null, result?: Buffer) => void;

/**
 * The payload as one deflated message.
 * @param dictionary what the window of whoever inflates it ends with; of more than 32 KB, the end counts
 */
export function deflate(payload: Buffer, dictionary: Buffer = EMPTY): Buffer {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary.length ? { dictionary } : {}) };
  return deflateRawSync(payload, options).subarray(0, -TAIL.length);
}

/**
 * Replaces the permessage-deflate of one connection, which would keep zlib contexts (some 300 KB) from its first
 * compressed message on, by one that keeps two numbers. To be called before anything is sent.
 * @returns whether the connection is now without such contexts; false where `ws` is not built as expected
 */
export function shareDeflate({ _extensions }: Compressible, maxPayload: number): boolean {
  if (!_extensions) return false;
  const negotiated = _extensions[EXTENSION];
  if (!negotiated || negotiated instanceof SharedDeflate) return true;
  const { params } = negotiated;
  if (!params?.client_no_context_takeover) return false;
  const { server_max_window_bits: bits = 15, server_no_context_takeover: forgets } = params;
  _extensions[EXTENSION] = new SharedDeflate(maxPayload, bits !== 15 ? "nothing" : forgets ? "single" : "series");
  return true;
}

/** Of a connection that can read frames that were deflated for several. */
export function deflaterOf({ _extensions }: Compressible): SharedDeflate | null {
  const extension = _extensions?.[EXTENSION];
  return extension instanceof SharedDeflate && extension.reads !== "nothing" ? extension : null;
}

/**
 * What a client can read: with a smaller window than ours, nothing compressed; if it forgets each message, those that
 * stand alone; otherwise also those that point at what it was sent before.
 */
type Reads = "nothing" | "single" | "series";

/** Stands where `ws` expects its PerMessageDeflate: the same methods, without a context of its own. */
class SharedDeflate {
  readonly reads: Reads;
  readonly #maxPayload: number;
  /** The parts of a message that is still incomplete. */
  #parts: Buffer[] | null = null;
  /** The broadcast that the client's window ends with, or 0, and how many of the same room it ends with. */
  #last = 0;
  #series = 0;

  constructor(maxPayload: number, reads: Reads) {
    this.#maxPayload = maxPayload;
    this.reads = reads;
  }

  /**
   * A compressed broadcast goes to this client next.
   * @param number its own, and `previous` that of the one before it in the same room
   * @param atOnce whether it overtakes nothing; otherwise the window is not known when it arrives, nor after it
   * @returns how many broadcasts of the room, up to the previous one, the window ends with
   */
  takes(number: number, previous: number, atOnce: boolean): number {
    if (!atOnce || this.reads !== "series") return this.#forget();
    const seen = this.#last === previous ? this.#series : 0;
    this.#last = number;
    this.#series = seen + 1;
    return seen;
  }

  #forget(): 0 {
    this.#last = 0;
    return (this.#series = 0);
  }

  get params(): Record<string, unknown> {
    return PARAMS;
  }

  get _isServer(): boolean {
    return true;
  }

  get _threshold(): number {
    return this.reads === "nothing" ? Number.POSITIVE_INFINITY : WORTH_DEFLATING;
  }

  decompress(data: Buffer, fin: boolean, done: Done): void {
    // Empty parts are legal, cost their sender nothing, and ws counts only their bytes.
    if (data.length) (this.#parts ??= []).push(data);
    // ws goes on reading inside `done`, and must have left its own loop by then.
    if (!fin) return process.nextTick(done, null, EMPTY);
    const parts = this.#parts ?? [];
    this.#parts = null;
    process.nextTick(() => inflate(Buffer.concat([...parts, TAIL]), this.#maxPayload, done));
  }

  /** Something for this client alone: it can be read whatever came before, and ends the series. */
  compress(data: Buffer | string, _fin: boolean, done: Done): void {
    this.#forget();
    done(null, deflateOnce(data));
  }

  cleanup(): void {
    this.#parts = null;
  }
}

/** Not what was agreed on: it has ws compress by our threshold, and each message by itself. */
const PARAMS = { server_no_context_takeover: true, client_no_context_takeover: true };
const EMPTY = Buffer.alloc(0);

/** An error passed on makes `ws` close the connection. */
function inflate(data: Buffer, maxPayload: number, done: Done): void {
  let message: Buffer;
  try {
    message = inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxPayload });
  } catch (error) {
    return done(error as Error);
  }
  done(null, message);
}

/** Those who come back together are answered the same, each by an acknowledgement of their own. */
const lately = new LRUCache<string, Buffer>({
  maxSize: 8_000_000,
  sizeCalculation: (frame, text) => frame.length + text.length,
});

function deflateOnce(data: Buffer | string): Buffer {
  if (typeof data !== "string") return deflate(data);
  const known = lately.get(data) ?? deflate(Buffer.from(data));
  lately.set(data, known);
  return known;
}
