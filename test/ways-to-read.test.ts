import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { current, findings, newsroom, pageTest, setHidden, useBrowser } from "./browser.ts";

const app = useApp();
const browser = useBrowser(app);

const headlines = (html: string): string[] => {
  const [, list = ""] = html.split('<ol id="posts"');
  return [...list.matchAll(/<h2 class="post-headline">([^<]*)/g)].map(([, words]) => words!);
};
const linkTo = (html: string, rel: "prev" | "next"): string | undefined =>
  new RegExp(`<a href="([^"]*)" rel="${rel}"`)
    .exec(html)?.[1]!
    .replaceAll("&#x3D;", "=")
    .replaceAll("&amp;", "&")
    .replace(/#.*/, "");

/** Every page of a way to read, from the first to the last. */
async function walk(address: string): Promise<string[]> {
  const all: string[] = [];
  for (let next: string | undefined = address; next;) {
    const { text }: { text: string } = await app.request().get(next).expect(200);
    all.push(...headlines(text));
    next = linkTo(text, "next");
  }
  return all;
}

async function longStory(posts: number): Promise<BlogAnswer> {
  const blog = await app.blog();
  for (let n = 1; n <= posts; n++)
    await app.post(blog, {
      headline: `Post ${n}`,
      keyEvent: n % 2 === 0,
      tags: n % 3 === 0 ? ["tide table"] : [],
      authors: [{ name: n % 5 === 0 ? "Ines Calder" : "Tomas Brandt" }],
    });
  return blog;
}

const numbers = (from: number, to: number, step = 1): string[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, n) => `Post ${from + n * step}`);

test("from the beginning, by key events and by tag, each way leads over all its posts once and in order", async () => {
  const { slug } = await longStory(67);
  expect(await walk(`/blogs/${slug}?order=oldest`)).toEqual(numbers(1, 67));
  expect(await walk(`/blogs/${slug}`)).toEqual(numbers(1, 67).toReversed());
  expect(await walk(`/blogs/${slug}?filter=key-events`)).toEqual(numbers(2, 66, 2).toReversed());
  expect(await walk(`/blogs/${slug}?filter=key-events&order=oldest`)).toEqual(numbers(2, 66, 2));
  expect(await walk(`/blogs/${slug}?tag=tide+table`)).toEqual(numbers(3, 66, 3).toReversed());
  expect(await walk(`/blogs/${slug}?tag=%23Tide%20%20TABLE`)).toEqual(numbers(3, 66, 3).toReversed());
  expect(await walk(`/blogs/${slug}?tag=nothing`)).toEqual([]);
});

test("the way back from a page of key events leads to the one before, and to the first without a name", async () => {
  const { slug } = await longStory(90);
  const first = (await app.request().get(`/blogs/${slug}?filter=key-events`).expect(200)).text;
  const second = (await app.request().get(linkTo(first, "next")!).expect(200)).text;
  const third = (await app.request().get(linkTo(second, "next")!).expect(200)).text;
  expect(headlines((await app.request().get(linkTo(third, "prev")!).expect(200)).text)).toEqual(headlines(second));
  expect(linkTo(second, "prev")).toBe(`/blogs/${slug}?filter=key-events`);
  expect(linkTo(first, "prev")).toBeUndefined();
});

test("an author’s updates are those with the account in the byline", async () => {
  const blog = await app.blog();
  const writer = await app.newPerson({ role: "reporter" });
  const made = await app.as(writer).post(`/api/blogs/${blog.slug}/posts`).send({ headline: "Hers" }).expect(201);
  await app.post(blog, { headline: "Somebody else’s" });
  const [{ slug }] = made.body.authors;
  expect(await walk(`/blogs/${blog.slug}?author=${slug}`)).toEqual(["Hers"]);
  const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  expect(text).toContain(`data-author="${slug}"`);
});

test("an address that no page has is a 404, and one post’s place names its page in any order", async () => {
  const blog = await longStory(45);
  const [post] = (await app.request().get(`/api/blogs/${blog.slug}/posts?limit=1`).expect(200)).body.posts;
  for (const query of [
    "filter=all",
    "order=best",
    "author=A%20B",
    "tag=",
    `tag=${"x".repeat(41)}`,
    "tag=%00",
    "page=with:x",
    "page=2",
  ])
    await app.request().get(`/blogs/${blog.slug}?${query}`).expect(404);
  const { text } = await app.request().get(`/blogs/${blog.slug}?order=oldest&page=with:${post.id}`).expect(200);
  expect(headlines(text)).toContain("Post 45");
});

test("seventy key events are all on the page, the earlier ones to be opened, also on an archive page", async () => {
  const blog = await app.blog();
  for (let n = 1; n <= 70; n++) await app.post(blog, { headline: `Event ${n}`, keyEvent: true });
  const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  const older = (await app.request().get(linkTo(text, "next")!).expect(200)).text;
  for (const page of [text, older]) expect(page.match(/class="key-event-title"/g)).toHaveLength(70);
  expect(text).toContain("62 earlier");
});

