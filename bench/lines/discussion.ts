import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { createAccount, grantRole } from "../../server/auth/accounts.ts";
import { OPERATOR } from "../../server/auth/actors.ts";
import { createToken } from "../../server/auth/tokens.ts";
import type { Role } from "../../server/database.ts";
import type { ClientEvents, FollowAnswer, ServerEvents } from "../../server/realtime/protocol.ts";
import { datelineTarget, ms, percentile, type Line } from "../bench.ts";
import type { Dateline } from "../dateline.ts";
import { load } from "../load.ts";
import { postFor } from "../reporter.ts";
import { storyText } from "../story.ts";

const READERS = 5_000;
const COMMENTS_A_MINUTE = 1_000;
const COMMENTERS = 50;
const MODERATORS = 3;
/** Readers whose deliveries are timed; the others are loadgen's. */
const TIMED = 5;
const COMMENTS = "/api/blogs/bridge/comments?limit=1";
const POSTS = "/api/blogs/bridge/posts";

type Reader = Socket<ServerEvents, ClientEvents>;

/** A busy discussion: readers comment and watch, moderators decide, and a reporter posts as if nothing were going on. */
export const discussion: Line = async ({ readers, port, quick }, add) => {
  const n = Math.min(READERS, Math.max(...readers));
  const seconds = quick ? 60 : 300;
  const target = await datelineTarget(port);
  const { server } = target;
  const sockets: Reader[] = [];
  const over = new AbortController();
  try {
    await server.send("PATCH", "/api/blogs/bridge/comment-settings", { newCommenterHold: 0, version: 1 });
    const commenters = await people(server, "reader", COMMENTERS);
    const moderators = await people(server, "moderator", MODERATORS);
    const { epoch } = await server.blog("bridge");
    const follow = (stream: string) => `420${JSON.stringify(["follow", { stream, epoch, version: 0 }])}`;
    const options = await target.options();
    const watching = load(
      {
        ...options,
        n,
        plan: "idle:3600",
        warmup: 0,
        settle: 0,
        deflate: true,
        send: [
          String(options.send),
          follow("comments:bridge").replace('"version":0', `"version":${(await streamOf(server, COMMENTS)).version}`),
        ],
      },
      over.signal,
    ).catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
    while ((await readersOf(server, "comments:bridge")) < n) await Promise.race([pause(500), watching]);

    const sent = new Map<string, number>();
    const deliveries: number[] = [];
    for (let reader = 0; reader < TIMED; reader++) {
      const socket = await connect(server, sockets);
      await followed(socket, "comments:bridge", epoch, (await streamOf(server, COMMENTS)).version);
      socket.on("batch", ({ changes }) => {
        const now = performance.now();
        for (const { html } of changes) {
          const [mark] = /mark\d+x/.exec(html ?? "") ?? [];
          if (mark && sent.has(mark)) deliveries.push(now - sent.get(mark)!);
        }
      });
    }
    const decisions = await decideAll(server, sockets, moderators);
    const report = (seconds: number) => postFor(server.url + POSTS, server.token, seconds);
    // As many posts as meanwhile, half of them before and half after: the 99th percentile of fewer would be another
    // figure, and these machines are faster in one minute than in the next.
    const idle = await report(seconds / 2);

    const memory: number[] = [];
    const sampling = setInterval(() => memory.push(residentMegabytes(target.pid)), 1_000);
    const steal = stolen();
    const posting = report(seconds);
    let failed = 0;
    const commenting = Array.from({ length: Math.round((seconds * COMMENTS_A_MINUTE) / 60) }, async (_, turn) => {
      await pause((turn * 60_000) / COMMENTS_A_MINUTE);
      const mark = `mark${turn}x`;
      sent.set(mark, performance.now());
      const { status } = await comment(server, commenters[turn % COMMENTERS]!, `${mark} ${storyWords(turn)}`);
      if (status >= 300) failed++;
    });
    await Promise.all(commenting);
    const busy = await posting;
    await pause(3_000);
    clearInterval(sampling);
    const gone = (stolen() - steal) / seconds;
    const took = decisions.stop();
    idle.push(...(await report(seconds / 2)));
    if (failed) console.log(`! ${failed} comments were refused`);

    const minutes = `${COMMENTS_A_MINUTE} comments a minute for ${seconds} s, ${n} readers`;
    const p99 = percentile(deliveries, 0.99);
    add({
      what: `${minutes}: sent → a reader has it, p50 / p99`,
      dateline: `${ms(percentile(deliveries, 0.5))} / ${ms(p99)}`,
      goal: "p99 ≤ 1000 ms",
      met: p99 <= 1_000,
    });
    const shown = percentile(took, 0.99);
    add({
      what: `… decided (${took.length}) → shown to the other moderators, p50 / p99`,
      dateline: `${ms(percentile(took, 0.5))} / ${ms(shown)}`,
      goal: "p99 ≤ 500 ms",
      met: shown <= 500,
    });
    const [before, during] = [percentile(idle, 0.99), percentile(busy, 0.99)];
    add({
      what: "… a reporter’s POST meanwhile, p50 / p99",
      dateline: `${ms(percentile(busy, 0.5))} / ${ms(during)}`,
      peer: `idle ${ms(percentile(idle, 0.5))} / ${ms(before)}`,
      ratio: during / before,
      goal: "p99 ≤ 1.5 × idle",
      met: during / before <= 1.5,
    });
    const early = percentile(memory.slice(10, 30), 0.5);
    const late = percentile(memory.slice(-20), 0.5);
    add({
      what: "… memory in the last 20 s, after 10 to 30 s",
      dateline: `${late.toFixed(0)} MB`,
      peer: `${early.toFixed(0)} MB`,
      ratio: late / early,
      goal: "flat",
      met: late / early <= 1.1,
    });
    add({ what: "… cores that the host took away meanwhile", dateline: gone.toFixed(2) });
    over.abort();
    await watching;
  } finally {
    over.abort();
    sockets.forEach((socket) => socket.disconnect());
    await target.stop();
  }
};

