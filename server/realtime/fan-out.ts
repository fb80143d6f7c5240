import { Adapter, type BroadcastOptions } from "socket.io-adapter";
import type { Socket as TcpSocket } from "node:net";
import type { Server } from "socket.io";
import type { Metrics } from "../metrics.ts";
import { waiting, writeDirectly } from "./direct-write.ts";
import { Messages, type Message } from "./message.ts";
import { shareDeflate, type Compressible } from "./shared-deflate.ts";
import { slim, type Connection } from "./slim-connection.ts";

/** Bytes that may wait for one reader before it counts as too slow and is let go; it comes back and catches up. */
const MAX_UNSENT = 1_048_576;
/** Milliseconds that a slow reader has to take what it was sent before its connection is cut. */
const LAST_CHANCE = 5_000;
/**
 * Readers served in one turn of the event loop, half a millisecond of work: a reporter's POST takes ten turns and more,
 * and a large room is not to hold it up in each.
 */
const SLICE = 32;

/**
 * Makes a room's broadcasts cheap: encoded once, compressed once, and written as one buffer straight to the TCP socket
 * of each reader who has nothing else waiting. Call it before anybody connects.
 */
export function fanOut(io: Server, metrics: Metrics): void {
  io.adapter(
    class extends FanOut {
      constructor(namespace: unknown) {
        super(namespace, () => metrics.slowReaders.inc());
      }
    },
  );
  const maxPayload = io.engine.opts.maxHttpBufferSize ?? 0;
  beforeAnythingIsSent(io, (websocket) => shareDeflate(websocket, maxPayload));
  io.engine.on("connection", (connection: Connection) => prepare(connection, maxPayload));
  io.on("connection", (socket) => {
    const { adapter } = io.of("/");
    if (adapter instanceof FanOut) adapter.keepInOrder(socket as unknown as Reader);
  });
  slim(io);
}

/** Resolves when a room's members have been served what was broadcast so far. */
export async function served(io: Server, room: string): Promise<void> {
  const { adapter } = io.of("/");
  if (adapter instanceof FanOut) await adapter.served(room);
}

type Upgrade = (request: unknown, tcp: unknown, head: unknown, done: Upgraded) => void;
type Upgraded = (websocket: Compressible, request: unknown) => void;

/** engine.io sends the first message before anybody hears of a connection. */
function beforeAnythingIsSent(io: Server, prepared: (websocket: Compressible) => void): void {
  const { ws } = io.engine as unknown as { ws?: { handleUpgrade?: Upgrade } };
  const upgrade = ws?.handleUpgrade;
  if (!upgrade) return;
  ws.handleUpgrade = (request, tcp, head, done) =>
    upgrade.call(ws, request, tcp, head, (websocket, again) => {
      prepared(websocket);
      done(websocket, again);
    });
}

function prepare({ transport }: Connection, maxPayload: number): void {
  const websocket = transport?.socket;
  if (!websocket || !shareDeflate(websocket, maxPayload)) return;
  // With this set, engine.io would encode and compress every message for every reader by itself.
  transport.perMessageDeflate = null;
}

/** What a broadcast needs of a Socket.IO socket. Much of it is private there, so each part is asked for with care. */
interface Reader {
  readonly id: string;
  readonly client: Client;
  /** The number of the last pass that has reached it. */
  passed: number;
}

interface Client {
  readonly conn: Connection;
  readonly sockets?: Map<string, unknown>;
  writeToEngine?: WriteToEngine;
}

type WriteToEngine = (this: Client, encoded: unknown[], options: FrameOptions) => void;

/** engine.io sends a frame that it is given here as it is. */
interface FrameOptions {
  wsPreEncodedFrame?: Buffer[];
}

/** A message on its way to the members of a large room. */
class Pass {
  readonly room: string;
  readonly message: Message;
  /** Resolves when everybody was served. */
  readonly finished: Promise<void>;
  readonly #done: () => void;
  /** Of all passes; each is over before the next one begins, so a reader is reached in this order. */
  readonly #number: number;
  /** Who was there when it began, in the order of serving, and how many of them had their turn. */
  readonly #readers: readonly Reader[];
  #served = 0;
  /** Came or went meanwhile; few. */
  readonly #strangers = new Set<string>();

