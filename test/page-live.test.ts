import type { Route } from "playwright-core";
import { expect } from "vitest";
import type { PostAnswer } from "../server/posts/present.ts";
import { useApp } from "./app.ts";
import { current, newsroom, pageTest, setHidden, storyOn, useBrowser } from "./browser.ts";

const app = useApp();
const browser = useBrowser(app);

pageTest("a new post appears at once on an open page, as a fresh load shows it", async () => {
  const blog = await app.blog();
  const page = await browser.open(`/blogs/${blog.slug}`);
  await page.getByText("Nothing has been posted yet").waitFor();
  const post = await app.post(blog, { headline: "Kick-off", keyEvent: true });

  await page.locator(`#post-${post.id}`).waitFor({ state: "visible" });

  await page.getByText("Nothing has been posted yet").waitFor({ state: "hidden" });
  await page.locator("#key-events").getByText("Kick-off").waitFor();
  expect(await storyOn(page)).toEqual(await storyOn(await browser.open(`/blogs/${blog.slug}`)));
});

pageTest("edits, corrections, pins, key events and removals reach an open page", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const post = await app.post(blog, { headline: "Before" });
  const other = await app.post(blog, { headline: "Other" });
  const page = await browser.open(`/blogs/${blog.slug}`);
  const article = page.locator(`#post-${post.id}`);

  await desk.edit(post, { headline: "After" });
  await article.getByText("After").waitFor();
  await desk.edit(post, { correction: { text: "It was the other way round." } });
  await article.getByText("It was the other way round.").waitFor();
  await desk.edit(post, { verification: "unverified" });
  await article.getByText("has not been able to verify").waitFor();
  await desk.mark(post, "pin");
  await page.locator("#pinned").getByText("After").waitFor();
  await desk.unmark(post, "pin");
  await page.locator("#pinned").waitFor({ state: "hidden" });
  await desk.mark(post, "key-event");
  await page.locator("#key-events").getByText("After").waitFor();
  await desk.remove(post);
  await article.waitFor({ state: "detached" });

  await current(page, app, blog);
  await page.locator("#key-events").waitFor({ state: "hidden" });
  expect(await page.locator("#posts > li").count()).toBe(1);
  await page.locator(`#post-${other.id}`).waitFor({ state: "visible" });
});

pageTest("a post whose time is set, or that is published again, moves to its place on an open page", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const [oldest, middle, newest] = [await app.post(blog), await app.post(blog), await app.post(blog)];
  const page = await browser.open(`/blogs/${blog.slug}`);
  const order = () => page.$$eval("#posts article", (articles) => articles.map(({ id }) => Number(id.slice(5))));
  const follow = async (expected: { id: string }[]) => {
    await current(page, app, blog);
    expect(await order()).toEqual(expected.map(({ id }) => Number(id)));
    expect(await storyOn(page)).toEqual(await storyOn(await browser.open(`/blogs/${blog.slug}`)));
  };
  await desk.edit(newest, { publishedAt: "2020-01-01T00:00:00Z" });
  await follow([middle, oldest, newest]);
  await desk.edit(newest, { publishedAt: middle.publishedAt });
  await follow([newest, middle, oldest]);
  await desk.edit(oldest, { status: "draft" });
  await follow([newest, middle]);
  await desk.edit(oldest, { status: "published" });
  await follow([oldest, newest, middle]);
});

pageTest("a page that has come to hold many posts has them in groups, and in order through every change", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const posts: PostAnswer[] = [];
  for (let n = 0; n < 3; n++) posts.push(await app.post(blog));
  const page = await browser.open(`/blogs/${blog.slug}`);
  for (let n = 0; n < 120; n++) posts.push(await app.post(blog));
  const groups = () =>
    page.$$eval(".post-groups > ol", (all) =>
      all.map((group) => [...group.children].map((item) => item.firstElementChild!.id)),
    );
  const follow = async () => {
    await current(page, app, blog);
    expect((await groups()).flat()).toEqual(posts.map(({ id }) => `post-${id}`).reverse());
  };
  await follow();
  expect((await groups()).map((ids) => ids.length)).toEqual([23, 50, 50]);

  // Into the middle of a full group, which makes it larger; then all that the server has sent goes.
  const [last] = posts.splice(-1);
  await desk.edit(last!, { publishedAt: posts[90]!.publishedAt });
  posts.splice(91, 0, last!);
  await follow();
  expect((await groups()).map((ids) => ids.length)).toEqual([22, 51, 50]);
  const gone = posts.splice(0, 50);
  for (const post of gone) await desk.remove(post);
  await follow();
  expect((await groups()).map((ids) => ids.length)).toEqual([22, 51]);
  expect(await page.locator("#posts > li").count()).toBe(51);

  for (const post of posts.splice(0, posts.length - 1)) await desk.remove(post);
  await follow();
  expect(await page.locator("#posts > li").count()).toBe(1);
  for (const post of posts.splice(0)) await desk.remove(post);
  await follow();
  await page.getByText("Nothing has been posted yet").waitFor();
  posts.push(await app.post(blog));
  await follow();
  await page.locator(`#posts #post-${posts[0]!.id}`).waitFor({ state: "visible" });
});

