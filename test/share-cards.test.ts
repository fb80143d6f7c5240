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

/** Waits for one that is not the one with this tag. */
async function newCard(blog: BlogAnswer, rest: string, tag: string) {
  const ask = () => cardOf(blog, rest).set("If-None-Match", tag);
  await expect.poll(async () => (await ask()).headers.etag, { timeout: 20_000 }).not.toBe(tag);
  return ask().expect(200);
}

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
  const { publicUrl } = app.app.context;
  expect(await tagsOn(`/blogs/${blog.slug}/comments?sort=oldest&said=sent`)).toEqual({
    "og:type": "website",
    "og:site_name": "The Harbour Post",
    "og:title": "Discussion: Storm &amp; surge",
    "og:description": expect.stringContaining("Storm &amp; surge"),
    "og:url": `${url}/comments?sort=oldest`,
    "og:image": `${url}/card.png`,
    "og:image:type": "image/png",
    "og:image:width": "1200",
    "og:image:height": "630",
    "og:image:alt": "Storm &amp; surge",
    "twitter:card": "summary_large_image",
    "twitter:image:alt": "Storm &amp; surge",
  });
  expect(await tagsOn("/")).toMatchObject({
    "og:type": "website",
    "og:title": "Live blogs",
    "og:description": "Live, as it is written",
    "og:url": `${publicUrl}/`,
    "og:image": `${publicUrl}/card.png`,
  });
  const home = await app.request().get("/card.png").expect(200).expect("Content-Type", "image/png");
  expect(await sharp(home.body).metadata()).toMatchObject({ width: 1200, height: 630 });
  const live = await cardOf(blog).expect(200).expect("Content-Type", "image/png");
  expect(await sharp(live.body).metadata()).toMatchObject({ width: 1200, height: 630, format: "png" });
  expect(live.body.length).toBeLessThan(60_000);
  await cardOf(blog).set("If-None-Match", live.headers.etag!).expect(304);
  await newsroom(app, blog).close();
  const closed = await newCard(blog, "", live.headers.etag!);
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
  const after = await newCard(blog, `/posts/${words.id}`, before.headers.etag!);
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

test("all who ask for a card at once share one drawing; while a newer one cannot be had, the last stands in", async () => {
  const blog = await app.blog({ title: "Before" });
  const cards = await Promise.all(Array.from({ length: 60 }, () => cardOf(blog)));
  expect(new Set(cards.map(({ status, headers }) => `${status} ${headers.etag}`)).size).toBe(1);
  const before = await cardOf(blog).expect(200).expect("Cache-Control", "public, max-age=60");

  // As many others as may wait, on this server alone.
  const other = await app.start({ siteName: "The Harbour Post" });
  const blogs = await Promise.all(Array.from({ length: 21 }, () => app.blog()));
  const drawn = Promise.all(blogs.map((one) => cardOf(one)));
  await newsroom(app, blog).rename({ title: "After" });
  const meanwhile = await cardOf(blog).expect(200).expect("Cache-Control", "public, max-age=5");
  expect(meanwhile.headers.etag).toBe(before.headers.etag);
  expect(await different(before.body, meanwhile.body)).toBe(0);
  // Nothing has to be drawn for whoever has the newer one from somewhere else.
  const after = await app.request(other).get(`/blogs/${blog.slug}/card.png`).expect(200);
  await cardOf(blog).set("If-None-Match", after.headers.etag!).expect(304);
  await drawn;
  expect(await different(before.body, (await newCard(blog, "", before.headers.etag!)).body)).toBeGreaterThan(500);
});

test("every page is called after the newsroom, in its title, its masthead and the program that is installed", async () => {
  const blog = await app.blog({ title: "The storm" });
  for (const [path, title] of [
    ["/", "Live blogs"],
    [`/blogs/${blog.slug}`, "The storm"],
    [`/blogs/${blog.slug}/comments`, "Discussion: The storm"],
    ["/sign-in", "Sign in"],
    ["/offline", "You are offline"],
  ]) {
    const { text } = await app.request().get(path!).expect(200);
    expect(text, path).toContain(`<title>${title} – The Harbour Post</title>`);
    expect(text, path).toMatch(/<a class="wordmark" href="\/" dir="auto">The Harbour Post<\/a>/);
    expect(text, path).not.toMatch(/>[^<]*Dateline[^<]*</);
  }
  const missing = await app.request().get("/nothing-here").set("Accept", "text/html").expect(404);
  expect(missing.text).toMatch(/<title>[^<]* – The Harbour Post<\/title>/);
  const { body } = await app.request().get("/manifest.webmanifest").expect(200);
  const manifest = JSON.parse(body instanceof Buffer ? body.toString("utf8") : JSON.stringify(body));
  expect(manifest).toMatchObject({ name: "The Harbour Post", short_name: "The Harbour Post" });
});
