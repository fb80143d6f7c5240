import type { Page } from "playwright-core";
import { expect } from "vitest";
import { useApp } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { LAPTOP, PHONE } from "./composer-page.ts";
import { openDesk } from "./desk-page.ts";
import { check, choose, press, reachPost, write, writeTime } from "./keyboard.ts";

const app = useApp();
const tabs = useBrowser(app);
const WIDTHS = [
  ["a phone", PHONE],
  ["a desktop", LAPTOP],
] as const;

const post = (page: Page, words: string) => page.locator(".desk-post").filter({ hasText: words });
/** From the post's place in the list, to which its keys lead. */
const pressOn = async (page: Page, words: string, label: string) => {
  await reachPost(post(page, words));
  const button = post(page, words).getByRole("button", { name: label });
  if (!(await button.isVisible())) await press(post(page, words).locator("summary", { hasText: "More" }));
  await press(button);
};

for (const [width, options] of WIDTHS)
  pageTest(`a takedown on ${width} reaches the reader's page at once, and can be undone to a draft`, async () => {
    const blog = await app.blog();
    await app.post(blog, { headline: "Bridge shut" });
    const reader = await tabs.open(`/blogs/${blog.slug}`);
    const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog, options);
    await pressOn(page, "Bridge shut", "Take down …");
    await write(page.getByLabel("Why"), "It was another bridge");
    await page.keyboard.press("Enter");
    await reader.getByText("Bridge shut").waitFor({ state: "detached" });
    // With its button, or with the key that undoes what was done last, once the desk says that it was done:
    // a reader may see it first.
    const back = page.getByRole("button", { name: "Restore it as a draft" });
    await back.waitFor();
    if (width === "a phone") await press(back);
    else await page.keyboard.press("u");
    await page.locator("#pending").getByText("Bridge shut").waitFor();
    expect(await findings(page)).toEqual([]);
  });

for (const [width, options] of WIDTHS)
  pageTest(
    `a submission is sent back with a note, which its author reads, and approved the second time, on ${width}`,
    async () => {
      const blog = await app.blog();
      const contributor = await app.newPerson({ role: "contributor" });
      const made = await app
        .as(contributor)
        .post(`/api/blogs/${blog.slug}/posts`)
        .send({ headline: "Ferry late", status: "submitted" })
        .expect(201);
      const editor = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog, options);
      const author = await openDesk(app, tabs, contributor, blog, options);
      await pressOn(editor, "Ferry late", "Send back …");
      await write(editor.getByLabel("What is missing"), "Which ferry?");
      await press(editor.getByRole("button", { name: "Send back", exact: true }));
      await pressOn(author, "Ferry late", "Read the note");
      await author.getByText("Which ferry?").waitFor();
      expect(await post(author, "Ferry late").getByRole("button", { name: "Publish now" }).isVisible()).toBe(false);
      await pressOn(author, "Ferry late", "Hand in");
      await pressOn(editor, "Ferry late", "Approve and publish");
      await editor.locator("#posts").getByText("Ferry late").waitFor();
      const { body } = await app.request().get(`/api/blogs/${blog.slug}/posts/${made.body.id}`).expect(200);
      expect(body.authors.map(({ slug }: { slug: string }) => slug)).toEqual([contributor.slug]);
    },
  );

pageTest("where there is no clipboard, a post's link is shown to be copied by hand", async () => {
  const blog = await app.blog();
  const made = await app.post(blog, { headline: "Bridge shut" });
  const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await pressOn(page, "Bridge shut", "Copy link");
  const dialog = page.getByRole("dialog", { name: "Copy the link from here" });
  expect(await dialog.getByLabel("Link").inputValue()).toBe(`${app.url}/blogs/${blog.slug}/posts/${made.id}`);
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
});

for (const [width, options] of WIDTHS)
  pageTest(
    `a post's history shows in words what changed, and an older text can be said again, on ${width}`,
    async () => {
      const blog = await app.blog();
      const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog, options);
      const made = await app.post(blog, { body: "<p>Twelve boats left the harbour</p>" });
      await app
        .as(await app.person("reporter"))
        .patch(`/api/blogs/${blog.slug}/posts/${made.id}`, 1)
        .send({ body: "<p>Eleven boats left the harbour</p>" })
        .expect(200);
      await pressOn(page, "Eleven boats", "History");
      const dialog = page.getByRole("dialog");
      await dialog.locator("ins", { hasText: "Eleven" }).waitFor();
      await dialog.locator("del", { hasText: "Twelve" }).waitFor();
      expect(await findings(page)).toEqual([]);
      await press(dialog.getByRole("button", { name: "Say this again" }));
      await post(page, "Twelve boats").waitFor();
      await pressOn(page, "Twelve boats", "History");
      await dialog.getByText("Brought back as it was before").waitFor();
    },
  );

