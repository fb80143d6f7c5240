import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { AUTH_SECRET, useApp } from "./app.ts";
import { newsroom, pageTest, useBrowser } from "./browser.ts";
import { runToEnd } from "./command-line.ts";
import { pictureWithSecret } from "./site.ts";

const app = useApp();
const browser = useBrowser(app);
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dateline-export-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** An ended story over several pages: pictures, links, key events, and something that was taken down. */
async function endedStory(): Promise<{ blog: BlogAnswer; posts: PostAnswer[]; removed: PostAnswer }> {
  const blog = await app.blog({ title: "The ferry", standfirst: "All that happened" });
  const { body: picture } = await app
    .as(await app.person("reporter"))
    .post("/api/media")
    .set("Content-Type", "image/jpeg")
    .send(await pictureWithSecret("nobody", 1_600, 900))
    .expect(201);
  const posts: PostAnswer[] = [];
  for (let n = 0; n < 45; n++)
    posts.push(
      await app.post(blog, {
        headline: `Number ${n}`,
        keyEvent: n % 20 === 0,
        body: `<p>See <a href="/blogs/${blog.slug}">the story</a> & <a href="https://ferry.example/">theirs</a></p>`,
        ...(n === 7 || n === 44 ? { media: [{ id: picture.id, alt: `The pier ${n}` }] } : {}),
      }),
    );
  const removed = await app.post(blog, { headline: "Not for long" });
  const desk = newsroom(app, blog);
  await desk.remove(removed);
  await desk.close();
  return { blog, posts, removed };
}

const exported = (...args: string[]) => {
  const { dataDir } = app.app.context.config;
  const settings = { DATABASE_URL: app.databaseUrl, AUTH_SECRET, DATA_DIR: dataDir, MIGRATE: "off" };
  return runToEnd("commands/export.ts", { ...settings, PUBLIC_URL: "https://live.example" }, args);
};

pageTest("an exported blog opens from disk, whole and without asking anybody for anything", async () => {
  const { blog, posts, removed } = await endedStory();
  const { code, stdout, stderr } = await exported(blog.slug, "--out", directory);
  const [html, json] = [join(directory, `${blog.slug}.html`), join(directory, `${blog.slug}.json`)];
  expect([code, stderr, stdout]).toEqual([0, "", `${html}\n${json}\n`]);

  const asked: string[] = [];
  const page = await browser.open(pathToFileURL(html).href, {}, async (page) => {
    page.on("request", (request) => {
      if (!request.url().startsWith("data:")) asked.push(request.url());
    });
  });
  await page.getByRole("heading", { name: "The ferry" }).waitFor();
  expect(asked).toEqual([pathToFileURL(html).href]);
  expect(await page.$$eval("#posts article", (articles) => articles.map(({ id }) => id))).toEqual(
    posts.map(({ id }) => `post-${id}`).toReversed(),
  );
  const pictures = await page.$$eval("img", (all) => all.map((img) => [img.alt, img.complete && img.naturalWidth]));
  expect(pictures).toEqual([
    ["The pier 44", 1280],
    ["The pier 7", 1280],
  ]);
  expect(await page.content()).not.toContain("Not for long");
  expect(await page.$$eval("script, iframe, button, link:not([rel=canonical])", (all) => all.length)).toBe(0);
  await page.locator("#key-events").getByText("Number 0").click();
  expect(new URL(page.url()).hash).toBe(`#post-${posts[0]!.id}`);
  const leads = await page.$$eval("#posts a[href]", (all) => all.map((link) => link.getAttribute("href")));
  expect(leads.filter((href) => !href!.startsWith("https://"))).toEqual([]);
  expect(leads).toContain(`https://live.example/blogs/${blog.slug}/posts/${posts[0]!.id}`);

  const data = JSON.parse(await readFile(json, "utf8"));
  const { body } = await app.request().get(`/api/blogs/${blog.slug}/posts?limit=100`).expect(200);
  const here = (answers: PostAnswer[]) => answers.map((post) => ({ ...post, url: new URL(post.url).pathname }));
  expect(here(data.posts)).toEqual(here(body.posts));
  expect(data.posts.map(({ id }: PostAnswer) => id)).not.toContain(removed.id);
  expect(data.blog).toMatchObject({ slug: blog.slug, state: "closed", postCount: 45 });
});

