import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { themeCss } from "../server/pages/embed-theme.ts";
import { useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { openSite, type Site } from "./site.ts";

const app = useApp();
const browser = useBrowser(app);
let site: Site;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** Somebody else's page, on an origin of its own. @param body with {app} for where Dateline is */
async function foreignPage(body: string, prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
  const path = `/${Object.keys(site.pages).length}`;
  site.pages[path] = (_request, response) =>
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
      .end(`<!doctype html><title>News</title><body>${body.replaceAll("{app}", app.url)}<p>Below</p></body>`);
  return browser.open(site.url + path, {}, prepare);
}

const mount = ({ slug }: BlogAnswer, attributes = "") =>
  `<script async src="{app}/embed.js" data-blog="${slug}" ${attributes}></script>`;

/** How high the frame is, once that is the height of what is in it. */
async function settledHeight(page: Page): Promise<number> {
  const inside = () => page.frames()[1]!.evaluate(() => Math.ceil(document.body.getBoundingClientRect().height));
  const outside = () => page.$eval("iframe", (frame) => frame.getBoundingClientRect().height);
  await expect.poll(async () => (await outside()) - (await inside())).toBe(0);
  return outside();
}

pageTest("one script puts a live blog into another site's page, as high as what is in it", async () => {
  const blog = await app.blog({ title: "The ferry" });
  const first = await app.post(blog, { headline: "First", body: '<p><a href="https://ferry.example/">Times</a></p>' });
  const page = await foreignPage(mount(blog, 'data-posts="3"'));
  const frame = page.frameLocator("iframe");
  await frame.getByRole("heading", { name: "First" }).waitFor();
  const [attributes] = await page.$$eval("iframe", (frames) =>
    frames.map(({ loading, sandbox, previousElementSibling }) => [
      loading,
      sandbox.value,
      previousElementSibling?.tagName,
    ]),
  );
  expect(attributes).toEqual([
    "lazy",
    "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    "SCRIPT",
  ]);
  const before = await settledHeight(page);
  await expect.poll(() => page.$eval("iframe", ({ title }) => title)).toBe("The ferry");

  await app.post(blog, { headline: "Second", body: `<p>${"Many words. ".repeat(200)}</p>` });
  await frame.getByRole("heading", { name: "Second" }).waitFor({ state: "visible" });
  await expect.poll(() => settledHeight(page)).toBeGreaterThan(before + 100);
  for (const headline of ["Third", "Fourth"]) await app.post(blog, { headline });
  await frame.getByRole("heading", { name: "Fourth" }).waitFor();
  expect(await frame.locator("#posts > li").count()).toBe(3);

  // The one that had to make room comes back when another goes.
  const third = await frame.locator("article", { hasText: "Third" }).getAttribute("id");
  await newsroom(app, blog).remove({ ...first, id: third!.slice(5) });
  await frame.getByRole("heading", { name: "Third" }).waitFor({ state: "detached" });
  await frame.getByRole("heading", { name: "First" }).waitFor();

  const popup = page.waitForEvent("popup");
  await frame.locator("#posts .post-time a").first().click();
  expect(new URL((await popup).url()).pathname).toMatch(`/blogs/${blog.slug}`);
  expect(page.url()).toContain(site.url);
});

pageTest("a frame looks as its attributes say, and what they say wrong is left out and told", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "First", keyEvent: true });
  const told: string[] = [];
  const page = await foreignPage(
    mount(blog, 'data-theme="dark" data-accent="#0a5" data-posts="5"') +
      mount(blog, 'data-theme="pink" data-accent="red;}" data-posts="51" data-title="Ours"') +
      mount({ ...blog, slug: "../desk" }),
    async (page) => page.on("console", (message) => told.push(message.text())),
  );
  await expect.poll(() => page.locator("iframe").count()).toBe(2);
  await page.locator("iframe").nth(1).scrollIntoViewIfNeeded();
  const addresses = await page.$$eval("iframe", (frames) => frames.map(({ src }) => src.replace(/^.*embed/, "")));
  expect(addresses.toSorted()).toEqual(["", "?theme=dark&accent=0a5&posts=5"]);
  expect(await page.$$eval("iframe", (frames) => frames.map(({ title }) => title))).toContain("Ours");
  await expect.poll(() => told.length).toBeGreaterThanOrEqual(4);
  expect(told.join()).toMatch(/“pink” is no theme.*“red;}” is no accent.*“51” is no posts/);
  expect(told.join()).toContain("“../desk” is no blog");

  const dark = await browser.open(`/blogs/${blog.slug}/embed?theme=dark&accent=0a5`, { colorScheme: "light" });
  const colours = await dark.evaluate(() => [
    getComputedStyle(document.documentElement).backgroundColor,
    getComputedStyle(document.querySelector(".mark-key")!).color,
  ]);
  expect(colours).toEqual(["rgb(20, 19, 17)", "rgb(0, 170, 85)"]);
  const light = await browser.open(`/blogs/${blog.slug}/embed?theme=light`, { colorScheme: "dark" });
  expect(await light.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
    "rgb(253, 251, 246)",
  );
  for (const accent of ["ffffff", "000000", "ffff00", "0a5"]) {
    const both = await browser.open(`/blogs/${blog.slug}/embed?accent=${accent}`, { reducedMotion: "reduce" });
    expect(await findings(both), accent).toEqual([]);
    await both.emulateMedia({ colorScheme: "dark" });
    expect(await findings(both, ["color-contrast"]), `${accent} in the dark`).toEqual([]);
  }
});

