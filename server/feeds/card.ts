import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { setPriority } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { LRUCache } from "lru-cache";
import { unavailable } from "../errors.ts";
import { turns } from "../media/turns.ts";

/** Pixels, as services that show links want it. */
export const CARD_SIZE = { width: 1200, height: 630 };

/** All that a card shows. */
export interface Card {
  readonly title: string;
  /** In small letters above the title; may be empty. */
  readonly above: string;
  /** Such as “Live”. */
  readonly state: string;
  readonly isLive: boolean;
  readonly siteName: string;
}

/** Milliseconds; an ordinary card takes 300. */
const PATIENCE = 20_000;
const NICENESS = 10;
/** Bytes of cards kept in memory, of some 20 KB each. */
const MAX_BYTES = 8_000_000;
const MOST_WAITING = 20;

export type DrawCard = (card: Card) => Promise<{ png: Buffer; tag: string }>;

/**
 * Draws cards in a process of its own, one after another, which gives its memory back and has less claim to the machine
 * than posts and readers. The same words are drawn once.
 */
export function openCards(): DrawCard {
  const kept = new LRUCache<string, Promise<Buffer>>({ max: 400, maxSize: MAX_BYTES, sizeCalculation: () => 20_000 });
  const inTurn = turns(1, MOST_WAITING);
  return async (card) => {
    const tag = createHash("sha256").update(JSON.stringify(card)).digest("base64url").slice(0, 22);
    const drawn = kept.get(tag) ?? inTurn(() => draw(card));
    kept.set(tag, drawn);
    drawn.catch(() => kept.delete(tag));
    return { png: await drawn, tag };
  };
}

async function draw(card: Card): Promise<Buffer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "card-process.ts")], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { UV_THREADPOOL_SIZE: "1", MALLOC_ARENA_MAX: "2" },
    timeout: PATIENCE,
    killSignal: "SIGKILL",
  });
  const exited = once(child, "exit");
  if (child.pid) setPriority(child.pid, NICENESS);
  child.stdin.on("error", () => {}).end(JSON.stringify(card));
  const [png, [code]] = await Promise.all([buffer(child.stdout), exited]);
  if (code !== 0 || !png.length) throw unavailable("The picture could not be drawn at the moment.");
  return png;
}
