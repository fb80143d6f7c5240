import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type ListenOptions, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { waiting, writeDirectly } from "../server/realtime/direct-write.ts";

let closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

test("what is written directly arrives, and no stream keeps count of it", async () => {
  const { server, client } = await pair();
  const words = ["first ", "second ", "third"];
  for (const word of words) writeDirectly(server, Buffer.from(word));
  expect(await read(client, words.join("").length)).toEqual(Buffer.from(words.join("")));
  expect(server.bytesWritten).toBe(words.join("").length);
});

test("what the kernel does not take is counted, and arrives whole and before what is written after it", async () => {
  const { server, client } = await pair();
  client.pause();
  const sent: Buffer[] = [];
  for (let n = 0; !waiting(server); n++) {
    sent.push(Buffer.alloc(300_000, `${n} `));
    writeDirectly(server, sent.at(-1)!);
  }
  expect(waiting(server)).toBe(300_000);
  expect(server.writableLength).toBe(0);
  sent.push(Buffer.from("an ordinary write"));
  server.write(sent.at(-1)!);
  const all = Buffer.concat(sent);
  expect((await read(client, all.length)).equals(all)).toBe(true);
  await vi.waitUntil(() => waiting(server) === 0);
  expect(server.bytesWritten).toBe(all.length);
});

test("a request is not used for a second write before the first is done, even when nothing waits any more", async () => {
  const pairs = [await pair(), await pair()];
  for (const { server, client } of pairs) {
    client.pause();
    // As when the kernel takes the rest at libuv's second try.
    const { _handle: handle } = server as unknown as { _handle: object };
    Object.defineProperty(handle, "writeQueueSize", { get: () => 0 });
  }
  for (const { server } of pairs)
    for (let n = 0; !waiting(server) && n < 100; n++) writeDirectly(server, Buffer.alloc(300_000));
  for (const { server, client } of pairs) {
    expect(waiting(server)).toBe(300_000);
    client.resume();
    await vi.waitUntil(() => waiting(server) === 0);
  }
});

test("everything that waits is sent before an orderly end", async () => {
  const { server, client } = await pair();
  client.pause();
  let bytes = 0;
  for (; !waiting(server); bytes += 300_000) writeDirectly(server, Buffer.alloc(300_000));
  server.end();
  expect((await read(client, bytes)).length).toBe(bytes);
  await once(client, "end");
});

test("a socket closed while something waits is forgotten", async () => {
  const { server, client } = await pair();
  client.pause();
  while (!waiting(server)) writeDirectly(server, Buffer.alloc(300_000));
  server.destroy();
  await once(server, "close");
  await vi.waitUntil(() => waiting(server) === 0);
});

test.each(["at once", "later"])(
  "a write that fails %s destroys the socket with the error, as write does",
  async (when) => {
    const { server, client } = await pair();
    client.pause();
    server.pause();
    const failed = once(server, "error");
    if (when === "later") while (!waiting(server)) writeDirectly(server, Buffer.alloc(300_000));
    client.resetAndDestroy();
    await once(client, "close");
    while (!server.destroyed && !waiting(server)) writeDirectly(server, Buffer.from("anybody there?"));
    const [error] = await failed;
    // Reading may have found out first where something was under way.
    expect(error).toMatchObject({
      syscall: when === "later" ? expect.stringMatching(/^(read|write)$/) : "write",
      code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/),
    });
    expect(server.destroyed).toBe(true);
    await vi.waitUntil(() => waiting(server) === 0);
  },
);

test("anything but a TCP socket is written to in the ordinary way", async () => {
  const directory = await mkdtemp(join(tmpdir(), "dateline-write-"));
  closing.push(() => rm(directory, { recursive: true }));
  const { server, client } = await pair({ path: join(directory, "socket") });
  client.pause();
  while (!server.writableLength) writeDirectly(server, Buffer.alloc(300_000));
  expect(waiting(server)).toBe(0);
});

/** The two ends of one connection. */
async function pair(
  where: ListenOptions = { port: 0, host: "127.0.0.1" },
): Promise<{ server: Socket; client: Socket }> {
  const listening = createServer().listen(where);
  await once(listening, "listening");
  const address = listening.address();
  const client = typeof address === "string" ? connect(address) : connect(address!.port, "127.0.0.1");
  const [server] = (await once(listening, "connection")) as [Socket];
  client.on("error", () => {});
  closing.push(() => {
    client.destroy();
    server.destroy();
    listening.close();
  });
  // The first write of a process only shows how it is done.
  writeDirectly(server, Buffer.alloc(0));
  return { server, client };
}

async function read(from: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  from.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    from.emit("more");
  });
  from.resume();
  while (length < bytes) await once(from, "more");
  return Buffer.concat(chunks);
}
