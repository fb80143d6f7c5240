import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { LRUCache } from "lru-cache";

type Encoding = "br" | "gzip" | "identity";

const compress = { br: promisify(brotliCompress), gzip: promisify(gzip) };
/** Brotli 5 gives most of the gain at a thirtieth of the time that 11 takes. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const BROTLI_BEST = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };

/** Milliseconds after which nothing more can have happened in the second that a Last-Modified names, on any clock. */
const SETTLED = 60_000;

/** What goes with an answer besides its type. */
export interface Extras {
  /** Whether it may be kept for long elsewhere. */
  readonly isFinal?: boolean;
  /** Whether it is worth much work to be small: what many ask for and nobody can make up more of. */
  readonly isSmallest?: boolean;
  /** When it last changed. */
  readonly modified?: Date;
  readonly headers?: Record<string, string>;
}

/** One rendered answer, compressed the first time somebody asks for that encoding. */
export class Rendition {
  readonly version: string;
  readonly type: string;
  readonly etag: string;
  readonly #bodies = new Map<Encoding, Promise<Buffer>>();
  readonly #identity: Buffer;
  readonly #extras: Extras;

  /** @param version of what it shows; it is served only while that is the newest */
  constructor(version: string, type: string, text: string, extras: Extras = {}) {
    this.version = version;
    this.type = type;
    this.#identity = Buffer.from(text);
    this.#extras = extras;
    this.etag = `W/"${createHash("sha256").update(this.#identity).digest("base64url").slice(0, 22)}"`;
  }

  get bytes(): number {
    return this.#identity.length * 2 + 2_048;
  }

  get isFinal(): boolean {
    return this.#extras.isFinal === true;
  }

  get headers(): Record<string, string> {
    const since = this.lastModified;
    return { ETag: this.etag, ...(since && { "Last-Modified": since }), ...this.#extras.headers };
  }

  /** Null while a change in the same second could still come. */
  get lastModified(): string | null {
    const { modified } = this.#extras;
    return modified && Date.now() - modified.getTime() > SETTLED ? modified.toUTCString() : null;
  }

  body(encoding: Encoding): Buffer | Promise<Buffer> {
    if (encoding === "identity") return this.#identity;
    let body = this.#bodies.get(encoding);
    if (!body) {
      const brotli = this.#extras.isSmallest ? BROTLI_BEST : BROTLI;
      body = (encoding === "br" ? compress.br(this.#identity, brotli) : compress.gzip(this.#identity)).then(ownCopy);
      this.#bodies.set(encoding, body);
    }
    return body;
  }
}

/** zlib's results are slices of pages of many kilobytes, which they would keep alive. */
function ownCopy(slice: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(slice.length);
  slice.copy(own);
  return own;
}

/**
 * Rendered answers by address, each good for one version. Whoever asks while one is being made waits for that one, so
 * a burst costs one rendering a version.
 */
export class PageCache {
  readonly #kept: LRUCache<string, Rendition>;
  readonly #making = new Map<string, Promise<Rendition>>();

  /** @param maxSize bytes of what is kept in memory, all encodings together */
  constructor(maxSize: number) {
    this.#kept = new LRUCache({ maxSize, sizeCalculation: (page) => page.bytes });
  }

  /** The kept answer whatever its version, for when the database cannot be asked for a newer one. */
  peek(key: string): Rendition | undefined {
    return this.#kept.get(key);
  }

  async get(key: string, version: string, make: () => Promise<Rendition>): Promise<Rendition> {
    const kept = this.#kept.get(key);
    if (kept?.version === version) return kept;
    const making = `${key} ${version}`;
    const underWay = this.#making.get(making) ?? this.#make(key, make).finally(() => this.#making.delete(making));
    this.#making.set(making, underWay);
    return underWay;
  }

  async #make(key: string, make: () => Promise<Rendition>): Promise<Rendition> {
    const made = await make();
    this.#kept.set(key, made);
    return made;
  }
}

/** What a CDN knows all answers about a blog by. */
export const surrogateKey = (slug: string): string => `blog-${slug}`;

/** Sends a rendition in the best encoding the client takes, or 304 when the client has it. */
export async function sendRendition(
  request: IncomingMessage,
  response: ServerResponse,
  rendition: Rendition,
  headers: Record<string, string>,
): Promise<void> {
  const fixed = { ...headers, ...rendition.headers, Vary: "Accept-Encoding" };
  if (isKnown(request, rendition)) {
    response.writeHead(304, fixed).end();
    return;
  }
  const encoding = preferred(request.headers["accept-encoding"]);
  const ready = rendition.body(encoding);
  const body = Buffer.isBuffer(ready) ? ready : await ready;
  response.writeHead(200, {
    ...fixed,
    "Content-Type": rendition.type,
    "Content-Length": body.length,
    ...(encoding === "identity" ? {} : { "Content-Encoding": encoding }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** By the tag; only a client that names none goes by the time. */
function isKnown({ headers }: IncomingMessage, { etag, lastModified }: Rendition): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) return tags.includes(etag);
  return lastModified !== null && Date.parse(headers["if-modified-since"] ?? "") >= Date.parse(lastModified);
}

function preferred(accepted: string | string[] | undefined): Encoding {
  const given = String(accepted ?? "");
  if (/\bbr\b(?!;q=0(\.0+)?(,|$))/.test(given)) return "br";
  return /\bgzip\b(?!;q=0(\.0+)?(,|$))/.test(given) ? "gzip" : "identity";
}
