/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { randomUUID } from "node:crypto";
import lighthouse from "lighthouse";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { hasChromium, launchChromium } from "../../test/chromium.ts";
import { ms, percentile, type Line, type Row } from "../bench.ts";
import { Dateline } from "../dateline.ts";
import { NO_CHROMIUM, openPage } from "../pages.ts";
import { storyText } from "../story.ts";

const POSTS = 60;
const PICTURES = 12;
/** Posts on the page whose frames are counted, and changes of them a second. */
const LONG = 500;
/** Of them, those that are there when it is opened: a page that the server sends has no more than nineteen. */
const FIRST = 10;
const CHANGES_A_SECOND = 5;
const SLOWER = 4;
const FRAMES_A_SECOND = 50;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"] as const;

/** A story as its reader has it: by Lighthouse's measure, and a long one under many changes on a slow machine. */
export const readerPage: Line = async ({ port, quick }, add) => {
  if (!hasChromium()) return console.log(NO_CHROMIUM);
  const server = await Dateline.start(port);
  const browser = await launchChromium(`--remote-debugging-port=${port + 1}`);
  try {
    await server.createBlog("bridge");
    await tell(server);
    for (const row of await byLighthouse(`${server.url}/blogs/bridge`, port + 1, quick ? 1 : 3)) add(row);
    await server.createBlog("flood");
    await server.fill("flood", FIRST);
    for (const row of await underChanges(browser, server, quick ? 20 : 600)) add(row);
  } finally {
    await browser.close();
    await server.stop();
  }
};

/** Sixty posts, twelve with a picture, drawn here. */
async function tell(server: Dateline): Promise<void> {
  for (let n = 0; n < POSTS; n++) {
    const hasPicture = n % (POSTS / PICTURES) === 0;
    const media = hasPicture
      ? [{ id: await upload(server, n), alt: `The bridge, ${n}`, caption: "Drawn by code" }]
      : [];
    await server.send("POST", "/api/blogs/bridge/posts", {
      headline: n % 2 ? `What happened at ${n}` : null,
      body: storyText(n, `${n}`),
      keyEvent: n % 8 === 0,
      media,
    });
  }
}

