import { expect, test } from "vitest";
import { useApp } from "./app.ts";
import { current, findings, newsroom, pageTest, storyOn, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, PHONE, published } from "./composer-page.ts";
import { reach, reachPost } from "./keyboard.ts";
import { ReaderPage } from "./reader-page.ts";

const app = useApp();
const browser = useBrowser(app);

test("a post is written as a summary, or made one and no longer one, and its words are not edited by that", async () => {
  const blog = await app.blog();
  const written = await app.post(blog, { headline: "The day so far", summary: true });
  const made = await app.post(blog, { headline: "The night" });
  expect([written.summary, written.keyEvent, made.summary]).toEqual([true, false, false]);
  const reporter = app.as(await app.person("reporter"));
  const path = `/api/blogs/${blog.slug}/posts/${made.id}`;

  const { body: marked } = await reporter.put(`${path}/summary`).expect(200);
  expect(marked).toMatchObject({ summary: true, version: 2 });
  const { body: again } = await reporter.put(`${path}/summary`).expect(200);
  expect(again.version).toBe(2);
  const { body: unmarked } = await reporter.delete(`${path}/summary`).expect(200);
  expect(unmarked).toMatchObject({ summary: false, version: 3 });

  const { body } = await reporter.get(`${path}/revisions`).expect(200);
  expect(
    body.revisions.map(({ action, changes }: { action: string; changes: { field: string }[] }) => [
      action,
      changes.some(({ field }) => field === "summary"),
    ]),
  ).toEqual([
    ["publish", false],
    ["summary", true],
    ["no-summary", true],
  ]);
  // Nothing that readers were told was changed by it.
  expect((await ReaderPage.load(app, blog.slug)).posts.get(`post-${made.id}`)!.html).not.toContain("/changes");
});

test("whoever may not publish marks no summary, and what was taken down is none", async () => {
  const blog = await app.blog();
  const post = await app.post(blog);
  const path = `/api/blogs/${blog.slug}/posts`;
  const contributor = app.as(await app.person("contributor"));
  await contributor.put(`${path}/${post.id}/summary`).expect(403);
  await contributor.post(path).send({ body: "x", status: "submitted", summary: true }).expect(403);
  const reporter = app.as(await app.person("reporter"));
  await reporter.post(path).send({ body: "x", summary: "yes" }).expect(422);
  await reporter.patch(`${path}/${post.id}`, 1).send({ summary: true }).expect(422);
  await newsroom(app, blog).remove(post);
  await reporter.put(`${path}/${post.id}/summary`).expect(409);
  expect(await app.now(blog)).toMatchObject({ version: 2 });
});

test("a summary stands in the timeline under its mark, in the language of the blog, and among the key events alone", async () => {
  const blog = await app.blog({ language: "de" });
  const other = await app.post(blog, { headline: "Nebenbei" });
  const summary = await app.post(blog, { headline: "Der Tag bisher", summary: true });
  const event = await app.post(blog, { headline: "Der Damm bricht", keyEvent: true });
  const page = await ReaderPage.load(app, blog.slug);
  const timeline = page.parts.get("key-events")!;
  expect(timeline).toContain(
    '<span class="key-event-title"><span class="mark-summary">Zusammenfassung</span> Der Tag bisher</span>',
  );
  expect(timeline).toContain('<span class="key-event-title">Der Damm bricht</span>');
  expect(timeline).not.toContain("Nebenbei");
  const html = page.posts.get(`post-${summary.id}`)!.html;
  expect(html).toContain('<p class="mark-summary">Zusammenfassung</p>');
  expect(page.posts.get(`post-${other.id}`)!.html).not.toContain("Zusammenfassung");

  const ids = [event.id, summary.id];
  const { body } = await app.request().get(`/api/blogs/${blog.slug}/posts?filter=key-events`).expect(200);
  expect(body.posts.map(({ id }: { id: string }) => id)).toEqual(ids);
  const { text } = await app.request().get(`/blogs/${blog.slug}?filter=key-events`).expect(200);
  expect([...text.matchAll(/<article id="post-(\d+)"/g)].map(([, id]) => id)).toEqual(ids);
});

test("a summary says so in feeds, in structured data, in the frame and in the newest lines", async () => {
  const blog = await app.blog({ language: "fr" });
  await app.post(blog, { headline: "Autre" });
  await app.post(blog, { headline: "La journée", summary: true });
  const { body: feed } = await app.request().get(`/blogs/${blog.slug}/feed.json`).expect(200);
  expect(feed.items.map((item: { content_html: string }) => item.content_html.startsWith("<p>Résumé</p>"))).toEqual([
    true,
    false,
  ]);
  const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  const data = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)![1]!);
  expect(data.liveBlogUpdate.map(({ genre }: { genre?: string }) => genre)).toEqual(["Résumé", undefined]);
  expect((await app.request().get(`/blogs/${blog.slug}/embed`).expect(200)).text).toContain(
    '<p class="mark-summary">Résumé</p>',
  );
  const { body: lines } = await app.request().get(`/blogs/${blog.slug}/latest.json`).expect(200);
  expect(lines.posts.map(({ summary }: { summary: boolean }) => summary)).toEqual([true, false]);
});

pageTest("a summary is written at the desk, and is one on an open page until the desk says otherwise", async () => {
  const blog = await app.blog();
  const reader = await browser.open(`/blogs/${blog.slug}`, PHONE);
  const events = await browser.open(`/blogs/${blog.slug}?filter=key-events`);
  const composer = await ComposerPage.open(app, browser, await app.person("reporter"), blog, LAPTOP);
  const { page } = composer;
  await reach(composer.text);
  await page.keyboard.type("/summary ");
  expect(await composer.button("Summary").getAttribute("aria-pressed")).toBe("true");
  await page.keyboard.type("The harbour is shut, and everybody is safe.");
  await page.keyboard.press("Control+Shift+Enter");

  const card = reader.locator(".is-summary").getByText("Summary", { exact: true });
  await card.waitFor();
  await reader.locator("#key-events").getByText("Summary", { exact: true }).waitFor();
  await events.getByText("everybody is safe").last().waitFor();
  expect(await findings(reader)).toEqual([]);
  const [post] = await published(app, blog);
  expect(post).toMatchObject({ summary: true, keyEvent: false });

  await page.keyboard.press("Escape");
  await reachPost(page.locator(`#post-${post!.id}`));
  await reach(page.locator(`#post-${post!.id} [data-action=summary]`));
  await page.keyboard.press("Enter");
  await card.waitFor({ state: "detached" });
  await reader.locator("#key-events").waitFor({ state: "hidden" });
  await current(reader, app, blog);
  expect(await storyOn(reader)).toEqual(await storyOn(await browser.open(`/blogs/${blog.slug}`, PHONE)));
  expect((await published(app, blog))[0]!.summary).toBe(false);
});
