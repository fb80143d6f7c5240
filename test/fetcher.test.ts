import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect as connectSocket, createServer as createSocketServer, type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { isPublic, openFetcher, UnfetchableError, type Resolve, type Wanted } from "../server/embeds/fetcher.ts";

/** A server of the public internet, as far as the fetcher is told, and one inside that nobody may be led to. */
const outside = createServer((request, response) => answer(request, response));
const inside = createServer((_request, response) => response.end("a secret"));
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let outsidePort: number;
let insidePort: number;
let connectionsInside = 0;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  inside.on("connection", () => connectionsInside++);
  [outsidePort, insidePort] = (await Promise.all([outside, inside].map(listen))) as [number, number];
});

afterEach(async () => {
  expect(connectionsInside).toBe(0);
  for (const close of closing.splice(0)) await close();
});

afterAll(() => [outside, inside].forEach((server) => void server.close()));

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Fetches with a DNS of the test's own. The port of the inside is allowed, its address is not. */
function fetcher(resolve: Resolve = async () => ["127.0.0.1"]) {
  const { fetch, close } = openFetcher({ allow: [`127.0.0.1:${outsidePort}`, `192.0.2.1:${insidePort}`], resolve });
  closing.push(close);
  return (url: string, wanted: Partial<Wanted> = {}) =>
    fetch(new URL(url), { types: ["text/html"], limit: 1_000, signal: AbortSignal.timeout(5_000), ...wanted });
}

const at = (path = "/"): string => `http://story.test:${outsidePort}${path}`;
const html =
  (body: string, headers = {}) =>
  (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...headers }).end(body);
  };

/** Why it was not fetched, or "fetched". */
const outcome = (fetching: Promise<unknown>): Promise<string> =>
  fetching.then(
    () => "fetched",
    (error: unknown) => (error instanceof UnfetchableError ? error.reason : String(error)),
  );

test("a page is fetched, under our own name and without any cookie", async () => {
  const asked: IncomingMessage[] = [];
  answer = (request, response) => {
    asked.push(request);
    html("<title>Hello</title>", { "Set-Cookie": "id=1" })(request, response);
  };
  const fetch = fetcher();
  const { url, type, bytes } = await fetch(at("/a?b=c"));
  expect([url.href, type, bytes.toString()]).toEqual([
    at("/a?b=c"),
    "text/html; charset=utf-8",
    "<title>Hello</title>",
  ]);
  await fetch(at("/again"));
  expect(asked.map(({ url, headers }) => [url, headers.cookie, headers["user-agent"]])).toEqual([
    ["/a?b=c", undefined, "Dateline (link preview)"],
    ["/again", undefined, "Dateline (link preview)"],
  ]);
});

test("only addresses of the public internet are public", () => {
  const no = [
    ...[
      "0.0.0.0",
      "0.1.2.3",
      "10.1.2.3",
      "100.64.0.1",
      "127.0.0.1",
      "127.255.255.254",
      "169.254.169.254",
      "172.16.0.1",
    ],
    ...["172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.9"],
    ...["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1"],
    ...[
      "::",
      "::1",
      "::127.0.0.1",
      "::ffff:127.0.0.1",
      "::ffff:8.8.8.8",
      "::ffff:7f00:1",
      "64:ff9b::7f00:1",
      "64:ff9b:1::1",
    ],
    ...[
      "2002:7f00:1::",
      "2001::1",
      "2001:db8::1",
      "fc00::1",
      "fd12::1",
      "fe80::1",
      "fe80::1%eth0",
      "fec0::1",
      "ff02::1",
    ],
    ...["100::1", "4000::1", "e000::1", "localhost", "", "1.2.3"],
  ];
  const yes = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"];
  expect(no.filter(isPublic)).toEqual([]);
  expect(yes.filter((address) => !isPublic(address))).toEqual([]);
});

