import type { Connection } from "./slim-connection.ts";

/** What Socket.IO 4 keeps for each connection. Much of it is private there, so any part may be missing. */
export interface Client {
  readonly conn?: Connection;
  sockets?: Map<string, unknown>;
  nsps?: Map<string, unknown>;
  decoder?: Decoder;
  ondata?(data: unknown): void;
  ondecoded?(packet: unknown): void;
  onerror?(error: Error): void;
  onclose?(reason: string, description?: unknown): void;
}

interface Decoder {
  constructor: unknown;
  reconstructor?: unknown;
  on(event: "decoded", listener: (packet: unknown) => void): void;
}

/**
 * Takes from a client the four functions that are bound to it and the decoder that is its own, for those that all
 * clients share; and gives it small maps.
 * @returns whether that could be done; whoever listens to the connection then passes on what it hears
 */
export function slimClient(client: Client): boolean {
  const { conn, sockets, nsps, decoder } = client;
  if (!conn || !decoder || decoder.reconstructor || typeof decoder.on !== "function") return false;
  const inherited = Object.getPrototypeOf(client) as Client;
  for (const name of LISTENERS)
    if (typeof inherited[name] !== "function" || typeof client[name] !== "function") return false;
  for (const [event, name] of Object.entries({ data: "ondata", error: "onerror", close: "onclose" } as const))
    conn.removeListener(event, client[name]!);
  const { ondecoded, onerror, onclose } = inherited;
  Object.assign(client, { ondata: decodeTogether, ondecoded, onerror, onclose, decoder: sharedDecoder(decoder) });
  if (sockets instanceof Map) client.sockets = new SmallMap(sockets) as unknown as Map<string, unknown>;
  if (nsps instanceof Map) client.nsps = new SmallMap(nsps) as unknown as Map<string, unknown>;
  return true;
}

const LISTENERS = ["ondata", "ondecoded", "onerror", "onclose"] as const;

/** A text is decoded at once and whole; only the parts of a binary message are waited for. */
const shared = new Map<unknown, Decoder>();
let decodingFor: Client | null = null;

function sharedDecoder(like: Decoder): Decoder {
  const known = shared.get(like.constructor);
  if (known) return known;
  const decoder = new (like.constructor as new () => Decoder)();
  decoder.on("decoded", (packet) => decodingFor!.ondecoded!(packet));
  shared.set(like.constructor, decoder);
  return decoder;
}

function decodeTogether(this: Client, data: unknown): void {
  const { decoder } = this;
  if (decoder && !isText(data) && shared.get(decoder.constructor) === decoder) {
    const own = new (decoder.constructor as new () => Decoder)();
    own.on("decoded", (packet) => this.ondecoded!(packet));
    this.decoder = own;
  }
  const before = decodingFor;
  decodingFor = this;
  (Object.getPrototypeOf(this) as Client).ondata!.call(this, data);
  decodingFor = before;
}

/** Socket.IO's types 5 and 6 announce that binary parts will follow. */
const isText = (data: unknown): boolean => typeof data === "string" && !data.startsWith("5") && !data.startsWith("6");

/** A map that is small while it has no more than one entry, as almost all of them: 50 bytes instead of 180. */
export class SmallMap<K, V> {
  #key: K | undefined = undefined;
  #value: V | undefined = undefined;
  #map: Map<K, V> | null = null;

  constructor(entries: Map<K, V>) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#map ? this.#map.size : this.#key === undefined ? 0 : 1;
  }

  has(key: K): boolean {
    return this.#map ? this.#map.has(key) : key !== undefined && this.#key === key;
  }

  get(key: K): V | undefined {
    return this.#map ? this.#map.get(key) : this.has(key) ? this.#value : undefined;
  }

  set(key: K, value: V): this {
    if (!this.#map && (this.#key === undefined || this.#key === key)) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#map ??= new Map([[this.#key!, this.#value!]]);
      this.#map.set(key, value);
    }
    return this;
  }

  delete(key: K): boolean {
    if (this.#map) return this.#map.delete(key);
    const there = this.has(key);
    if (there) this.clear();
    return there;
  }

  clear(): void {
    this.#map = null;
    this.#key = this.#value = undefined;
  }

  forEach(visit: (value: V, key: K, map: this) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return (this.#map ?? new Map(this.size ? [[this.#key!, this.#value!]] : [])).entries();
  }

  *keys(): Generator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
