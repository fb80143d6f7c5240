import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { LRUCache } from "lru-cache";

/** Bytes below which compressing does not pay. */
const WORTH_DEFLATING = 1_024;
/** The end of a flushed deflate block, which RFC 7692 leaves out on the wire. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const EXTENSION = "permessage-deflate";

/**
 * What to offer so that one compressed frame can be sent to everybody: with neither side keeping a context, each
 * message is compressed by itself.
 */
export const SHARED_DEFLATE = {
  threshold: WORTH_DEFLATING,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
};

/** The parts of a `ws` WebSocket that compression is about; private there, so any of them may be missing. */
export interface Compressible {
  _extensions?: Record<string, Extension | undefined>;
}

interface Extension {
  params?: Record<string, unknown> | null;
}

type Done = (error: Error | null, result?: Buffer) => void;

/** The payload as one deflated message, or null where that would not be smaller. */
export function deflate(payload: Buffer): Buffer | null {
  if (payload.length < WORTH_DEFLATING) return null;
  const smaller = deflated(payload);
  return smaller.length < payload.length ? smaller : null;
}

function deflated(payload: Buffer): Buffer {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -TAIL.length);
}

/**
 * Replaces the permessage-deflate of one connection, which would keep zlib contexts (some 300 KB) from its first
 * compressed message on, by one that keeps nothing.
 * @returns whether the connection is now without such contexts; false where `ws` is not built as expected
 */
export function shareDeflate({ _extensions }: Compressible, maxPayload: number): boolean {
  if (!_extensions) return false;
  const negotiated = _extensions[EXTENSION];
  if (!negotiated) return true;
  const { params } = negotiated;
  if (!params?.server_no_context_takeover || !params.client_no_context_takeover) return false;
  _extensions[EXTENSION] = new SharedDeflate(maxPayload, !params.server_max_window_bits);
  return true;
}

/** Whether this connection can read a frame that was deflated for everybody. */
export function readsShared({ _extensions }: Compressible): boolean {
  const extension = _extensions?.[EXTENSION];
  return extension instanceof SharedDeflate && extension.sends;
}

/** Stands where `ws` expects its PerMessageDeflate: the same methods, without state between messages. */
class SharedDeflate {
  readonly #maxPayload: number;
  /** The parts of a message that is still incomplete. */
  #parts: Buffer[] | null = null;
  /** A client that can only read a smaller window than ours is sent nothing compressed. */
  readonly sends: boolean;

  constructor(maxPayload: number, sends: boolean) {
    this.#maxPayload = maxPayload;
    this.sends = sends;
  }

  get params(): Record<string, unknown> {
    return PARAMS;
  }

  get _isServer(): boolean {
    return true;
  }

  get _threshold(): number {
    return this.sends ? WORTH_DEFLATING : Number.POSITIVE_INFINITY;
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

  compress(data: Buffer | string, _fin: boolean, done: Done): void {
    done(null, deflateOnce(data));
  }

  cleanup(): void {
    this.#parts = null;
  }
}

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
  if (typeof data !== "string") return deflated(data);
  const known = lately.get(data) ?? deflated(Buffer.from(data));
  lately.set(data, known);
  return known;
}
