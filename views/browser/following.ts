import { io, type Socket } from "socket.io-client";
import type { Batch, Change, ClientEvents, FollowAnswer, ServerEvents } from "../../server/realtime/protocol.ts";

/** Milliseconds. */
const ANSWER_WITHIN = 10_000;
const GAP_JITTER = 500;
const RETRY = 5_000;
/** Without a connection for so long, some tries to connect included, the page asks over plain HTTP as well. */
const POLL_AFTER = 6_000;
const POLL_SPREAD = 4_000;
/** How much less often whoever saves data is asked for. */
const THRIFT = 3;
const MOST_RENEWALS = 3;
/** After so long in the background a page lets go of its connection. */
const REST_AFTER = 10 * 60_000;

export interface Reader {
  apply(changes: Change[]): void;
  /** Loads the page afresh and takes it over, with its epoch and version. */
  refresh(): Promise<void>;
  connected(is: boolean): void;
  /** Where a page can: takes over the styles of the newer version that the server is of, before anything of it is shown. */
  renew?(): Promise<void>;
  /**
   * Something came while nobody sees the page: it is only told of, and asked for once when the page is seen again. But what
   * is taken away goes at once. Without this, all is applied at once.
   */
  missed?(changes: Change[]): void;
  /** Whatever was answered, a refusal too. */
  answered?(answer: FollowAnswer): void;
}

export type LiveSocket = Socket<ServerEvents, ClientEvents>;

export interface Followed {
  /** `blog:<slug>`, `comments:<slug>` or `desk:<slug>`. */
  stream: string;
  /** Where the same is answered over plain HTTP. */
  updates: string;
}

/**
 * Follows a stream, whose epoch and version stand on the page's element. Any doubt has one answer: ask again for what
 * came after the last version seen.
 */
