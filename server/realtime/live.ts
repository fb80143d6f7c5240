import type { IncomingMessage, Server as HttpServer } from "node:http";
import { LRUCache } from "lru-cache";
import { Server, type DefaultEventsMap, type Socket } from "socket.io";
import { z } from "zod";
import { actorOf, type Credentials } from "../auth/actors.ts";
import { may, type Action } from "../auth/permissions.ts";
import { currentHistory, headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { StreamKind } from "../database.ts";
import { changesBetween, MAX_BEHIND } from "./changes.ts";
import { served } from "./fan-out.ts";
import { startListener } from "./listener.ts";
import { SHARED_DEFLATE } from "./shared-deflate.ts";
import type { Change, ClientEvents, FollowAnswer, FollowProblem, ResyncReason, ServerEvents } from "./protocol.ts";

/** Milliseconds. */
const SAFETY_POLL = 1_000;
const HEAD_EVERY = 20_000;
const RECHECK_EVERY = 15_000;
/** Without an answer from the database for this long, the server says that it is not ready. */
const UNREADY_AFTER = 15_000;
/** Streams one socket may follow. */
const MAX_STREAMS = 5;
/** Milliseconds over which readers come back for a fresh page: 2 for each, within these bounds. */
const RESYNC_SPREAD = { least: 500, most: 30_000, perReader: 2 };

/** Who may follow which kind of stream. */
const FOLLOW: Record<StreamKind, Action> = { blog: "blog:read", desk: "desk:follow" };

interface SocketData {
  /** Only of a socket that brought any; readers are anonymous. */
  credentials?: Credentials;
  userId?: string | null;
}

type LiveServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
type LiveSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;

/** A stream that somebody on this process follows. */
interface OpenStream {
  readonly name: string;
  readonly kind: StreamKind;
  readonly blogId: string;
  /** What has been pushed to the room. */
  head: number;
  /** What is known to exist. */
  known: number;
  /** When the oldest change that is not pushed yet was made, by the database's clock. */
  oldestAt: number | null;
  pushing: boolean;
  /** Answers to those who come from the same version, until the head moves. */
  readonly catchUps: Map<number, Promise<Change[] | "document">>;
}

export interface Live {
  /** Whether the database has answered lately. */
  ready(): boolean;
  /** Lets every reader go, a few at a time, so that they come back elsewhere. */
  drain(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

export interface LiveOptions {
  readonly listenUrl: string;
  readonly configure: (io: LiveServer) => void;
  /** The history that versions belong to, as it was seen last. */
  history(): string;
  onHistory(history: string): void;
}

const followRequest = z.object({
  stream: z.string().max(100),
  epoch: z.string().max(64),
  version: z.int().min(0).max(2_147_483_647),
});

/** Keeps the followers of every stream up to date, whichever server a change was made on. */
export async function startLive(
  context: Context,
  http: HttpServer,
  { listenUrl, configure, history, onHistory }: LiveOptions,
): Promise<Live> {
  const { db, log, metrics } = context;
  const io: LiveServer = new Server(http, {
    transports: ["websocket"],
    serveClient: false,
    maxHttpBufferSize: 16_384,
    connectTimeout: 10_000,
    httpCompression: false,
    perMessageDeflate: SHARED_DEFLATE,
  });
  configure(io);

  const streams = new Map<string, Promise<OpenStream>>();
  const byBlog = new Map<string, OpenStream>();
  const blogIds = new LRUCache<string, string>({ max: 10_000 });
  const privileged = new Set<LiveSocket>();
  let answered = Date.now();

  io.engine.use(
    (request: IncomingMessage, response: import("node:http").ServerResponse, next: (error?: Error) => void) => {
      if (ownOrigin(context, request)) return next();
      response.writeHead(403).end();
      request.socket.end();
    },
  );

  io.on("connection", (socket) => {
    const { authorization, cookie } = socket.handshake.headers;
    const token: unknown = socket.handshake.auth.token;
    if (typeof token === "string") socket.data.credentials = { authorization: `Bearer ${token}` };
    else if (authorization || cookie)
      socket.data.credentials = { ...(authorization ? { authorization } : {}), ...(cookie ? { cookie } : {}) };
    socket.on("follow", (request, answer) => {
      if (typeof answer !== "function") return;
      follow(socket, request).then(answer, (error: unknown) => {
        log.warn({ err: error }, "follow failed");
        answer(refusal("busy", { retryInMs: 1_000 + Math.random() * 4_000 }));
      });
    });
    socket.on("unfollow", (request) => {
      if (typeof request?.stream === "string") void socket.leave(request.stream);
    });
    socket.once("disconnect", () => privileged.delete(socket));
  });

  io.of("/").adapter.on("delete-room", (name: string) => {
    void streams.get(name)?.then((stream) => {
      if (io.of("/").adapter.rooms.has(name)) return;
      streams.delete(name);
      byBlog.delete(keyOf(stream));
      metrics.readers.remove({ stream: name });
      metrics.pushBacklog.remove({ stream: name });
    });
  });

  const listener = await startListener({
    url: listenUrl,
    sql: context.sql,
    log,
    onHint: hear,
    onListen: () => void relistened(),
    onReplace: () => metrics.relistens.inc(),
  });

  const timers = [
    setInterval(() => void poll(), SAFETY_POLL),
    setInterval(() => void announceHeads(), HEAD_EVERY * (0.8 + Math.random() * 0.4)),
    setInterval(() => void recheck(null), RECHECK_EVERY),
  ];

  return {
    ready: () => Date.now() - answered < UNREADY_AFTER,
    drain,
    async stop() {
      timers.forEach((timer) => clearInterval(timer));
      await listener.stop();
      await io.close();
    },
  };

  /** Permits, joins, and only then reads: so nothing can fall between the backlog and what is pushed. */
  async function follow(socket: LiveSocket, request: unknown): Promise<FollowAnswer> {
    const parsed = followRequest.safeParse(request);
    if (!parsed.success) return refusal("invalid");
    const { stream: name, epoch, version } = parsed.data;
    const [, kind, slug] = /^(blog|desk):([a-z0-9-]{1,80})$/.exec(name) ?? [];
    const blogId = slug && (await blogIdOf(slug));
    if (!blogId) return refusal("not-found");
    if (!(await permitted(socket, kind as StreamKind, blogId))) return refusal("forbidden");
    if (!socket.rooms.has(name) && socket.rooms.size > MAX_STREAMS) return refusal("invalid");
    if (!socket.connected) return refusal("busy");
    void socket.join(name);
    const stream = await open(name, kind as StreamKind, blogId);
    const answer = await catchUp(stream, epoch, version);
    // A revocation while the socket was in no room yet could not cut it.
    const permittedStill = await permitted(socket, stream.kind, blogId);
    if (!answer.ok || !permittedStill) void socket.leave(name);
    return permittedStill ? answer : refusal("forbidden");
  }

  async function catchUp(stream: OpenStream, epoch: string, version: number): Promise<FollowAnswer> {
    if (epoch !== context.epoch(stream.blogId)) return resync(stream, "epoch");
    // A follower who was pushed more by another server is not from the future; this one is behind.
    if (version > stream.head) learn(stream, (await headOf(db, stream.blogId, stream.kind)).version);
    if (version > stream.known) return resync(stream, "future");
    const head = Math.max(stream.head, version);
    if (head - version > MAX_BEHIND) return resync(stream, "behind");
    const changes = head === version ? [] : await sharedChanges(stream, version, head);
    if (changes === "document") return resync(stream, "document");
    return { ok: true, epoch, from: version, to: head, head, changes };
  }

  /** Ten thousand readers who come back after a cut have seen the same version, and are answered by one reading. */
  function sharedChanges(stream: OpenStream, after: number, upTo: number): Promise<Change[] | "document"> {
    const known = stream.catchUps.get(after);
    if (known) return known;
    const reading = changesBetween(context, stream.blogId, stream.kind, after, upTo);
    stream.catchUps.set(after, reading);
    reading.catch(() => stream.catchUps.delete(after));
    return reading;
  }

  function open(name: string, kind: StreamKind, blogId: string): Promise<OpenStream> {
    const known = streams.get(name);
    if (known) return known;
    const opening = (async () => {
      const { version } = await headOf(db, blogId, kind);
      const stream: OpenStream = {
        name,
        kind,
        blogId,
        head: version,
        known: version,
        oldestAt: null,
        pushing: false,
        catchUps: new Map(),
      };
      byBlog.set(keyOf(stream), stream);
      return stream;
    })();
    streams.set(name, opening);
    opening.catch(() => streams.delete(name));
    return opening;
  }

  function hear(payload: string): void {
    const [kind, id, version, at] = payload.split(" ");
    if (kind === "access") return void recheck(id!);
    const stream = byBlog.get(`${kind} ${id}`);
    if (!stream) return;
    stream.oldestAt ??= Number(at);
    learn(stream, Number(version));
  }

  function learn(stream: OpenStream, version: number): void {
    stream.known = Math.max(stream.known, version);
    if (!stream.pushing) void push(stream);
  }

  /**
   * One push of a stream at a time, since two at once could overtake each other. What arrives meanwhile is read
   * together by the next, so a burst folds: everybody gets where it led, in fewer steps.
   */
  async function push(stream: OpenStream): Promise<void> {
    stream.pushing = true;
    try {
      while (stream.known > stream.head) {
        const from = stream.head;
        const to = Math.min(stream.known, from + MAX_BEHIND);
        const changes = await changesBetween(context, stream.blogId, stream.kind, from, to);
        stream.head = to;
        stream.catchUps.clear();
        send(stream, from, to, changes);
        await served(io, stream.name);
      }
    } catch (error) {
      log.warn({ err: error, stream: stream.name }, "push failed; the next poll tries again");
    } finally {
      stream.pushing = false;
    }
  }

  function send(stream: OpenStream, from: number, to: number, changes: Change[] | "document"): void {
    const room = io.to(stream.name);
    if (changes === "document") {
      room.emit("resync", { stream: stream.name, reason: "document", retryInMs: spread(stream) });
      return;
    }
    room.emit("batch", { stream: stream.name, epoch: context.epoch(stream.blogId), from, to, changes });
    if (stream.oldestAt !== null) metrics.fanOutLag.observe(Math.max(0, Date.now() - stream.oldestAt) / 1000);
    stream.oldestAt = null;
    metrics.batchChanges.observe(changes.length);
    metrics.batchBytes.observe(changes.reduce((bytes, { html }) => bytes + (html?.length ?? 0), 0));
  }

  /** Asks the tables what the notifications may have failed to say, for the streams that somebody follows. */
  async function poll(): Promise<void> {
    const open = [...byBlog.values()];
    try {
      const rows = await db
        .selectFrom("streams")
        .select(["blog_id", "kind", "version"])
        .where("blog_id", "in", [...new Set(open.map((stream) => stream.blogId)), "0"])
        .execute();
      answered = Date.now();
      for (const row of rows) {
        const stream = byBlog.get(`${row.kind} ${row.blog_id}`);
        if (stream) learn(stream, row.version);
      }
    } catch (error) {
      log.debug({ err: error }, "poll failed");
    }
    for (const stream of open) {
      metrics.readers.set({ stream: stream.name }, io.of("/").adapter.rooms.get(stream.name)?.size ?? 0);
      metrics.pushBacklog.set({ stream: stream.name }, stream.known - stream.head);
    }
  }

  /** Anything may have happened while nobody listened: a change, a revocation, even a restore from a backup. */
  async function relistened(): Promise<void> {
    try {
      const now = await currentHistory(db);
      if (now !== history()) await beginHistory(now);
      await poll();
      await recheck(null);
    } catch (error) {
      log.warn({ err: error }, "could not look for what was missed; the next poll does");
    }
  }

  async function beginHistory(now: string): Promise<void> {
    onHistory(now);
    for (const stream of byBlog.values()) {
      const { version } = await headOf(db, stream.blogId, stream.kind);
      Object.assign(stream, { head: version, known: version });
      stream.catchUps.clear();
      io.to(stream.name).emit("resync", { stream: stream.name, reason: "epoch", retryInMs: spread(stream) });
    }
  }

  function announceHeads(): void {
    for (const { name, blogId, head } of byBlog.values())
      io.to(name).emit("head", { stream: name, epoch: context.epoch(blogId), version: head });
  }

  async function permitted(socket: LiveSocket, kind: StreamKind, blogId: string): Promise<boolean> {
    if (kind === "blog") return true;
    const actor = await actorOf(db, context.auth, socket.data.credentials ?? {}).catch(() => null);
    if (!actor || may(actor, FOLLOW[kind], blogId) !== "any") return false;
    socket.data.userId = actor.userId;
    if (socket.connected) privileged.add(socket);
    return true;
  }

  /** Somebody's session, token or role ended (null: perhaps anybody's): whoever may no longer follow is cut off. */
  async function recheck(userId: string | null): Promise<void> {
    for (const socket of privileged) {
      if (userId !== null && socket.data.userId !== userId) continue;
      for (const name of socket.rooms) {
        const stream = await streams.get(name);
        if (stream && stream.kind !== "blog" && !(await permitted(socket, stream.kind, stream.blogId))) cut(socket);
      }
    }
  }

  async function blogIdOf(slug: string): Promise<string | undefined> {
    const known = blogIds.get(slug);
    if (known) return known;
    const row = await db.selectFrom("blogs").select("id").where("slug", "=", slug).executeTakeFirst();
    if (row) blogIds.set(slug, row.id);
    return row?.id;
  }

  function resync(stream: OpenStream, reason: ResyncReason): FollowAnswer {
    metrics.resyncs.inc({ reason });
    return refusal("resync", { reason, retryInMs: spread(stream) });
  }

  /** A random wait, so that all the readers of a large blog do not ask for its page at one moment. */
  function spread({ name }: OpenStream): number {
    const readers = io.of("/").adapter.rooms.get(name)?.size ?? 0;
    const range = Math.min(RESYNC_SPREAD.most, Math.max(RESYNC_SPREAD.least, readers * RESYNC_SPREAD.perReader));
    return Math.round(Math.random() * range);
  }

  async function drain(seconds: number): Promise<void> {
    const sockets = [...io.of("/").sockets.values()];
    const steps = Math.max(1, Math.round(seconds * 10));
    const perStep = Math.ceil(sockets.length / steps);
    for (let n = 0; n < sockets.length; n += perStep) {
      sockets.slice(n, n + perStep).forEach(cut);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Closes the transport and not the socket: after a server's disconnect() a client would never come back. */
function cut(socket: LiveSocket): void {
  socket.conn.close();
}

function refusal(
  code: FollowProblem,
  { reason, retryInMs }: { reason?: ResyncReason; retryInMs?: number } = {},
): FollowAnswer {
  return {
    ok: false,
    problem: { code, ...(reason ? { reason } : {}) },
    ...(retryInMs === undefined ? {} : { retryInMs }),
  };
}

const keyOf = ({ kind, blogId }: Pick<OpenStream, "kind" | "blogId">): string => `${kind} ${blogId}`;

/** Browsers name the page's origin; other sites' pages must not open sockets with our users' cookies. */
function ownOrigin({ publicUrl }: Context, { headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined || origin === publicUrl) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