test("no spelling of an inner address leads there", async () => {
  const spellings = [
    ...[
      "127.0.0.1",
      "127.1",
      "127.0.1",
      "2130706433",
      "0x7f.1",
      "0x7f000001",
      "017700000001",
      "0177.0.0.1",
      "127.0.0.1.",
    ],
    ...[
      "①②⑦.⓪.⓪.①",
      "127。0。0。1",
      "0",
      "0.0.0.0",
      "[::]",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[64:ff9b::7f00:1]",
    ],
    ...[
      "[2002:7f00:1::]",
      "169.254.169.254",
      "[fe80::1]",
      "[fd00:ec2::254]",
      "10.0.0.1",
      "192.168.0.1",
      "localhost",
      "inner.test",
    ],
  ];
  const fetch = fetcher();
  for (const host of spellings)
    expect([host, await outcome(fetch(`http://${host}:${insidePort}/`))]).toEqual([host, "private"]);
});

test("a host is refused when any one of its addresses is private", async () => {
  answer = html("x");
  const fetch = fetcher(async () => ["8.8.8.8", "10.0.0.7", "1.1.1.1"]);
  expect(await outcome(fetch("http://mixed.test/"))).toBe("private");
  expect(await outcome(fetcher(async () => [])("http://nowhere.test/"))).toBe("network");
  const failing = fetcher(async () => Promise.reject(new Error("SERVFAIL")));
  expect(await outcome(failing("http://nowhere.test/"))).toBe("network");
});

test("a name that changes its address between two looks gets nowhere", async () => {
  let asked = 0;
  const fetch = fetcher(async () => (++asked === 1 ? ["127.0.0.1"] : ["169.254.169.254"]));
  answer = html("once");
  // Looked at once, and connected to what was seen.
  expect((await fetch(at())).bytes.toString()).toBe("once");
  expect(asked).toBe(1);
  expect(await outcome(fetch(at()))).toBe("private");

  asked = 0;
  answer = (_request, response) => response.writeHead(302, { Location: at("/next"), Connection: "close" }).end();
  expect(await outcome(fetch(at()))).toBe("private");
  expect(asked).toBe(2);
});

test("only the web's own ports and schemes are asked, and nothing with a password in it", async () => {
  const other = createSocketServer();
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const fetch = fetcher();
  for (const url of [
    `http://story.test:${port}/`,
    "http://story.test:22/",
    "https://story.test:6379/",
    "ftp://story.test/",
    "file:///etc/passwd",
    "data:text/html,hello",
    "javascript:alert(1)",
    `http://me:secret@story.test:${outsidePort}/`,
    `http://me@story.test:${outsidePort}/`,
  ])
    expect([url, await outcome(fetch(url))]).toEqual([url, "scheme"]);
  other.close();
});

test("redirects are followed three times, and each is looked at", async () => {
  const leadTo = (location: string, status = 302) => {
    answer = ({ url }, response) => {
      const left = Number(/\d+/.exec(url!)?.[0] ?? 0);
      if (url === "/end") return html("there")({} as never, response);
      response.writeHead(status, { Location: left > 1 ? `/${left - 1}` : location }).end();
    };
  };
  const fetch = fetcher();
  for (const status of [301, 302, 303, 307, 308]) {
    leadTo("/end", status);
    expect((await fetch(at("/3"))).url.href).toBe(at("/end"));
  }
  expect(await outcome(fetch(at("/4")))).toBe("redirects");
  for (const [location, reason] of [
    [`http://127.0.0.1:${insidePort}/`, "private"],
    [`http://[::ffff:127.0.0.1]:${insidePort}/`, "private"],
    [`//2130706433:${insidePort}/`, "private"],
    ["http://169.254.169.254/latest/meta-data/", "private"],
    ["file:///etc/passwd", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["gopher://story.test/", "scheme"],
    ["http://", "redirects"],
  ] as const) {
    leadTo(location);
    expect([location, await outcome(fetch(at("/1")))]).toEqual([location, reason]);
  }
});

test("of a page without end the beginning is read, and anything else without end is refused", async () => {
  const ended: Promise<unknown>[] = [];
  answer = (request, response) => {
    ended.push(new Promise((resolve) => request.socket.once("close", resolve)));
    response.writeHead(200, { "Content-Type": "text/html" });
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(4_096)));
      response.once("drain", more);
    };
    more();
  };
  const fetch = fetcher();
  expect((await fetch(at(), { beginning: true, limit: 10_000 })).bytes.length).toBe(10_000);
  expect(await outcome(fetch(at(), { limit: 10_000 }))).toBe("too-large");
  await Promise.all(ended);
});

