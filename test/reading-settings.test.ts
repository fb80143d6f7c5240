import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { useApp } from "./app.ts";
import { current, findings, newsroom, pageTest, storyOn, useBrowser } from "./browser.ts";

const app = useApp();
const browser = useBrowser(app);

pageTest("times are told in the reader's zone on demand, on both sides of a clock change", async () => {
  const blog = await app.blog({ language: "en", timeZone: "Europe/London" });
  // London changed its clocks on 26 October 2025, New York a week later.
  const before = await postedAt(blog, "2025-10-25T12:00:00Z", { keyEvent: true, headline: "Before" });
  const between = await postedAt(blog, "2025-10-29T03:30:00Z", {});
  const after = await postedAt(blog, "2025-11-05T12:00:00Z", {});
  const page = await browser.open(`/blogs/${blog.slug}`, { timezoneId: "America/New_York" });
  await current(page, app, blog);
  const asWritten = await storyOn(page);
  const timeOf = (id: string) => page.locator(`#post-${id} .post-time time`).innerText();
  expect((await timeOf(before.id)).split(/\s+/)).toEqual(["13:00", "GMT+1", "October", "25"]);

  await page.locator("#reading-settings summary").focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Times in my time zone (Eastern Standard Time)").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect.poll(() => timeOf(before.id)).toMatch(/^08:00 EDT\s+October 25$/);
  expect(await timeOf(between.id)).toMatch(/^23:30 EDT\s+October 28$/);
  expect(await timeOf(after.id)).toMatch(/^07:00 EST\s+November 5$/);
  expect(await page.locator("#key-events time").first().innerText()).toBe("October 25 at 08:00 EDT");
  expect(await findings(page)).toEqual([]);

  const late = await postedAt(blog, "2025-11-06T00:30:00Z", {});
  await expect.poll(() => page.locator(`#post-${late.id}`).count()).toBe(1);
  expect(await timeOf(late.id)).toMatch(/^19:30 EST\s+November 5$/);
  await page.reload();
  await expect.poll(() => timeOf(after.id)).toMatch(/^07:00 EST/);

  await newsroom(app, blog).remove(late);
  await current(page, app, blog);
  await page.locator("#reading-settings summary").click();
  await page.getByLabel("Times in my time zone").uncheck();
  expect(await storyOn(page)).toEqual(
    asWritten.map((html) => (html.includes("last-updated") ? expect.any(String) : html)),
  );
});

pageTest("a correction is announced once, whatever zone its time is told in", async () => {
  const blog = await app.blog({ timeZone: "Europe/London" });
  const post = await app.post(blog, { headline: "The ferry" });
  await newsroom(app, blog).edit(post, { correction: { text: "It was Tuesday." } });
  const page = await browser.open(`/blogs/${blog.slug}`, { timezoneId: "Asia/Tokyo" });
  await choose(page, "zone", true);
  const said = page.locator("#announcements");
  await newsroom(app, blog).edit(post, { body: "<p>More of it</p>" });
  await current(page, app, blog);
  await app.post(blog, { headline: "Something else" });
  await expect.poll(() => said.textContent(), { timeout: 5_000 }).toBe("New update: Something else.");
});

pageTest(
  "a reader can turn off what is spoken and what moves, and is not offered a zone that shows the same",
  async () => {
    const blog = await app.blog({ timeZone: "Europe/London" });
    await app.post(blog);
    const page = await browser.open(`/blogs/${blog.slug}`, { timezoneId: "Africa/Abidjan" });
    await page.clock.setFixedTime(new Date("2026-01-10T12:00:00Z"));
    const moving = () => page.evaluate(() => document.getAnimations().length);
    expect(await moving()).toBeGreaterThan(0);
    await choose(page, "spoken", false);
    expect(await page.getByLabel("Times in my time zone").isVisible()).toBe(false);
    await choose(page, "moving", false);
    for (const reload of [false, true]) {
      if (reload) await page.reload();
      await expect.poll(() => page.locator("#announcements").getAttribute("aria-live")).toBe("off");
      expect(await page.locator("#connection").getAttribute("aria-live")).toBe("off");
      expect(await moving()).toBe(0);
    }
    await choose(page, "spoken", true);
    expect(await page.locator("#announcements").getAttribute("aria-live")).toBe("polite");
  },
);

async function choose(page: Page, name: string, is: boolean): Promise<void> {
  const settings = page.locator("#reading-settings");
  if ((await settings.getAttribute("open")) === null) await settings.locator("summary").click();
  await page.waitForFunction(() => document.querySelector("#reading-settings label span")!.textContent.includes("("));
  await settings.locator(`input[name=${name}]`).setChecked(is);
}

/** An editor may say when something was published. */
async function postedAt(blog: BlogAnswer, publishedAt: string, fields: object = {}): Promise<PostAnswer> {
  const editor = app.as(await app.person("editor"));
  const path = `/api/blogs/${blog.slug}/posts`;
  const { body } = await editor
    .post(path)
    .send({ body: "<p>Words</p>", publishedAt, ...fields })
    .expect(201);
  return body as PostAnswer;
}
