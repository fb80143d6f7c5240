import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { afterAll, describe, expect, test } from "vitest";
import type { App } from "../server/app.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp, type Person } from "./app.ts";

const app = useApp();
const PER_PERSON = 10;
const PER_ADDRESS = 10;

const redis = (() => {
  try {
    return execFileSync("redis-server", ["--version"], { encoding: "utf8" });
  } catch {
    return null;
  }
})();

/** A comment, from an address as the proxy in front of this server says it. */
function send(on: App, blog: BlogAnswer, by: Person, from: string, key = randomUUID(), body: string = randomUUID()) {
  return app
    .request(on)
    .post(`/api/blogs/${blog.slug}/comments`)
    .set({ Authorization: `Bearer ${by.token}`, "Idempotency-Key": key, "X-Forwarded-For": from })
    .send({ body });
}

for (const [store, start] of [
  ["Postgres", () => app.start({ rateLimits: true, trustProxy: ["loopback"] })],
  [
    "Redis (requires redis-server)",
    async () => app.start({ rateLimits: true, trustProxy: ["loopback"], redisUrl: await startRedis() }),
  ],
] as const)
  describe.skipIf(store.startsWith("Redis") && !redis)(`counted in ${store}`, () => {
    test("one person writes ten comments at once and then waits; what was refused or a repeat costs nothing", async () => {
      const [one, two] = [await start(), await start()];
      const blog = await app.discussion();
      const person = await app.newPerson();
      const key = randomUUID();
      await send(one, blog, person, "192.0.2.1", key, "Only once").expect(201);
      for (let n = 0; n < 5; n++) await send(two, blog, person, "192.0.2.1", key, "Only once").expect(201);
      for (let n = 0; n < 5; n++) await send(one, blog, person, "192.0.2.1", randomUUID(), " ").expect(422);
      for (let n = 1; n < PER_PERSON; n++) await send(n % 2 ? one : two, blog, person, `192.0.2.${n + 1}`).expect(201);
      const refused = await send(two, blog, person, "192.0.2.99").expect(429);
      expect(refused.body.code).toBe("too-fast");
      const wait = Number(refused.headers["retry-after"]);
      expect(wait).toBeGreaterThan(0);
      // Trying again does not make it longer.
      for (let n = 0; n < 5; n++) {
        const again = await send(one, blog, person, "192.0.2.99").expect(429);
        expect(Number(again.headers["retry-after"])).toBeLessThanOrEqual(wait);
      }
      await send(two, blog, person, "192.0.2.1", key, "Only once").expect(429);
      const { body } = await app.request().get(`/api/blogs/${blog.slug}/comments?limit=100`).expect(200);
      expect(body.comments).toHaveLength(PER_PERSON);
    });

    test("from one address, or one customer’s IPv6 network, come ten a minute; the machine itself and private networks are nobody’s", async () => {
      const server = await start();
      const blog = await app.discussion();
      const crowd = await Promise.all(Array.from({ length: PER_ADDRESS + 1 }, () => app.newPerson()));
      const statuses = async (from: (n: number) => string) => {
        const all: number[] = [];
        for (const [n, person] of crowd.entries()) all.push((await send(server, blog, person, from(n))).status);
        return all;
      };
      const network = Math.trunc(Math.random() * 65_536).toString(16);
      expect(await statuses((n) => `2a00:1450:${network}:1::${n + 1}`)).toEqual([...Array(PER_ADDRESS).fill(201), 429]);
      expect(await statuses((n) => `2a00:1450:${network}:${n + 2}::1`)).toEqual(Array(PER_ADDRESS + 1).fill(201));
      expect(await statuses(() => "10.0.0.5")).toEqual(Array(PER_ADDRESS + 1).fill(201));
    });
  });

let server: ChildProcess | null = null;

/** One that keeps nothing on disk, on a port of its own. */
async function startRedis(): Promise<string> {
  const port = 20_000 + Math.trunc(Math.random() * 20_000);
  if (!server) {
    server = spawn("redis-server", ["--port", String(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
    for await (const chunk of server.stdout!) if (String(chunk).includes("Ready to accept")) break;
    server.stdout!.resume();
    url = `redis://127.0.0.1:${port}`;
  }
  return url;
}

let url = "";

afterAll(async () => {
  if (!server) return;
  const ended = once(server, "exit");
  server.kill();
  await ended;
});
