import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect, openDatabase, type Database } from "../server/connection.ts";
import { joinEmbeddedPostgres } from "../server/embedded-postgres.ts";
import { storyText } from "./story.ts";

/** As `npm start` has them. */
const V8_FLAGS = ["--max-semi-space-size=4", "--heap-growing-percent=40"];

/** An account of the demo that may do everything. */
export const ADMIN = { email: "admin@demo.example", password: "dateline-demo" };

/** The real server, as a process of its own with its embedded Postgres and a directory that goes when it stops. */
export class Dateline {
  readonly url: string;
  readonly #directory: string;
  readonly #port: number;
  #process: ChildProcess | null = null;
  /** Of ADMIN. */
  token = "";

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(port: number): Promise<Dateline> {
    const server = new Dateline(await mkdtemp(join(tmpdir(), "dateline-bench-")), port);
    await server.run();
    server.token = await server.#signIn();
    return server;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** Starts the process, again after kill(); resolves when it can serve. */
  async run(): Promise<void> {
    const start = [...V8_FLAGS, join(import.meta.dirname, "../server/start.js"), "main.ts"];
    this.#process = spawn(process.execPath, start, {
      env: {
        PATH: process.env.PATH,
        PORT: String(this.#port),
        DATA_DIR: this.#directory,
        LOG_LEVEL: "error",
        DRAIN_SECONDS: "0",
        // The bench's readers are few, and write as many would.
        RATE_LIMITS: "off",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    endWithUs(this.#process);
    await spoke(this.#process, "Dateline is running");
  }

  /** Without a warning. */
  async kill(): Promise<void> {
    const exited = once(this.#process!, "exit");
    this.#process!.kill("SIGKILL");
    await exited;
  }

  async stop(): Promise<void> {
    const exited = once(this.#process!, "exit");
    this.#process!.kill("SIGTERM");
    await exited;
    await rm(this.#directory, { recursive: true, force: true });
  }

  async createBlog(slug: string): Promise<{ slug: string; epoch: string; version: number }> {
    return this.send("POST", "/api/blogs", { slug, title: `Story ${slug}`, standfirst: "As it happens" });
  }

  async blog(slug: string): Promise<{ slug: string; epoch: string; version: number }> {
    return this.send("GET", `/api/blogs/${slug}`);
  }

  /** Fills a blog with posts of about 2 KB, a few at a time. */
  async fill(slug: string, posts: number): Promise<void> {
    let next = 0;
    const reporter = async () => {
      while (next < posts) await this.send("POST", `/api/blogs/${slug}/posts`, { body: storyText(next, `${next++}`) });
    };
    await Promise.all(Array.from({ length: 8 }, reporter));
  }

  /** @param version of what is changed, for a PATCH and a DELETE */
  async send<T>(method: string, path: string, body?: object, version?: number): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        "Content-Type": "application/json",
        ...(method === "POST" ? { "Idempotency-Key": randomUUID() } : {}),
        ...(version === undefined ? {} : { "If-Match": `"${version}"` }),
      },
      body: body ? JSON.stringify(body) : null,
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** The newsroom's database, for what would take the API too long. */
  async database(): Promise<Database> {
    const { url } = await joinEmbeddedPostgres(this.#directory);
    return openDatabase(url, 4);
  }

  /** Has Postgres count its statements from its next start on. */
  async countFromNextStart(): Promise<void> {
    const sql = await this.#database();
    await sql`create extension pg_stat_statements`;
    await sql`alter system set shared_preload_libraries = pg_stat_statements`;
    await sql.end();
  }

  /** @returns how many statements the newsroom's database was sent since it was asked last, or since it started */
  async countQueries(): Promise<number> {
    const sql = await this.#database();
    const [row] = await sql`
      select sum(calls) as n from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where datname = 'dateline' and query not like '%pg_stat_statements%'`;
    await sql`select pg_stat_statements_reset()`;
    await sql.end();
    return Number(row!.n);
  }

  async #database() {
    const { url } = await joinEmbeddedPostgres(this.#directory);
    return connect(url, { max: 1 });
  }

  async #signIn(): Promise<string> {
    const origin = { Origin: this.url, "Content-Type": "application/json" };
    const signedIn = await fetch(`${this.url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: origin,
      body: JSON.stringify(ADMIN),
    });
    const Cookie = signedIn.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0]!)
      .join("; ");
    const made = await fetch(`${this.url}/api/tokens`, {
      method: "POST",
      headers: { ...origin, Cookie, "Sec-Fetch-Site": "same-origin", "Idempotency-Key": randomUUID() },
      body: JSON.stringify({ name: "bench", scopes: ["read", "posts", "blogs", "moderation"] }),
    });
    if (!made.ok) throw new Error(`No token: ${made.status} ${await made.text()}`);
    return ((await made.json()) as { token: string }).token;
  }
}

/** So that an interrupted run leaves nothing behind. */
export function endWithUs(child: ChildProcess): void {
  const end = () => child.kill();
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
}

/** Resolves when a process has printed a line that begins so. */
export async function spoke(child: ChildProcess, beginning: string): Promise<void> {
  for await (const line of createInterface(child.stdout!)) {
    if (!line.startsWith(beginning)) continue;
    child.stdout!.resume();
    return;
  }
  throw new Error(`${child.spawnfile} ended before it could serve`);
}