for (const [width, options] of WIDTHS)
  pageTest(
    `several posts are taken down at once; one that a colleague changed meanwhile stays selected, on ${width}`,
    async () => {
      const blog = await app.blog();
      const posts = [await app.post(blog, { headline: "First" }), await app.post(blog, { headline: "Second" })];
      const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog, options);
      for (const words of ["First", "Second"]) await check(post(page, words).getByLabel("Select this post"));
      await page.getByText("2 posts selected").waitFor();
      await page.keyboard.press("b");
      await page.locator("#bulk-action:focus").waitFor();
      await choose(page.getByLabel("What to do with them"), "remove");
      await press(page.getByRole("button", { name: "Do it" }));
      // The colleague is faster than the stream: the page still has the version from before.
      await page.route("**/bulk", async (route) => {
        await app
          .as(await app.person("reporter"))
          .patch(`/api/blogs/${blog.slug}/posts/${posts[0]!.id}`, 1)
          .send({ headline: "First, corrected" })
          .expect(200);
        await route.continue();
      });
      await write(page.getByLabel("Why"), "Both wrong");
      await page.keyboard.press("Enter");
      await page.getByText("Done for 1; 1 could not be changed and are still selected.").waitFor();
      await post(page, "Second").waitFor({ state: "detached" });
      expect(await post(page, "First, corrected").getByLabel("Select this post").isChecked()).toBe(true);
      expect(await findings(page)).toEqual([]);
    },
  );

pageTest("the list is walked and used by the keyboard alone", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Older" });
  await app.post(blog, { headline: "Newer" });
  const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("h");
  await page.getByRole("dialog", { name: "History of “Older”" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("k");
  await page.keyboard.press("x");
  await page.getByText("1 post selected").waitFor();
  await press(post(page, "Newer").getByRole("button", { name: "Key event" }));
  await post(page, "Newer").locator('[data-action="key-event"][aria-pressed="true"]').waitFor();
});

pageTest("the keys lead from what waits to what is published, and back", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Out" });
  await app.post(blog, { headline: "Not yet", status: "submitted" });
  const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog);
  const current = () => page.evaluate(() => document.activeElement?.closest<HTMLElement>("article")?.dataset.title);
  await page.keyboard.press("j");
  expect(await current()).toBe("Not yet");
  await page.keyboard.press("j");
  expect(await current()).toBe("Out");
  await page.keyboard.press("j");
  expect(await current()).toBe("Out");
  await page.keyboard.press("k");
  expect(await current()).toBe("Not yet");
});

pageTest("posts that come or move late take their places among the others, and stay selected", async () => {
  const blog = await app.blog();
  const posts = [];
  for (const headline of ["First", "Second", "Third"]) posts.push(await app.post(blog, { headline }));
  const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog);
  const titles = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("#posts article")].map(({ dataset }) => dataset.title),
    );
  await check(post(page, "Third").getByLabel("Select this post"));
  const editor = app.as(await app.person("editor"));
  const publishedAt = new Date(Date.parse(posts[0]!.publishedAt!) - 60_000).toISOString();
  await editor.patch(`/api/blogs/${blog.slug}/posts/${posts[2]!.id}`, 1).send({ publishedAt }).expect(200);
  await app.post(blog, { headline: "Fourth" });
  await post(page, "Fourth").waitFor();
  expect(await titles()).toEqual(["Fourth", "Second", "First", "Third"]);
  expect(await post(page, "Third").getByLabel("Select this post").isChecked()).toBe(true);
  await press(page.getByRole("button", { name: "Select none" }));
  expect(await post(page, "Third").getByLabel("Select this post").isChecked()).toBe(false);
});

pageTest(
  "a private draft is on its author's desk and on nobody else's, and appears there when it is shared",
  async () => {
    const blog = await app.blog();
    const reporter = await app.newPerson({ role: "reporter" });
    const own = await openDesk(app, tabs, reporter, blog);
    const other = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog);
    await app
      .as(reporter)
      .post(`/api/blogs/${blog.slug}/posts`)
      .send({ headline: "Only mine", status: "draft" })
      .expect(201);
    await own.getByText("Draft, only its author sees it").waitFor();
    expect(await post(other, "Only mine").count()).toBe(0);
    await pressOn(own, "Only mine", "Show it to the desk");
    await post(other, "Only mine").waitFor();
  },
);

for (const [width, options] of WIDTHS)
  pageTest(
    `a correction, a state of what is known, and another time are given from the list, on ${width}`,
    async () => {
      const blog = await app.blog();
      await app.post(blog, { headline: "Twelve hurt" });
      const reader = await tabs.open(`/blogs/${blog.slug}`);
      const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog, options);
      await pressOn(page, "Twelve hurt", "Correct …");
      await write(page.getByLabel("What was wrong, and what is right"), "We first said twenty.");
      await press(page.getByRole("button", { name: "Show the correction" }));
      await reader.getByText("We first said twenty.").waitFor();
      await pressOn(page, "Twelve hurt", "Verify …");
      await choose(page.getByLabel("State"), "unverified");
      await press(page.getByRole("button", { name: "Say so" }));
      await reader.getByText("The newsroom has not been able to verify this.").waitFor();
      await pressOn(page, "Twelve hurt", "Set time …");
      await writeTime(page.getByLabel("Published at (UTC)"), "2026-01-02T03:04:05");
      await press(page.getByRole("button", { name: "Set the time" }));
      await reader.locator('time[datetime="2026-01-02T03:04:05.000Z"]').first().waitFor();
    },
  );
