import { existsSync } from "node:fs";
import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { postgres } from "./postgres-js.ts";
import { DirectoryHeldError, lockDirectory } from "./data-lock.ts";
import {
  DISK_FULL,
  EmbeddedPostgresError,
  makeSocketDirectory,
  openCluster,
  reason,
  type Cluster,
} from "./embedded-cluster.ts";
import { keep, type Kept } from "./keeper.ts";

const run = promisify(execFile);

/** Milliseconds: a just-killed predecessor may need a moment to put its Postgres to bed. */
const TAKEOVER = 30_000;
const RESTART_AFTER = { first: 250, most: 15_000 };
/** Milliseconds for which a command waits for another command to finish with the directory. */
const JOIN_WITHIN = 30_000;
const PORT = 5432;

export interface EmbeddedPostgres {
  /** libpq URL of the database `dateline`, over the unix socket. */
  readonly url: string;
  /** Resolves when Postgres has ended and the directory is free; never rejects. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** false trades safety for speed; for tests only. */
  readonly fsync?: boolean;
  /** How many connections it must be able to serve. */
  readonly connections?: number;
  /** Commands that started it for themselves are not to be joined by others. */
  readonly alone?: boolean;
  /** Told when Postgres ended by itself and is started again, and when that did not work. */
  readonly onTrouble?: (message: string) => void;
}

/**
 * Runs the npm-packaged PostgreSQL on `dataDir/postgres`, creating it when it is not there, and starts it again should
 * it end. It listens on a unix socket in a 0700 directory and on no TCP port. One process at a time owns a directory.
 * @throws DirectoryHeldError naming the holder; EmbeddedPostgresError when Postgres cannot run or write there
 */
export async function startEmbeddedPostgres(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const lock = await lockDirectory(dataDir);
  const undo = [() => lock.release()];
  const stop = async () => {
    while (undo.length) await undo.pop()!();
  };
  try {
    const cluster = await openCluster(dataDir);
    const socketDir = await makeSocketDirectory(dataDir, cluster);
    if (!socketDir.startsWith(dataDir)) undo.push(() => rm(socketDir, { recursive: true, force: true }));
    const supervised = await supervise(cluster, socketDir, options);
    undo.push(() => supervised.stop());
    if (!options.alone) await lock.introduce(socketDir);
    return { url: urlOf(socketDir), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * For commands: the Postgres of the server that holds the directory, or else one of our own. Stopping it leaves a
 * server's alone.
 * @throws what startEmbeddedPostgres throws
 */
export async function joinEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  for (const until = Date.now() + JOIN_WITHIN; ; await pause(200)) {
    try {
      return await startEmbeddedPostgres(dataDir, { alone: true });
    } catch (error) {
      if (!(error instanceof DirectoryHeldError)) throw error;
      const { socketDir } = error.holder;
      if (socketDir) return { url: urlOf(socketDir), stop: async () => {} };
      if (Date.now() > until) throw error;
    }
  }
}

const urlOf = (socketDir: string): string =>
  `postgres://postgres@localhost:${PORT}/dateline?host=${encodeURIComponent(socketDir)}`;

/** Keeps Postgres running until it is stopped; the promise resolves when it serves for the first time. */
async function supervise(
  cluster: Cluster,
  socketDir: string,
  options: EmbeddedOptions,
): Promise<{ stop(): Promise<void> }> {
  const { onTrouble = () => {} } = options;
  const stopping = new AbortController();
  let running = await launch(cluster, socketDir, options);
  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      running.end();
      await watching;
    },
  };

  async function watch(): Promise<void> {
    for (;;) {
      await running.ended;
      if (stopping.signal.aborted) return;
      onTrouble("The embedded Postgres ended by itself and is started again.");
      await restart();
      if (stopping.signal.aborted) running.end();
    }
  }

  async function restart(): Promise<void> {
    for (let wait = RESTART_AFTER.first; !stopping.signal.aborted; wait = Math.min(wait * 2, RESTART_AFTER.most)) {
      try {
        running = await launch(cluster, socketDir, options);
        return;
      } catch (error) {
        onTrouble((error as Error).message);
        await pause(wait, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }
}

/** @throws EmbeddedPostgresError */
async function launch(cluster: Cluster, socketDir: string, options: EmbeddedOptions): Promise<Kept> {
  const { directory, program, user, env } = cluster;
  const settings = [
    "listen_addresses=",
    `port=${PORT}`,
    `unix_socket_directories="${socketDir.replaceAll('"', '""')}"`,
    "unix_socket_permissions=0700",
    `max_connections=${options.connections ?? 120}`,
    "shared_buffers=128MB",
    "log_min_messages=fatal",
    "timezone=UTC",
    ...(options.fsync === false ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : []),
  ];
  const command = [program, "-D", directory, ...settings.flatMap((setting) => ["-c", setting])];
  for (const until = Date.now() + TAKEOVER; ; await pause(200)) {
    const stranger = await endPredecessor(directory, until);
    const kept = keep(command, user, { ...env, ...(stranger ? { PG_GRANDPARENT_PID: stranger } : {}) });
    if (await serves(kept, socketDir)) return kept;
    kept.end();
    await kept.ended;
    if (!/postmaster\.pid|shared memory block|another (server|postmaster)/i.test(kept.words()) || Date.now() > until)
      throw new EmbeddedPostgresError(reason(kept.words(), "The embedded Postgres did not start"));
  }
}

/**
 * Since we hold the directory, a Postgres that still runs in it belongs to a server that is dead, and is about to end
 * or has lost its keeper too: it is told to, and waited for.
 * @returns the pid in Postgres's own lock file when that now belongs to an unrelated process, which happens whenever
 * a container restarts; Postgres takes this one pid for its starter's and does not refuse because of it
 */
async function endPredecessor(directory: string, until: number): Promise<string | null> {
  for (; Date.now() < until; await pause(100)) {
    const text = await readFile(join(directory, "postmaster.pid"), "utf8").catch(() => "");
    const pid = /^\d+/.exec(text)?.[0];
    if (!pid) return null;
    if (!(await isPostgresIn(directory, pid))) return pid;
    try {
      process.kill(Number(pid), "SIGINT");
    } catch {
      // It has ended just now, or belongs to somebody else, which Postgres will say.
    }
  }
  return null;
}

async function isPostgresIn(directory: string, pid: string): Promise<boolean> {
  try {
    if (process.platform === "linux") return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(directory));
    const { stdout } = await run("ps", ["-o", "command=", "-p", pid]);
    return stdout.includes(directory);
  } catch {
    return false;
  }
}

/** True once Postgres answers on its socket, false when it has ended instead. */
async function serves(kept: Kept, socketDir: string): Promise<boolean> {
  for (; kept.isRunning(); await pause(30)) {
    if (!existsSync(join(socketDir, `.s.PGSQL.${PORT}`))) continue;
    const sql = postgres({
      host: socketDir,
      port: PORT,
      user: "postgres",
      database: "postgres",
      max: 1,
      onnotice: () => {},
      connect_timeout: 5,
    });
    try {
      const found = await sql`select 1 from pg_database where datname = 'dateline'`;
      if (!found.length) await sql`create database dateline`;
      return true;
    } catch (error) {
      // Still starting, or a stale socket file; look again. A full disk, though, does not pass by itself.
      if ((error as { code?: string }).code === "53100") {
        kept.end();
        await kept.ended;
        throw new EmbeddedPostgresError(DISK_FULL, { cause: error });
      }
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  return false;
}
