import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, connect as connectTo, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect } from "../server/connection.ts";
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from "../server/demo/demo.ts";
import { asAdmin, AUTH_SECRET, useApp } from "./app.ts";
import { processesIn, runToEnd } from "./command-line.ts";
import { databaseUrl } from "./postgres.ts";
import { ServerProcess } from "./server-process.ts";

const app = useApp();
const servers: ServerProcess[] = [];
const databases: string[] = [];
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dateline-start-"));
});
afterAll(async () => {
  for (const server of servers) await server.end("SIGKILL");
  for (const name of databases) await asAdmin((sql) => sql`drop database ${sql(name)} with (force)`);
  await rm(directory, { recursive: true, force: true });
});

const REFUSED: [what: string, settings: Record<string, string>, sentence: RegExp][] = [
  ["a setting that does not exist", { DATELINE_PORT: "80" }, /^There is no setting called DATELINE_PORT; /],
  ["a port that is no number", { PORT: "http" }, /^The setting PORT cannot be used: it must be a whole number /],
  ["a range that is none", { TRUST_PROXY: "10.0.0.0/99" }, /^The setting TRUST_PROXY.* cannot be used: /],
  [
    "a public address with a path",
    { PUBLIC_URL: "https://news.example/live" },
    /PUBLIC_URL cannot be used: it must have/,
  ],
  ["an address of another machine", { HOST: "192.0.2.7" }, /^This machine does not have the address 192\.0\.2\.7; /],
  [
    "no secret for DATABASE_URL",
    { DATABASE_URL: "postgres://nobody@localhost/x", AUTH_SECRET: "" },
    /^AUTH_SECRET .* is needed /,
  ],
  [
    "a database that nobody serves",
    { DATABASE_URL: "postgres://nobody@127.0.0.1:1/x" },
    /^The database in DATABASE_URL cannot be/,
  ],
  ["a data directory below a file", { DATA_DIR: join(import.meta.filename, "data") }, /data cannot be made, /],
];

test.each(REFUSED)("%s stops the start with one plain sentence", async (_what, settings, sentence) => {
  const { code, stdout, stderr } = await runToEnd("main.ts", { DATA_DIR: directory, AUTH_SECRET, ...settings });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect((await processesIn(directory)).size).toBe(0);
});

test("a port that is taken stops the start before any database is made", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const DATA_DIR = join(directory, "never-made");
  const { code, stderr } = await runToEnd("main.ts", { DATA_DIR, PORT: String(port) });
  other.close();
  expect([code, stderr]).toEqual([
    1,
    `Port ${port} is in use by another program; stop that one, or set another PORT.\n`,
  ]);
  await expect(rm(DATA_DIR, { recursive: true })).rejects.toThrow("ENOENT");
});

test("a start that fails after Postgres has started takes Postgres down with it", async () => {
  const DATA_DIR = join(directory, "secret-is-a-directory");
  await mkdir(join(DATA_DIR, "secret"), { recursive: true });
  const { code, stderr } = await runToEnd("main.ts", { DATA_DIR });
  expect([code, stderr.split(":")[0]]).toEqual([1, "Dateline could not start"]);
  expect((await processesIn(DATA_DIR)).size).toBe(0);
});

test("an old Node is told what is missing", async () => {
  const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } })';
  const { code, stderr } = await runToEnd("main.ts", {}, [], ["--import", `data:text/javascript,${older}`]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Dateline needs Node 24, and this is Node 18\.20\.4\. .*\n$/);
});

test("a database that does not exist, cannot be migrated, or is not migrated is named plainly", async () => {
  const missing = await startOn(`no_such_${randomUUID().slice(0, 8)}`);
  expect(missing).toEqual([1, "The database named in DATABASE_URL does not exist.\n"]);

  const inTheWay = await emptyDatabase((sql) => sql`create table users (id int)`);
  const [code, words] = await startOn(inTheWay);
  expect([code, words]).toEqual([
    1,
    expect.stringMatching(/^The migration \S+ failed: relation "users" already exists\.\n$/),
  ]);

  const empty = await emptyDatabase();
  const off = await startOn(empty, { MIGRATE: "off" });
  expect(off).toEqual([
    1,
    expect.stringMatching(/^The migration \S+ has not been run; run npm run migrate first\.\n$/),
  ]);
});

test("a Postgres older than 15 is refused", async () => {
  // A function before Postgres's own on the search path lets this database give itself out for an older one.
  const old = await emptyDatabase(async (sql) => {
    await sql.unsafe(`
      create function public.current_setting(text) returns text language sql
        as $$ select case $1 when 'server_version_num' then '140011' else '14.11' end $$;
      do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); end $$`);
  });
  expect(await startOn(old)).toEqual([1, "Dateline needs PostgreSQL 15 or newer, and this is 14.11.\n"]);
});

test("several servers that start together on an empty database migrate it once, and all serve", async () => {
  const url = databaseUrl(inject("adminUrl"), await emptyDatabase());
  const three = [serve(url), serve(url), serve(url)];
  const ready = await Promise.all(three.map(async (server) => (await fetch(`${await server.url()}/readyz`)).status));
  expect(ready).toEqual([200, 200, 200]);
  const sql = connect(url, { max: 1 });
  const [row] = await sql`select count(*)::int as runs, count(distinct name)::int as names from kysely_migration`;
  await sql.end();
  expect(row!.runs).toBe(row!.names);
  expect(await Promise.all(three.map((server) => server.end("SIGTERM")))).toEqual([0, 0, 0]);
});

