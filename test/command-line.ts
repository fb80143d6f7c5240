import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const start = join(import.meta.dirname, "..", "server", "start.js");

export interface Ending {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs main.ts or a command as npm does, until it ends. @param settings its whole environment, but for PATH and HOME */
export async function runToEnd(
  entry: string,
  settings: Record<string, string>,
  args: string[] = [],
  nodeOptions: string[] = [],
): Promise<Ending> {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, HOME, NODE_COMPILE_CACHE, PORT: "0", ...settings };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...nodeOptions, start, entry, ...args],
      { env },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** The command lines of all processes that work in a directory, by pid. */
export async function processesIn(directory: string): Promise<Map<number, string>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(
    pids.map(async (pid) => [Number(pid), await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")] as const),
  );
  return new Map(
    lines.filter(([, line]) => line.includes(directory)).map(([pid, line]) => [pid, line.replaceAll("\0", " ")]),
  );
}