pageTest(
  "without JavaScript a frame says everything, and the frame of an ended story listens for nothing",
  async () => {
    const blog = await app.blog();
    await app.post(blog, { headline: "All there is" });
    const plain = await browser.open(`/blogs/${blog.slug}/embed`, { javaScriptEnabled: false });
    await plain.getByRole("heading", { name: "All there is" }).waitFor();
    await newsroom(app, blog).close();
    const sockets: string[] = [];
    const ended = await browser.open(`/blogs/${blog.slug}/embed`, {}, async (page) =>
      page.on("websocket", (socket) => sockets.push(socket.url())),
    );
    await ended.locator("time[data-ago]").first().waitFor();
    await ended.evaluate(() => fetch("/healthz"));
    expect(sockets).toEqual([]);
  },
);

pageTest("the newest lines stand on another site's front page as text, and follow the story", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Zeroth" });
  const taken = await app.post(blog, { headline: "First <b>bold</b>" });
  await app.post(blog, { headline: null, body: `<p>${"Without a headline ".repeat(20)}</p>` });
  const page = await foreignPage(
    `<dateline-latest blog="${blog.slug}" count="2"></dateline-latest><dateline-latest blog="no-such-blog"></dateline-latest>` +
      `<script async src="{app}/embed.js"></script>`,
    (page) => page.clock.install(),
  );
  const lines = () =>
    page.$eval("dateline-latest", (element) =>
      [...element.shadowRoot!.querySelectorAll("a")].map(({ innerText, href }) => `${innerText} ${href}`),
    );
  await expect.poll(async () => (await lines()).length).toBe(2);
  const [newest, before] = await lines();
  expect(newest).toMatch(/^\d\d:\d\d UTC\s?Without a headline .* … http/);
  expect(before).toMatch(/First <b>bold<\/b> http.*\/posts\/\d+$/);
  expect(await page.locator("dateline-latest").count()).toBe(1);

  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await newsroom(app, blog).remove(taken);
  await page.clock.fastForward(29_000);
  expect(asked).toEqual([]);
  await page.clock.fastForward(2_000);
  await expect.poll(async () => (await lines()).join()).toContain("Zeroth");
  expect((await lines()).join()).not.toContain("bold");
  expect(asked).toHaveLength(1);
});

test("only the frame may be framed, and only what other sites' scripts need may be read by them", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "First" });
  const get = (path: string) => app.request().get(path);
  const policy = async (path: string) => (await get(path)).headers["content-security-policy"]!;
  expect(await policy(`/blogs/${blog.slug}/embed`)).toMatch(/frame-ancestors \*$|frame-ancestors \*;/);
  for (const path of ["/", `/blogs/${blog.slug}`, `/blogs/${blog.slug}/comments`, "/sign-in", "/desk", "/api/docs"])
    expect(await policy(path), path).toContain("frame-ancestors 'none'");

  const script = await get("/embed.js").expect(200);
  expect(script.headers).toMatchObject({
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=300, stale-while-revalidate=3600",
  });
  expect(script.text.length).toBeLessThan(6_000);
  const latest = await get(`/blogs/${blog.slug}/latest.json?count=1`).expect(200);
  expect(latest.headers).toMatchObject({ "access-control-allow-origin": "*", "content-type": /^application\/json/ });
  expect(latest.body).toMatchObject({ blog: { slug: blog.slug, state: "live" }, posts: [{ title: "First" }] });
  await get(`/blogs/${blog.slug}/latest.json?count=1`).set("If-None-Match", latest.headers.etag!).expect(304);
  for (const path of [`/blogs/${blog.slug}`, `/api/blogs/${blog.slug}`, "/"])
    expect((await get(path)).headers, path).not.toHaveProperty("access-control-allow-origin");
});

test("a frame, its look and the lines refuse what they cannot be", async () => {
  const blog = await app.blog();
  for (const path of [
    `/blogs/${blog.slug}/embed?theme=pink`,
    `/blogs/${blog.slug}/embed?accent=red`,
    `/blogs/${blog.slug}/embed?accent=0a5&accent=0a6`,
    `/blogs/${blog.slug}/embed?posts=51`,
    `/blogs/${blog.slug}/embed?posts=0`,
    `/blogs/${blog.slug}/embed?colour=red`,
    `/blogs/${blog.slug}/latest.json?count=11`,
    "/embed/theme.css?accent=000;}body{",
    "/embed/theme.css?theme=blue",
  ])
    expect((await app.request().get(path)).status, path).toBe(422);
  for (const path of [
    "/blogs/no-such-blog/embed",
    "/blogs/no-such-blog/latest.json",
    `/blogs/${blog.slug}/embed/updates`,
  ])
    expect((await app.request().get(path)).status, path).toBe(404);
});

test("an accent is made legible on the paper it is for, and one that is so already stays", () => {
  const css = ":root { --paper: #fff; } @media x { :root { --paper: #000; } }";
  expect(themeCss(css, { theme: "light", accent: "b3261e" })).toContain("--accent:rgb(179 38 30);--on-accent:#fff;");
  expect(themeCss(css, { theme: "light", accent: "ffff00" })).toMatch(/--accent:rgb\(\d{2,3} \d{2,3} 0\)/);
  expect(themeCss(css, { theme: "dark", accent: "000000" })).toMatch(/--accent:rgb\((\d+) \1 \1\);--on-accent:#000/);
});
