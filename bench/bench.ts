import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Dateline } from "./dateline.ts";
import { BROWSER_HEADERS, load, type Load } from "./load.ts";
import { startNchan, startSocketIo, hasNchan, type Peer } from "./peers.ts";
import { STORY_POSTS, storyText } from "./story.ts";

export interface Settings {
  /** Sizes of the audience. */
  readonly readers: number[];
  /** Posts in the blogs whose pages are read. */
  readonly posts: number[];
  /** Ports from here on are used. */
  readonly port: number;
  /** Fewer repetitions, for a look. */
  readonly quick: boolean;
}

/** One line of the table. */
export interface Row {
  what: string;
  dateline: string;
  peer?: string;
  ratio?: number;
  goal?: string;
  met?: boolean;
}

export type Line = (settings: Settings, add: (row: Row) => void) => Promise<void>;

type Options = Record<string, string | number | boolean | string[]>;

/** Anything that readers can be connected to and something published on. */
export interface Target {
  readonly name: string;
  readonly pid: number;
  /** For loadgen: where to read and to publish, in whose name, and from which version on. Of this moment. */
  options(): Promise<Options>;
  stop(): Promise<void>;
}

/** The real server with one blog, read as the page's script reads it. */
export async function datelineTarget(port: number, slug = "bridge"): Promise<Target & { server: Dateline }> {
  const server = await Dateline.start(port);
  await server.createBlog(slug);
  return { ...(await following(server, slug)), server, stop: () => server.stop() };
}

/** @param behind how many versions the readers have not seen yet */
export async function following(server: Dateline, slug: string, behind = 0): Promise<Target> {
  const posts = await templates("post", bodies());
  return {
    name: "Dateline",
    get pid() {
      return server.pid;
    },
    async options() {
      const { epoch, version } = await server.blog(slug);
      const follow = { stream: `blog:${slug}`, epoch, version: version - behind };
      return {
        url: `${server.url}/socket.io/`,
        header: [...BROWSER_HEADERS, `Origin: ${server.url}`],
        send: `420${JSON.stringify(["follow", follow])}`,
        "ready-on": "430[",
        "publish-url": `${server.url}/api/blogs/${slug}/posts`,
        "publish-header": [`Authorization: Bearer ${server.token}`, "Idempotency-Key: {{RUN}}-{{SEQ}}"],
        "publish-template": posts,
        // The Node process; what Postgres does for a post is the same for any audience.
        "no-children": true,
      };
    },
    stop: () => server.stop(),
  };
}

/** The peers that are installed, given the very bytes that Dateline's readers get. */
export async function* peerTargets(port: number): AsyncGenerator<Target> {
  const batches = await templates("batch", await batchesOf(port));
  const target = (peer: Peer, options: Options): Target => ({
    name: peer.name,
    pid: peer.pid,
    stop: () => peer.stop(),
    options: async () => ({
      "publish-url": `${peer.url}/publish`,
      "publish-template": batches,
      header: BROWSER_HEADERS,
      ...options,
    }),
  });
  const socketIo = await startSocketIo(port + 1);
  yield target(socketIo, { url: `${socketIo.url}/socket.io/` });
  if (hasNchan()) {
    const nchan = await startNchan(port + 2);
    yield target(nchan, { url: `${nchan.url}/read`, protocol: "ws" });
  } else console.log("nginx with nchan is not installed (Debian: libnginx-mod-nchan): left out");
}

const bodies = (): string[] => STORY_POSTS.map((_, n) => JSON.stringify({ body: storyText(n, "{{MARK}}", "{{END}}") }));

/** What a reader is sent for each post, as JSON. */
async function batchesOf(port: number): Promise<string[]> {
  const server = await Dateline.start(port);
  try {
    let { epoch, version } = await server.createBlog("sample");
    const batches: string[] = [];
    for (const body of bodies()) {
      await server.send("POST", "/api/blogs/sample/posts", JSON.parse(body));
      const updates = `/blogs/sample/updates?after=${version}&epoch=${epoch}`;
      const { from, to, changes } = await server.send<{ from: number; to: number; changes: unknown[] }>("GET", updates);
      batches.push(JSON.stringify({ stream: "blog:sample", epoch, from, to, changes }));
      version = to;
    }
    return batches;
  } finally {
    await server.stop();
  }
}

export async function run(target: Target, settings: Record<string, string | number | boolean>): Promise<Load> {
  const { pid } = target;
  const options = await target.options();
  const headers = [options["publish-header"] ?? []].flat().map((line) => String(line).replace("{{RUN}}", randomUUID()));
  const publish = { ...options, "publish-header": headers };
  const result = await load({ warmup: 5, settle: 3, procs: 1, timeout: 60, ...publish, pid, ...settings });
  if (result.connect.failed) console.log(`! ${result.connect.failed} could not connect: ${result.reader_error}`);
  if (result.closed_during_run)
    console.log(`! ${result.closed_during_run} readers were cut off: ${result.reader_error}`);
  if (result.publish_errors) console.log(`! ${result.publish_errors} posts failed: ${result.publish_error}`);
  for (const { missing, dups } of result.phases)
    if (missing || dups) console.log(`! ${missing} deliveries missing, ${dups} twice`);
  return result;
}

/**
 * Readers who do nothing but follow a blog, while something else is measured.
 * @returns what sends them home, once all of them are there; it throws when they left before that
 */
export async function audience(
  target: Target & { server: Dateline },
  n: number,
  slug = "bridge",
): Promise<() => Promise<void>> {
  const { server } = target;
  const options = await target.options();
  const over = new AbortController();
  const plan = { plan: "idle:3600", warmup: 0, settle: 0, deflate: true };
  const read = load({ ...options, n, ...plan }, over.signal).then(() => {
    throw new Error("The audience left before its time");
  });
  // Whoever sends them home hears of it, if they were gone already; to end when told to is no error.
  const ended = read.catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  ended.catch(() => {});
  const arrived = async () => {
    const present = () => server.send<{ now: number }>("GET", `/api/blogs/${slug}/readership?hours=1`);
    while (!over.signal.aborted && (await present()).now < n) await pause(500);
  };
  const leave = async () => {
    over.abort();
    await ended;
  };
  await Promise.race([arrived(), ended]).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  return leave;
}

let directory: Promise<string> | null = null;

/** For loadgen, which takes one after another. */
async function templates(name: string, texts: string[]): Promise<string[]> {
  directory ??= mkdtemp(join(tmpdir(), "dateline-bench-templates-"));
  const files = texts.map(async (text, n) => {
    const file = join(await directory!, `${name}-${n}.json`);
    await writeFile(file, text);
    return file;
  });
  return Promise.all(files);
}

/** Removes what was written for the load generator. */
export async function tidy(): Promise<void> {
  if (directory) await rm(await directory, { recursive: true, force: true });
}

export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