test("what is compressed counts as what it becomes", async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, "a"));
  expect(bomb.length).toBeLessThan(60_000);
  answer = html(bomb as never, { "Content-Encoding": "gzip" });
  const fetch = fetcher();
  const before = process.memoryUsage().rss;
  expect((await fetch(at(), { beginning: true, limit: 100_000 })).bytes.toString()).toBe("a".repeat(100_000));
  expect(await outcome(fetch(at(), { limit: 100_000 }))).toBe("too-large");
  expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
  answer = html("not compressed at all", { "Content-Encoding": "gzip" });
  expect(await outcome(fetch(at()))).toBe("network");
});

test("a server that takes its time is left when the time is over", async () => {
  const hangs: Record<string, (response: ServerResponse) => void> = {
    "says nothing": () => {},
    "never ends its page": (response) => response.writeHead(200, { "Content-Type": "text/html" }).write("<title>"),
    drips: (response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      const drip = setInterval(() => response.write("x"), 20);
      response.once("close", () => clearInterval(drip));
    },
  };
  const fetch = fetcher();
  for (const [what, hang] of Object.entries(hangs)) {
    const left = Promise.withResolvers<void>();
    answer = (request, response) => {
      request.socket.once("close", () => left.resolve());
      hang(response);
    };
    expect([what, await outcome(fetch(at(), { signal: AbortSignal.timeout(200) }))]).toEqual([what, "network"]);
    await left.promise;
  }
});

test("headers without end, or none at all, are refused", async () => {
  const odd = createSocketServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(`HTTP/1.1 200 OK\r\n${`X-More: ${"y".repeat(1_000)}\r\n`.repeat(200)}`));
  });
  odd.listen(0, "127.0.0.1");
  await once(odd, "listening");
  const { port } = odd.address() as AddressInfo;
  const { fetch, close } = openFetcher({ allow: [`127.0.0.1:${port}`] });
  const wanted = { types: ["text/html"], limit: 1_000, signal: AbortSignal.timeout(5_000) };
  expect(await outcome(fetch(new URL(`http://127.0.0.1:${port}/`), wanted))).toBe("network");
  await close();
  odd.close();
});

test("only what was asked for is read: the right type, and a success", async () => {
  const fetch = fetcher();
  for (const type of [
    "application/octet-stream",
    "image/svg+xml",
    "text/plain",
    "text/html-but-not",
    "",
    "application/json",
  ]) {
    answer = html("<title>x</title>", { "Content-Type": type });
    expect([type, await outcome(fetch(at()))]).toEqual([type, "type"]);
  }
  answer = html("x", { "Content-Type": "TEXT/HTML;charset=latin1" });
  expect(await outcome(fetch(at()))).toBe("fetched");
  for (const status of [204, 206, 304, 400, 401, 403, 404, 429, 500, 503]) {
    answer = (_request, response) => response.writeHead(status, { "Content-Type": "text/html" }).end();
    expect([status, await outcome(fetch(at()))]).toEqual([status, "status"]);
  }
  answer = (request) => request.socket.destroy();
  expect(await outcome(fetch(at()))).toBe("network");
});

test("the server inside answers those who are inside", async () => {
  const socket = connectSocket(insidePort, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  await expect.poll(() => connectionsInside).toBe(1);
  connectionsInside = 0;
});
