import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ms, type Line } from "../bench.ts";
import { Dateline } from "../dateline.ts";
import { hasNginx, pin, startExpressStatic, startNginxStatic } from "../peers.ts";

export interface Rate {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** The page of a small and of a large blog, and the same bytes as a file. Server on one core, load on the other. */
export const page: Line = async ({ posts, port, quick }, add) => {
  const seconds = quick ? 3 : 8;
  const server = await Dateline.start(port);
  const directory = await mkdtemp(join(tmpdir(), "dateline-bench-page-"));
  pin(server.pid, 0);
  const ours = new Map<number, Rate>();
  for (const count of posts) {
    await server.createBlog(`posts-${count}`);
    await server.fill(`posts-${count}`, count);
    ours.set(count, await measure(`${server.url}/blogs/posts-${count}`, seconds));
    add({ what: `page of a blog of ${count} posts`, dateline: shown(ours.get(count)!) });
  }
  const largest = Math.max(...posts);
  const url = `${server.url}/blogs/posts-${largest}`;
  const response = await fetch(url, { headers: { "Accept-Encoding": "identity" } });
  await writeFile(join(directory, "page.html"), Buffer.from(await response.arrayBuffer()));
  const unchanged = await measure(url, seconds, `If-None-Match: ${response.headers.get("ETag")}`);
  await server.stop();

  if (hasNginx()) {
    const nginx = await startNginxStatic(port + 1, directory);
    pin(nginx.pid, 0);
    const file = await measure(`${nginx.url}/page.html`, seconds);
    await nginx.stop();
    const ratio = ours.get(largest)!.perSecond / file.perSecond;
    const goal = { goal: "≥ 0.33 ×", met: ratio >= 1 / 3 };
    add({
      what: "… the same bytes as a file",
      dateline: shown(ours.get(largest)!),
      peer: `nginx: ${shown(file)}`,
      ratio,
      ...goal,
    });
  } else console.log("nginx is not installed: left out");

  const express = await startExpressStatic(port + 2, directory);
  pin(express.pid, 0);
  const tag = (await fetch(`${express.url}/page.html`)).headers.get("ETag");
  const file = await measure(`${express.url}/page.html`, seconds, `If-None-Match: ${tag}`);
  await express.stop();
  const ratio = unchanged.perSecond / file.perSecond;
  add({
    what: "… asked again, unchanged (304)",
    dateline: shown(unchanged),
    peer: `express.static: ${shown(file)}`,
    ratio,
    goal: "≥ 1 ×",
    met: ratio >= 1,
  });
  await rm(directory, { recursive: true });
};

const shown = ({ perSecond, p99 }: Rate): string => `${Math.round(perSecond)}/s, p99 ${ms(p99)}`;

/** Many connections from the other core, after a moment of warming up. */
export async function measure(url: string, seconds: number, header?: string, connections = 256): Promise<Rate> {
  const wrk = async (duration: number) => {
    const args = [
      "-c",
      "1",
      "wrk",
      "-t1",
      `-c${connections}`,
      `-d${duration}s`,
      "--latency",
      ...(header ? ["-H", header] : []),
      url,
    ];
    return (await promisify(execFile)("taskset", args)).stdout;
  };
  await wrk(2);
  const out = await wrk(seconds);
  if (/Non-2xx/.test(out)) throw new Error(`wrk: ${out}`);
  const share = (percent: number): number => {
    const [, value, unit] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(out)!;
    return Number(value) * { us: 0.001, ms: 1, s: 1_000 }[unit as "us" | "ms" | "s"];
  };
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)![1]), p50: share(50), p99: share(99) };
}