test("an export of what is not there, or of nothing, is refused in a sentence", async () => {
  for (const [args, sentence] of [
    [["no-such-blog", "--out", directory], /^There is no blog called no-such-blog\.\n$/],
    [[], /^One name is needed; usage: npm run export -- <slug> /],
    [["one", "two"], /^One name is needed; usage: /],
    [["one", "--to", directory], /usage: npm run export/],
  ] as const) {
    const { code, stdout, stderr } = await exported(...args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(sentence);
  }
});

test("the page of an ended story may be kept longer, and changes with a takedown and when the story goes on", async () => {
  const long = await app.start({ archiveCdnSeconds: 86_400 });
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "To be taken down" });
  const desk = newsroom(app, blog);
  const page = (on = app.app) => app.request(on).get(`/blogs/${blog.slug}`).expect(200);
  expect((await page()).headers["cache-control"]).toBe("public, max-age=0, s-maxage=1, stale-while-revalidate=4");
  await desk.close();
  const ended = await page();
  expect(ended.headers["cache-control"]).toBe("public, max-age=0, s-maxage=60");
  expect((await page(long)).headers["cache-control"]).toBe("public, max-age=0, s-maxage=86400");
  await app.request().get(`/blogs/${blog.slug}`).set("If-None-Match", ended.headers.etag!).expect(304);
  await desk.remove(post);
  const without = await app.request().get(`/blogs/${blog.slug}`).set("If-None-Match", ended.headers.etag!).expect(200);
  expect(without.text).not.toContain("To be taken down");
  await desk.reopen();
  expect((await page()).headers["cache-control"]).toContain("s-maxage=1,");
});

pageTest(
  "the page of an ended story listens for nothing; one that was open learns that the story goes on",
  async () => {
    const blog = await app.blog();
    await app.post(blog, { headline: "The last word" });
    const desk = newsroom(app, blog);
    const open = await browser.open(`/blogs/${blog.slug}`);
    await desk.close();
    await open.locator("#blog-header").getByText("Closed").waitFor();

    const heard: string[] = [];
    const page = await browser.open(`/blogs/${blog.slug}`, {}, async (page) => {
      await page.clock.install();
      page.on("websocket", (socket) => heard.push(socket.url()));
      page.on("request", (request) => {
        if (/updates|socket\.io/.test(request.url())) heard.push(request.url());
      });
    });
    await page.locator("#posts time[data-ago]").first().waitFor();
    await page.clock.fastForward(60_000);
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await page.evaluate(() => fetch("/healthz"));
    expect(heard).toEqual([]);

    await desk.reopen();
    await open.locator("#blog-header").getByText("Live", { exact: true }).waitFor();
    await page.reload();
    await page.locator("#blog-header").getByText("Live", { exact: true }).waitFor();
    await expect.poll(() => heard.some((url) => url.includes("socket.io"))).toBe(true);
  },
);

pageTest("on paper the story is dark on white, with where its links lead and nothing to press", async () => {
  const { blog } = await endedStory();
  const page = await browser.open(`/blogs/${blog.slug}`, {
    colorScheme: "dark",
    viewport: { width: 720, height: 1000 },
  });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const paper = await page.evaluate(() => {
    const style = (element: Element, pseudo?: string) => getComputedStyle(element, pseudo);
    const outside = document.querySelector('.post-body a[href^="https://ferry"]')!;
    return {
      background: style(document.documentElement).backgroundColor,
      ink: style(document.documentElement).color,
      lead: style(outside, "::after").content,
      pressed: [
        ...document.querySelectorAll(
          "button, .pages a, .ways a, .post-share, .discussion-way, .join-discussion, .colophon",
        ),
      ]
        .filter((element) => element.getClientRects().length > 0)
        .map(({ className }) => className),
      wide: document.documentElement.scrollWidth,
      cut: [...document.querySelectorAll("#posts > li")].every((item) => style(item).breakInside === "avoid"),
    };
  });
  expect(paper).toEqual({
    background: "rgb(255, 255, 255)",
    ink: "rgb(0, 0, 0)",
    lead: '" (https://ferry.example/)"',
    pressed: [],
    wide: 720,
    cut: true,
  });
});