export function follow({ dataset }: HTMLElement, { stream, updates }: Followed, reader: Reader): LiveSocket {
  const seen = (): number => Number(dataset.version);
  // The library's own back-off ends without jitter at its limit; a limit of one's own keeps readers out of step.
  const thrifty = savesData();
  const socket: LiveSocket = io({
    autoConnect: !thrifty,
    transports: ["websocket"],
    timeout: ANSWER_WITHIN,
    reconnectionDelayMax: 15_000 + Math.random() * 30_000,
    randomizationFactor: 0.9,
  });
  let asking = false;
  let askAgain = false;
  /** How often the page was renewed for each state of the server that is not its own. */
  const renewals = new Map<string, number>();
  let refreshing = false;
  let soon = 0;
  /** The timer of the next poll. */
  let polling = 0;
  let overHttp = thrifty;
  /** The timer after which a page in the background rests, and whether it does. */
  let restingSoon = 0;
  let resting = false;

  socket.on("connect", () => {
    asking = false;
    stopPolling();
    reader.connected(true);
    ask();
  });
  socket.on("disconnect", (reason) => {
    if (resting) return;
    lost();
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), Math.random() * RETRY);
  });
  socket.on("batch", (batch) => (isUnseen() ? miss(batch) : step(batch)));
  socket.on("head", (head) => {
    if (!isUnseen() && head.stream === stream && (head.epoch !== dataset.epoch || head.version > seen())) askSoon();
  });
  socket.on("resync", ({ retryInMs }) => refreshIn(retryInMs));

  addEventListener("online", catchUp);
  addEventListener("pageshow", ({ persisted }) => persisted && catchUp());
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));
  if (thrifty) void poll();
  else lost();
  return socket;

  /** In the background nothing is drawn; the reader's own pages say so by having a way to be told of what they miss. */
  function isUnseen(): boolean {
    return document.hidden && reader.missed !== undefined;
  }

  function leave(): void {
    if (!reader.missed) return;
    restingSoon = setTimeout(() => {
      resting = true;
      clearTimeout(polling);
      polling = 0;
      socket.disconnect();
    }, REST_AFTER);
  }

  function comeBack(): void {
    clearTimeout(restingSoon);
    resting = false;
    catchUp();
  }

  function lost(): void {
    reader.connected(false);
    polling ||= setTimeout(() => void poll(), POLL_AFTER + Math.random() * POLL_SPREAD);
  }

  /** Asks at once, whatever the back-off is waiting for. */
  function catchUp(): void {
    if (socket.connected) return ask();
    if (thrifty) return void poll();
    // A page that has rested was told of no loss.
    if (!polling && !overHttp) lost();
    socket.disconnect().connect();
    if (overHttp) void poll();
  }

  function ask(): void {
    if (!socket.connected || refreshing) return;
    askAgain = asking;
    if (asking) return;
    asking = true;
    const request = { stream, epoch: dataset.epoch!, version: seen() };
    socket.timeout(ANSWER_WITHIN).emit("follow", request, (error: Error | null, answer: FollowAnswer) => {
      asking = false;
      if (!error) take(answer);
      else if (socket.connected) socket.io.engine.close();
      if (askAgain) ask();
    });
  }

  function askSoon(wait = GAP_JITTER): void {
    clearTimeout(soon);
    soon = setTimeout(ask, Math.random() * wait);
  }

  function take(answer: FollowAnswer): void {
    reader.answered?.(answer);
    if (answer.ok && isNewer(answer.build) && reader.renew) {
      refreshIn(Math.random() * RETRY, reader.renew);
    } else if (answer.ok) {
      step({ ...answer, stream });
      if (answer.head > seen()) askSoon();
    } else if (answer.problem.code === "resync") refreshIn(answer.retryInMs ?? RETRY);
    else askSoon(answer.retryInMs ?? 10 * RETRY);
  }

  /** A few times only: two servers of different versions, or a cache between, must not keep a page busy. */
  function isNewer(build: string | undefined): boolean {
    if (!build || build === dataset.build) return false;
    const times = (renewals.get(build) ?? 0) + 1;
    renewals.set(build, times);
    return times <= MOST_RENEWALS;
  }

  function step({ epoch, from, to, changes }: Batch): void {
    if (refreshing) return;
    if (epoch !== dataset.epoch || from > seen()) return askSoon();
    if (to <= seen()) return;
    reader.apply(changes);
    dataset.version = String(to);
  }

  /**
   * Tells of it, and takes away what it takes away, with the parts of the page that may have shown it. The version stays:
   * all of it comes once more with what is caught up on, and does no harm. So a takedown has nobody ask for anything.
   */
  function miss({ epoch, to, changes }: Batch): void {
    if (refreshing || epoch !== dataset.epoch || to <= seen()) return;
    const takesAway = changes.some(({ html }) => html === null);
    if (takesAway) reader.apply(changes.filter(({ html, place }) => html === null || place === undefined));
    // An answer that is under way may still have it.
    if (takesAway && asking) askAgain = true;
    reader.missed!(changes);
  }

  function refreshIn(wait: number, refresh = reader.refresh): void {
    if (refreshing) return;
    refreshing = true;
    setTimeout(() => {
      void refresh()
        .then(() => {
          refreshing = false;
          ask();
        })
        .catch(() => {
          refreshing = false;
          refreshIn(RETRY + Math.random() * RETRY, refresh);
        });
    }, wait);
  }

  /** For where a proxy lets no websocket through; the socket keeps trying meanwhile. */
  async function poll(): Promise<void> {
    clearTimeout(polling);
    overHttp = true;
    if (isUnseen()) return;
    let wait = 2 * RETRY;
    try {
      const response = await fetch(`${updates}?after=${seen()}&epoch=${dataset.epoch}`, {
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
      if (!response.ok) throw new Error(`Updates answered ${response.status}`);
      const answer = (await response.json()) as FollowAnswer & { pollInMs: number };
      take(answer);
      reader.connected(true);
      wait = answer.pollInMs * (thrifty ? THRIFT : 1);
    } catch {
      if (overHttp) reader.connected(false);
    }
    if (!overHttp || resting) return;
    clearTimeout(polling);
    polling = setTimeout(() => void poll(), wait * (1 + Math.random() / 4));
  }

  function stopPolling(): void {
    clearTimeout(polling);
    polling = 0;
    overHttp = false;
  }
}

/** The reader's browser says that data is dear, or comes slowly: what happened then comes in larger parts. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean; effectiveType?: string } };
  return Boolean(connection?.saveData) || Boolean(connection?.effectiveType?.endsWith("2g"));
}
