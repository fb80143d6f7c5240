import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { Server, type ServerOptions, type Socket } from "socket.io";
import { io as connect, type Socket as Client } from "socket.io-client";
import { afterEach, describe, expect, test } from "vitest";
import { SmallMap } from "../server/realtime/slim-client.ts";
import { slim, type Connection } from "../server/realtime/slim-connection.ts";

let closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

test("what a connection does not need is gone once it stands", async () => {
  const { io, url } = await start(false);
  await join(url);
  const { conn, client, acks } = internals(io);
  expect(conn.remoteAddress).toBeUndefined();
  expect(conn.pingIntervalTimer?.constructor.name).toBe("Round");
  expect(conn.listenerCount("close")).toBe(1);
  expect(Object.hasOwn(conn.transport!, "send")).toBe(true);
  expect(conn.transport!._onSentLast).toBeUndefined();
  for (const map of [acks, client.sockets, client.nsps]) expect(map).toBeInstanceOf(SmallMap);
});

test("where the libraries are not as expected, it is left alone", async () => {
  const { io, url } = await start(true);
  await join(url);
  const { conn, client } = internals(io);
  expect(conn.pingIntervalTimer?.constructor.name).toBe("Timeout");
  expect(Object.hasOwn(conn.transport!, "send")).toBe(false);
  expect(client.sockets).not.toBeInstanceOf(SmallMap);
});

describe.each([
  ["slim", false],
  ["unexpected", true],
])("%s connections", (_kind, unusual) => {
  test("are pinged again and again, and stay while they answer", async () => {
    const { io, url } = await start(unusual, { pingInterval: 50, pingTimeout: 5_000 });
    const client = await join(url);
    for (let n = 0; n < 4; n++) await new Promise((resolve) => client.io.once("ping", () => resolve(null)));
    expect(client.connected).toBe(true);
    expect(io.engine.clientsCount).toBe(1);
  });

  test("that do not answer a ping are closed for it", async () => {
    const { io, url } = await start(unusual, { pingInterval: 50, pingTimeout: 60 });
    const raw = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    raw.addEventListener("open", () => raw.send("40"));
    const [socket] = (await once(io.of("/"), "connection")) as [Socket];
    const [reason] = await once(socket, "disconnect");
    expect(reason).toBe("ping timeout");
    expect(io.engine.clientsCount).toBe(0);
  });

  test.each([
    ["the client", (client: Client) => client.disconnect(), "client namespace disconnect"],
    ["the client's engine", (client: Client) => client.io.engine.close(), "transport close"],
    ["the server", (_client: Client, socket: Socket) => socket.conn.close(), "forced close"],
    [
      "the server's Socket.IO",
      (_client: Client, socket: Socket) => socket.disconnect(true),
      "server namespace disconnect",
    ],
  ])("leave nothing behind when %s closes them", async (_who, close, why) => {
    const { io, url } = await start(unusual);
    const client = await join(url);
    const socket = onlySocket(io);
    const closed = once(socket.conn, "close");
    const disconnected = once(socket, "disconnect");
    close(client, socket);
    expect((await disconnected)[0]).toBe(why);
    if (why.startsWith("client")) client.io.engine.close();
    await closed;
    expect(io.engine.clientsCount).toBe(0);
    expect((io.engine as unknown as { clients: object }).clients).toEqual({});
    expect(io.of("/").sockets.size).toBe(0);
  });

  test("carry events, answers and large messages both ways", async () => {
    const { io, url } = await start(unusual);
    const clients = await Promise.all(Array.from({ length: 5 }, () => join(url)));
    for (const socket of io.of("/").sockets.values())
      socket.on("repeat", (text: string, answer: (text: string) => void) => answer(text));
    for (const client of clients) client.on("repeat", (text: string, answer: (text: string) => void) => answer(text));
    const texts = clients.map((_client, n) => `${n} `.repeat(20_000));
    expect(await Promise.all(clients.map((client, n) => client.emitWithAck("repeat", texts[n])))).toEqual(texts);
    const sockets = [...io.of("/").sockets.values()];
    const asked = sockets.flatMap((socket) => texts.map((text) => socket.emitWithAck("repeat", text)));
    expect(await Promise.all(asked)).toEqual(sockets.flatMap(() => texts));
  });

  test("put binary messages together, whoever else sends meanwhile", async () => {
    const { io, url } = await start(unusual);
    const clients = await Promise.all([join(url), join(url)]);
    for (const socket of io.of("/").sockets.values())
      socket.on("sum", (one: Buffer, other: Buffer, answer: (sum: number) => void) => answer(one[0]! + other[0]!));
    const asked = clients.flatMap((client, n) =>
      [1, 2, 3].map((k) => client.emitWithAck("sum", Buffer.from([10 * n]), Buffer.from([k]))),
    );
    expect(await Promise.all(asked)).toEqual([1, 2, 3, 11, 12, 13]);
  });

  test("that send nonsense are closed, and the others are not", async () => {
    const { io, url } = await start(unusual);
    const [rude, polite] = await Promise.all([join(url), join(url)]);
    const gone = new Promise((resolve) => rude.once("disconnect", resolve));
    rude.io.engine.write("9nonsense");
    await gone;
    expect(await polite.emitWithAck("hello")).toBe("hello");
    expect(io.of("/").sockets.size).toBe(1);
  });

  test("may join another namespace later", async () => {
    const { io, url } = await start(unusual);
    io.of("/other").on("connection", (socket) =>
      socket.on("where", (answer: (name: string) => void) => answer("other")),
    );
    const client = await join(url);
    const other = client.io.socket("/other");
    expect(await other.emitWithAck("where")).toBe("other");
    expect(await client.emitWithAck("hello")).toBe("hello");
    const left = once([...io.of("/other").sockets.values()][0]!, "disconnect");
    other.disconnect();
    await left;
    expect(await client.emitWithAck("hello")).toBe("hello");
  });
});