/** Accounts with tokens, made without the API's slow hashing of passwords. */
async function people(server: Dateline, role: Role, count: number): Promise<string[]> {
  const { db, sql } = await server.database();
  const tokens: string[] = [];
  for (let n = 0; n < count; n++)
    tokens.push(
      await db.transaction().execute(async (trx) => {
        const email = `${randomUUID()}@bench.example`;
        const { id } = await createAccount(trx, OPERATOR, { email, name: `A ${role}`, hash: "of no password" });
        await grantRole(trx, OPERATOR, id, role, null);
        const token = {
          name: "bench",
          scopes: ["read", "comments", "moderation"] as const,
          blogId: null,
          expiresAt: null,
        };
        return (await createToken(trx, OPERATOR, id, { ...token, scopes: [...token.scopes] })).token;
      }),
    );
  await sql.end();
  return tokens;
}

async function connect({ url }: Dateline, sockets: Reader[], token?: string): Promise<Reader> {
  const socket: Reader = io(url, { transports: ["websocket"], forceNew: true, ...(token ? { auth: { token } } : {}) });
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return socket;
}

async function followed(socket: Reader, stream: string, epoch: string, version: number): Promise<FollowAnswer> {
  const answer = await socket.emitWithAck("follow", { stream, epoch, version });
  if (!answer.ok) throw new Error(`${stream}: ${JSON.stringify(answer)}`);
  return answer;
}

/**
 * Each moderator decides the cards of their share as they arrive, two of three approved; timed until the others have
 * been shown the card as decided.
 */
async function decideAll(server: Dateline, sockets: Reader[], tokens: string[]): Promise<{ stop(): number[] }> {
  const decided = new Map<string, number>();
  const took: number[] = [];
  const { epoch, version } = await streamOf(server, "/api/moderation/queues/pending?limit=1");
  for (const [n, token] of tokens.entries()) {
    const socket = await connect(server, sockets, token);
    let deciding = Promise.resolve();
    socket.on("batch", ({ changes }) => {
      const now = performance.now();
      for (const { target, html } of changes) {
        const id = target.slice(5);
        const at = decided.get(`${id} ${n}`);
        const isDecided = /data-status="(approved|rejected)"/.test(html ?? "");
        if (isDecided && at === undefined && decided.has(id)) {
          took.push(now - decided.get(id)!);
          decided.set(`${id} ${n}`, now);
        } else if (!isDecided && html && Number(id) % tokens.length === n) {
          const decision = Number(id) % 3 ? "approve" : "reject";
          deciding = deciding.then(async () => {
            decided.set(id, performance.now());
            decided.set(`${id} ${n}`, 0);
            await post(server, token, `/api/comments/${id}/decisions`, {
              decision,
              version: 1,
              reasonCode: "off-topic",
            });
          });
        }
      }
    });
    await followed(socket, "moderation", epoch, version);
  }
  return { stop: () => took };
}

/** Where a stream is, as the list says that goes with it. */
const streamOf = (server: Dateline, list: string): Promise<{ epoch: string; version: number }> =>
  server.send("GET", list);

async function readersOf({ url }: Dateline, stream: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.includes(`stream="${stream}"`) && one.includes("readers"));
  return line ? Number(line.split(" ").at(-1)) : 0;
}

const comment = (server: Dateline, token: string, body: string) =>
  post(server, token, "/api/blogs/bridge/comments", { body });

const post = ({ url }: Dateline, token: string, path: string, body: object): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": randomUUID() },
    body: JSON.stringify(body),
  });

const storyWords = (turn: number): string =>
  storyText(turn, "")
    .replace(/<[^>]*>/g, " ")
    .slice(0, 200 + (turn % 5) * 100);

const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

/** CPU-seconds that the machine's host has given to others. */
const stolen = (): number => Number(readFileSync("/proc/stat", "utf8").split("\n")[0]!.split(/\s+/)[8]) / 100;
