import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readConfig, settings } from "../server/config.ts";
import { connect } from "../server/connection.ts";
import { openLog } from "../server/log.ts";
import { asAdmin, AUTH_SECRET, follow, PASSWORD, useApp } from "./app.ts";
import { runToEnd, type Ending } from "./command-line.ts";
import { ServerProcess } from "./server-process.ts";

const app = useApp({ metricsAllow: ["127.0.0.1"] });
const servers: ServerProcess[] = [];
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dateline-operating-"));
});
afterAll(async () => {
  for (const server of servers) await server.end("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

test("docs/operating.md lists every setting with its default, and no other", async () => {
  const text = await readFile(join(import.meta.dirname, "..", "docs", "operating.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([A-Z0-9_]+)` +\| (\S.*?) +\|/gm)].map(([, name, value]) => [name, value]);
  const defaults = Object.entries(settings.shape).map(([name, schema]) => {
    const { data } = schema.safeParse(undefined);
    const value = Array.isArray(data) ? data.join(",") : data;
    return [name, value === undefined || value === "" ? "–" : `\`${value}\``];
  });
  expect(rows).toEqual(defaults);
});

test("an empty value is a setting that was not given", () => {
  expect(readConfig({ PORT: "", DATABASE_URL: "", TRUST_PROXY: "" })).toEqual(readConfig({}));
});

test("healthz says that the process is up, and readyz that it can serve", async () => {
  const up = await app.request().get("/healthz").expect(200, { status: "up" });
  expect(up.headers["cache-control"]).toBe("no-store");
  await app.request().get("/readyz").expect(200, { status: "ready" });
});

test("readyz is 503 while the database has not answered for 15 seconds, and 200 again when it does", async () => {
  const ready = async () => (await app.request().get("/readyz")).body as object;
  const allow = (yes: boolean) =>
    asAdmin((sql) => sql`alter database ${sql(app.name)} with allow_connections ${sql.unsafe(String(yes))}`);
  const patiently = { timeout: 40_000, interval: 100 };
  await allow(false);
  const cut = setInterval(
    () =>
      void asAdmin((sql) => sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${app.name}`),
    1_000,
  );
  const began = Date.now();
  await vi.waitFor(async () => {
    expect(await ready()).toEqual({ status: "not ready", reason: "no answer from the database" });
  }, patiently);
  expect(Date.now() - began).toBeGreaterThan(12_000);
  await app.request().get("/readyz").expect(503);
  await app.request().get("/healthz").expect(200);

  clearInterval(cut);
  await allow(true);
  await vi.waitFor(async () => expect(await ready()).toEqual({ status: "ready" }), patiently);
}, 100_000);

test("metrics tell of readers by blog, fan-out, queues, the database pool and the event loop", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const pushed = once(reader.socket as never, "batch");
  await app.post(blog);
  await pushed;
  const metric = (text: string, name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  const text = await vi.waitFor(async () => {
    const { text: now } = await app.request().get("/metrics").expect(200);
    expect(metric(now, `dateline_readers\\{stream="blog:${blog.slug}"\\}`)).toBe(1);
    // The reader has its frame before the server ticks the write off.
    expect(metric(now, `dateline_push_backlog\\{stream="blog:${blog.slug}"\\}`)).toBe(0);
    return now;
  });
  expect(metric(text, "dateline_fan_out_lag_seconds_count")).toBeGreaterThan(0);
  expect(metric(text, "dateline_batch_changes_count")).toBeGreaterThan(0);
  expect(metric(text, "dateline_batch_bytes_sum")).toBeGreaterThan(0);
  expect(metric(text, "dateline_nodejs_eventloop_lag_seconds")).toBeGreaterThanOrEqual(0);
});

test("metrics count the database connections in use, and who waits for one", async () => {
  const busy = await app.start({ databasePool: 2 });
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const { db, pool } = busy.context;
  const transactions = [1, 2, 3].map(() => db.transaction().execute(() => done));
  await vi.waitUntil(() => pool.inUse === 2 && pool.waiting >= 1);
  // The wire's own connections are counted too, for the moment in which it asks for what is new.
  await vi.waitUntil(async () => {
    const { text } = await app.request(busy).get("/metrics").expect(200);
    return /^dateline_database_connections_in_use 2$/m.test(text) && /^dateline_database_waiting [1-9]/m.test(text);
  });
  finish();
  await Promise.all(transactions);
  await vi.waitUntil(() => pool.inUse === 0 && pool.waiting === 0);
});

test("metrics are not there for an address that may not see them", async () => {
  const closed = await app.start({ metricsAllow: ["192.0.2.0/24"] });
  await app.request(closed).get("/metrics").expect(404);
  const behindProxy = await app.start({ metricsAllow: ["192.0.2.0/24"], trustProxy: ["127.0.0.1"] });
  await app.request(behindProxy).get("/metrics").set("X-Forwarded-For", "192.0.2.9").expect(200);
  await app.request(behindProxy).get("/metrics").set("X-Forwarded-For", "198.51.100.9").expect(404);
});

test("the log has each request by its id, and nothing about the person who made it", async () => {
  const server = new ServerProcess({
    DATABASE_URL: app.databaseUrl,
    DATA_DIR: directory,
    AUTH_SECRET,
    LOG_LEVEL: "debug",
    DRAIN_SECONDS: "0",
    TRUST_PROXY: "127.0.0.1",
  });
  servers.push(server);
  const url = await server.url();
  const blog = await app.blog();
  const person = await app.newPerson({ role: "reporter" });
  const secrets = [
    "203.0.113.77",
    person.email,
    person.token,
    person.name,
    PASSWORD,
    "a-wrong-password",
    "words of a post",
  ];
  secrets.push("words of a comment", "queried-secret", "agent-of-mine");
  const headers = {
    "Content-Type": "application/json",
    "X-Forwarded-For": "203.0.113.77",
    "User-Agent": "agent-of-mine",
    Origin: url,
  };
  const send = (path: string, body: object, more: Record<string, string> = {}) =>
    fetch(url + path, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) });

  await send("/api/auth/sign-in/email", { email: person.email, password: "a-wrong-password" });
  await send("/api/auth/sign-in/email", { email: "nobody@test.example", password: "a-wrong-password" });
  secrets.push("nobody@test.example");
  const signIn = await send("/api/auth/sign-in/email", { email: person.email, password: PASSWORD });
  const cookie = signIn.headers.getSetCookie()[0]!.split(";")[0]!;
  secrets.push(cookie.split("=")[1]!.slice(0, 30));
  const mine = { Cookie: cookie, "Sec-Fetch-Site": "same-origin", "Idempotency-Key": randomUUID() };
  const post = await send(`/api/blogs/${blog.slug}/posts`, { body: "words of a post" }, mine);
  const comment = await send(
    `/api/blogs/${blog.slug}/comments`,
    { body: "words of a comment" },
    {
      Authorization: `Bearer ${person.token}`,
      "Idempotency-Key": randomUUID(),
    },
  );
  await send(`/api/blogs/${blog.slug}/posts?email=queried-secret`, { body: 5 }, mine);
  await fetch(`${url}/nowhere/queried-secret?token=queried-secret`, { headers });
  await fetch(`${url}/api/me`, { headers: { ...headers, Authorization: "Bearer queried-secret" } });
  await follow(await app.reader({ url } as typeof app.app, person.token), blog, 0);
  expect([signIn.status, post.status, comment.status]).toEqual([200, 201, 201]);
  expect(await server.end("SIGTERM")).toBe(0);

  const lines = server.output.split("\n").filter((line) => line.startsWith("{"));
  const events = lines.map((line) => JSON.parse(line) as { request?: string; route?: string; status?: number });
  expect(events.find(({ request }) => request === post.headers.get("X-Request-Id"))).toMatchObject({
    route: "/api/blogs/:slug/posts",
    status: 201,
  });
  for (const secret of secrets) expect(server.output).not.toContain(secret);
});

test("an error of the database is logged without the row or the input that it quotes", async () => {
  const lines: string[] = [];
  const log = openLog({ logLevel: "error" }, { write: (line) => void lines.push(line) });
  const { sql } = app.app.context;
  const { email } = await app.newPerson();
  const twice = sql`insert into users (id, name, slug, email) values ('another', 'x', 'another', ${email})`;
  log.error({ err: await twice.catch((error: unknown) => error) }, "unexpected error");
  const unreadable = sql.unsafe(`select '${email}'::bigint`);
  log.error({ err: await unreadable.catch((error: unknown) => error) }, "unexpected error");
  const errors = lines.map((line) => (JSON.parse(line) as { err: object }).err);
  expect(errors).toMatchObject([
    { type: "PostgresError", code: "23505", table: "users", stack: expect.stringContaining(" at ") },
    { code: "22P02", message: 'invalid input syntax for type bigint: "…"' },
  ]);
  expect(lines.join("")).not.toContain(email);
});

test("commands work beside a running server and without one", async () => {
  const DATA_DIR = join(directory, "embedded");
  const server = new ServerProcess({ DATA_DIR, DEMO: "off", LOG_LEVEL: "error", DRAIN_SECONDS: "0" });
  servers.push(server);
  const url = await server.url();
  const email = "first@test.example";
  const made = await runToEnd("commands/admin.ts", { DATA_DIR }, ["--email", email, "--name", "First Admin"]);
  const password = /^The password, shown this once: (\S{20})$/m.exec(made.stdout)?.[1];
  const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: url },
    body: JSON.stringify({ email, password }),
  });
  expect(signIn.status).toBe(200);
  const beside = await makeToken({ DATA_DIR }, email);
  expect((await asBearer(url, beside)).status).toBe(200);
  await server.end("SIGTERM");

  const [first, second] = await Promise.all([makeToken({ DATA_DIR }, email), makeToken({ DATA_DIR }, email)]);
  expect(new Set([beside, first, second]).size).toBe(3);
  expect((await runToEnd("commands/migrate.ts", { DATA_DIR })).stdout).toBe("The database is up to date.\n");
}, 60_000);

test("commands work on the operator's database: an account becomes an admin, keeps its password, and gets a limited token", async () => {
  const settings = { DATABASE_URL: app.databaseUrl, AUTH_SECRET, DATA_DIR: directory };
  const person = await app.newPerson();
  const blog = await app.blog();
  const admin = await runToEnd("commands/admin.ts", settings, ["--email", person.email.toUpperCase()]);
  expect([admin.code, admin.stdout, admin.stderr]).toEqual([0, `${person.email} is an admin.\n`, ""]);
  await app.as(person).get("/api/roles").expect(200);

  const token = await makeToken(settings, person.email, [
    "--scopes",
    "read,posts",
    "--blog",
    blog.slug,
    "--expires",
    "2099-01-31",
  ]);
  const sql = connect(app.databaseUrl, { max: 1 });
  const [row] = await sql`select scopes, expires_at, blog_id::text from api_tokens where id = ${token.split("_")[1]!}`;
  await sql.end();
  expect(row).toEqual({ scopes: ["read", "posts"], expires_at: new Date("2099-01-31"), blog_id: expect.any(String) });
});

test("data put back from a copy of its files begins a new history", async () => {
  const other = await app.blog();
  const sql = connect(app.databaseUrl, { max: 1 });
  const [before] = await sql`select epoch from history`;
  const settings = { DATABASE_URL: app.databaseUrl, AUTH_SECRET, DATA_DIR: directory };
  const { code, stdout } = await runToEnd("commands/migrate.ts", settings, ["--restored"]);
  expect([code, stdout]).toEqual([0, "The database is up to date, and begins a new history.\n"]);
  const [after] = await sql`select epoch from history`;
  await sql.end();
  expect(after!.epoch).not.toBe(before!.epoch);
  const restarted = await app.start();
  const { body } = await app.request(restarted).get(`/api/blogs/${other.slug}`).expect(200);
  expect(body.epoch).not.toBe(other.epoch);
});

const WRONG: [entry: string, args: string[], sentence: RegExp][] = [
  ["token", [], /^An account and a name are needed; usage: /],
  ["token", ["--email", "nobody@test.example", "--name", "x"], /^There is no account with the e-mail address nobody@/],
  [
    "token",
    ["--email", "a@b.example", "--name", "x", "--scopes", "read,fly"],
    /^There is no scope "fly"; there are read, /,
  ],
  ["token", ["--email", "a@b.example", "--name", "x", "--expires", "2027-02-30"], /^"2027-02-30" is not a day /],
  [
    "token",
    ["--email", "a@b.example", "--name", "x", "--expires", "2020-01-01"],
    /^A token that expires at 2020-01-01 /,
  ],
  ["token", ["--colour", "red"], /^Unknown option '--colour'; usage: /],
  ["admin", ["--email", "nobody"], /^An e-mail address is needed; usage: /],
  ["migrate", ["now"], /^Unexpected argument 'now'.*; usage: npm run migrate/],
];

test.each(WRONG)("npm run %s with %j says what is wrong in one sentence", async (entry, args, sentence) => {
  const { code, stdout, stderr } = await runToEnd(
    `commands/${entry}.ts`,
    { DATABASE_URL: app.databaseUrl, AUTH_SECRET, DATA_DIR: directory },
    args,
  );
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

async function makeToken(given: Record<string, string>, email: string, args: string[] = []): Promise<string> {
  const { code, stdout, stderr }: Ending = await runToEnd("commands/token.ts", given, [
    "--email",
    email,
    "--name",
    "test",
    ...args,
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^dl_[0-9a-f]{16}_[\w-]{43}\n$/);
  return stdout.trim();
}

const asBearer = (url: string, token: string): Promise<Response> =>
  fetch(`${url}/api/me`, { headers: { Authorization: `Bearer ${token}` } });