async function upload(server: Dateline, n: number): Promise<string> {
  const picture = await sharp({
    create: {
      width: 1600,
      height: 1000,
      channels: 3,
      noise: { type: "gaussian", mean: 90 + n, sigma: 12 },
      background: "#456",
    },
  })
    .blur(6)
    .jpeg()
    .toBuffer();
  const response = await fetch(`${server.url}/api/media`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${server.token}`,
      "Content-Type": "image/jpeg",
      "Idempotency-Key": randomUUID(),
    },
    body: new Uint8Array(picture),
  });
  return ((await response.json()) as { id: string }).id;
}

async function byLighthouse(url: string, port: number, rounds: number): Promise<Row[]> {
  const scores = new Map<string, number[]>();
  const note = (what: string, value: number) => scores.set(what, [...(scores.get(what) ?? []), value]);
  for (let round = 0; round < rounds; round++) {
    // Its own mobile preset: a slow phone on a slow network, simulated.
    const result = await lighthouse(url, { port, output: "json", logLevel: "error", onlyCategories: [...CATEGORIES] });
    const { categories, audits } = result!.lhr;
    for (const name of CATEGORIES) note(name, Math.round((categories[name]?.score ?? 0) * 100));
    note("bytes", firstView(audits["network-requests"]!.details as unknown as { items: Request[] }));
    note("lcp", audits["largest-contentful-paint"]!.numericValue!);
    note("cls", audits["cumulative-layout-shift"]!.numericValue!);
    note("tbt", audits["total-blocking-time"]!.numericValue!);
    for (const { id, score, title, details } of Object.values(audits))
      if (score !== null && score < 0.9 && round === 0)
        console.log(`  lighthouse: ${id} ${score} ${title} ${JSON.stringify(details ?? "").slice(0, 700)}`);
  }
  const median = (what: string) => percentile(scores.get(what)!, 0.5);
  return [
    {
      what: `Lighthouse, mobile, ${POSTS} posts with ${PICTURES} pictures: ${CATEGORIES.join(", ")}`,
      dateline: CATEGORIES.map(median).join(" "),
      goal: "100 each",
      met: CATEGORIES.every((name) => median(name) === 100),
    },
    {
      what: "… first view without pictures, headers included",
      dateline: `${(median("bytes") / 1_000).toFixed(1)} KB`,
      goal: "≤ 60 KB",
      met: median("bytes") <= 60_000,
    },
    { what: "… LCP", dateline: ms(median("lcp")), goal: "< 1.2 s", met: median("lcp") < 1_200 },
    { what: "… CLS", dateline: median("cls").toFixed(3), goal: "0", met: median("cls") === 0 },
    { what: "… TBT", dateline: ms(median("tbt")), goal: "< 50 ms", met: median("tbt") < 50 },
  ];
}

interface Request {
  readonly url: string;
  readonly resourceType: string;
  readonly transferSize: number;
}

/** The page, its typeface, and its script with what that imports at once; not what the worker keeps afterwards. */
function firstView({ items }: { items: Request[] }): number {
  const isFirst = ({ url, resourceType }: Request): boolean =>
    ["Document", "Stylesheet", "Font"].includes(resourceType) || /\/js\/(blog\.js|chunk-)/.test(url);
  return items.filter(isFirst).reduce((sum, { transferSize }) => sum + transferSize, 0);
}

async function underChanges(browser: Browser, server: Dateline, seconds: number): Promise<Row[]> {
  const page = await openPage(browser, server, { viewport: { width: 390, height: 844 } });
  await page.goto("/blogs/flood");
  // The posts come while it is open, so that all of them are shown.
  await server.fill("flood", LONG - FIRST);
  await page.waitForFunction((n) => document.querySelectorAll(".posts > li").length >= n, LONG);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const heap = async (): Promise<number> => {
    await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize;
  };
  // What the browser makes of the script itself as it gets warm is no growth.
  await changing(page, server, Math.min(60, seconds));
  const before = await heap();
  const frames = await changing(page, server, seconds);
  const after = await heap();
  return [
    {
      what: `${LONG} posts, ${CHANGES_A_SECOND} changes a second for ${seconds} s, CPU ${SLOWER} × slower: frames a second; longest frame`,
      dateline: `${(frames.length / seconds).toFixed(1)}; ${ms(Math.max(...frames))}`,
      goal: `> ${FRAMES_A_SECOND}`,
      met: frames.length / seconds > FRAMES_A_SECOND,
    },
    {
      what: "… memory of the page afterwards, and before",
      dateline: `${(after / 1e6).toFixed(1)} MB`,
      peer: `${(before / 1e6).toFixed(1)} MB`,
      ratio: after / before,
      goal: "does not grow",
      met: after / before < 1.05,
    },
  ];
}

/** Edits a few posts in turn for so long. @returns the milliseconds that each frame took */
async function changing(page: Page, server: Dateline, seconds: number): Promise<number[]> {
  const { posts } = await server.send<{ posts: { id: string; version: number }[] }>(
    "GET",
    "/api/blogs/flood/posts?limit=20",
  );
  const frames = page.evaluate(
    (until) =>
      new Promise<number[]>((done) => {
        const times: number[] = [];
        const begin = performance.now();
        let last = begin;
        const frame = (now: number): void => {
          times.push(now - last);
          last = now;
          if (now - begin < until) requestAnimationFrame(frame);
          else done(times);
        };
        requestAnimationFrame(frame);
      }),
    seconds * 1_000,
  );
  const end = performance.now() + seconds * 1_000;
  for (let n = 0; performance.now() < end; n++) {
    const post = posts[n % posts.length]!;
    const began = performance.now();
    const path = `/api/blogs/flood/posts/${post.id}`;
    const { version } = await server.send<{ version: number }>(
      "PATCH",
      path,
      { body: storyText(n, `${n}`) },
      post.version,
    );
    post.version = version;
    await new Promise((next) => setTimeout(next, Math.max(0, 1_000 / CHANGES_A_SECOND - (performance.now() - began))));
  }
  return frames;
}
