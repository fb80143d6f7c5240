import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import { randomBytes } from "node:crypto";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { Server, type Socket } from "socket.io";
import { io as connect, type Socket as Client } from "socket.io-client";
import { afterEach, expect, test } from "vitest";
import { openMetrics } from "../server/metrics.ts";
import type { FanOut } from "../server/realtime/fan-out.ts";
import { fanOut, served } from "../server/realtime/fan-out.ts";
import { SHARED_DEFLATE } from "../server/realtime/shared-deflate.ts";

const CAP = 1_048_576;
const COMPRESSING = "permessage-deflate; client_max_window_bits";

let closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

test("readers with and without compression get every message of their room, whole and in order", async () => {
  const { io, url, adapter } = await start();
  const readers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => join(url, "story", { perMessageDeflate: n % 2 ? {} : false })),
  );
  const messages = Array.from({ length: 40 }, (_, n) => `${n} ${"words and more words ".repeat((n * 37) % 900)}`);
  for (const message of messages) {
    io.to("story").emit("batch", message);
    await served(io, "story");
  }
  for (const reader of readers) expect(await received(reader, messages.length)).toEqual(messages);
  expect(adapter.counts.direct).toBeGreaterThan(0);
});

test("an idle reader is written to directly, and the bytes are one frame", async () => {
  const { io, url, adapter } = await start();
  const raw = await RawReader.join(url, "story");
  io.to("story").emit("batch", "hello");
  expect(await raw.next()).toEqual({ first: 0x81, text: '42["batch","hello"]', bytes: expect.any(Buffer) });
  expect(adapter.counts).toEqual({ direct: 1, library: 0 });
});

test.each([
  ["compressing", COMPRESSING],
  ["plain", ""],
])("where the libraries are not as expected, a %s reader gets the same through them", async (_kind, extensions) => {
  const { io, url, adapter } = await start();
  const raw = await RawReader.join(url, "story", extensions);
  const { transport } = onlySocket(io).conn as unknown as { transport: { perMessageDeflate: unknown } };
  transport.perMessageDeflate = { threshold: 1024 };
  const text = "as it is ".repeat(500);
  for (const n of [1, 2, 3]) io.to("story").emit("batch", `${n} ${text}`);
  for (const n of [1, 2, 3]) expect((await raw.next()).text).toBe(`42["batch","${n} ${text}"]`);
  expect(adapter.counts).toEqual({ direct: 0, library: 3 });
});

test("everybody who negotiated compression is sent the same small frame; nobody else is", async () => {
  const { io, url } = await start();
  const [one, two, smallWindow, plain] = await Promise.all([
    RawReader.join(url, "story", COMPRESSING),
    RawReader.join(url, "story", "permessage-deflate"),
    RawReader.join(url, "story", "permessage-deflate; server_max_window_bits=9"),
    RawReader.join(url, "story"),
  ]);
  io.to("story").emit("batch", "the same old story ".repeat(200));
  const frames = await Promise.all([one, two, smallWindow, plain].map((reader) => reader.next()));
  expect(frames.map(({ first }) => first)).toEqual([0xc1, 0xc1, 0x81, 0x81]);
  expect(new Set(frames.map(({ text }) => text)).size).toBe(1);
  expect(frames[0]!.bytes.equals(frames[1]!.bytes)).toBe(true);
  expect(frames[0]!.bytes.length).toBeLessThan(frames[3]!.bytes.length / 10);
  io.to("story").emit("batch", "short");
  expect((await one.next()).first).toBe(0x81);
});

test("a large answer to one reader alone is compressed too", async () => {
  const { io, url } = await start();
  const raw = await RawReader.join(url, "story", COMPRESSING);
  onlySocket(io).emit("batch", "for you ".repeat(500));
  const { first, text } = await raw.next();
  expect([first, text]).toEqual([0xc1, `42["batch","${"for you ".repeat(500)}"]`]);
});

test("compressed messages from a client are understood, in one piece or in several", async () => {
  const { io, url } = await start();
  const heard: string[] = [];
  const raw = await RawReader.join(url, "story", COMPRESSING);
  onlySocket(io).on("say", (text: string) => heard.push(text));
  const long = "I have something to say. ".repeat(100);
  raw.sendDeflated(`42["say","${long}"]`);
  raw.sendDeflated(`42["say","${long}"]`, 3);
  raw.send('420["say","short"]');
  await heardOf(onlySocket(io), heard, 3);
  expect(heard).toEqual([long, long, "short"]);
});

test("a small frame that inflates to megabytes is refused, and others do not notice", async () => {
  const { io, url } = await start();
  const [bomber, other] = [await RawReader.join(url, "story", COMPRESSING), await RawReader.join(url, "story")];
  let heard = 0;
  for (const socket of io.of("/").sockets.values()) socket.on("say", () => heard++);
  bomber.sendDeflated(`42["say","${"0".repeat(8_000_000)}"]`);
  await bomber.closed;
  io.to("story").emit("batch", "still here");
  expect((await other.next()).text).toContain("still here");
  expect(heard).toBe(0);
});

