import type { IncomingMessage, Server as HttpServer } from "node:http";
import { LRUCache } from "lru-cache";
import { Server, type DefaultEventsMap, type Socket } from "socket.io";
import { z } from "zod";
import { actorOf, type Credentials } from "../auth/actors.ts";
import { may, type Action } from "../auth/permissions.ts";
import { currentHistory, MODERATION } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { StreamKind } from "../database.ts";
import { AppError } from "../errors.ts";
import { served } from "./fan-out.ts";
import { startListener } from "./listener.ts";
import { OpenStreams, type OpenStream, type Subject } from "./open-streams.ts";
import { startReaderCount } from "./reader-count.ts";
import { SHARED_DEFLATE } from "./shared-deflate.ts";
import type { Batch, ClientEvents, FollowAnswer, FollowProblem, ResyncReason, ServerEvents } from "./protocol.ts";

/** Milliseconds. */
const SAFETY_POLL = 1_000;
const HEAD_EVERY = 20_000;
const RECHECK_EVERY = 15_000;
/** Streams one socket may follow. */
const MAX_STREAMS = 5;
/** Follow requests that one socket may send in so many milliseconds; a page needs one, and one for each reconnection. */
const MAX_ASKING = { requests: 50, within: 10_000 };
/** Changes in an answer that count as one more request. */
const CHANGES_PER_ASKING = 5;
/** Milliseconds over which readers come back for a fresh page: 2 for each, within these bounds. */
const RESYNC_SPREAD = { least: 500, most: 30_000, perReader: 2 };

/** Who may follow which kind of stream. */
const FOLLOW: Record<StreamKind, Action> = {
  blog: "blog:read",
  comments: "blog:read",
  desk: "desk:follow",
  moderation: "comment:decide",
};
/** What became of one's own comments: not a stream with versions, but a word whenever there is something new to read. */
const NOTICES = "notices";

interface SocketData {
  /** Only of a socket that brought any; readers are anonymous. */
  credentials?: Credentials;
  userId?: string | null;
  /** How often it has asked to follow since when. */
  asking?: { since: number; requests: number };
}

type LiveServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
type LiveSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;

export interface Live {
  /** When the database last answered it, over the wire's own connections; milliseconds since 1970. */
  readonly answered: number;
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
  /** A post was scheduled, here or elsewhere. */
  onSchedule(): void;
  /** What readers see of a blog changed, here or elsewhere. */
  onStory(blogId: string): void;
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
  { listenUrl, configure, history, onHistory, onSchedule, onStory }: LiveOptions,
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

