import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "kysely";
import type { BrowserContextOptions, Page } from "playwright-core";
import { OPERATOR } from "../server/auth/actors.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { keepEmbed, type EmbedAnswer } from "../server/embeds/embeds.ts";
import { useApp } from "./app.ts";
import { current, findings, newsroom, pageTest, storyOn, useBrowser } from "./browser.ts";
import { bytesOf, openGraph, openSite, pageOf, pictureWithSecret } from "./site.ts";

const site = await openSite();
const app = useApp({ embedAllowHosts: [site.socket] });
const browser = useBrowser(app);
afterAll(() => site.close());

let card: { id: string };
let video: { id: string };
let post: { id: string };

beforeAll(async () => {
  site.pages["/storm"] = pageOf(
    openGraph({
      title: "Storm <b>at</b> sea",
      description: "Nobody sails tonight, says the harbour master, and nobody will before the wind has turned.",
      site_name: "Harbour News",
      image: "/storm.jpg",
    }),
  );
  site.pages["/storm.jpg"] = bytesOf(await pictureWithSecret("x", 300, 158), "image/jpeg");
  card = await pictured("/storm");
  // As they are kept when the providers have answered.
  video = await known("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", "Waves over the pier");
  post = await known(
    "https://mastodon.social/@news/112233445566778899",
    "mastodon",
    "mastodon.social/@news/112233445566778899",
    null,
  );
});

/** A busy machine may not have the picture ready in time; a card without one is asked about again. */
async function pictured(path: string): Promise<EmbedAnswer> {
  const reporter = app.as(await app.person("reporter"));
  let card: EmbedAnswer | undefined;
  for (let tries = 0; tries < 5 && !card?.picture; tries++)
    card = (await reporter.post("/api/embeds").send({ url: site.url + path })).body;
  return card!;
}

async function known(url: string, provider: string, providerId: string, title: string | null): Promise<{ id: string }> {
  const found = { provider, providerId, title, description: null, siteName: null, picture: null };
  const { embed } = await app.app.context.db
    .transaction()
    .execute((trx) => keepEmbed(trx, OPERATOR, url, { kind: "player", author: "Harbour", ...found }));
  return embed;
}

const withEmbeds = (blog: BlogAnswer, ...embeds: { id: string }[]) =>
  app.post(blog, { headline: "What others show", embeds: embeds.map(({ id }) => ({ id })) });

/** Opens a page and keeps the address of whatever it asks of others; the others are played by this test. */
async function open(blog: BlogAnswer, options: BrowserContextOptions = {}): Promise<{ page: Page; asked: string[] }> {
  const asked: string[] = [];
  const page = await browser.open(`/blogs/${blog.slug}`, options, async (page) => {
    await page.context().route(
      (url) => url.origin !== app.url,
      (route) => {
        asked.push(`${route.request().url()} from ${route.request().headers().referer ?? "nowhere"}`);
        return route.fulfill({ contentType: "text/html", body: "<title>Player</title><h1>It plays</h1>" });
      },
    );
  });
  return { page, asked };
}

test("a post names its links, and shows them as they were when it was last changed", async () => {
  const blog = await app.blog();
  const made = await withEmbeds(blog, card, video);
  expect(made.embeds.map(({ id, kind, title }) => [id, kind, title])).toEqual([
    [card.id, "card", "Storm <b>at</b> sea"],
    [video.id, "player", "Waves over the pier"],
  ]);
  const editor = app.as(await app.person("editor"));
  const path = `/api/blogs/${blog.slug}/posts/${made.id}`;
  const { body: edited } = await editor
    .patch(path, 1)
    .send({ embeds: [{ id: video.id }] })
    .expect(200);
  expect(edited.embeds).toEqual([made.embeds[1]]);
  const { body: kept } = await editor.patch(path, 2).send({ headline: "Other words" }).expect(200);
  expect(kept.embeds).toEqual([made.embeds[1]]);
  const { body } = await editor.get(`${path}/revisions`).expect(200);
  expect(body.revisions[1].diff).toContainEqual({
    kind: "removed",
    text: expect.stringContaining("Storm <b>at</b> sea"),
  });
  expect(body.revisions[0].content.embeds).toHaveLength(2);
  const only = await app.post(blog, { body: "", embeds: [{ id: card.id }] });
  expect(only.embeds).toHaveLength(1);
});