pageTest("an open page tells that the blog was closed, and reopened", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const page = await browser.open(`/blogs/${blog.slug}`);
  await desk.close();
  await page.locator("#blog-header").getByText("Closed").waitFor();
  await page.locator("#announcements").getByText("This live blog has ended").waitFor({ state: "attached" });
  await desk.reopen();
  await page.locator("#blog-header").getByText("Live", { exact: true }).waitFor();
  await page.locator("#announcements").getByText("This live blog has resumed").waitFor({ state: "attached" });
});

pageTest("each thing that happens is announced once, together and briefly", async () => {
  const blog = await app.blog();
  const shown = await app.post(blog, { headline: "Already there" });
  const page = await browser.open(`/blogs/${blog.slug}`);
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    new MutationObserver(() => told.push(document.getElementById("announcements")!.textContent)).observe(
      document.getElementById("announcements")!,
      { childList: true },
    );
  });
  const told = (count: number): Promise<unknown> =>
    page.waitForFunction((count) => (window as unknown as { told: string[] }).told.length >= count, count);

  await app.post(blog, { headline: "First" });
  await told(1);
  await newsroom(app, blog).edit(shown, { correction: { text: "Not so." } });
  await told(2);
  const post = await app.post(blog, { headline: "Second" });
  await newsroom(app, blog).edit(post, { headline: "Second, edited" });
  await newsroom(app, blog).mark(shown, "pin");
  await told(3);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await newsroom(app, blog).close();
  await told(4);

  expect(await page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([
    "New update: First.",
    "A post was corrected: Already there.",
    expect.stringMatching(/^New update: Second/),
    "This live blog has ended.",
  ]);
});

pageTest("a reader who was offline has everything when back", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const posts = [await app.post(blog, { headline: "One" }), await app.post(blog, { headline: "Two" })];
  const page = await browser.open(`/blogs/${blog.slug}`);
  await app.post(blog, { headline: "Three" });
  await page.getByRole("heading", { name: "Three" }).waitFor();

  await page.context().setOffline(true);
  await app.post(blog, { headline: "Four" });
  await desk.remove(posts[0]!);
  await desk.edit(posts[1]!, { headline: "Two, edited" });
  await page.getByText("Reconnecting …").waitFor();
  await page.context().setOffline(false);

  await current(page, app, blog);
  await page.getByText("Reconnecting …").waitFor({ state: "hidden" });
  expect(await storyOn(page)).toEqual(await storyOn(await browser.open(`/blogs/${blog.slug}`)));
});

pageTest("a server that restarts loses nobody", async () => {
  const blog = await app.blog();
  const server = await app.start();
  const page = await browser.open(`${server.url}/blogs/${blog.slug}`);
  await app.post(blog, { headline: "Before" });
  await page.getByRole("heading", { name: "Before" }).waitFor();

  app.apps.splice(app.apps.indexOf(server), 1);
  await server.stop();
  await app.post(blog, { headline: "Meanwhile" });
  await app.start({ port: Number(new URL(server.url).port) });

  await page.getByRole("heading", { name: "Meanwhile" }).waitFor();
  await page.locator("#connection").waitFor({ state: "hidden" });
});

pageTest("who saves data, or whose line is slow, opens no socket and asks a third as often", async () => {
  const blog = await app.blog();
  for (const [title, connection] of Object.entries({
    Thrift: { saveData: true },
    "Slow line": { effectiveType: "2g" },
  })) {
    const sockets: string[] = [];
    const asked: number[] = [];
    const page = await browser.open(`/blogs/${blog.slug}`, {}, async (page) => {
      await page.addInitScript((is) => Object.defineProperty(navigator, "connection", { value: is }), connection);
      page.on("websocket", (socket) => sockets.push(socket.url()));
      await page.route("**/updates?**", async (route) => {
        asked.push(performance.now());
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), pollInMs: 200 } });
      });
    });
    await app.post(blog, { headline: title });
    await page.getByRole("heading", { name: title }).waitFor();
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
    const waits = asked.slice(1).map((at, n) => at - asked[n]!);
    expect(Math.min(...waits), title).toBeGreaterThanOrEqual(600);
    expect(sockets, title).toEqual([]);
  }
});

