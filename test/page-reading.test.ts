import sharp from "sharp";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { useApp } from "./app.ts";
import { current, newsroom, pageTest, useBrowser } from "./browser.ts";

const app = useApp();
const browser = useBrowser(app);

pageTest("while somebody reads further down, new posts wait behind a button with their exact number", async () => {
  const { blog, posts } = await story(12);
  const page = await browser.open(`/blogs/${blog.slug}`);
  const title = await page.title();
  await readAt(page, posts[4]!);
  const button = page.locator("#new-updates");

  const first = await app.post(blog, { headline: "New one" });
  await expect.poll(() => button.textContent()).toBe("1 new update");
  const withdrawn = await app.post(blog, { headline: "Withdrawn" });
  await app.post(blog, { headline: "New three" });
  await page.waitForFunction(() => document.title.startsWith("(3) "));
  expect(await button.textContent()).toBe("3 new updates");
  await newsroom(app, blog).remove(withdrawn);
  await page.waitForFunction(() => document.title.startsWith("(2) "));
  expect(await button.textContent()).toBe("2 new updates");
  expect(await page.locator(`#post-${first.id}`).isVisible()).toBe(false);

  await button.click();

  await page.getByRole("heading", { name: "New three" }).waitFor();
  expect(await page.locator(`#post-${first.id}`).isVisible()).toBe(true);
  expect(await button.isVisible()).toBe(false);
  expect(await page.title()).toBe(title);
  expect(await page.evaluate(() => document.activeElement!.textContent)).toContain("New three");
  const { y } = (await page.getByRole("heading", { name: "New three" }).boundingBox())!;
  expect(y).toBeGreaterThan(0);
  expect(y).toBeLessThan(800);
});

pageTest("scrolling to the top shows what is new", async () => {
  const { blog, posts } = await story(12);
  const page = await browser.open(`/blogs/${blog.slug}`);
  await readAt(page, posts[4]!);
  await app.post(blog, { headline: "New" });
  await page.locator("#new-updates").waitFor({ state: "visible" });
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole("heading", { name: "New" }).waitFor();
  await page.locator("#new-updates").waitFor({ state: "hidden" });
});

pageTest("scrolling up to the list puts what is new above it, and the reader decides when to look", async () => {
  const { blog, posts } = await story(12);
  const page = await browser.open(`/blogs/${blog.slug}`, { viewport: { width: 1280, height: 600 } });
  await readAt(page, posts[4]!);
  const { id } = await app.post(blog, { headline: "New" });
  await page.locator("#new-updates").waitFor({ state: "visible" });
  const newest = posts.at(-1)!;
  await readAt(page, newest, 150);
  await watch(page, newest);
  await page.waitForFunction((id) => !document.getElementById(`post-${id}`)!.parentElement!.hidden, id);
  await page.locator("#new-updates").waitFor({ state: "hidden" });
  expect(await moved(page)).toBeLessThanOrEqual(1);
});

pageTest("nothing moves by more than a pixel while reading, through ten posts with late pictures", async () => {
  const { blog, posts } = await story(12);
  const picture = await upload();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const page = await browser.open(`/blogs/${blog.slug}`, {}, (page) =>
    page.route("**/media/**", async (route) => {
      await released;
      await route.continue();
    }),
  );
  const read = posts[4]!;
  await readAt(page, read);
  await watch(page, read);

  for (let n = 0; n < 10; n++)
    await app.post(blog, { headline: `New ${n}`, media: [{ id: picture, alt: "A colour" }] });
  await newsroom(app, blog).edit(posts[5]!, {
    media: [{ id: picture, alt: "A colour" }],
    body: "<p>Now with a picture.</p>",
  });
  await page.waitForFunction(() => document.title.startsWith("(10) "));
  await current(page, app, blog);
  release();
  await page.waitForFunction(
    (id) => document.querySelector<HTMLImageElement>(`#post-${id} img`)?.complete,
    posts[5]!.id,
  );

  expect(await moved(page)).toBeLessThanOrEqual(1);
});

pageTest("nothing moves while reading when what stands above is edited, removed, pinned or renamed", async () => {
  const { blog, posts } = await story(12);
  const desk = newsroom(app, blog);
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    const page = await browser.open(`/blogs/${blog.slug}`, { viewport });
    const read = posts[3]!;
    await readAt(page, read);
    await watch(page, read);
    await desk.edit(posts[6]!, { body: `<p>${"Taller. ".repeat(200)}</p>` });
    await desk.edit(posts[4]!, {
      headline: `${"Longer ".repeat(20)}${viewport.width}`,
      correction: { text: "Mended." },
    });
    await desk.mark(posts[5]!, "pin");
    await desk.mark(posts[7]!, "key-event");
    await desk.rename({ standfirst: "A standfirst ".repeat(viewport.width / 40) });
    await desk.remove(posts.splice(8, 1)[0]!);
    await desk.unmark(posts[5]!, "pin");
    await desk.edit(posts[6]!, { body: "<p>Short.</p>" });
    await current(page, app, blog);
    expect(await moved(page)).toBeLessThanOrEqual(1);
  }
});