test("links that there are not, and too many, are refused", async () => {
  const blog = await app.blog();
  const reporter = app.as(await app.person("reporter"));
  for (const [embeds, error] of [
    [[{ id: "999999999" }], { pointer: "/embeds/0/id", code: "unknown-embed" }],
    [[{ id: card.id }, { id: "0" }], { pointer: "/embeds/1/id", code: "invalid-format" }],
    [[{ id: card.id, title: "Mine" }], { pointer: "/embeds/0/title", code: "unknown-field" }],
    [Array.from({ length: 11 }, () => ({ id: card.id })), { pointer: "/embeds", code: "too-big" }],
  ] as const) {
    const { status, body } = await reporter.post(`/api/blogs/${blog.slug}/posts`).send({ body: "x", embeds });
    expect([status, body.errors]).toEqual([422, [error]]);
  }
});

test("the picture of a card is gone once every post that shows it is removed", async () => {
  site.pages["/gone"] = pageOf(openGraph({ title: "Gone", image: "/storm.jpg" }));
  const reporter = app.as(await app.person("reporter"));
  const embed = await pictured("/gone");
  const blog = await app.blog();
  const [one, other] = [await withEmbeds(blog, embed), await withEmbeds(blog, embed)];
  await newsroom(app, blog).remove(one);
  await app.request().get(embed.picture!.url).expect(200);
  await newsroom(app, blog).remove(other);
  await app.request().get(embed.picture!.url).expect(410);
  const { body } = await reporter.get(`/api/blogs/${blog.slug}/posts/${other.id}`).expect(200);
  expect(body.embeds).toEqual([]);
});

test("a legal takedown forgets what was known of a link, unless another post shows it", async () => {
  site.pages["/libel"] = pageOf(openGraph({ title: "Libel", image: "/storm.jpg" }));
  const reporter = app.as(await app.person("reporter"));
  const embed = await pictured("/libel");
  const blog = await app.blog();
  const [one, other] = [await withEmbeds(blog, embed), await withEmbeds(blog, embed)];
  const erase = async ({ id }: { id: string }) =>
    app
      .as(await app.person("admin"))
      .delete(`/api/blogs/${blog.slug}/posts/${id}`, 1)
      .send({ reason: "Court order", legal: true })
      .expect(200);
  await erase(one);
  await reporter.get(`/api/embeds/${embed.id}`).expect(200);
  await erase(other);
  await reporter.get(`/api/embeds/${embed.id}`).expect(404);
  await app.request().get(embed.picture!.url).expect(410);
  const { rows } = await sql<{ posts: string }>`select json_agg(posts)::text as posts from posts`.execute(
    app.app.context.db,
  );
  expect(rows[0]!.posts).not.toContain("ibel");
});

test("a blog's page may show the frames of the providers that we know, and other pages none", async () => {
  const blog = await app.blog();
  const policy = async (path: string) => (await app.request().get(path)).get("Content-Security-Policy")!;
  const frames = /frame-src ([^;]*)/.exec(await policy(`/blogs/${blog.slug}`))![1]!.split(" ");
  expect(frames).toContain("https://www.youtube-nocookie.com");
  expect(frames.every((origin) => /^https:\/\/[a-z.-]+$/.test(origin))).toBe(true);
  expect(await policy("/")).not.toContain("frame-src");
});