pageTest(
  "where no websocket gets through, the page asks over HTTP, and returns to the socket when it works",
  async () => {
    const blog = await app.blog();
    let blocked = true;
    let polls = 0;
    const page = await browser.open(`/blogs/${blog.slug}`, {}, async (page) => {
      await page.routeWebSocket(/socket\.io/, (socket) => void (blocked ? socket.close() : socket.connectToServer()));
      await page.route("**/updates?**", async (route) => {
        polls += 1;
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), pollInMs: 200 } });
      });
    });
    await app.post(blog, { headline: "One" });
    await page.getByRole("heading", { name: "One" }).waitFor();
    await app.post(blog, { headline: "Two" });
    await page.getByRole("heading", { name: "Two" }).waitFor();
    expect(await page.locator("#connection").isHidden()).toBe(true);

    blocked = false;
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await expect
      .poll(async () => (await app.request().get("/metrics")).text, { timeout: 10_000 })
      .toMatch(`{stream="blog:${blog.slug}"} 1`);
    const before = polls;
    await app.post(blog, { headline: "Three" });
    await page.getByRole("heading", { name: "Three" }).waitFor();
    expect(polls).toBeLessThanOrEqual(before + 1);
  },
);

pageTest("a connection that swallows an answer is given up for a new one", async () => {
  const blog = await app.blog();
  let connections = 0;
  const page = await browser.open(`/blogs/${blog.slug}`, {}, async (page) => {
    await page.route("**/updates?**", (route) => route.abort());
    await page.routeWebSocket(/socket\.io/, (socket) => {
      connections += 1;
      const deaf = connections === 1;
      // Events begin with 42, acknowledgements with 43.
      socket.connectToServer().onMessage((message) => {
        if (!deaf || !/^4[23]/.test(String(message))) socket.send(message);
      });
    });
  });
  await app.post(blog, { headline: "Not lost" });
  await page.getByRole("heading", { name: "Not lost" }).waitFor();
  expect(connections).toBeGreaterThan(1);
});

pageTest("a page of another history, or whose language changed, takes over the fresh one in place", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Kept" });
  const gone = await app.post(blog, { headline: "Gone" });
  const page = await browser.open(`/blogs/${blog.slug}`);
  await page.evaluate(() => Object.assign(document.querySelector("article")!.parentElement!, { markedByTest: true }));
  await newsroom(app, blog).rename({ timeZone: "Asia/Tokyo", title: "Another title" });
  await page.locator("#posts").getByText("GMT+9").first().waitFor();
  expect(await page.title()).toContain("Another title");

  await page.evaluate(() => (document.getElementById("posts")!.dataset.epoch = crypto.randomUUID()));
  await newsroom(app, blog).remove(gone);
  await app.post(blog, { headline: "New" });
  await current(page, app, blog);
  expect(await storyOn(page)).toEqual(await storyOn(await browser.open(`/blogs/${blog.slug}`)));
});

pageTest("an open page takes over the styles of a newer Dateline before it shows what that one sends", async () => {
  const blog = await app.blog();
  const page = await browser.open(`/blogs/${blog.slug}`);
  await current(page, app, blog);
  // As a page is that an older version has made.
  const address = await page.evaluate(() => {
    const style = document.querySelector<HTMLElement>("style[data-href]")!;
    const now = style.dataset.href!;
    style.dataset.href = "/css/dateline.css?v=older";
    document.getElementById("posts")!.dataset.build = "older";
    return now;
  });
  await page.context().setOffline(true);
  await app.post(blog, { headline: "After the upgrade" });
  await page.context().setOffline(false);
  await page.getByRole("heading", { name: "After the upgrade" }).waitFor();
  const styles = await page.$$eval("link[rel=stylesheet], style", (all) => all.map((one) => one.getAttribute("href")));
  expect(styles).toEqual([address]);
});

