import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";

/** SQLite's code for a lock that somebody else has. */
const SQLITE_BUSY = 5;
/** Milliseconds for a new holder to write down who it is. */
const INTRODUCTION = 1_000;

/** What the holder of a data directory says of itself, in `server.pid`. */
export interface Holder {
  /** null when it has not said so within a second. */
  readonly pid: number | null;
  /** Where its Postgres listens, once others may use it. */
  readonly socketDir: string | null;
}

export interface DataLock {
  /** Tells others who holds the directory, and where they may reach its Postgres. */
  introduce(socketDir: string | null): Promise<void>;
  release(): Promise<void>;
}

/** Somebody else holds the data directory. */
export class DirectoryHeldError extends Error {
  name = "DirectoryHeldError";
  readonly holder: Holder;

  constructor(dataDir: string, holder: Holder) {
    const who = holder.pid === null ? "another process" : `process ${holder.pid}`;
    super(`${dataDir} is in use by ${who}; stop that one first, or set another DATA_DIR.`);
    this.holder = holder;
  }
}

/**
 * Makes this process the only one that works in `dataDir`. The lock is the kernel's, on the file `lock`, so that it
 * ends with the process however that ends, and no pid left behind by a dead one can ever be mistaken for a holder.
 * Node cannot lock files itself; its SQLite does, and nothing is stored in there.
 * @throws DirectoryHeldError
 */
export async function lockDirectory(dataDir: string): Promise<DataLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "lock");
  const introduction = join(dataDir, "server.pid");
  const lock = await lockFile(path);
  if (!lock) throw new DirectoryHeldError(dataDir, await holderIn(introduction));
  const dataLock: DataLock = {
    introduce: (socketDir) => writeFile(introduction, `${process.pid}\n${socketDir ?? ""}\n`),
    async release() {
      await rm(introduction, { force: true });
      lock.close();
    },
  };
  try {
    await dataLock.introduce(null);
    return dataLock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

async function lockFile(path: string): Promise<DatabaseSync | null> {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("pragma journal_mode = memory; begin exclusive");
    return database;
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    await (await open(path, "a")).close(); // Says what is wrong in the system's words, such as EACCES or ENOSPC.
    throw error;
  }
}

async function holderIn(introduction: string): Promise<Holder> {
  for (const until = Date.now() + INTRODUCTION; Date.now() < until; await pause(50)) {
    const [pid, socketDir] = (await readFile(introduction, "utf8").catch(() => "")).split("\n");
    if (pid && isAlive(Number(pid))) return { pid: Number(pid), socketDir: socketDir || null };
  }
  return { pid: null, socketDir: null };
}

/** A predecessor's introduction may lie there until the holder has written its own. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
