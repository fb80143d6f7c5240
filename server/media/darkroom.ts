import { spawn } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { AppError, invalid, unavailable } from "../errors.ts";
import { requirePicture } from "./first-bytes.ts";
import type { Sizes } from "./sizes.ts";

const PROCESS = join(import.meta.dirname, "darkroom-process.ts");
/** Milliseconds for one picture. Honest ones take two seconds; some files are built to take hours. */
const PATIENCE = 40_000;

/** Of a busy machine it gets a third of what the server itself gets; at 10 it would be a tenth, and reporters would wait. */
const NICENESS = 5;

/** What the process prints first, on one line; the bytes of the sizes follow, in order. */
export type Developed =
  | {
      readonly width: number;
      readonly height: number;
      readonly sizes: { type: string; width: number; length: number }[];
    }
  | { readonly refused: { status: number; code: string; message: string; extra: Record<string, unknown> } };

/**
 * makeSizes() in a process of its own, which has less claim to the machine than posts and readers do, gives all its
 * memory back, and takes nobody along when a picture breaks a decoder.
 * @throws AppError 415 and 422 as makeSizes, and what `cancelled` was aborted with
 */
export async function develop(bytes: Buffer, cancelled: AbortSignal): Promise<Sizes> {
  requirePicture(bytes);
  cancelled.throwIfAborted();
  const child = spawn(process.execPath, [PROCESS], {
    stdio: ["pipe", "pipe", "ignore"],
    // One thread, so that the other cores are left to posts and readers. None of our settings are its business.
    env: { UV_THREADPOOL_SIZE: "1", MALLOC_ARENA_MAX: "2" },
    timeout: PATIENCE,
    killSignal: "SIGKILL",
    signal: cancelled,
  });
  const exited = once(child, "exit");
  try {
    if (child.pid) setPriority(child.pid, NICENESS);
    child.stdin.on("error", () => {}).end(bytes);
    const [printed] = await Promise.all([buffer(child.stdout), exited]);
    // On a machine that has too much to do an honest picture takes as long.
    if (child.killed) throw unavailable("The picture took too long; send it again.");
    return read(printed);
  } finally {
    if (child.exitCode === null) child.kill("SIGKILL");
    await exited.catch(() => {});
    cancelled.throwIfAborted();
  }
}

/** It prints nothing when a decoder crashed. */
function read(printed: Buffer): Sizes {
  const end = printed.indexOf("\n");
  if (end < 0) throw invalid([{ pointer: "/", code: "cannot-be-processed" }], "The picture cannot be processed.");
  const developed = JSON.parse(printed.toString("utf8", 0, end)) as Developed;
  if ("refused" in developed) {
    const { status, code, message, extra } = developed.refused;
    throw new AppError(status, code, message, { extra });
  }
  let at = end + 1;
  const { width, height } = developed;
  const sizes = developed.sizes.map(({ type, width, length }) => {
    const bytes = printed.subarray(at, at + length);
    at += length;
    return { type, width, bytes };
  });
  return { width, height, sizes };
}
