import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";

/** Bytes, compressed: the script, and all that the first view of a page needs. */
const SCRIPT_BUDGET = 20_000;
const FIRST_VIEW_BUDGET = 60_000;

const app = useApp();
const browser = useBrowser(app);

test("the script is below 20 KB compressed, and the first view with it below 60 KB", async () => {
  const blog = await everything();
  const script = await readFile(join(import.meta.dirname, "..", "public", "js", "blog.js"));
  expect(gzipSync(script, { level: 9 }).length).toBeLessThan(SCRIPT_BUDGET);

  const page = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  const files = [...page.text.matchAll(/ (?:href|src)="(\/(?:css|js|fonts|icons)\/[^"]+)"/g)].map(([, path]) => path!);
  const [, scripts] = /<script data-load="([^"]+)"/.exec(page.text)!;
  const addresses = [...files, ...scripts!.replaceAll("&#x3D;", "=").split(" ")];
  // Its styles stand in it. With the one file that the script imports at once: esbuild keeps a helper of its own in it.
  expect(addresses.length).toBe(4);
  expect(addresses[3]).toMatch(/^\/js\/blog\.js\?v=\S+$/);
  const sizes = await Promise.all([`/blogs/${blog.slug}`, ...addresses].map(sent));
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(FIRST_VIEW_BUDGET);
});

pageTest("the words of a page are on the screen before its script is asked for", async () => {
  const blog = await everything();
  const page = await browser.open(`/blogs/${blog.slug}`);
  const { painted, asked } = await page.evaluate(() => ({
    painted: performance.getEntriesByName("first-contentful-paint")[0]!.startTime,
    asked: (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => new URL(name).pathname.startsWith("/js/"))
      .map(({ startTime }) => startTime),
  }));
  expect(asked.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...asked)).toBeGreaterThan(painted);
});

pageTest("without JavaScript a page says everything", async () => {
  const blog = await everything();
  const page = await browser.open(`/blogs/${blog.slug}`, { javaScriptEnabled: false });
  for (const words of [
    "All that can be shown",
    "What it is about",
    "Live",
    "The newsroom has not been able to verify this.",
    "We left at once",
    "captain of the ferry",
    "I was there.",
    "A reader answers",
    "It was Tuesday.",
    "Pinned",
  ])
    expect(await page.getByText(words).first().isVisible(), words).toBe(true);
  const time = page.locator("#posts time").first();
  expect(await time.innerText()).toMatch(/^\d\d:\d\d CET\s+\d+ \w+/);
  expect(await page.locator("#new-updates, #connection, #no-posts").filter({ visible: true }).count()).toBe(0);
});

pageTest("earlier posts are reached by links, and a permalink leads to its post", async () => {
  const blog = await app.blog();
  const first = await app.post(blog, { headline: "The very first" });
  for (let n = 0; n < 24; n++) await app.post(blog, { headline: `Post ${n}` });
  const page = await browser.open(`/blogs/${blog.slug}`, { javaScriptEnabled: false });
  await page.getByRole("link", { name: "Older posts" }).click();
  await page.getByRole("heading", { name: "The very first" }).waitFor();
  await page.getByRole("link", { name: "Go to the latest" }).click();
  await page.getByRole("heading", { name: "Post 23" }).waitFor();
  await page.goto(`/blogs/${blog.slug}/posts/${first.id}`);
  expect(page.url()).toMatch(new RegExp(`#post-${first.id}$`));
  expect(await page.locator(`#post-${first.id}`).isVisible()).toBe(true);
});

pageTest("no page is wider than a phone", async () => {
  const blog = await everything();
  await app.post(blog, { headline: "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(2) });
  for (const width of [320, 390])
    for (const path of ["/", `/blogs/${blog.slug}`, "/nowhere"]) {
      const page = await browser.open(path, { viewport: { width, height: 700 }, isMobile: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} at ${width}`).toBe(width);
    }
});

pageTest(
  "axe finds nothing, in light and dark, on every kind of page",
  async () => {
    const blog = await everything();
    const closed = await everything();
    await newsroom(app, closed).close();
    const empty = await app.blog();
    const long = await app.blog();
    const old = await app.post(long, { headline: "Old" });
    for (let n = 0; n < 44; n++) await app.post(long, { headline: `Post ${n}` });
    const paths = ["/", "/nowhere", ...[blog, closed, empty].map(({ slug }) => `/blogs/${slug}`)];
    for (const path of [...paths, `/blogs/${long.slug}?page=with:${old.id}`]) {
      const page = await browser.open(path, { colorScheme: "light", reducedMotion: "reduce" });
      expect(await findings(page), path).toEqual([]);
      // The dark page differs in nothing but colour.
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await findings(page, ["color-contrast"]), `${path} in the dark`).toEqual([]);
      await page.context().close();
    }
  },
  300_000,
);

pageTest("times are told beside the absolute time, go on, and stop after a week", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Just now" });
  const page = await browser.open(`/blogs/${blog.slug}`, {}, (page) => page.clock.install());
  const time = page.locator("#posts time").first();
  const absolute = await time.innerText();
  await expect.poll(() => time.getAttribute("data-ago")).toBe("now");
  await page.clock.fastForward(3 * 60_000);
  await expect.poll(() => time.getAttribute("data-ago")).toMatch(/^[23] min ago$/);
  await page.clock.fastForward(30 * 60 * 60_000);
  await expect.poll(() => time.getAttribute("data-ago")).toBe("1 day ago");
  await page.clock.fastForward(8 * 24 * 60 * 60_000);
  await expect.poll(() => time.getAttribute("data-ago")).toBe(null);
  expect(await time.innerText()).toBe(absolute);
});

/** Bytes of an answer to a browser. */
function sent(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(app.url + path, { headers: { "Accept-Encoding": "br, gzip" } }, (response) => {
      let size = 0;
      response.on("data", (chunk: Buffer) => (size += chunk.length)).on("end", () => resolve(size));
    }).on("error", reject);
  });
}

/** A blog with a post of every kind and every mark. */
async function everything(): Promise<BlogAnswer> {
  const blog = await app.blog({
    title: "All that can be shown",
    standfirst: "What it is about",
    language: "en-GB",
    timeZone: "Europe/Berlin",
  });
  const attribution = {
    name: "Birgit Aune",
    role: "captain of the ferry",
    source: "Radio",
    sourceUrl: "https://radio.example/",
  };
  await app.post(blog, { kind: "quote", quote: { text: "We left at once", attribution } });
  const { id } = await app.approvedComment(blog);
  await app.post(blog, {
    kind: "comment",
    commentId: id,
    body: "<p>So you were.</p>",
    authors: [{ name: "A reader" }],
  });
  for (const verification of ["unverified", "partly-verified", "verified", "disputed"])
    await app.post(blog, { headline: `This is ${verification}`, verification });
  const corrected = await app.post(blog, { headline: "On Wednesday", keyEvent: true });
  await newsroom(app, blog).edit(corrected, { correction: { text: "It was Tuesday." } });
  await app.post(blog, {
    headline: "All sorts",
    body: '<p>A <a href="https://example.org/">link</a>, <em>stress</em></p><h3>Parts</h3><ul><li>One</li></ul><blockquote><p>Said</p></blockquote>',
    pinned: true,
  });
  return blog;
}
