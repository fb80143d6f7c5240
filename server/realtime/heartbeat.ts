/** An engine.io 6 connection, as far as its pings are concerned. Private there, so any part may be missing. */
export interface Beating {
  readonly readyState?: string;
  readonly protocol?: number;
  readonly server?: { readonly opts?: { readonly pingInterval?: number } };
  /** Until the next ping. */
  pingIntervalTimer?: unknown;
  /** Until a ping counts as unanswered; null while none is. */
  pingTimeoutTimer?: unknown;
  hasRefreshedPingTimeout?: boolean;
  sendPacket?(type: string): void;
  resetPingTimeout?(): void;
}

/** Parts of an interval; whoever comes in the same part is pinged together. */
const PARTS = 25;

const heartbeats = new Map<number, Heartbeat>();

/**
 * Has one timer ping all connections that came in the same second, instead of one for each, which takes 270 bytes.
 * What happens to a ping that is not answered is left to engine.io.
 */
export function beatTogether(connection: Beating): void {
  const { protocol, readyState, pingIntervalTimer, pingTimeoutTimer, server } = connection;
  const interval = server?.opts?.pingInterval;
  if (protocol !== 4 || readyState !== "open" || pingTimeoutTimer !== null || typeof interval !== "number") return;
  if (typeof connection.sendPacket !== "function" || typeof connection.resetPingTimeout !== "function") return;
  if ((pingIntervalTimer as NodeJS.Timeout | null)?.constructor.name !== "Timeout") return;
  clearTimeout(pingIntervalTimer as NodeJS.Timeout);
  const heartbeat = heartbeats.get(interval) ?? new Heartbeat(interval);
  heartbeats.set(interval, heartbeat);
  heartbeat.add(connection);
}

/** To be called when a connection has closed. */
export function stopBeating(connection: Beating): void {
  if (connection.pingIntervalTimer instanceof Round) connection.pingIntervalTimer.members.delete(connection);
}

/** Stands where engine.io expects the timer of a connection's next ping. */
class Round {
  readonly members = new Set<Beating>();

  /** After an answer; the next round comes by itself. */
  refresh(): void {}
}

class Heartbeat {
  readonly #rounds = Array.from({ length: PARTS }, () => new Round());
  readonly #every: number;
  #now = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(interval: number) {
    this.#every = interval / PARTS;
  }

  /** It is pinged for the first time when almost a whole interval, or all of it, has passed. */
  add(connection: Beating): void {
    const round = this.#rounds[this.#now]!;
    round.members.add(connection);
    connection.pingIntervalTimer = round;
    this.#timer ??= setInterval(() => this.#beat(), this.#every).unref();
  }

  #beat(): void {
    this.#now = (this.#now + 1) % PARTS;
    for (const connection of this.#rounds[this.#now]!.members) ping(connection);
    if (this.#rounds.some(({ members }) => members.size) || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** As engine.io does it. */
function ping(connection: Beating): void {
  // Its last one is still to be answered.
  if (connection.readyState !== "open" || connection.pingTimeoutTimer) return;
  connection.hasRefreshedPingTimeout = false;
  connection.sendPacket!("ping");
  connection.resetPingTimeout!();
}
