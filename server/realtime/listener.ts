import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { connect } from "../connection.ts";
import type { Log } from "../log.ts";
import { TooLateError, within } from "../within.ts";

/** Milliseconds between two tests of the LISTEN connection, and until an echo counts as lost. */
const TEST_EVERY = 5_000;
const ECHO_WITHIN = 4_000;

export interface ListenerOptions {
  /** A direct connection, not through a transaction pooler: LISTEN belongs to the session. */
  readonly url: string;
  /** For sending the echo; another connection than the one under test. */
  readonly sql: postgres.Sql;
  readonly log: Log;
  /** One notification: a latency hint and never more, since any of them may be lost. */
  onHint(payload: string): void;
  /** The connection is new: whatever was said before it was not heard. */
  onListen(): void;
  /** It was found deaf or dead and is being replaced. */
  onReplace(): void;
}

export interface Listener {
  stop(): Promise<void>;
}

/**
 * Listens on the channel `dateline`. postgres.js reconnects when a connection closes; one that stays open and hears
 * nothing (a vanished host, a stalled proxy) is found by an echo that does not come, and replaced.
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { url, sql, log, onHint, onListen, onReplace } = options;
  let connection = connect(url, { max: 1, connection: { application_name: "dateline-listen" } });
  let awaited: { echo: string; since: number } | null = null as { echo: string; since: number } | null;
  let stopped = false;
  await listen();
  const timer = setInterval(() => void test(), TEST_EVERY);
  const checker = setInterval(() => {
    if (awaited && Date.now() - awaited.since > ECHO_WITHIN) void replace();
  }, 500);

  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      clearInterval(checker);
      await connection.end({ timeout: 1 }).catch(() => {});
    },
  };

  async function listen(): Promise<void> {
    const mine = connection;
    await mine.listen(
      "dateline",
      (payload) => {
        if (mine !== connection) return;
        if (payload === awaited?.echo) awaited = null;
        else if (!payload.startsWith("echo ")) onHint(payload);
      },
      () => {
        if (mine === connection && !stopped) onListen();
      },
    );
  }

  async function test(): Promise<void> {
    if (awaited) return;
    const echo = `echo ${randomUUID()}`;
    awaited = { echo, since: Number.POSITIVE_INFINITY };
    try {
      await within(ECHO_WITHIN, sql`select pg_notify('dateline', ${echo})`);
      if (awaited?.echo === echo) awaited.since = Date.now();
    } catch (error) {
      awaited = null;
      // A database that says no needs no test; one that says nothing may be deaf on both connections.
      if (error instanceof TooLateError) await replace();
    }
  }

  async function replace(): Promise<void> {
    awaited = null;
    log.warn("the LISTEN connection hears nothing; replacing it");
    onReplace();
    const deaf = connection;
    connection = connect(url, { max: 1, connection: { application_name: "dateline-listen" } });
    void deaf.end({ timeout: 0 }).catch(() => {});
    await listen().catch((error: unknown) => log.warn({ err: error }, "could not listen again yet"));
  }
}
