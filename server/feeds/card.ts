import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { setPriority } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
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

/** Milliseconds for which a newer card is waited for where there is an older one. */
const PATIENCE_WITH_NEWER = 3_000;

/** @param place what the card is of: while a newer one cannot be had, its last one stands in */
export type DrawCard = (place: string, card: Card) => Promise<{ png: Buffer; tag: string }>;

/** Tells a card by what it shows. */
export const cardTag = (card: Card): string =>
  createHash("sha256").update(JSON.stringify(card)).digest("base64url").slice(0, 22);

/**
 * Draws cards in a process of its own, one after another, which gives its memory back and has less claim to the machine
 * than posts and readers. The same words are drawn once, however many ask.
 */
export function openCards(): DrawCard {
  const kept = new LRUCache<string, Buffer>({ max: 400, maxSize: MAX_BYTES, sizeCalculation: ({ length }) => length });
  const last = new LRUCache<string, string>({ max: 400 });
  const drawing = new Map<string, Promise<Buffer>>();
  const inTurn = turns(1, MOST_WAITING);

  return async (place, card) => {
    const tag = cardTag(card);
    const png = kept.get(tag) ?? (await soon(place, drawing.get(tag) ?? begin(tag, card)));
    if (png) {
      last.set(place, tag);
      return { png, tag };
    }
    const before = last.get(place)!;
    return { png: kept.get(before)!, tag: before };
  };

  /** @returns null where the last one has to do */
  async function soon(place: string, drawn: Promise<Buffer>): Promise<Buffer | null> {
    const hasOlder = () => kept.has(last.get(place) ?? "");
    if (!hasOlder()) return drawn;
    const png = await Promise.race([drawn.catch(() => null), delay(PATIENCE_WITH_NEWER, null)]);
    return png ?? (hasOlder() ? null : drawn);
  }

  function begin(tag: string, card: Card): Promise<Buffer> {
    const drawn = inTurn(() => draw(card));
    drawing.set(tag, drawn);
    drawn
      .then((png) => kept.set(tag, png))
      .catch(() => {})
      .finally(() => drawing.delete(tag));
    return drawn;
  }
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
