import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import sharp from "sharp";
import { ms, percentile, type Line } from "../bench.ts";
import { Dateline } from "../dateline.ts";
import { storyText } from "../story.ts";

/** Milliseconds between two looks at memory. */
const LOOK_EVERY = 20;

/** Photos of 12 megapixels, one and then four at once, while posts go on; nobody who posts should notice. */
export const media: Line = async ({ port, quick }, add) => {
  const photo = await photoOf(4_000, 3_000);
  const rounds = quick ? 1 : 4;
  const server = await Dateline.start(port);
  await server.createBlog("bridge");
  await server.fill("bridge", 100);
  await upload(server, photo);
  const idle = await posting(server, quick ? 2_000 : 8_000);

  const memory = watchMemory(server.pid);
  const times: number[] = [];
  const busy = await postingWhile(server, async () => {
    for (let n = 0; n < rounds; n++) times.push(await upload(server, photo));
  });
  const single = memory.stop();
  const four = await postingWhile(server, async () => {
    for (let n = 0; n < rounds; n++) await Promise.all(Array.from({ length: 4 }, () => upload(server, photo)));
  });
  await server.stop();

  const size = `${(photo.length / 1e6).toFixed(1)} MB`;
  add({ what: `upload of a photo of 12 megapixels, ${size}: median`, dateline: ms(percentile(times, 0.5)) });
  add({
    what: "… memory of the server before and at most, and of the process that works on it",
    dateline: `${single.before} / ${single.server} / ${single.child} MB`,
  });
  for (const [what, during] of [
    ["one is worked on", busy],
    ["four are sent at once", four],
  ] as const) {
    const ratio = percentile(during, 0.5) / percentile(idle, 0.5);
    add({
      what: `… POST → 201 while ${what}, beside idle: p50 / p99`,
      dateline: shown(during),
      peer: shown(idle),
      ratio,
      goal: "≤ 1.5 ×",
      met: ratio <= 1.5,
    });
  }
};

const shown = (times: number[]): string => `${ms(percentile(times, 0.5))} / ${ms(percentile(times, 0.99))}`;

/** Soft shapes under grain, about as hard to encode as a photo. */
async function photoOf(width: number, height: number): Promise<Buffer> {
  const noise = (width: number, height: number, sigma: number) =>
    sharp({
      create: { width, height, channels: 3, background: "#000", noise: { type: "gaussian", mean: 128, sigma } },
    }).png({ compressionLevel: 1 });
  const shapes = sharp(await noise(width / 20, height / 20, 60).toBuffer()).resize(width, height, { fit: "fill" });
  const grain = await noise(width, height, 12).toBuffer();
  return sharp(await shapes.png({ compressionLevel: 1 }).toBuffer())
    .composite([{ input: grain, blend: "soft-light" }])
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** @returns milliseconds until the answer */
async function upload(server: Dateline, photo: Buffer): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${server.url}/api/media`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${server.token}`,
      "Idempotency-Key": randomUUID(),
      "Content-Type": "image/jpeg",
    },
    body: new Uint8Array(photo),
  });
  if (response.status !== 201) throw new Error(`upload: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return performance.now() - began;
}

/** Posts one after another, twenty a second at most. @returns milliseconds each */
async function posting(server: Dateline, milliseconds: number): Promise<number[]> {
  const ending = new AbortController();
  setTimeout(() => ending.abort(), milliseconds);
  return postUntil(server, ending.signal);
}

async function postingWhile(server: Dateline, work: () => Promise<void>): Promise<number[]> {
  const ending = new AbortController();
  const [times] = await Promise.all([postUntil(server, ending.signal), work().finally(() => ending.abort())]);
  return times;
}

async function postUntil(server: Dateline, ending: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!ending.aborted) {
    const began = performance.now();
    await server.send("POST", "/api/blogs/bridge/posts", { body: storyText(times.length, `${times.length}`) });
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 50 - times.at(-1)!)));
  }
  return times;
}

/** Megabytes at most, of the server and of the largest of the processes that it starts for pictures. */
function watchMemory(pid: number): { stop(): { before: number; server: number; child: number } } {
  const most = { before: 0, server: 0, child: 0 };
  const look = async () => {
    const now = await megabytes(pid, "VmRSS");
    most.before ||= now;
    most.server = Math.max(most.server, now);
    for (const child of await darkrooms(pid)) most.child = Math.max(most.child, await megabytes(child, "VmHWM"));
  };
  const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY);
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}

async function darkrooms(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((id) => readFile(`/proc/${pid}/task/${id}/children`, "utf8")));
  const children = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  const lines = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")));
  return children.filter((_child, n) => lines[n]!.includes("darkroom-process"));
}

/** @param figure VmRSS is now, VmHWM the most so far */
async function megabytes(pid: number, figure: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(new RegExp(`${figure}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
}
