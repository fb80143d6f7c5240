import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const directory = join(import.meta.dirname, "loadgen");
const binary = join(directory, "loadgen");

/** What loadgen reports, as far as it is used here; its README describes all of it. Times in ms. */
export interface Load {
  connect: { ok: number; failed: number; seconds: number; per_s: number; server_cpu_s: number };
  memory: { rss_idle_mb: number; rss_settled_mb: number; rss_per_conn_kb: number };
  phases: Phase[];
  closed_during_run: number;
  publish_errors: number;
  publish_error: string;
  reader_error: string;
  ok: boolean;
}

export interface Phase {
  kind: string;
  frames: number;
  bytes_in: number;
  delivered: number;
  missing: number;
  dups: number;
  out_of_order: number;
  wall_s: number;
  /** CPU-seconds of all cores that were wanted here and that the machine's host gave to others. */
  steal_s: number;
  rss_mb: number;
  rss_peak_mb: number;
  server_cpu_s: number;
  server_cpu_s_per_1m: number;
  last_ms: { median: number; p90: number; max: number };
  last_all_ms: number[];
  latency_ms: { p50: number; p99: number; max: number };
  publish_http_ms: { p50: number; p99: number; max: number };
}

/** Headers as a browser sends them, since they cost the server memory. */
export const BROWSER_HEADERS = [
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
  "Cache-Control: no-cache",
  "Pragma: no-cache",
  "Sec-Fetch-Dest: websocket",
  "Sec-Fetch-Mode: websocket",
  "Sec-Fetch-Site: same-origin",
];

/** Compiles the load generator where that is still to be done; says what is missing when it cannot. */
export function buildLoadGenerator(): void {
  if (existsSync(binary)) return;
  try {
    execFileSync("make", ["-C", directory], { stdio: "pipe" });
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : String(error);
    throw new Error(`The load generator needs make, g++ and zlib's headers (Debian: g++ make zlib1g-dev). ${said}`);
  }
}

/**
 * Runs loadgen; what it says on the way goes to stderr when VERBOSE is set. Loss is in the answer, not an error.
 * @param ended ends it before its time, which is an error here. Such a load is there to be read to and is not timed: it
 * gives way to every other process, since readers do not compute on the newsroom's machine
 */
export async function load(
  options: Record<string, string | number | boolean | string[]>,
  ended?: AbortSignal,
): Promise<Load> {
  const args = Object.entries(options).flatMap(([name, value]) => {
    if (Array.isArray(value)) return value.flatMap((one) => [`--${name}`, one]);
    if (typeof value === "boolean") return value ? [`--${name}`] : [];
    return [`--${name}`, String(value)];
  });
  const run = promisify(execFile)(binary, [...args, "--per-message"], {
    maxBuffer: 50_000_000,
    ...(ended ? { signal: ended } : {}),
  });
  if (ended && run.child.pid) setPriority(run.child.pid, constants.priority.PRIORITY_LOW);
  const { stdout, stderr } = await run.catch((error: { stdout?: string; stderr?: string }) => {
    if (error.stdout) return { stdout: error.stdout, stderr: error.stderr ?? "" };
    throw new Error(`loadgen: ${error.stderr}`);
  });
  if (process.env.VERBOSE) process.stderr.write(stderr);
  return JSON.parse(stdout) as Load;
}
