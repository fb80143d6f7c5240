import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { endWithUs, spoke } from "./dateline.ts";

/** Something to measure Dateline against, as a process of its own. */
export interface Peer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Where Debian's libnginx-mod-nchan puts it. */
const NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so";

export const hasNginx = (): boolean => existsSync("/usr/sbin/nginx");
export const hasNchan = (): boolean => hasNginx() && existsSync(NCHAN);

/** Socket.IO with default options: one room, POST /publish. */
export const startSocketIo = (port: number): Promise<Peer> => startNode("Socket.IO", "socket-io.ts", port);

/** Express's static files. */
export const startExpressStatic = (port: number, directory: string): Promise<Peer> =>
  startNode("express.static", "express-static.ts", port, directory);

async function startNode(name: string, program: string, port: number, ...args: string[]): Promise<Peer> {
  const script = join(import.meta.dirname, "peers", program);
  const child = spawn(process.execPath, [script, String(port), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  endWithUs(child);
  await spoke(child, "listening");
  return { name, url: `http://127.0.0.1:${port}`, pid: child.pid!, stop: () => end(child) };
}

/** nginx with the nchan module: readers at /read, posts to /publish. */
export const startNchan = (port: number): Promise<Peer> =>
  startNginx(
    "nginx + nchan",
    port,
    `load_module ${NCHAN};`,
    `
    location = /read { nchan_subscriber websocket; nchan_channel_id story; nchan_subscriber_first_message newest; }
    location = /publish { nchan_publisher; nchan_channel_id story; client_body_buffer_size 64k; }`,
  );

/** nginx serving files out of a directory. */
export const startNginxStatic = (port: number, directory: string): Promise<Peer> =>
  startNginx(
    "nginx static",
    port,
    "",
    `
    location / { root ${directory}; default_type "text/html; charset=utf-8"; open_file_cache max=100; }`,
  );

/** One worker, so one core. */
async function startNginx(name: string, port: number, modules: string, locations: string): Promise<Peer> {
  const directory = await mkdtemp(join(tmpdir(), "dateline-bench-nginx-"));
  await chmod(directory, 0o755);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${directory}/${kind};`)
    .join(" ");
  await writeFile(
    join(directory, "nginx.conf"),
    `${modules}
    ${process.getuid?.() === 0 ? "user root;" : ""}
    worker_processes 1; worker_rlimit_nofile 20000; daemon off; pid ${directory}/pid; error_log stderr error;
    events { worker_connections 19900; }
    http {
      access_log off; ${temporary} keepalive_requests 10000000;
      server { listen 127.0.0.1:${port} backlog=4096; ${locations} }
    }`,
  );
  const child = spawn("/usr/sbin/nginx", ["-p", directory, "-c", join(directory, "nginx.conf")], { stdio: "ignore" });
  endWithUs(child);
  await answering(port);
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    async stop() {
      await end(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, "127.0.0.1");
    const answered = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (answered) return;
    await pause(50);
  }
  throw new Error(`Nothing listens on port ${port}`);
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}

/** Keeps a process, and all its threads, on one core; the load is then made on the other. */
export function pin(pid: number, core: number): void {
  for (const one of [pid, ...childrenOf(pid)])
    execFileSync("taskset", ["-acp", String(core), String(one)], { stdio: "ignore" });
}

function childrenOf(pid: number): number[] {
  try {
    return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map(Number);
  } catch {
    return [];
  }
}