pageTest("a page of key events follows what becomes one, ceases to be one, or is none", async () => {
  const blog = await app.blog();
  const first = await app.post(blog, { headline: "First", keyEvent: true });
  const page = await browser.open(`/blogs/${blog.slug}?filter=key-events`);
  const shown = () => page.locator("#posts .post-headline").allInnerTexts();
  const plain = await app.post(blog, { headline: "Plain" });
  await app.post(blog, { headline: "Second", keyEvent: true });
  await page.getByRole("heading", { name: "Second" }).waitFor();
  expect(await shown()).toEqual(["Second", "First"]);
  await newsroom(app, blog).mark(plain, "key-event");
  await newsroom(app, blog).unmark(first, "key-event");
  await current(page, app, blog);
  await expect.poll(shown).toEqual(["Second", "Plain"]);
});

pageTest("the way to the key events is offered while there are any", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const post = await app.post(blog, { headline: "The gates open" });
  const page = await browser.open(`/blogs/${blog.slug}`);
  const way = page.getByRole("link", { name: "Skip to key events" });
  expect(await way.count()).toBe(0);
  await desk.mark(post, "key-event");
  await current(page, app, blog);
  await way.focus();
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement!.id)).toBe("key-events");
  const fresh = await browser.open(`/blogs/${blog.slug}`, { javaScriptEnabled: false });
  expect(await fresh.getByRole("link", { name: "Skip to key events" }).count()).toBe(1);
  await desk.unmark(post, "key-event");
  await current(page, app, blog);
  expect(await way.count()).toBe(0);
});

pageTest("who reads from the beginning gets what is new at the end, and nothing moves", async () => {
  const blog = await longStory(3);
  const page = await browser.open(`/blogs/${blog.slug}?order=oldest`, { viewport: { width: 390, height: 700 } });
  await app.post(blog, { headline: "Post 4" });
  await page.getByRole("heading", { name: "Post 4" }).waitFor();
  expect(await page.locator("#posts .post-headline").allInnerTexts()).toEqual(numbers(1, 4));
  expect(await page.locator("#new-updates").isVisible()).toBe(false);
  expect(await findings(page)).toEqual([]);
});

pageTest(
  "the pinned post is shown once, opens without a script and by keyboard, and a permalink shows it in its place",
  async () => {
    const blog = await app.blog();
    const post = await app.post(blog, {
      headline: "All we know",
      body: "<p>A line of it.</p>".repeat(80),
      pinned: true,
    });
    await app.post(blog, { headline: "Later" });
    const page = await browser.open(`/blogs/${blog.slug}`, { javaScriptEnabled: false });
    const height = async () => (await page.locator(".pinned-post").boundingBox())!.height;
    const inList = page.locator(`#post-${post.id}`);
    expect(await inList.getByText("A line of it.").first().isVisible()).toBe(false);
    expect(await inList.getByRole("link", { name: "Pinned above" }).isVisible()).toBe(true);
    const folded = await height();
    expect(folded).toBeLessThan(400);
    await page.getByRole("checkbox", { name: "Show the whole pinned post" }).focus();
    await page.keyboard.press("Space");
    expect(await height()).toBeGreaterThan(folded * 2);
    await page.goto(`/blogs/${blog.slug}/posts/${post.id}`);
    expect(await inList.getByText("A line of it.").first().isVisible()).toBe(true);
  },
);

pageTest(
  "a reader who comes back is told of the key events since, sees where they left off, and goes on from there",
  async () => {
    const blog = await longStory(3);
    const page = await browser.open(`/blogs/${blog.slug}`, {}, (page) => page.clock.install());
    await page.getByRole("heading", { name: "Post 3" }).waitFor();
    await setHidden(page, true);
    await page.goto("about:blank");
    await page.clock.fastForward(3_600_000);
    const unread = await app.post(blog, { headline: "While away" });
    await app.post(blog, { headline: "The dam holds", keyEvent: true });
    await page.goto(`/blogs/${blog.slug}`);
    const box = page.locator(".catch-up");
    await box.getByText("Since your last visit: 2 updates").waitFor();
    expect(await box.getByRole("link", { name: "The dam holds" }).isVisible()).toBe(true);
    expect(await page.locator(".left-off .post-headline").innerText()).toBe("Post 3");
    expect(await findings(page)).toEqual([]);
    await box.getByRole("link", { name: "Go to the first unread update" }).click();
    expect(await page.evaluate(() => document.activeElement!.id)).toBe(`post-${unread.id}`);
    await box.getByRole("button", { name: "Close" }).click();
    expect(await box.count()).toBe(0);
  },
);

test("the way to the first unread post leads to the page that holds it, and to the story when there is none", async () => {
  const blog = await longStory(50);
  const { posts } = (await app.request().get(`/api/blogs/${blog.slug}/posts?limit=50`).expect(200)).body;
  const [newest, second] = posts;
  const oldest = posts.at(-1);
  const next = (id: string) => app.request().get(`/blogs/${blog.slug}/posts/${id}/next`);
  const after = posts.at(-2).id;
  expect((await next(oldest.id).expect(302)).headers.location).toBe(
    `/blogs/${blog.slug}?page=with:${after}#post-${after}`,
  );
  await newsroom(app, blog).remove(second);
  expect((await next(second.id).expect(302)).headers.location).toContain(`#post-${newest.id}`);
  expect((await next(newest.id).expect(302)).headers.location).toBe(`/blogs/${blog.slug}`);
  await next("999999").expect(404);
});
