import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { newsroom } from "./browser.ts";

const app = useApp({ siteName: "The Harbour Post" });

/** What a page says to those who show a link to it, by name. */
async function tagsOn(path: string): Promise<Record<string, string>> {
  const { text } = await app.request().get(path).redirects(1).expect(200);
  const tags = [...text.matchAll(/<meta (?:property|name)="((?:og|article|twitter):[^"]+)" content="([^"]*)">/g)];
  return Object.fromEntries(tags.map(([, name, content]) => [name, content!.replaceAll("&#x3D;", "=")]));
}

const cardOf = (blog: BlogAnswer, rest = "") => app.request().get(`/blogs/${blog.slug}${rest}/card.png`);

/** Pixels of a card that are not of the same colour. */
async function different(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all([one, other].map((png) => sharp(png).removeAlpha().greyscale().raw().toBuffer()));
  return a!.reduce((sum, value, n) => sum + (Math.abs(value - b![n]!) > 40 ? 1 : 0), 0);
}

test("a link to a blog is shown with its title, and with a picture that says whether it is live", async () => {
  const blog = await app.blog({ title: "Storm & surge", standfirst: "As it happens" });
  const first = await app.post(blog);
  const url = `${app.app.context.publicUrl}/blogs/${blog.slug}`;
  expect(await tagsOn(`/blogs/${blog.slug}`)).toEqual({
    "og:type": "article",
    "og:site_name": "The Harbour Post",
    "og:title": "Storm &amp; surge",
    "og:description": "As it happens",
    "og:url": url,
    "og:image": `${url}/card.png`,
    "og:image:type": "image/png",
    "og:image:width": "1200",
    "og:image:height": "630",
    "og:image:alt": "Storm &amp; surge",
    "article:published_time": first.publishedAt,
    "article:modified_time": expect.any(String),
    "twitter:card": "summary_large_image",
    "twitter:image:alt": "Storm &amp; surge",
  });
  const live = await cardOf(blog).expect(200).expect("Content-Type", "image/png");
  expect(await sharp(live.body).metadata()).toMatchObject({ width: 1200, height: 630, format: "png" });
  expect(live.body.length).toBeLessThan(60_000);
  await cardOf(blog).set("If-None-Match", live.headers.etag!).expect(304);
  await newsroom(app, blog).close();
  const closed = await cardOf(blog).set("If-None-Match", live.headers.etag!).expect(200);
  expect(await different(live.body, closed.body)).toBeGreaterThan(1_000);
  await newsroom(app, blog).reopen();
  expect((await cardOf(blog)).headers.etag).toBe(live.headers.etag);
});

test("a permalink is shown with what its own post says, and with the post's picture where it has one", async () => {
  const blog = await app.blog({ title: "The storm" });
  const words = await app.post(blog, { headline: "Ferries stop", body: "<p>None goes before <em>noon</em>.</p>" });
  const id = await app.picture(1500, 750);
  const seen = await app.post(blog, { body: "<p>Look.</p>", media: [{ id, alt: "Waves over the mole" }] });
  const page = (post: { id: string }) => `/blogs/${blog.slug}?page=with:${post.id}`;
  const { publicUrl } = app.app.context;
  expect(await tagsOn(`/blogs/${blog.slug}/posts/${words.id}`)).toMatchObject({
    "og:title": "Ferries stop",
    "og:description": "None goes before noon.",
    "og:url": publicUrl + page(words),
    "og:image": `${words.url}/card.png`,
    "article:published_time": words.publishedAt,
  });
  expect(await tagsOn(page(words))).toEqual(await tagsOn(`/blogs/${blog.slug}/posts/${words.id}`));
  const shown = await tagsOn(page(seen));
  expect(shown).toMatchObject({
    "og:title": "Look.",
    "og:description": "The storm",
    "og:image:alt": "Waves over the mole",
    "og:image:type": "image/jpeg",
    "og:image:width": "1280",
    "og:image:height": "640",
  });
  const picture = await app.request().get(shown["og:image"]!.replace(publicUrl, "")).expect(200);
  expect(await sharp(picture.body).metadata()).toMatchObject({ width: 1280, height: 640 });
  const before = await cardOf(blog, `/posts/${words.id}`).expect(200);
  await newsroom(app, blog).edit(words, { headline: "Ferries go again" });
  const after = await cardOf(blog, `/posts/${words.id}`).set("If-None-Match", before.headers.etag!).expect(200);
  expect(await different(before.body, after.body)).toBeGreaterThan(500);
});

test("the card of what was taken down is gone, and there is none of what readers never saw", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Taken down" });
  const draft = await app.post(blog, { headline: "A draft", status: "draft" });
  await cardOf(blog, `/posts/${post.id}`).expect(200).expect("Cache-Control", "public, max-age=60");
  await newsroom(app, blog).remove(post);
  await cardOf(blog, `/posts/${post.id}`).expect(410);
  await cardOf(blog, `/posts/${draft.id}`).expect(404);
  await cardOf(blog, "/posts/999999").expect(404);
  await cardOf(blog, "/posts/nonsense").expect(404);
  await app.request().get("/blogs/not-there/card.png").expect(404);
  expect(await tagsOn(`/blogs/${blog.slug}`)).not.toMatchObject({ "og:title": "Taken down" });
});

test("a card looks as it did when somebody looked at it", async () => {
  const blog = await app.blog({ title: "The storm" });
  const { id } = await app.post(blog, { headline: "Second high water: 5.41 metres, and the wall at Łódź & Ål holds" });
  const { body } = await cardOf(blog, `/posts/${id}`).expect(200);
  // To keep a new look: write `body` there, and open it.
  const kept = await readFile(join(import.meta.dirname, "share-card.png"));
  expect(await different(kept, body)).toBeLessThan(200);
});

test("long titles fit, markup is only text, and letters that this machine does not have are left out", async () => {
  const blank = await cardOf(await app.blog({ title: "\u{1f6d0}\u{13000}" })).expect(200);
  for (const title of [
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(3),
    "Words that go on ".repeat(11),
    "<b>A & B</b> <span foreground='red'>",
    "Łódź, Đà Nẵng",
  ]) {
    const { body } = await cardOf(await app.blog({ title })).expect(200);
    expect(await different(blank.body, body), title).toBeGreaterThan(2_000);
    // Nothing reaches the edges of the paper.
    for (const edge of [
      { left: 0, top: 20, width: 60, height: 610 },
      { left: 1140, top: 20, width: 60, height: 610 },
      { left: 0, top: 520, width: 1200, height: 16 },
    ]) {
      const { channels } = await sharp(await sharp(body).extract(edge).png().toBuffer()).stats();
      expect(Math.min(...channels.map(({ min }) => min)), title).toBeGreaterThan(220);
    }
  }
});