  constructor(number: number, room: string, message: Message, readers: readonly Reader[]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#number = number;
    this.room = room;
    this.message = message;
    this.#readers = readers;
    this.finished = promise;
    this.#done = resolve;
  }

  /** The next ones to serve. Ends the pass with the last of them. @returns whether there are more */
  serveSome(count: number, serve: (reader: Reader) => void): boolean {
    const end = Math.min(this.#served + count, this.#readers.length);
    while (this.#served < end) {
      const reader = this.#readers[this.#served++]!;
      if (this.reach(reader)) serve(reader);
    }
    if (end < this.#readers.length) return true;
    this.#done();
    return false;
  }

  /** Whoever is owed the message, being in its room, is not from now on. @returns whether they were */
  reach(reader: Reader): boolean {
    if (reader.passed >= this.#number || this.#strangers.has(reader.id)) return false;
    reader.passed = this.#number;
    return true;
  }

  /** Somebody has come to the room or left it, and is owed nothing. */
  pardon(id: string): void {
    this.#strangers.add(id);
  }
}

/** An adapter whose broadcasts to one room cost each reader one write, in the order in which everything was sent. */
export class FanOut extends Adapter {
  /** Frames written straight to a socket, and those left to the library; for tests and the curious. */
  readonly counts = { direct: 0, library: 0 };
  readonly #onSlow: () => void;
  readonly #messages = new Messages();
  /** Under way, the oldest first, and how many there ever were. */
  readonly #passes: Pass[] = [];
  #begun = 0;
  /** The members of large rooms, until one comes or goes. */
  readonly #members = new Map<string, readonly Reader[]>();
  /** One function for all clients, since each costs memory. */
  #written: { ordinary: WriteToEngine; inOrder: WriteToEngine } | null = null;

  constructor(namespace: unknown, onSlow: () => void) {
    super(namespace);
    this.rooms = new Rooms(this.sids);
    this.#onSlow = onSlow;
    const change = (room: string, id: string) => {
      this.#members.delete(room);
      for (const pass of this.#passes) if (pass.room === room) pass.pardon(id);
    };
    this.on("join-room", change);
    this.on("leave-room", change);
  }

  override broadcast(packet: { nsp?: string }, options: BroadcastOptions): void {
    const room = onlyRoom(options);
    const encoded = room === null ? null : this.#encode(packet);
    if (room === null || !encoded) return super.broadcast(packet, options);
    const members = this.rooms.get(room);
    if (!members) return;
    const message = this.#messages.next(members, encoded);
    if (members.size > SLICE) this.#begin(room, message, members);
    else for (const id of members) this.#serve(id, message);
  }

  /** Resolves when nothing of what was broadcast to the room is still on its way to a member. */
  async served(room: string): Promise<void> {
    await this.#passes.findLast((pass) => pass.room === room)?.finished;
  }

  /** From now on, what is sent to this reader alone waits its turn behind broadcasts that are still under way. */
  keepInOrder(reader: Reader): void {
    reader.passed = 0;
    const { client } = reader;
    if (typeof client?.writeToEngine === "function") client.writeToEngine = this.#inOrder(client.writeToEngine);
  }

  #inOrder(ordinary: WriteToEngine): WriteToEngine {
    if (this.#written?.ordinary === ordinary) return this.#written.inOrder;
    const before = ({ sockets }: Client) => {
      if (this.#passes.length) for (const id of sockets?.keys() ?? []) this.#serve(id, null);
    };
    const after = ({ conn }: Client) => this.#letGoIfSlow(conn);
    const inOrder = function writeInOrder(this: Client, encoded: unknown[], options: FrameOptions): void {
      before(this);
      ordinary.call(this, encoded, options);
      after(this);
    };
    this.#written = { ordinary, inOrder };
    return inOrder;
  }

  #encode(packet: { nsp?: string }): string | null {
    packet.nsp = this.nsp.name as string;
    const encoded = (this.nsp.server as { encoder: { encode(packet: object): unknown[] } }).encoder.encode(packet);
    return encoded.length === 1 && typeof encoded[0] === "string" ? encoded[0] : null;
  }

  #begin(room: string, message: Message, members: Set<string>): void {
    const readers = this.#members.get(room) ?? [...members].flatMap((id) => this.#reader(id) ?? []);
    this.#members.set(room, readers);
    this.#passes.push(new Pass(++this.#begun, room, message, readers));
    if (this.#passes.length === 1) this.#turn();
  }

  /** Serves one slice of the oldest pass, which owes nobody anything from before, and the rest in later turns. */
  #turn = (): void => {
    const [pass] = this.#passes;
    if (!pass) return;
    if (!pass.serveSome(SLICE, (reader) => this.#send(reader, pass.message))) this.#passes.shift();
    if (this.#passes.length) setImmediate(this.#turn);
  };

  /** Sends a reader what passes still owe it, and then the message. */
  #serve(id: string, message: Message | null): void {
    const reader = this.#reader(id);
    if (!reader) return;
    for (const pass of this.#passes)
      if (this.rooms.get(pass.room)?.has(id) && pass.reach(reader)) this.#send(reader, pass.message);
    if (message) this.#send(reader, message);
  }

  #reader(id: string): Reader | undefined {
    return this.nsp.sockets.get(id) as Reader | undefined;
  }

  #send({ client }: Reader, message: Message): void {
    const connection = client.conn;
    const tcp = idleSocket(connection);
    const frame = message.frameFor(connection.transport?.socket, tcp !== null);
    if (tcp) {
      this.counts.direct++;
      writeDirectly(tcp, frame);
    } else {
      this.counts.library++;
      for (const packet of message.encoded) connection.write(packet, { wsPreEncodedFrame: [frame] });
      this.#letGoIfSlow(connection);
    }
  }

  #letGoIfSlow(connection: Connection): void {
    const tcp = connection.transport?.socket?._socket;
    if (!tcp || connection.readyState !== "open" || unsent(connection) <= MAX_UNSENT) return;
    this.#onSlow();
    connection.close();
    setTimeout(() => tcp.destroy(), LAST_CHANCE).unref();
  }
}

/** The rooms there are. Everybody is alone in a room named after them, which is made up when asked for: it costs 200 bytes. */
class Rooms extends Map<string, Set<string>> {
  readonly #sockets: Map<string, unknown>;

  constructor(sockets: Map<string, unknown>) {
    super();
    this.#sockets = sockets;
  }

  override has(room: string): boolean {
    return super.has(room) || this.#sockets.has(room);
  }

  override get(room: string): Set<string> | undefined {
    return super.get(room) ?? (this.#sockets.has(room) ? new Set([room]) : undefined);
  }
}

/** The one room that a plain broadcast is meant for; null for anything else. */
function onlyRoom({ rooms, except, flags }: BroadcastOptions): string | null {
  if (rooms.size !== 1 || except?.size) return null;
  if (flags && (flags.volatile || flags.timeout !== undefined || flags.compress === false)) return null;
  const [room] = rooms;
  return room!;
}

/**
 * The TCP socket of a connection where nothing waits to be sent, so that a whole frame written to it is in order.
 * null where anything is unusual, or not as in engine.io 6 with ws 8: the library knows what to do then.
 */
function idleSocket({ readyState, upgrading, writeBuffer, transport }: Connection): TcpSocket | null {
  if (readyState !== "open" || upgrading || writeBuffer?.length !== 0) return null;
  if (!transport || transport.name !== "websocket" || transport.writable !== true || transport.perMessageDeflate)
    return null;
  const { socket } = transport;
  const tcp = socket?._socket;
  return socket?.readyState === 1 && tcp?.writableLength === 0 && !tcp.destroyed && !waiting(tcp) ? tcp : null;
}

/** Bytes that were sent to a connection and have not left this process. */
function unsent({ transport, writeBuffer }: Connection): number {
  const tcp = transport?.socket?._socket;
  let bytes = tcp ? tcp.writableLength + waiting(tcp) : 0;
  for (const { data, options } of writeBuffer ?? [])
    bytes += options?.wsPreEncodedFrame?.[0]?.length ?? data?.length ?? 0;
  return bytes;
}