test("what is sent to one reader never overtakes a broadcast that is still under way", async () => {
  const { io, url } = await start();
  const readers = await crowd(url, "story", 400);
  const sockets = [...io.of("/").sockets.values()];
  io.to("story").emit("batch", "first");
  io.to("story").emit("batch", "second");
  for (const socket of sockets) socket.emit("batch", "alone");
  io.to("story").emit("batch", "third");
  await served(io, "story");
  for (const reader of readers)
    for (const word of ["first", "second", "alone", "third"]) expect((await reader.next()).text).toContain(word);
});

test("other work is done between the slices of a broadcast to many", async () => {
  const { io, url, adapter } = await start();
  await crowd(url, "story", 400);
  const otherWork = new Promise((resolve) => setImmediate(resolve));
  io.to("story").emit("batch", "for all");
  await otherWork;
  const after = adapter.counts.direct;
  await served(io, "story");
  expect(after).toBeLessThan(400);
  expect(adapter.counts.direct).toBe(400);
});

test("a reader who leaves gets nothing more, not even of a broadcast under way", async () => {
  const { io, url } = await start();
  const readers = await crowd(url, "story", 400);
  const last = [...io.of("/").sockets.values()].at(-1)!;
  io.to("story").emit("batch", "for those who stay");
  void last.leave("story");
  await served(io, "story");
  for (const socket of io.of("/").sockets.values()) socket.emit("batch", "to everybody");
  const first = await Promise.all(readers.map((reader) => reader.next()));
  expect(first.filter(({ text }) => text.includes("to everybody")).length).toBe(1);
});

test("readers of many rooms get their own room's messages, and a reader of two rooms both in order", async () => {
  const { io, url } = await start();
  const rooms = Array.from({ length: 40 }, (_, n) => `story-${n}`);
  const readers = await Promise.all(rooms.map((room) => join(url, room)));
  const both = await join(url, "story-0");
  await both.emitWithAck("join", "story-1");
  for (let n = 0; n < 5; n++) for (const room of rooms) io.to(room).emit("batch", `${room} ${n}`);
  for (const [n, reader] of readers.entries())
    expect(await received(reader, 5)).toEqual([0, 1, 2, 3, 4].map((k) => `story-${n} ${k}`));
  expect(await received(both, 10)).toEqual([0, 1, 2, 3, 4].flatMap((k) => [`story-0 ${k}`, `story-1 ${k}`]));
});

test("a reader who stops reading is let go before much waits for it, and the others get everything", async () => {
  const { io, url, metrics } = await start();
  const slow = await RawReader.join(url, "story");
  const { conn } = onlySocket(io);
  slow.stopReading();
  const healthy = await join(url, "story");
  const messages: string[] = [];
  let most = 0;
  while (conn.readyState === "open" && messages.length < 1_000) {
    messages.push(randomBytes(40_000).toString("base64"));
    io.to("story").emit("batch", messages.at(-1));
    most = Math.max(most, unsent(conn));
    await received(healthy, messages.length);
  }
  expect(most).toBeGreaterThan(CAP / 2);
  expect(most).toBeLessThan(CAP + 60_000);
  expect(await received(healthy, messages.length)).toEqual(messages);
  expect((await metrics.slowReaders.get()).values[0]!.value).toBe(1);
  await once(conn, "close");
  expect(io.of("/").sockets.size).toBe(1);
});

test("a reader who asks without reading the answers is let go as well", async () => {
  const { io, url, metrics } = await start();
  const slow = await RawReader.join(url, "story");
  const { conn } = onlySocket(io);
  slow.stopReading();
  const large = randomBytes(90_000).toString("base64");
  for (let n = 0; n < 200 && conn.readyState === "open"; n++) onlySocket(io).emit("batch", large);
  expect(conn.readyState).not.toBe("open");
  expect((await metrics.slowReaders.get()).values[0]!.value).toBe(1);
});

test("a connection keeps neither its request nor its handshake", async () => {
  const { io, url } = await start();
  let agent: string | undefined;
  io.on("connection", (socket) => (agent = socket.handshake.headers["user-agent"]));
  await RawReader.join(url, "story");
  const socket = onlySocket(io);
  expect(agent).toBe("a test");
  expect(socket.request).toBeNull();
  expect(socket.handshake.headers).toEqual({});
});

interface Running {
  io: Server;
  url: string;
  adapter: FanOut;
  metrics: ReturnType<typeof openMetrics>;
}

