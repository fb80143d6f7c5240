import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import fc from "fast-check";
import { Server, type Socket } from "socket.io";
import { io as connect, type Socket as Client } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { debatePosts } from "../server/demo/debate.ts";
import { openMetrics } from "../server/metrics.ts";
import { fanOut } from "../server/realtime/fan-out.ts";
import { SHARED_DEFLATE } from "../server/realtime/shared-deflate.ts";
import { useApp } from "./app.ts";
import { current, newsroom, pageTest, storyOn, useBrowser } from "./browser.ts";

const app = useApp();
const browser = useBrowser(app);

/** Prose in which nothing comes twice. Slices of it overlap, so that what one says may point into any other. */
const PROSE = debatePosts()
  .map(({ body }) => body)
  .join(" ");

/** What a reader's WebSocket asks of ours. */
const KINDS = {
  window: {},
  "whole window": { serverMaxWindowBits: 15 },
  "half window": { serverMaxWindowBits: 14 },
  "small window": { serverMaxWindowBits: 9 },
  forgetful: { serverNoContextTakeover: true },
  plain: false,
} as const;
type Kind = keyof typeof KINDS;

let io: Server;
let url: string;

beforeAll(async () => {
  const http = createServer();
  io = new Server(http, { transports: ["websocket"], serveClient: false, perMessageDeflate: SHARED_DEFLATE });
  fanOut(io, openMetrics());
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterAll(() => io.close());

test("a post takes fewer bytes to a reader who had those before it, and no more than alone to anybody else", async () => {
  const readers = [await Reader.connect("window"), await Reader.connect("forgetful")];
  for (const reader of readers) reader.join("story");
  for (let n = 0; n < 8; n++) {
    say(readers, ["story"], PROSE.slice(n * 2_500, (n + 1) * 2_500));
    await caughtUp(readers);
  }
  readers.push(await Reader.connect("window"), await Reader.connect("plain"));
  for (const reader of readers.slice(2)) reader.join("story");
  const before = readers.map((reader) => reader.bytes);
  say(readers, ["story"], PROSE.slice(20_000, 22_500));
  await caughtUp(readers);
  const [series, forgetful, newcomer, plain] = readers.map((reader, n) => reader.bytes - before[n]!);
  expect(plain).toBeGreaterThan(2_500);
  expect(newcomer).toBe(forgetful);
  expect(newcomer).toBeLessThan(0.6 * plain!);
  expect(series).toBeLessThan(0.75 * newcomer!);
  readers.forEach((reader) => reader.leaveForGood());
});

test(
  "readers of every kind can read everything, whatever was sent to whom in between",
  { timeout: 300_000 },
  async () => {
    const who = fc.nat(5);
    const room = fc.constantFrom("story", "comments");
    const text = fc
      .tuple(
        fc.nat(PROSE.length),
        fc.oneof({ weight: 8, arbitrary: fc.nat(5_000) }, fc.integer({ min: 0, max: 45_000 })),
      )
      .map(([from, length]) => PROSE.slice(from, from + length));
    const deed = fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant("say" as const), room, text }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("answer" as const), who, text }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("join" as const), who, room }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), who, room }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("say everywhere" as const), text }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("come back" as const), who }) },
      // Otherwise the next deed meets connections on which something is still waiting.
      { weight: 6, arbitrary: fc.record({ kind: fc.constant("wait" as const) }) },
    );
    const kinds = fc.array(fc.constantFrom(...(Object.keys(KINDS) as Kind[]), "window" as const), {
      maxLength: 3,
      minLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(deed, { minLength: 3, maxLength: 40, size: "max" }), async (kinds, deeds) => {
        const readers = await Promise.all([...kinds, ...WINDOWS].map((kind) => Reader.connect(kind)));
        for (const reader of readers.slice(1)) reader.join("story");
        for (const deed of deeds) {
          if (deed.kind === "say") say(readers, [deed.room], deed.text);
          else if (deed.kind === "say everywhere") say(readers, ["story", "comments"], deed.text);
          else if (deed.kind === "wait") await caughtUp(readers);
          else if (deed.kind === "answer") readers[deed.who]!.answer(deed.text);
          else if (deed.kind === "join") readers[deed.who]!.join(deed.room);
          else if (deed.kind === "leave") readers[deed.who]!.leave(deed.room);
          else {
            await readers[deed.who]!.caughtUp();
            readers[deed.who]!.leaveForGood();
            readers[deed.who] = await Reader.connect("window");
          }
        }
        await caughtUp(readers);
        readers.forEach((reader) => reader.leaveForGood());
      }),
      { numRuns: 300 },
    );
  },
);

const WINDOWS = ["window", "window", "window"] as const;

