import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { storyText } from "./story.ts";

/** Milliseconds between two posts. */
const POST_EVERY = 500;

interface Assignment {
  /** Where a post goes. */
  readonly url: string;
  readonly token: string;
  readonly seconds: number;
}

/**
 * A reporter who writes a post twice a second, in a thread of their own: what the bench's readers and moderators compute
 * must not count as waiting.
 * @returns what they waited for each post, in milliseconds
 */
export async function postFor(url: string, token: string, seconds: number): Promise<number[]> {
  const workerData: Assignment = { url, token, seconds };
  const reporter = new Worker(new URL(import.meta.url), { workerData });
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  reporter.once("message", resolve).once("error", reject);
  return promise;
}

async function report({ url, token, seconds }: Assignment): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < (seconds * 1000) / POST_EVERY; turn++) {
    const began = performance.now();
    await write(url, token, turn);
    times.push(performance.now() - began);
    await pause(Math.max(0, POST_EVERY - times.at(-1)!));
  }
  return times;
}

async function write(url: string, token: string, turn: number): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": randomUUID() },
    body: JSON.stringify({ body: storyText(turn, `${turn}`) }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${answer}`);
}

// A thread's port, which knows no origins.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
if (!isMainThread) parentPort!.postMessage(await report(workerData as Assignment));