test("a small map does what a map does", () => {
  const key = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ does: fc.constant("set" as const), key, value: fc.nat() }),
    fc.record({ does: fc.constantFrom("delete" as const, "clear" as const), key }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const [small, map] = [new SmallMap<string, number>(new Map()), new Map<string, number>()];
      for (const { does, key, ...rest } of steps)
        for (const one of [small, map]) one[does](key, "value" in rest ? rest.value : 0);
      expect([...small]).toEqual([...map]);
      expect([[...small.keys()], [...small.values()], small.size]).toEqual([
        [...map.keys()],
        [...map.values()],
        map.size,
      ]);
      for (const name of ["a", "b", "c"])
        expect([small.has(name), small.get(name)]).toEqual([map.has(name), map.get(name)]);
    }),
  );
});

interface Running {
  io: Server;
  url: string;
}

/** @param unusual whether the libraries' objects look different from what is expected */
async function start(unusual: boolean, options: Partial<ServerOptions> = {}): Promise<Running> {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], serveClient: false, ...options });
  slim(io);
  if (unusual)
    io.engine.on("connection", (connection: Connection) => {
      connection.on("close", () => {});
      const { transport } = connection;
      const { _onSent } = transport!;
      transport!._onSent = (error) => _onSent!(error);
    });
  io.on("connection", (socket) => socket.on("hello", (answer: (word: string) => void) => answer("hello")));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  closing.push(() => io.close());
  return { io, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

async function join(url: string): Promise<Client> {
  const client = connect(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  closing.push(() => void client.disconnect());
  await client.emitWithAck("hello");
  return client;
}

const onlySocket = (io: Server): Socket => [...io.of("/").sockets.values()][0]!;

const internals = (io: Server) =>
  onlySocket(io) as unknown as { conn: Connection; client: { sockets: unknown; nsps: unknown }; acks: unknown };