pageTest("a card shows what the page said of itself, as text, with our own picture", async () => {
  const blog = await app.blog();
  await withEmbeds(blog, card);
  const { page, asked } = await open(blog);
  const link = page.locator(".embed-card");
  expect(await link.getAttribute("href")).toBe(`${site.url}/storm`);
  for (const words of ["Harbour News", "Storm <b>at</b> sea", "Nobody sails tonight", "127.0.0.1"])
    expect(await link.innerText()).toContain(words);
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>(".embed img")!.complete);
  expect(await page.locator(".embed img").evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  expect(asked).toEqual([]);
});

for (const javaScriptEnabled of [true, false])
  pageTest(
    `a player asks nobody before it is told to, ${javaScriptEnabled ? "with" : "without"} JavaScript`,
    async () => {
      const blog = await app.blog();
      await withEmbeds(blog, video);
      const { page, asked } = await open(blog, { javaScriptEnabled });
      await page.waitForLoadState("networkidle");
      await page.getByText("Show the video from YouTube").click();
      const frame = page.locator(".embed-frame");
      const place = () =>
        frame.evaluate((element) => {
          const { left, top, width, height } = element.getBoundingClientRect();
          return { left, top: top + scrollY, width, height };
        });
      const before = await place();
      expect(before.width / before.height).toBeCloseTo(16 / 9, 1);
      await page.waitForLoadState("networkidle");
      expect(asked).toEqual([]);

      await page.getByRole("link", { name: "Load the video" }).click();
      await page.frameLocator(".embed-frame").getByText("It plays").waitFor();
      // The provider learns which site, and not which story.
      expect(asked).toEqual([`https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1 from ${app.url}/`]);
      expect(await place()).toEqual(before);
    },
  );

pageTest("a player is reached and told to load by keyboard alone", async () => {
  const blog = await app.blog();
  await withEmbeds(blog, post);
  const { page, asked } = await open(blog);
  await page.locator(".embed-card").focus();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement!.textContent)).toBe("Show the post from Mastodon");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.frameLocator(".embed-frame").getByText("It plays").waitFor();
  expect(asked).toEqual([`https://mastodon.social/@news/112233445566778899/embed from ${app.url}/`]);
});

pageTest(
  "a pin or an edit elsewhere in the post leaves a player playing, and the pinned copy has its own",
  async () => {
    const blog = await app.blog();
    const made = await withEmbeds(blog, video);
    const { page } = await open(blog);
    const inList = page.locator("#posts .embed");
    await inList.getByText("Show the video").click();
    await inList.getByRole("link", { name: "Load the video" }).click();
    const playing = page.frameLocator("#posts .embed-frame").getByText("It plays");
    await playing.waitFor();
    await newsroom(app, blog).mark(made, "pin");
    await current(page, app, blog);
    expect(await playing.isVisible()).toBe(true);
    expect(await page.frameLocator("#pinned .embed-frame").getByText("It plays").count()).toBe(0);

    await newsroom(app, blog).edit(made, { headline: "More of it", correction: { text: "It was the other pier." } });
    await current(page, app, blog);
    await page.locator("#posts").getByText("It was the other pier.").waitFor();
    expect(await playing.isVisible()).toBe(true);
  },
);

pageTest("what is pushed is what a reload shows", async () => {
  const blog = await app.blog();
  const { page } = await open(blog);
  await withEmbeds(blog, card, video, post);
  await current(page, app, blog);
  await page.locator("#posts article").waitFor();
  const pushed = await storyOn(page);
  await page.reload();
  expect(await storyOn(page)).toEqual(pushed);
});

pageTest(
  "axe finds nothing, in light and dark, and nothing is wider than a phone",
  async () => {
    const blog = await app.blog();
    await withEmbeds(blog, card, video, post);
    for (const width of [390, 1280]) {
      const { page } = await open(blog, {
        viewport: { width, height: 900 },
        reducedMotion: "reduce",
        colorScheme: "light",
      });
      for (const summary of await page.locator(".embed summary").all()) await summary.click();
      expect(await findings(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await findings(page, ["color-contrast"])).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      for (const target of await page.locator(".embed summary, .embed-load").all())
        expect((await target.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    }
  },
  300_000,
);
