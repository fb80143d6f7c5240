import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askOutside } from "../server/moderation/outside-check.ts";

const SECRET = "a secret of both";
const QUESTION = { comment: { text: "Grüße" } };
const asked: { path: string | undefined; headers: IncomingMessage["headers"]; body: string }[] = [];
let answer: (response: ServerResponse, request: IncomingMessage) => void;

const service = createServer((request, response) => {
  void text(request).then((body) => {
    asked.push({ path: request.url, headers: request.headers, body });
    answer(response, request);
  });
});
let url: string;

beforeAll(async () => {
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/check`;
});

afterAll(() => {
  service.closeAllConnections();
  service.close();
});

const ask = () => askOutside({ url, secret: SECRET }, QUESTION);
const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));

test("a good answer is taken, with reasons or without", async () => {
  answer = json({ outcome: "hold", reasons: ["spam", "all-caps"], score: 0.9 });
  expect(await ask()).toEqual({ outcome: "hold", reasons: ["spam", "all-caps"] });
  answer = json({ outcome: "publish" });
  expect(await ask()).toEqual({ outcome: "publish", reasons: [] });
});

test("the service can tell that we asked, and when", async () => {
  answer = json({ outcome: "publish" });
  await ask();
  const { headers, body } = asked.at(-1)!;
  expect(JSON.parse(body)).toEqual(QUESTION);
  const timestamp = headers["dateline-timestamp"];
  expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
  const signature = createHmac("sha256", SECRET)
    .update(`${String(timestamp)}.${body}`)
    .digest("hex");
  expect(headers["dateline-signature"]).toBe(`sha256=${signature}`);
});

test("anything but a good answer is none", async () => {
  for (const value of [null, [], "hold", {}, { outcome: "delete" }, { outcome: "hold", reasons: "spam" }]) {
    answer = json(value);
    expect(await ask(), JSON.stringify(value)).toBe("failed");
  }
  for (const reasons of [[1], ["<b>"], ["x".repeat(51)], Array.from({ length: 11 }, () => "spam")]) {
    answer = json({ outcome: "hold", reasons });
    expect(await ask(), JSON.stringify(reasons)).toBe("failed");
  }
  answer = (response) => response.end("not JSON");
  expect(await ask()).toBe("failed");
  for (const status of [201, 204, 401, 500]) {
    answer = json({ outcome: "publish" }, status);
    expect(await ask(), `${status}`).toBe("failed");
  }
});

test("a redirect is not followed", async () => {
  answer = (response, request) =>
    request.url === "/check"
      ? response.writeHead(307, { Location: "/elsewhere" }).end()
      : json({ outcome: "publish" })(response);
  expect(await ask()).toBe("failed");
  expect(asked.at(-1)!.path).toBe("/check");
});

test("an answer that does not end is not read to its end", async () => {
  let closed: Promise<unknown> | undefined;
  answer = (response) => {
    closed = once(response, "close");
    response.writeHead(200, { "Content-Type": "application/json" });
    const more = () => {
      while (!response.destroyed && response.write(" ".repeat(10_000)));
    };
    response.on("drain", more);
    more();
  };
  const began = performance.now();
  expect(await ask()).toBe("failed");
  expect(performance.now() - began).toBeLessThan(1_900);
  await closed;
});

test("a service that is slow has two seconds, for all of its answer", async () => {
  const slow = [
    () => {},
    (response: ServerResponse) => response.writeHead(200, { "Content-Type": "application/json" }).write('{"outcome":'),
  ];
  for (const way of slow) {
    answer = way;
    const began = performance.now();
    expect(await ask()).toBe("failed");
    expect(performance.now() - began).toBeGreaterThan(1_900);
  }
});

test("a service that cannot be reached, or that breaks off, has not answered", async () => {
  answer = (response) => response.destroy();
  expect(await ask()).toBe("failed");
  expect(await askOutside({ url: "http://127.0.0.1:1/", secret: SECRET }, QUESTION)).toBe("failed");
  expect(await askOutside({ url: "nonsense", secret: SECRET }, QUESTION)).toBe("failed");
});
