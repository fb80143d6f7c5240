import { globSync } from "node:fs";
import { readFile, readdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { connect } from "../server/connection.ts";
import { startEmbeddedPostgres } from "../server/embedded-postgres.ts";
import { processesIn, runToEnd } from "./command-line.ts";
import { ServerProcess } from "./server-process.ts";

const servers: ServerProcess[] = [];
const directories: string[] = [];
afterAll(async () => {
  for (const server of servers) await server.end("SIGKILL");
  for (const directory of directories) {
    await nothingLeftIn(directory);
    await rm(directory, { recursive: true, force: true });
  }
});

const PATIENTLY = { timeout: 20_000, interval: 20 };

test("data is kept, and no Postgres left behind, by SIGTERM, SIGINT and kill -9 of the server", async () => {
  const DATA_DIR = await emptyDirectory();
  const email = "kept@test.example";
  expect((await runToEnd("commands/admin.ts", { DATA_DIR }, ["--email", email])).code).toBe(0);
  for (const signal of ["SIGTERM", "SIGINT", "SIGKILL"] as const) {
    const server = start(DATA_DIR);
    await server.url();
    const { code } = await runToEnd("commands/token.ts", { DATA_DIR }, ["--email", email, "--name", signal]);
    expect(code).toBe(0);
    expect(await server.end(signal)).toBe(signal === "SIGKILL" ? null : 0);
    await nothingLeftIn(DATA_DIR);
  }
}, 60_000);

test.each([
  ["initdb works", (directory: string) => globSync("postgres-new-*/base/1", { cwd: directory }).length > 0],
  [
    "Postgres starts",
    async (directory: string) =>
      [...(await processesIn(directory)).values()].some((line) => line.includes("listen_addresses=")),
  ],
])(
  "a server killed while %s leaves nothing behind that runs or that the next start trips over",
  async (_when, isTime) => {
    const DATA_DIR = await emptyDirectory();
    const server = start(DATA_DIR);
    await vi.waitUntil(() => isTime(DATA_DIR), { ...PATIENTLY, interval: 1 });
    await server.end("SIGKILL");
    await nothingLeftIn(DATA_DIR);
    const postgres = await startEmbeddedPostgres(DATA_DIR);
    expect((await readdir(DATA_DIR)).toSorted()).toEqual(["lock", "postgres", "server.pid", "socket"]);
    expect(await answers(postgres.url)).toBe(true);
    await postgres.stop();
  },
);

test("of two first starts in one empty directory one serves, and the other is refused with its pid", async () => {
  const DATA_DIR = await emptyDirectory();
  const both = [start(DATA_DIR), start(DATA_DIR)];
  const results = await Promise.allSettled(both.map((server) => server.url()));
  const [winner, ...others] = both.filter((_, n) => results[n]!.status === "fulfilled");
  const loser = both.find((server) => server !== winner)!;

  expect(others).toEqual([]);
  expect(loser.output).toBe(
    `${DATA_DIR} is in use by process ${winner!.child.pid}; stop that one first, or set another DATA_DIR.\n`,
  );
  expect(await loser.end()).toBe(1);
  const { code, stderr } = await runToEnd("main.ts", { DATA_DIR });
  expect([code, stderr]).toEqual([1, loser.output]);
  expect((await fetch(`${await winner!.url()}/readyz`)).status).toBe(200);
}, 60_000);

test("pid files that name other processes do not keep Postgres from starting", async () => {
  const DATA_DIR = await emptyDirectory();
  await (await startEmbeddedPostgres(DATA_DIR)).stop();
  const socket = join(DATA_DIR, "socket");
  await writeFile(join(DATA_DIR, "server.pid"), `${process.ppid}\n${socket}\n`);
  await writeFile(
    join(DATA_DIR, "postgres", "postmaster.pid"),
    `${process.pid}\n${join(DATA_DIR, "postgres")}\n1700000000\n5432\n${socket}\n\n   17 17\nready\n`,
  );
  await writeFile(join(socket, ".s.PGSQL.5432.lock"), `${process.pid}\n`);
  const postgres = await startEmbeddedPostgres(DATA_DIR);
  expect(await answers(postgres.url)).toBe(true);
  await postgres.stop();
});

test.each([
  ["of 200 characters", "d".repeat(200)],
  ["with spaces, quotes, a comma and a dollar", `our "live" desk's, $HOME %20`],
])("a data directory may have a name %s", async (_what, name) => {
  const parent = await emptyDirectory();
  const before = await readdir(tmpdir());
  const postgres = await startEmbeddedPostgres(join(parent, name), { fsync: false });
  expect(await answers(postgres.url)).toBe(true);
  await postgres.stop();
  const added = (await readdir(tmpdir())).filter((file) => !before.includes(file) && /^dateline-\w{6}$/.test(file));
  expect(added).toEqual([]);
});

test("what the operator's environment says to Postgres clients changes nothing", async () => {
  vi.stubEnv("PGPORT", "6543");
  vi.stubEnv("PGHOST", "db.invalid");
  vi.stubEnv("LC_ALL", "xx_YY.UTF-8");
  const postgres = await startEmbeddedPostgres(await emptyDirectory(), { fsync: false });
  expect(await answers(postgres.url)).toBe(true);
  await postgres.stop();
  vi.unstubAllEnvs();
});

test("a Postgres that is killed is started again, while the server says 503 and then goes on", async () => {
  const DATA_DIR = await emptyDirectory();
  const server = start(DATA_DIR);
  const blogs = `${await server.url()}/api/blogs`;
  const postmaster = async () =>
    Number((await readFile(join(DATA_DIR, "postgres", "postmaster.pid"), "utf8")).split("\n")[0]);
  const first = await postmaster();
  expect((await fetch(blogs)).status).toBe(200);

  process.kill(first, "SIGKILL");
  const statuses = new Set<number>();
  await vi.waitUntil(async () => {
    const { status } = await fetch(blogs);
    statuses.add(status);
    return status === 200 && (await postmaster().catch(() => first)) !== first;
  }, PATIENTLY);

  expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(server.output).toContain("The embedded Postgres ended by itself and is started again.");
  expect(await server.end("SIGTERM")).toBe(0);
  await nothingLeftIn(DATA_DIR);
}, 60_000);

test("a Postgres that lost its keeper as well as its server is put to bed by the next start", async () => {
  const DATA_DIR = await emptyDirectory();
  const server = start(DATA_DIR);
  await server.url();
  const keepers = [...(await processesIn(DATA_DIR))]
    .filter(([, line]) => line.startsWith("/bin/sh"))
    .map(([pid]) => pid);
  expect(keepers).toHaveLength(2);
  process.kill(server.child.pid!, "SIGSTOP");
  for (const pid of keepers) process.kill(pid, "SIGKILL");
  await server.end("SIGKILL");
  expect((await processesIn(DATA_DIR)).size).toBeGreaterThan(0);

  const next = start(DATA_DIR);
  expect((await fetch(`${await next.url()}/readyz`)).status).toBe(200);
  expect(await next.end("SIGTERM")).toBe(0);
  await nothingLeftIn(DATA_DIR);
}, 60_000);

function start(DATA_DIR: string): ServerProcess {
  const server = new ServerProcess({ DATA_DIR, DEMO: "off", DRAIN_SECONDS: "0", LOG_LEVEL: "error" });
  servers.push(server);
  return server;
}

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "dateline-embedded-"));
  directories.push(directory);
  return directory;
}

async function nothingLeftIn(directory: string): Promise<void> {
  await vi.waitUntil(async () => (await processesIn(directory)).size === 0, PATIENTLY);
}

async function answers(url: string): Promise<boolean> {
  const sql = connect(url, { max: 1 });
  const [row] = await sql`select current_database() = 'dateline' and current_setting('listen_addresses') = '' as good`;
  await sql.end();
  return row!.good as boolean;
}