async function start(): Promise<Running> {
  const http = createServer();
  const io = new Server(http, {
    transports: ["websocket"],
    serveClient: false,
    maxHttpBufferSize: 16_384,
    perMessageDeflate: SHARED_DEFLATE,
  });
  const metrics = openMetrics();
  fanOut(io, metrics);
  io.on("connection", (socket) => {
    socket.on("join", (room: string, answer?: () => void) => {
      void socket.join(room);
      answer?.();
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  closing.push(() => io.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { io, url, metrics, adapter: io.of("/").adapter as unknown as FanOut };
}

const onlySocket = (io: Server): Socket => [...io.of("/").sockets.values()][0]!;

function unsent(connection: Socket["conn"]): number {
  const { transport, writeBuffer } = connection as unknown as {
    transport: { socket: { _socket: TcpSocket } };
    writeBuffer: { data: string }[];
  };
  return transport.socket._socket.writableLength + writeBuffer.reduce((sum, { data }) => sum + data.length, 0);
}

const inboxes = new WeakMap<Client, string[]>();

/** A reader with Socket.IO's own client. */
async function join(url: string, room: string, options: object = {}): Promise<Client> {
  const client = connect(url, { transports: ["websocket"], forceNew: true, reconnection: false, ...options });
  closing.push(() => void client.disconnect());
  const inbox: string[] = [];
  inboxes.set(client, inbox);
  client.on("batch", (message: string) => inbox.push(message));
  await client.emitWithAck("join", room);
  return client;
}

async function received(client: Client, count: number): Promise<string[]> {
  const inbox = inboxes.get(client)!;
  while (inbox.length < count) await new Promise((resolve) => client.once("batch", resolve));
  return inbox;
}

async function heardOf(socket: Socket, heard: string[], count: number): Promise<void> {
  while (heard.length < count) await new Promise((resolve) => socket.once("say", resolve));
}

function crowd(url: string, room: string, size: number): Promise<RawReader[]> {
  return Promise.all(Array.from({ length: size }, () => RawReader.join(url, room)));
}

interface Frame {
  /** Its first byte: 0x81 a text, 0xc1 a compressed one. */
  first: number;
  text: string;
  bytes: Buffer;
}

/** A WebSocket client that shows the very bytes, and can stop reading. */
class RawReader {
  readonly #tcp: TcpSocket;
  readonly #frames: Frame[] = [];
  #buffer = Buffer.alloc(0);
  #arrived = Promise.withResolvers<void>();
  readonly closed: Promise<unknown>;

  private constructor(tcp: TcpSocket, head: Buffer) {
    this.#tcp = tcp;
    this.closed = new Promise((resolve) => tcp.once("close", resolve));
    tcp.on("error", () => {});
    tcp.on("data", (chunk) => this.#read(chunk));
    this.#read(head);
    closing.push(() => void tcp.destroy());
  }

  static async join(url: string, room: string, extensions = ""): Promise<RawReader> {
    const upgrade = request(`${url}/socket.io/?EIO=4&transport=websocket`, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "User-Agent": "a test",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        ...(extensions ? { "Sec-WebSocket-Extensions": extensions } : {}),
      },
    });
    upgrade.end();
    const [, tcp, head] = (await once(upgrade, "upgrade")) as [unknown, TcpSocket, Buffer];
    const reader = new RawReader(tcp, head);
    await reader.next();
    reader.send("40");
    await reader.next();
    reader.send(`420["join",${JSON.stringify(room)}]`);
    await reader.next();
    return reader;
  }

  async next(): Promise<Frame> {
    while (!this.#frames.length) await this.#arrived.promise;
    return this.#frames.shift()!;
  }

  send(text: string): void {
    this.#write(0x81, Buffer.from(text));
  }

  /** As one frame, or as fragments of one message. */
  sendDeflated(text: string, fragments = 1): void {
    const deflated = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const size = Math.ceil(deflated.length / fragments);
    for (let n = 0; n < fragments; n++) {
      const last = n === fragments - 1;
      this.#write((last ? 0x80 : 0) | (n ? 0 : 0x41), deflated.subarray(n * size, (n + 1) * size));
    }
  }

  stopReading(): void {
    this.#tcp.pause();
  }

  /** Masked with zeros, which leaves the payload as it is. */
  #write(first: number, payload: Buffer): void {
    const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
    this.#tcp.write(Buffer.concat([Buffer.from([first, 0x80 | length[0]!, ...length.slice(1), 0, 0, 0, 0]), payload]));
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (let size = frameSize(this.#buffer); size; size = frameSize(this.#buffer)) {
      this.#frames.push(frameOf(this.#buffer.subarray(0, size)));
      this.#buffer = this.#buffer.subarray(size);
    }
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}

/** Of the whole frame that a buffer begins with, or 0. */
function frameSize(bytes: Buffer): number {
  if (bytes.length < 4) return 0;
  const size =
    headerSize(bytes) +
    (bytes[1]! < 126
      ? bytes[1]!
      : bytes[1] === 126
        ? bytes.readUInt16BE(2)
        : bytes.length < 10
          ? Infinity
          : bytes.readUIntBE(4, 6));
  return bytes.length < size ? 0 : size;
}

const headerSize = (bytes: Buffer): number => (bytes[1]! < 126 ? 2 : bytes[1] === 126 ? 4 : 10);

function frameOf(bytes: Buffer): Frame {
  const first = bytes[0]!;
  const payload = bytes.subarray(headerSize(bytes));
  const text = first & 0x40 ? inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }) : payload;
  return { first, text: text.toString(), bytes };
}