  const streams = new OpenStreams(context, { batch: sendBatch, resync: sendResync });
  const blogIds = new LRUCache<string, Promise<string | undefined>>({ max: 10_000 });
  const privileged = new Set<LiveSocket>();
  let answered = Date.now();
  let polling = false;
  /** Nobody listened for a while, or not yet: anything may have happened, a revocation, even a restore from a backup. */
  let doubtful = false;

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
    socket.on("follow", onFollow);
    socket.on("unfollow", onUnfollow);
    socket.on("disconnect", onDisconnect);
  });

  io.of("/").adapter.on("delete-room", (name: string) => {
    const close = (stream: OpenStream) => {
      if (io.of("/").adapter.rooms.has(name)) return;
      streams.close(stream);
      metrics.readers.remove({ stream: name });
      metrics.pushBacklog.remove({ stream: name });
    };
    // One that could not be opened is forgotten already.
    streams.get(name)?.then(close, () => {});
  });

  const listener = await startListener({
    url: listenUrl,
    sql: context.sql,
    log,
    onHint: hear,
    onListen() {
      doubtful = true;
      void poll();
    },
    onReplace: () => metrics.relistens.inc(),
  });

  const audience = startReaderCount(
    context,
    () => streams.all(),
    readersOf,
    (stream, readers) => io.to(stream).emit("presence", { stream, readers }),
  );
  const timers = [
    setInterval(() => void poll(), SAFETY_POLL),
    setInterval(() => announceHeads(), HEAD_EVERY * (0.8 + Math.random() * 0.4)),
    setInterval(() => void recheck(null), RECHECK_EVERY),
  ];

  return {
    get answered() {
      return answered;
    },
    drain,
    async stop() {
      timers.forEach((timer) => clearInterval(timer));
      await listener.stop();
      await audience.stop();
      await io.close();
    },
  };

  // One function for all sockets, since each costs memory.
  function onFollow(this: LiveSocket, request: unknown, answer: (answer: FollowAnswer) => void): void {
    if (typeof answer !== "function") return;
    if (asksTooOften(this)) return cut(this);
    follow(this, request).then(answer, (error: unknown) => {
      log.warn({ err: error }, "follow failed");
      answer(refusal("busy", { retryInMs: 1_000 + Math.random() * 4_000 }));
    });
  }

  function onUnfollow(this: LiveSocket, request: unknown): void {
    const name = (request as { stream?: unknown } | null)?.stream;
    if (typeof name === "string") void this.leave(name);
  }

  function onDisconnect(this: LiveSocket): void {
    privileged.delete(this);
  }

  /** Permits, joins, and only then reads: so nothing can fall between the backlog and what is pushed. */
  async function follow(socket: LiveSocket, request: unknown): Promise<FollowAnswer> {
    const parsed = followRequest.safeParse(request);
    if (!parsed.success) return refusal("invalid");
    const { stream: name, epoch, version } = parsed.data;
    if (!socket.rooms.has(name) && socket.rooms.size > MAX_STREAMS) return refusal("invalid");
    if (name === NOTICES) return followNotices(socket);
    const subject = await subjectOf(name);
    if (!subject) return refusal("not-found");
    if (!(await permitted(socket, subject))) return refusal("forbidden");
    if (!socket.connected) return refusal("busy");
    void socket.join(name);
    const stream = await streams.open(name, subject);
    const caughtUp = await streams.catchUp(stream, epoch, version);
    // A revocation while the socket was in no room yet could not cut it.
    const permittedStill = await permitted(socket, stream);
    if (!permittedStill || "resync" in caughtUp) void socket.leave(name);
    if (!permittedStill) return refusal("forbidden");
    if ("resync" in caughtUp) {
      metrics.resyncs.inc({ reason: caughtUp.resync });
      return refusal("resync", { reason: caughtUp.resync, retryInMs: spread(stream) });
    }
    const { to, changes } = caughtUp;
    // A large answer is a lot to ask for.
    if (socket.data.asking) socket.data.asking.requests += Math.floor(changes.length / CHANGES_PER_ASKING);
    return { ok: true, epoch, from: version, to, head: to, changes, build: context.views.build };
  }

  /** `<kind>:<blog>`; the queues of all blogs are `moderation`, and those of one `moderation:<blog>`. */
  async function subjectOf(name: string): Promise<Subject | null> {
    if (name === "moderation") return { kind: "moderation", blogId: MODERATION, only: null };
    const [, kind, slug] = /^(blog|desk|comments|moderation):([a-z0-9-]{1,80})$/.exec(name) ?? [];
    const blogId = slug && (await blogIdOf(slug));
    if (!blogId) return null;
    if (kind === "moderation") return { kind, blogId: MODERATION, only: blogId };
    return { kind: kind as StreamKind, blogId, only: null };
  }

  async function followNotices(socket: LiveSocket): Promise<FollowAnswer> {
    const actor = await actorOf(db, context.auth, socket.data.credentials ?? {}).catch(nobodyFor401);
    if (!actor?.userId) return refusal("forbidden");
    socket.data.userId = actor.userId;
    privileged.add(socket);
    void socket.join(`${NOTICES} ${actor.userId}`);
    return { ok: true, epoch: "", from: 0, to: 0, head: 0, changes: [] };
  }

  function hear(payload: string): void {
    const [kind, id, version, at] = payload.split(" ");
    if (kind === "blog") onStory(id!);
    if (kind === "access") void recheck(id!);
    else if (kind === "schedule") onSchedule();
    else if (kind === "notices")
      io.to(`${NOTICES} ${id}`).emit("head", { stream: NOTICES, epoch: "", version: Date.now() });
    else streams.hear(kind!, id!, Number(version), Number(at));
  }

  async function sendBatch(stream: OpenStream, batch: Batch): Promise<void> {
    const { oldestAt } = stream;
    stream.oldestAt = null;
    io.to(stream.name).emit("batch", batch);
    await served(io, stream.name);
    if (oldestAt !== null) metrics.fanOutLag.observe(Math.max(0, Date.now() - oldestAt) / 1000);
    metrics.batchChanges.observe(batch.changes.length);
    metrics.batchBytes.observe(batch.changes.reduce((bytes, { html }) => bytes + (html?.length ?? 0), 0));
  }

  function sendResync(stream: OpenStream, reason: ResyncReason): void {
    io.to(stream.name).emit("resync", { stream: stream.name, reason, retryInMs: spread(stream) });
  }

  async function poll(): Promise<void> {
    if (polling) return;
    polling = true;
    const isDoubtful = doubtful;
    doubtful = false;
    try {
      if (isDoubtful) await lookForAnotherHistory();
      await streams.poll();
      answered = Date.now();
      // Sessions are asked for where requests are, and those may have to queue; readers need not wait for that.
      if (isDoubtful) await recheck(null);
    } catch (error) {
      doubtful ||= isDoubtful;
      log.debug({ err: error }, "poll failed; the next one tries again");
    } finally {
      polling = false;
    }
    for (const { name, known, head } of streams.all()) {
      metrics.readers.set({ stream: name }, readersOf(name));
      metrics.pushBacklog.set({ stream: name }, known - head);
    }
  }

  async function lookForAnotherHistory(): Promise<void> {
    const now = await currentHistory(db);
    if (now !== history()) await streams.beginHistory(() => beginHistory(now));
  }

  function beginHistory(now: string): void {
    onHistory(now);
    blogIds.clear();
  }

  function announceHeads(): void {
    for (const { name, kind, blogId, head } of streams.all()) {
      const readers = kind === "blog" ? audience.of(blogId) : undefined;
      const known = readers === undefined ? {} : { readers };
      io.to(name).emit("head", { stream: name, epoch: context.epoch(blogId), version: head, ...known });
    }
  }

  async function permitted(socket: LiveSocket, { kind, blogId, only }: Subject): Promise<boolean> {
    if (FOLLOW[kind] === "blog:read") return true;
    const actor = await actorOf(db, context.auth, socket.data.credentials ?? {}).catch(nobodyFor401);
    const place = kind === "moderation" ? only : blogId;
    if (!actor || may(actor, FOLLOW[kind], place) !== "any") return false;
    socket.data.userId = actor.userId;
    if (socket.connected) privileged.add(socket);
    return true;
  }

  /** Somebody's session, token or role ended (null: perhaps anybody's): whoever may no longer follow is cut off. */
  async function recheck(userId: string | null): Promise<void> {
    for (const socket of privileged) {
      if (userId !== null && socket.data.userId !== userId) continue;
      if (!(await keepsPermission(socket))) cut(socket);
    }
  }

  /** While the database cannot be asked, nobody is cut off; the next look comes soon. */
  async function keepsPermission(socket: LiveSocket): Promise<boolean> {
    try {
      for (const name of socket.rooms) {
        const stream = await streams.get(name);
        if (stream && !(await permitted(socket, stream))) return false;
        if (name.startsWith(NOTICES) && !(await isStill(socket))) return false;
      }
    } catch (error) {
      log.debug({ err: error }, "could not look at a follower's rights");
    }
    return true;
  }

  async function isStill({ data }: LiveSocket): Promise<boolean> {
    const actor = await actorOf(db, context.auth, data.credentials ?? {}).catch(nobodyFor401);
    return actor?.userId === data.userId;
  }

  /** The promise is kept, not the id: ten thousand who come back at once ask once. A blog that is not there is not kept. */
  function blogIdOf(slug: string): Promise<string | undefined> {
    const known = blogIds.get(slug);
    if (known) return known;
    const row = db.selectFrom("blogs").select("id").where("slug", "=", slug).executeTakeFirst();
    const asked = row.then((found) => found?.id);
    blogIds.set(slug, asked);
    const forget = () => blogIds.delete(slug);
    asked.then((found) => found ?? forget(), forget);
    return asked;
  }

  /** A random wait, so that all the readers of a large blog do not ask for its page at one moment. */
  function spread({ name }: OpenStream): number {
    const range = Math.max(RESYNC_SPREAD.least, readersOf(name) * RESYNC_SPREAD.perReader);
    return Math.round(Math.random() * Math.min(RESYNC_SPREAD.most, range));
  }

  function readersOf(name: string): number {
    return io.of("/").adapter.rooms.get(name)?.size ?? 0;
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

/** A token that is not good is nobody's; a database that cannot be asked is another matter. */
function nobodyFor401(error: unknown): null {
  if (error instanceof AppError && error.status === 401) return null;
  throw error;
}

function asksTooOften({ data }: LiveSocket): boolean {
  const now = Date.now();
  if (!data.asking || now - data.asking.since > MAX_ASKING.within) data.asking = { since: now, requests: 0 };
  return ++data.asking.requests > MAX_ASKING.requests;
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