pageTest("an archive page keeps its posts, and counts what is new on the newest", async () => {
  const { blog, posts } = await story(45);
  const page = await browser.open(`/blogs/${blog.slug}?page=with:${posts[3]!.id}`);
  const shown = await page.locator("#posts > li").count();
  await newsroom(app, blog).edit(posts[44]!, { headline: "An old post of another page" });
  await newsroom(app, blog).edit(posts[3]!, { headline: "Edited in the archive" });
  await page.getByRole("heading", { name: "Edited in the archive" }).waitFor();
  await app.post(blog, { headline: "New" });
  await app.post(blog, { headline: "Newer" });
  await page.waitForFunction(() => document.title.startsWith("(2) "));
  expect(await page.locator("#posts > li").count()).toBe(shown);

  await page.getByRole("link", { name: "2 new updates" }).click();
  await page.waitForURL(`${app.url}/blogs/${blog.slug}`);
  await page.getByRole("heading", { name: "Newer" }).waitFor();
});

pageTest("a change to a post of an older page is not shown on the newest", async () => {
  const { blog, posts } = await story(45);
  const page = await browser.open(`/blogs/${blog.slug}`);
  const shown = await page.locator("#posts > li").count();
  await newsroom(app, blog).edit(posts[0]!, { headline: "Edited" });
  await current(page, app, blog);
  expect(await page.locator("#posts > li").count()).toBe(shown);
  expect(await page.locator("#new-updates").isVisible()).toBe(false);
});

pageTest("the page is used with the keyboard alone", async () => {
  const { blog, posts } = await story(12);
  const page = await browser.open(`/blogs/${blog.slug}`);
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement!.id || document.activeElement!.textContent.trim());
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Skip to the main content");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash === "#updates");

  await readAt(page, posts[4]!);
  await app.post(blog, { headline: "By keyboard" });
  await page.locator("#new-updates").waitFor({ state: "visible" });
  // Not by way of the lines at the top: whoever is there is shown what is new at once, and the button goes.
  await page.locator("#new-updates").evaluate((button) => (button as HTMLElement).focus({ preventScroll: true }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "By keyboard" }).waitFor();
  expect(await focused()).toMatch(/^post-/);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/page=with:\d+#post-\d+$/);
});

pageTest("somebody whose focus is in a post that is removed goes on from its neighbour", async () => {
  const { blog, posts } = await story(3);
  const page = await browser.open(`/blogs/${blog.slug}`);
  await page.locator(`#post-${posts[1]!.id} .post-time a`).focus();
  await newsroom(app, blog).remove(posts[1]!);
  await page.locator(`#post-${posts[1]!.id}`).waitFor({ state: "detached" });
  expect(await page.evaluate(() => document.activeElement!.id)).toBe(`post-${posts[0]!.id}`);
});

/** A blog of posts long enough to scroll through; the posts oldest first. */
async function story(count: number): Promise<{ blog: BlogAnswer; posts: PostAnswer[] }> {
  const blog = await app.blog();
  const posts: PostAnswer[] = [];
  for (let n = 0; n < count; n++)
    posts.push(await app.post(blog, { headline: `Post ${n}`, body: "<p>Some words to read.</p>".repeat(4) }));
  return { blog, posts };
}

/** Scrolls so that a post begins where people read, pixels below the window's top. */
async function readAt(page: Page, { id }: PostAnswer, below = 200): Promise<void> {
  await page.evaluate(
    async ([id, below]) => {
      const { top } = document.getElementById(`post-${id}`)!.getBoundingClientRect();
      scrollTo({ top: top + scrollY - below, behavior: "instant" });
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    },
    [id, below] as const,
  );
}

/** From now on, looks in every frame how far a post has moved in the window. */
async function watch(page: Page, { id }: PostAnswer): Promise<void> {
  await page.evaluate((id) => {
    const top = (): number => document.getElementById(`post-${id}`)!.getBoundingClientRect().top;
    const from = top();
    const look = (): void => {
      Object.assign(window, {
        moved: Math.max((window as unknown as { moved?: number }).moved ?? 0, Math.abs(top() - from)),
      });
      requestAnimationFrame(look);
    };
    look();
  }, id);
}

/** The farthest in pixels since `watch`. */
const moved = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise((resolve) => requestAnimationFrame(() => resolve((window as unknown as { moved: number }).moved))),
  );

async function upload(): Promise<string> {
  const bytes = await sharp({ create: { width: 800, height: 500, channels: 3, background: "#468" } })
    .jpeg()
    .toBuffer();
  const response = await app
    .as(await app.person("reporter"))
    .post("/api/media")
    .set("Content-Type", "image/jpeg")
    .send(bytes);
  if (response.status !== 201) throw new Error(`upload: ${response.text}`);
  return response.body.id as string;
}