test("a first start says where it is, who can sign in, and where the data is, and they can", async () => {
  const DATA_DIR = join(directory, "first start");
  const server = new ServerProcess({ DATA_DIR, LOG_LEVEL: "error", DRAIN_SECONDS: "0" });
  servers.push(server);
  const url = await server.url();
  while (!server.output.includes("Everything is in")) await once(server.child, "words");
  expect(server.output).toContain(`Everything is in: ${DATA_DIR}\n`);
  for (const { email } of DEMO_ACCOUNTS) expect(server.output).toContain(email);
  const [, password] = /password: +(\S+)/.exec(server.output)!;
  expect(password).toBe(DEMO_PASSWORD);
  const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: url },
    body: JSON.stringify({ email: DEMO_ACCOUNTS[0]!.email, password }),
  });
  expect(signIn.status).toBe(200);
  expect(await server.end("SIGTERM")).toBe(0);
}, 60_000);

test("SIGTERM lets a request finish, says 503 to readyz, refuses newcomers, closes readers' transports, and exits 0", async () => {
  const server = serve(app.databaseUrl, { DRAIN_SECONDS: "1" });
  const url = await server.url();
  const blog = await app.blog();
  const [reporter, reader] = [await app.person("reporter"), await app.reader({ url } as typeof app.app)];
  const lock = await lockBlog(blog.slug);
  const post = fetch(`${url}/api/blogs/${blog.slug}/posts`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${reporter.token}`,
      "Idempotency-Key": randomUUID(),
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ body: "<p>In flight</p>" }),
  });
  await lock.isWaitedFor();
  const half = await openRequest(url, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n");

  const gone = new Promise<string>((resolve) => reader.once("disconnect", resolve));
  reader.io.reconnection(false);
  const ended = once(server.child, "exit");
  server.child.kill("SIGTERM");
  expect(await gone).toBe("transport close");
  await expect(fetch(`${url}/healthz`)).rejects.toThrow("fetch failed");
  expect(await answer(half, "\r\n")).toMatch(/^HTTP\/1\.1 503 .*"reason":"stopping"/s);
  await lock.release();
  expect((await post).status).toBe(201);
  expect((await ended)[0]).toBe(0);
});

test("a second signal ends a stop that takes too long", async () => {
  const server = serve(app.databaseUrl, { DRAIN_SECONDS: "20" });
  const url = await server.url();
  const reader = await app.reader({ url } as typeof app.app);
  reader.io.reconnection(false);
  const ended = once(server.child, "exit");
  server.child.kill("SIGINT");
  while (await fetch(`${url}/healthz`).catch(() => null));
  server.child.kill("SIGINT");
  expect((await ended)[0]).toBe(1);
});

function serve(url: string, settings: Record<string, string> = {}): ServerProcess {
  const server = new ServerProcess({
    DATABASE_URL: url,
    DATA_DIR: directory,
    AUTH_SECRET,
    LOG_LEVEL: "error",
    DRAIN_SECONDS: "0",
    ...settings,
  });
  servers.push(server);
  return server;
}

async function startOn(database: string, settings: Record<string, string> = {}): Promise<[number, string]> {
  const DATABASE_URL = databaseUrl(inject("adminUrl"), database);
  const { code, stderr } = await runToEnd("main.ts", { DATABASE_URL, AUTH_SECRET, DATA_DIR: directory, ...settings });
  return [code, stderr];
}

async function emptyDatabase(prepare?: (sql: ReturnType<typeof connect>) => PromiseLike<unknown>): Promise<string> {
  const name = `dateline_start_${randomUUID().replaceAll("-", "")}`;
  databases.push(name);
  await asAdmin((sql) => sql`create database ${sql(name)}`);
  const sql = connect(databaseUrl(inject("adminUrl"), name), { max: 1 });
  await prepare?.(sql);
  await sql.end();
  return name;
}

/** Holds the blog's counter, which every publication needs. */
async function lockBlog(slug: string): Promise<{ isWaitedFor(): Promise<void>; release(): Promise<void> }> {
  const sql = connect(app.databaseUrl, { max: 1 });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: locked, resolve: lockedNow } = Promise.withResolvers<void>();
  const holding = sql.begin(async (trx) => {
    await trx`select from streams join blogs on blogs.id = blog_id where slug = ${slug} for update of streams`;
    lockedNow();
    await released;
  });
  await locked;
  return {
    async isWaitedFor() {
      const { sql: other } = app.app.context;
      while (
        !(await other`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
          .length
      );
    },
    async release() {
      release();
      await holding;
      await sql.end();
    },
  };
}

async function openRequest(url: string, head: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connectTo(Number(port), hostname);
  await once(socket, "connect");
  await new Promise((resolve) => socket.write(head, resolve));
  return socket;
}

async function answer(socket: Socket, rest: string): Promise<string> {
  socket.write(rest);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    if (Buffer.concat(chunks).includes("}")) break;
  }
  return Buffer.concat(chunks).toString();
}