test("so can each of a crowd that is served in slices, with answers and arrivals between them", async () => {
  const readers = await Promise.all(
    Array.from({ length: 320 }, (_, n) => Reader.connect(n % 40 ? "window" : "forgetful")),
  );
  for (const reader of readers.slice(10)) reader.join("story");
  for (let round = 0; round < 4; round++) {
    say(readers, ["story"], PROSE.slice(round * 3_000, round * 3_000 + 4_000));
    say(readers, ["story"], PROSE.slice(round * 2_000, round * 2_000 + 3_000));
    for (const [n, reader] of readers.entries())
      if (n % 5 === round) reader.answer(PROSE.slice(n * 10, n * 10 + 2_000));
    readers[round]!.join("story");
    readers[300 + round]!.leave("story");
    say(readers, ["story"], PROSE.slice(round * 4_000, round * 4_000 + 2_500));
    await caughtUp(readers);
  }
  readers.forEach((reader) => reader.leaveForGood());
});

test("what is longer than a window is read, and so is what follows it", async () => {
  const readers = await Promise.all(WINDOWS.map((kind) => Reader.connect(kind)));
  for (const reader of readers) reader.join("story");
  for (const length of [2_000, 32_500, 33_000, 70_000, 1_500, 32_768, 31_000, 1_100, 2_000]) {
    say(readers, ["story"], PROSE.repeat(2).slice(length % 977, (length % 977) + length));
    await caughtUp(readers);
  }
  readers.forEach((reader) => reader.leaveForGood());
});

pageTest("a browser reads a story's posts one after another through one connection", async () => {
  const blog = await app.blog();
  let sockets = 0;
  const page = await browser.open(`/blogs/${blog.slug}`, {}, async (page) => page.on("websocket", () => sockets++));
  const late = await browser.open(`/blogs/${blog.slug}`);
  for (let n = 0; n < 15; n++) {
    const post = await app.post(blog, { body: `<p>${PROSE.slice(n * 2_000, (n + 1) * 2_000)}</p>` });
    await page.locator(`#post-${post.id}`).waitFor({ state: "attached" });
    // Whoever follows again has an answer of their own in the window.
    if (n % 4 === 2) await late.reload();
    if (n % 5 === 4) await newsroom(app, blog).edit(post, { headline: "Mended" });
  }
  for (const each of [page, late]) {
    await current(each, app, blog);
    expect(await storyOn(each)).toEqual(await storyOn(await browser.open(`/blogs/${blog.slug}`)));
  }
  expect(sockets).toBe(1);
});

/** Socket.IO's own client, over `ws`; knows what it should have been sent. */
class Reader {
  readonly rooms = new Set<string>();
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #expected: string[] = [];
  readonly #received: string[] = [];
  /** Something was received, or nothing will be any more. */
  #wake = (): void => {};

  private constructor(client: Client) {
    this.#client = client;
    this.#socket = io.of("/").sockets.get(client.id!)!;
    client.on("text", (text: string) => {
      this.#received.push(text);
      this.#wake();
    });
    client.on("disconnect", () => this.#wake());
  }

  static async connect(kind: Kind): Promise<Reader> {
    const perMessageDeflate = KINDS[kind] as { threshold: number };
    const client = connect(url, { transports: ["websocket"], forceNew: true, reconnection: false, perMessageDeflate });
    await new Promise((resolve) => client.once("connect", () => resolve(null)));
    return new Reader(client);
  }

  join(room: string): void {
    void this.#socket.join(room);
    this.rooms.add(room);
  }

  leave(room: string): void {
    void this.#socket.leave(room);
    this.rooms.delete(room);
  }

  answer(text: string): void {
    this.#socket.emit("text", text);
    this.#expected.push(text);
  }

  expects(text: string): void {
    this.#expected.push(text);
  }

  async caughtUp(): Promise<void> {
    while (this.#received.length < this.#expected.length) {
      if (!this.#client.connected) throw new Error("This reader was sent something that it cannot read");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    expect(this.#received).toEqual(this.#expected);
  }

  leaveForGood(): void {
    this.#client.disconnect();
  }

  /** Off the wire. */
  get bytes(): number {
    const { transport } = this.#client.io.engine as unknown as { transport: { ws: { _socket: TcpSocket } } };
    return transport.ws._socket.bytesRead;
  }
}

/** To everybody in one of the rooms, once. */
function say(readers: Reader[], rooms: string[], text: string): void {
  io.to(rooms).emit("text", text);
  for (const reader of readers) if (rooms.some((room) => reader.rooms.has(room))) reader.expects(text);
}

async function caughtUp(readers: Reader[]): Promise<void> {
  for (const reader of readers) await reader.caughtUp();
}
