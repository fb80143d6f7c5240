import { expect, test } from "vitest";
import { useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { SIZES } from "./composer-page.ts";
import { signIn } from "./desk-page.ts";
import { choose, press, reach, write } from "./keyboard.ts";

const app = useApp();
const tabs = useBrowser(app);

test("the blogs are shown by state, and one's own", async () => {
  const [live, closed] = [await app.blog(), await app.blog()];
  await newsroom(app, closed).close();
  const mine = await app.blog();
  const reporter = app.as(await app.newPerson({ role: "reporter" }));
  await reporter.post(`/api/blogs/${mine.slug}/posts`).send({ body: "<p>Mine</p>" }).expect(201);
  const shown = async (query: string): Promise<string[]> => {
    const { text } = await reporter.get(`/desk${query}`).expect(200);
    return [live, closed, mine].map(({ slug }) => slug).filter((slug) => text.includes(`"/desk/blogs/${slug}"`));
  };
  expect(await shown("")).toEqual([live.slug, closed.slug, mine.slug]);
  expect(await shown("?show=live")).toEqual([live.slug, mine.slug]);
  expect(await shown("?show=closed")).toEqual([closed.slug]);
  expect(await shown("?show=mine")).toEqual([mine.slug]);
  const { text } = await reporter.get("/desk").expect(200);
  const counts = [...text.matchAll(/<span class="aside-muted">([^<]*)</g)].map(([, count]) => count);
  expect(counts).toEqual(["3", "2", "1", "1"]);
  // An address that somebody mistyped is no reason to show nothing.
  expect(await shown("?show=nonsense&from=yesterday&status=x")).toEqual([live.slug, closed.slug, mine.slug]);
});

test("the search finds what one may read, and leads to where one may see it", async () => {
  const blog = await app.blog();
  const elsewhere = await app.blog();
  const reporter = await app.newPerson({ role: "reporter", blogId: blog.id });
  const published = await app.post(blog, {
    headline: "Gooseberry harvest",
    body: "<p>All gooseberries <b>gone</b> & eaten</p>",
  });
  const foreign = await app.post(elsewhere, { body: "<p>A gooseberry elsewhere</p>" });
  await app.post(elsewhere, { body: "<p>A gooseberry draft</p>", status: "draft", shared: true });
  const removed = await app.post(blog, { body: "<p>A gooseberry lie</p>" });
  await newsroom(app, blog).remove(removed);
  const { text } = await app.as(reporter).get("/desk?q=gooseberry").expect(200);
  expect(text).toContain(`href="/desk/blogs/${blog.slug}#post-${published.id}"`);
  expect(text).toContain(`href="/blogs/${elsewhere.slug}/posts/${foreign.id}"`);
  expect(text).toContain("<mark>gooseberries</mark> gone");
  expect(text).not.toContain("gooseberry</mark> draft");
  expect(text).toContain("Taken down");
  const [, takenDown] = /href="([^"]*\/taken-down[^"]*)"/.exec(text)!;
  const list = await app.as(reporter).get(takenDown!.replaceAll("&#x3D;", "=").split("#")[0]!).expect(200);
  expect(list.text).toContain(`<article id="post-${removed.id}"`);
  const narrowed = await app.as(reporter).get(`/desk?q=gooseberry&blog=${blog.slug}&status=removed`).expect(200);
  expect(narrowed.text).not.toContain(`#post-${published.id}`);
  expect(narrowed.text).toContain("Taken down</span>");
  const tomorrow = new Date(Date.now() + 172_800_000).toISOString().slice(0, 10);
  const none = await app.as(reporter).get(`/desk?q=gooseberry&from=${tomorrow}`).expect(200);
  expect(none.text).toContain("Nothing has these words.");
});

test("only those who may begin a blog get the page for it", async () => {
  await app
    .as(await app.person("editor"))
    .get("/desk/new")
    .expect(200);
  await app
    .as(await app.person("reporter"))
    .get("/desk/new")
    .expect(403);
  await app.request().get("/desk/new").expect(303);
});

for (const [size, options] of SIZES) {
  pageTest(`a blog begins in one screen with its first post, by keyboard alone, at ${size}`, async () => {
    const editor = await app.newPerson({ role: "editor" });
    const page = await tabs.open("/desk/new", { ...options, timezoneId: "Europe/Lisbon", locale: "pt-PT" }, (page) =>
      signIn(app, page, editor),
    );
    await expect.poll(() => page.getByLabel("Time zone").inputValue()).toBe("Europe/Lisbon");
    expect(await page.getByLabel("Language").inputValue()).toBe("pt");
    expect(await findings(page)).toEqual([]);
    await reach(page.getByLabel("Title"));
    await page.keyboard.type("Low water at the bridge");
    await page.keyboard.press("Tab");
    await page.keyboard.type("What we hear from the river.");
    await choose(page.getByLabel("Language"), "en-GB");
    await reach(page.getByLabel("Headline"));
    await page.keyboard.type("It begins");
    await page.keyboard.press("Tab");
    await page.keyboard.type("The river is low.");
    await page.reload();
    expect(await page.getByLabel("Title").inputValue()).toBe("Low water at the bridge");
    await choose(page.getByLabel("Language"), "en-GB");
    await reach(page.locator(".rich .composer-text"));
    await page.keyboard.press("Control+Enter");
    await page.waitForURL("**/desk/blogs/low-water-at-the-bridge*");
    await page.locator("#posts").getByText("The river is low.").waitFor();
    expect(await page.locator("#desk-header").getAttribute("data-time-zone")).toBe("Europe/Lisbon");
  });

  pageTest(`the search answers while one types, at ${size}`, async () => {
    const blog = await app.blog();
    const post = await app.post(blog, { headline: "Kumquat ban", body: "<p>No kumquats until Sunday.</p>" });
    const page = await tabs.open("/desk", options, async (page) =>
      signIn(app, page, await app.newPerson({ role: "reporter" })),
    );
    await write(page.getByRole("searchbox"), "kumquat");
    await page.locator(".found mark").first().waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await press(page.locator(`.found a[href$="#post-${post.id}"]`));
    await page.waitForFunction((id) => document.activeElement?.id === `post-${id}`, post.id);
  });
}

pageTest("what one account typed of a new blog is not shown to another, and not sent as another's", async () => {
  const [one, other] = [await app.newPerson({ role: "editor" }), await app.newPerson({ role: "editor" })];
  const page = await tabs.open("/desk/new", {}, (page) => signIn(app, page, one));
  await write(page.getByLabel("Title"), "A raid at dawn");
  await signIn(app, page, other);
  await press(page.getByRole("button", { name: "Begin the blog" }));
  await page.locator("#new-problem").getByText("You are signed out.").waitFor();
  await page.reload();
  expect(await page.getByLabel("Title").inputValue()).toBe("");
  await signIn(app, page, one);
  await page.reload();
  expect(await page.getByLabel("Title").inputValue()).toBe("A raid at dawn");
  await page.goto("/desk");
  expect(await page.locator("[data-my-id]").getAttribute("data-my-id")).toBe(one.id);
});

pageTest("a blog without a title, or in no time zone, is not begun, and nothing typed is lost", async () => {
  const page = await tabs.open("/desk/new", {}, async (page) =>
    signIn(app, page, await app.newPerson({ role: "editor" })),
  );
  await write(page.getByLabel("Standfirst"), "What we hear from the river.");
  await press(page.getByRole("button", { name: "Begin the blog" }));
  await page.getByText("A blog needs a title.").waitFor();
  await write(page.getByLabel("Title"), "Low water");
  await write(page.getByLabel("Time zone"), "Nowhere/Atall");
  await press(page.getByRole("button", { name: "Begin the blog" }));
  await page.getByText("There is no such time zone.").waitFor();
  expect(await page.getByLabel("Standfirst").inputValue()).toBe("What we hear from the river.");
  expect(await findings(page)).toEqual([]);
});