pageTest("what answers in our place, as a hotel’s sign-in page does, changes nothing", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Ours" });
  const page = await browser.open(`/blogs/${blog.slug}`);
  await page.getByRole("heading", { name: "Ours" }).waitFor();
  let asked = 0;
  const portal = (route: Route) => {
    asked++;
    return route.fulfill({ contentType: "text/html", body: "<h1>Please sign in to the hotel</h1>" });
  };
  await page.route("**/blogs/**", portal);
  await page.evaluate(() => (document.getElementById("posts")!.dataset.epoch = crypto.randomUUID()));
  await app.post(blog, { headline: "Later" });
  await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await page.getByText("hotel").count()).toBe(0);
  await page.unroute("**/blogs/**", portal);
  await page.getByRole("heading", { name: "Later" }).waitFor();
  expect(await page.getByRole("heading", { name: "Ours" }).isVisible()).toBe(true);
});

pageTest("a hidden tab counts what is new in its title, and shows it when the reader is back", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Old" });
  const page = await browser.open(`/blogs/${blog.slug}`);
  const title = await page.title();
  await setHidden(page, true);
  const post = await app.post(blog, { headline: "One" });
  await app.post(blog, { headline: "Two" });
  await page.waitForFunction(() => document.title.startsWith("(2) "));
  await newsroom(app, blog).remove(post);
  await page.waitForFunction(() => document.title.startsWith("(1) "));
  expect(await page.getByRole("heading", { name: "Two" }).isVisible()).toBe(false);

  await setHidden(page, false);
  await page.getByRole("heading", { name: "Two" }).waitFor();
  expect(await page.title()).toBe(title);
  await page.locator("#announcements").getByText("New update: Two.").waitFor({ state: "attached" });
});

pageTest("what is taken down is gone from a page in the background too, and no longer counted there", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const wrong = await app.post(blog, { headline: "Wrong" });
  for (let n = 0; n < 8; n++) await app.post(blog, { headline: `Post ${n}`, body: "<p>Words.</p>".repeat(20) });
  const page = await browser.open(`/blogs/${blog.slug}`);
  await page.evaluate(() => scrollTo(0, 1_500));
  const waiting = await app.post(blog, { headline: "Waiting" });
  await page.waitForFunction(() => document.title.startsWith("(1) "));
  await setHidden(page, true);
  await app.post(blog, { headline: "Missed" });
  await page.waitForFunction(() => document.title.startsWith("(2) "));
  await desk.remove(waiting);
  await page.waitForFunction(() => document.title.startsWith("(1) "));
  await desk.remove(wrong);
  await page.getByText("Wrong", { exact: true }).waitFor({ state: "detached" });
  // Nobody was asked for what was missed, by thousands of tabs at once; it comes when the reader is back.
  expect(await page.getByRole("heading", { name: "Missed", includeHidden: true }).count()).toBe(0);
  await setHidden(page, false);
  await page.getByRole("heading", { name: "Missed", includeHidden: true }).waitFor({ state: "attached" });
});

pageTest("after any series of changes the open page equals a fresh load", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const posts = [await app.post(blog, { headline: "The first" })];
  const page = await browser.open(`/blogs/${blog.slug}`);
  const random = generator(20261122);
  const some = () => posts[Math.floor(random() * posts.length)]!;
  const acts: (() => Promise<unknown>)[] = [
    async () => posts.push(await app.post(blog, { headline: random() < 0.5 ? null : `Post ${posts.length}` })),
    async () => posts.push(await app.post(blog, { keyEvent: true, pinned: random() < 0.5 })),
    () => desk.edit(some(), { body: `<p>${"Longer. ".repeat(1 + random() * 40)}</p><ul><li>One</li></ul>` }),
    () => desk.edit(some(), { headline: `Edited ${random()}`, verification: random() < 0.5 ? "verified" : null }),
    () => desk.edit(some(), { correction: random() < 0.7 ? { text: `Not ${random()}` } : null }),
    () => desk.mark(some(), random() < 0.5 ? "pin" : "key-event"),
    () => desk.unmark(some(), random() < 0.5 ? "pin" : "key-event"),
    async () => posts.length > 3 && desk.remove(posts.splice(Math.floor(random() * posts.length), 1)[0]!),
    () => page.evaluate((y) => scrollTo(0, y), random() * 2000),
  ];
  for (let step = 0; step < 60; step++) await acts[Math.floor(random() * acts.length)]!();

  await current(page, app, blog);
  expect(await storyOn(page)).toEqual(await storyOn(await browser.open(`/blogs/${blog.slug}`)));
});

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
