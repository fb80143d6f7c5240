import { deflate, deflaterOf, WORTH_DEFLATING, type Compressible } from "./shared-deflate.ts";

/** Bytes that a client's inflater can look back. */
const WINDOW = 32_768;

/**
 * Makes the messages that are broadcast to rooms. Who was sent a room's last messages, and nothing else that was
 * compressed, has them in its inflater's window, and can read a message in which whatever they said before is only
 * pointed at. Most readers of a room have seen the same, so one such frame serves them all.
 */
export class Messages {
  /** By the set of a room's members, which lives as long as the room does. */
  readonly #said = new WeakMap<object, Said>();
  #count = 0;

  /** @param text a packet as Socket.IO encodes it */
  next(members: object, text: string): Message {
    // engine.io's type of a message is 4.
    const payload = Buffer.from(`4${text}`);
    if (payload.length < WORTH_DEFLATING) return new Message(text, payload, null);
    const before = this.#said.get(members) ?? NOTHING;
    const number = ++this.#count;
    this.#said.set(members, said(before, number, payload));
    return new Message(text, payload, { number, before });
  }
}

/** What a room's readers were sent last, as far as a window reaches. */
interface Said {
  /** The number of the last message, unique among all rooms; 0 before the first. */
  readonly number: number;
  /** The end of all messages in a row, at most WINDOW bytes; the first one may be cut. */
  readonly text: Buffer;
  /** Of the messages that it holds, the latest last; in bytes. */
  readonly sizes: readonly number[];
}

/** Where a message stands in its room. */
interface Place {
  readonly number: number;
  readonly before: Said;
}

const NOTHING: Said = { number: 0, text: Buffer.alloc(0), sizes: [] };

function said(before: Said, number: number, payload: Buffer): Said {
  const end = payload.subarray(Math.max(0, payload.length - WINDOW));
  const kept = before.text.subarray(Math.max(0, before.text.length + end.length - WINDOW));
  const sizes = [...before.sizes, payload.length];
  // As many as it takes to fill the window, with the oldest of them perhaps cut.
  while (sumOf(sizes.slice(1)) >= WINDOW) sizes.shift();
  return { number, text: Buffer.concat([kept, end]), sizes };
}

const sumOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** One broadcast's text and its WebSocket frames, each made at most once. */
export class Message {
  readonly encoded: [string];
  readonly #payload: Buffer;
  /** null where compressing does not pay. */
  readonly #place: Place | null;
  #plain: Buffer | null = null;
  /** By how many messages it looks back. */
  readonly #deflated: Buffer[] = [];

  constructor(text: string, payload: Buffer, place: Place | null) {
    this.encoded = [text];
    this.#payload = payload;
    this.#place = place;
  }

  /** For everybody. */
  get plain(): Buffer {
    return (this.#plain ??= frame(this.#payload, TEXT));
  }

  /**
   * For one reader.
   * @param atOnce whether it is on its way before anything else is; what waits may end up behind something compressed
   */
  frameFor(websocket: Compressible | undefined, atOnce: boolean): Buffer {
    const deflater = websocket && deflaterOf(websocket);
    if (!deflater || !this.#place) return this.plain;
    const { number, before } = this.#place;
    const seen = deflater.takes(number, before.number, atOnce);
    const depth = seen >= before.sizes.length ? before.sizes.length : DEPTHS.find((one) => one <= seen)!;
    return (this.#deflated[depth] ??= frame(deflate(this.#payload, lastOf(before, depth)), TEXT | COMPRESSED));
  }
}

/**
 * Who has not seen as much as the window holds, having joined lately, is sent a frame that looks back this far: few
 * kinds, since each is deflated anew.
 */
const DEPTHS = [4, 1, 0];

function lastOf({ text, sizes }: Said, messages: number): Buffer {
  if (messages === sizes.length) return text;
  return text.subarray(text.length - sumOf(sizes.slice(sizes.length - messages)));
}

/** First bytes of a WebSocket frame: a whole text message, and the bit that says that it is deflated. */
const TEXT = 0x81;
const COMPRESSED = 0x40;

function frame(payload: Buffer, first: number): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = length < 65_536 ? 126 : 127;
  header.writeUIntBE(length, length < 65_536 ? 2 : 4, length < 65_536 ? 2 : 6);
  return Buffer.concat([header, payload]);
}
