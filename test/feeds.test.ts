import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import RssParser from "rss-parser";
import { expect, onTestFinished, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { newsroom } from "./browser.ts";
import { wholeStory } from "./whole-story.ts";

const HUB = "https://hub.example.org/";
const FORMATS = ["atom", "rss", "json"] as const;

const app = useApp({ siteName: "The Harbour Post", webSubHub: HUB });

const hasNewsboat = (() => {
  try {
    return execFileSync("newsboat", ["-v"]).length > 0;
  } catch {
    return false;
  }
})();

const feed = (blog: BlogAnswer, format: (typeof FORMATS)[number]) => `/blogs/${blog.slug}/feed.${format}`;

async function read(blog: BlogAnswer, format: (typeof FORMATS)[number]) {
  const { text, headers } = await app.request().get(feed(blog, format)).buffer(true).expect(200);
  return { text, headers };
}

test("others' parsers find every element of a post in every format, with whole addresses", async () => {
  const blog = await everything();
  const [atom, rss, json] = await Promise.all(FORMATS.map((format) => read(blog, format)));
  expect([atom, rss, json].map((answer) => answer!.headers["content-type"])).toEqual([
    "application/atom+xml; charset=utf-8",
    "application/rss+xml; charset=utf-8",
    "application/feed+json; charset=utf-8",
  ]);
  const parser = new RssParser();
  const items = JSON.parse(json!.text).items as { title?: string; content_html: string; date_modified: string }[];
  const contents = {
    atom: (await parser.parseString(atom!.text)).items.map(({ title, content }) => [title, content]),
    rss: (await parser.parseString(rss!.text)).items.map(({ title, content }) => [title, content]),
  };
  expect(contents.atom).toEqual(contents.rss);
  expect(contents.atom.map(([, content]) => content)).toEqual(items.map((item) => item.content_html));
  expect(contents.atom.map(([title]) => title)).toEqual([
    "A picture and a link",
    "On Wednesday",
    "Is it true?",
    "I was there.",
    "We left at once",
  ]);
  const all = items.map((item) => item.content_html.replace(/<\/?bdi>| dir="auto"/g, "")).join("\n");
  for (const part of [
    "<p>We left at once</p></blockquote>",
    "Birgit Aune, captain of the ferry",
    '<cite><a href="https://radio.example/">Radio</a></cite>',
    "A reader",
    "<p>So you were.</p>",
    "<strong>Unverified</strong> The newsroom has not been able to verify this.",
    "<strong>Correction</strong>",
    "It was Tuesday.",
    "The mole at dusk",
    "A. Photographer",
    `<a href="${app.app.context.publicUrl}/desk">here</a>`,
  ])
    expect(all).toContain(part);
  expect(all).toMatch(new RegExp(`<img src="${app.app.context.publicUrl}/media/[^"]+" [^>]*alt="A harbour"`));
  expect(all).not.toMatch(/(href|src)="\/|class=|<span|<script/);
  expect(all).not.toContain("On Wednesday");
});

test("link cards, galleries and sources come along, and what only works on the page does not", async () => {
  const blog = await wholeStory(app);
  const { items } = JSON.parse((await read(blog, "json")).text) as { items: { content_html: string }[] };
  const all = items.map((item) => item.content_html).join("\n");
  for (const part of [
    '<a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">',
    "Waves over the pier",
    "Storm &lt;b&gt;at&lt;/b&gt; sea",
    '<a href="https://reuters.example/">',
    "captain of the ferry",
    "An earlier version said that the bridge is closed. It is open.",
    "<h3>How to get home</h3>",
  ])
    expect(all).toContain(part);
  expect(all.match(/<img /g)).toHaveLength(2);
  expect(all).not.toMatch(/iframe|embed-player|youtube-nocookie|Share|\shidden/);
  // Every element that begins ends, in order.
  const open: string[] = [];
  for (const [tag, end, name] of all.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g))
    if (!tag.endsWith("/>")) expect(end ? open.pop() : open.push(name!) && name).toBe(name);
  expect(open).toEqual([]);
});

test("a feed says whose it is, in which language, where the page and the hub are, and who wrote each post", async () => {
  const blog = await app.blog({ title: "Orkan über der Küste", standfirst: "Alles dazu", language: "de-AT" });
  const post = await app.post(blog, { headline: "Erste Böen", authors: [{ name: "Ada Ahlers" }, { name: "Bo Berg" }] });
  const { publicUrl } = app.app.context;
  const [atom, rss, json] = await Promise.all(FORMATS.map((format) => read(blog, format)));
  for (const { text } of [atom!, rss!, json!])
    for (const part of ["Orkan über der Küste", "Alles dazu", "de-AT", HUB, "Ada Ahlers", "Bo Berg", post.url])
      expect(text).toContain(part);
  for (const { text } of [atom!, json!]) expect(text).toContain("The Harbour Post");
  for (const [n, format] of FORMATS.entries()) {
    const self = publicUrl + feed(blog, format);
    expect([atom, rss, json][n]!.text).toContain(self);
    expect([atom, rss, json][n]!.headers.link).toBe(`<${self}>; rel="self", <${HUB}>; rel="hub"`);
  }
  const page = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  for (const format of FORMATS) {
    expect(page.text).toMatch(
      new RegExp(`<link rel="alternate" type="[^"]+" title="${blog.title} \\([^"]+" href="[^"]*/feed\\.${format}"`),
    );
    expect(page.text).toMatch(new RegExp(`<a href="[^"]*/feed\\.${format}"`));
  }
});

test("an edit keeps a post's id and place and moves its time of change on", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Before" });
  await app.post(blog, { headline: "Later" });
  const ids = async () => JSON.parse((await read(blog, "json")).text).items.map(({ id }: { id: string }) => id);
  const before = await ids();
  await newsroom(app, blog).edit(post, { headline: "After" });
  await newsroom(app, blog).mark(post, "pin");
  expect(await ids()).toEqual(before);
  const item = JSON.parse((await read(blog, "json")).text).items[1];
  expect(item.title).toBe("After");
  expect(item.date_published).toBe(post.publishedAt);
  expect(Date.parse(item.date_modified)).toBeGreaterThan(Date.parse(item.date_published));
  for (const format of ["atom", "rss"] as const) expect((await read(blog, format)).text).toContain(before[1]);
});

test("what is taken down is gone from every feed at once, and leaves a tombstone without a word", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Taken down", body: "<p>A name</p>" });
  const draft = await app.post(blog, { headline: "Taken back" });
  await app.post(blog, { headline: "Stays" });
  const before = await Promise.all(FORMATS.map((format) => read(blog, format)));
  const [, , taken] = JSON.parse(before[2]!.text).items;
  await newsroom(app, blog).remove(post);
  await newsroom(app, blog).edit(draft, { status: "draft" });
  for (const [n, format] of FORMATS.entries()) {
    const { text } = await app
      .request()
      .get(feed(blog, format))
      .set("If-None-Match", String(before[n]!.headers.etag))
      .buffer(true)
      .expect(200);
    for (const words of ["Taken down", "A name", "Taken back"]) expect(text).not.toContain(words);
    expect(text).toContain("Stays");
  }
  const removedAt = JSON.parse((await read(blog, "json")).text)._removed.items[1];
  expect(removedAt.id).toBe(taken.id);
  const atom = (await read(blog, "atom")).text;
  expect(atom).toContain(`<at:deleted-entry ref="${removedAt.id}" when="${removedAt.when}"/>`);
  expect(atom.match(/<at:deleted-entry/g)).toHaveLength(2);
  expect(atom).toContain('xmlns:at="http://purl.org/atompub/tombstones/1.0"');
});

test("what was never shown leaves no trace in a feed", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Only a draft", status: "draft" });
  for (const format of FORMATS) {
    const { text } = await read(blog, format);
    expect(text).not.toContain("Only a draft");
    expect(text).not.toMatch(/deleted-entry ref|"id":"tag:[^"]*posts/);
  }
});

test("whoever has a feed already is told so in 304, by its tag and, once it has rested, by its time", async () => {
  const blog = await app.blog();
  await app.post(blog);
  for (const format of FORMATS) {
    const { headers } = await read(blog, format);
    expect(headers["last-modified"]).toBeUndefined();
    expect(headers["cache-control"]).toContain("s-maxage=1");
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["surrogate-key"]).toBe(`blog-${blog.slug}`);
    const { headers: packed } = await app.request().get(feed(blog, format)).set("Accept-Encoding", "br, gzip");
    expect([packed["content-encoding"], packed.vary, packed.etag]).toEqual(["br", "Accept-Encoding", headers.etag]);
    const again = await app.request().get(feed(blog, format)).set("If-None-Match", String(headers.etag)).expect(304);
    expect(again.headers.etag).toBe(headers.etag);
    expect(again.headers.link).toBe(headers.link);
  }
  const { db } = app.app.context;
  const old = new Date("2026-01-02T03:04:05.678Z");
  const rested = await app.blog();
  await db.updateTable("streams").set({ changed_at: old }).where("blog_id", "=", rested.id).execute();
  const { headers } = await read(rested, "atom");
  expect(headers["last-modified"]).toBe("Fri, 02 Jan 2026 03:04:05 GMT");
  const asked = (since: string) => app.request().get(feed(rested, "atom")).set("If-Modified-Since", since);
  await asked(String(headers["last-modified"])).expect(304);
  await asked("Fri, 02 Jan 2026 03:04:04 GMT").expect(200);
  await asked("nonsense").expect(200);
  await asked(String(headers["last-modified"])).set("If-None-Match", '"another"').expect(200);
});

test("every answer about a blog has the key by which a CDN drops all of them", async () => {
  const blog = await app.blog();
  const post = await app.post(blog);
  const { version, epoch } = await app.now(blog);
  const path = `/blogs/${blog.slug}`;
  for (const rest of [
    "",
    `?page=with:${post.id}`,
    "/comments",
    `/updates?after=${version}&epoch=${epoch}`,
    "/card.png",
  ])
    await app
      .request()
      .get(path + rest)
      .expect(200)
      .expect("Surrogate-Key", `blog-${blog.slug}`);
  await app.request().get(`${path}/posts/${post.id}/card.png`).expect("Surrogate-Key", `blog-${blog.slug}`);
});

test("no post breaks out of a feed, whatever is in it", async () => {
  const blog = await app.blog({ title: "A & B <c> ]]>" });
  const nasty = "]]></title><script>alert(1)</script> & “’ = ` \u{1f30a}";
  await app.post(blog, {
    headline: nasty,
    body: "<p>]]&gt; &lt;/content&gt; &amp;amp; \u0085 \ufffe</p>",
    tags: ["a&b<"],
  });
  // What came in before our checks did, or around them.
  const { db } = app.app.context;
  await db
    .updateTable("posts")
    .set({ headline: `${nasty}\u0001\u000b\uffff` })
    .where("blog_id", "=", blog.id)
    .execute();
  const parser = new RssParser();
  for (const format of ["atom", "rss"] as const) {
    const { text } = await read(blog, format);
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    const parsed = await parser.parseString(text);
    expect(parsed.title).toBe("A & B <c> ]]>");
    expect(parsed.items).toHaveLength(1);
    expect(parsed.items[0]!.title).toBe(nasty);
  }
});

test("a feed of 10,000 posts has the newest 50, and large posts make it shorter", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "The first" });
  await fill(blog, 10_000, "<p>Words</p>");
  for (const format of FORMATS) {
    const { text } = await read(blog, format);
    expect(text.length).toBeLessThan(60_000);
    expect(text.match(/The newest \d+/g)!.length).toBeGreaterThanOrEqual(50);
    expect(text).not.toContain("The newest 9950");
    expect(text).toContain("The newest 9951");
  }
  const large = await app.blog();
  await app.post(large);
  await fill(large, 60, `<p>${"Words and words. ".repeat(3_000)}</p>`);
  const { items } = JSON.parse((await read(large, "json")).text);
  expect(items.length).toBe(7);
});

test("a feed that there is not is a 404, and nothing is kept of it", async () => {
  await app.request().get("/blogs/not-there/feed.atom").expect(404);
  const blog = await app.blog();
  await app.request().get(`/blogs/${blog.slug}/feed.xml`).expect(404);
  await app.request().post(feed(blog, "atom")).expect(404);
});

for (const format of ["atom", "rss"] as const)
  test.skipIf(!hasNewsboat)(`newsboat reads our ${format}, and again after an edit (requires newsboat)`, async () => {
    const blog = await everything();
    const reload = await subscribe(feed(blog, format));
    const rows = await reload();
    expect(new Set(rows.map(({ guid }) => guid)).size).toBe(5);
    expect(rows.map(({ title }) => title)).toContain("A picture and a link");
    expect(rows.map(({ author }) => author)).toContain("A reporter");
    expect(rows.map(({ content }) => content).join("")).toContain("captain of the ferry");
    const { posts } = (await app.request().get(`/api/blogs/${blog.slug}/posts`)).body;
    await newsroom(app, blog).edit(posts[0], { headline: "Another headline" });
    const titles = (await reload()).map(({ title }) => title);
    expect(titles).toHaveLength(5);
    expect(titles).toContain("Another headline");
  });

/** @returns what asks for the feed again, and then says what newsboat knows */
async function subscribe(path: string) {
  const directory = await mkdtemp(join(tmpdir(), "dateline-newsboat-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = (name: string) => join(directory, name);
  await writeFile(file("config"), "");
  await writeFile(file("urls"), `${app.url}${path}\n`);
  const options = ["-u", file("urls"), "-c", file("cache"), "-C", file("config"), "-x", "reload"];
  return async () => {
    await promisify(execFile)("newsboat", options, { env: { ...process.env, HOME: directory } });
    const cache = new DatabaseSync(file("cache"), { readOnly: true });
    const rows = cache.prepare("select guid, title, author, content from rss_item").all();
    cache.close();
    return rows as { guid: string; title: string; author: string; content: string }[];
  };
}

/** A blog with a post of every kind and every mark. */
async function everything(): Promise<BlogAnswer> {
  const blog = await app.blog();
  const attribution = {
    name: "Birgit Aune",
    role: "captain of the ferry",
    source: "Radio",
    sourceUrl: "https://radio.example/",
  };
  await app.post(blog, { kind: "quote", quote: { text: "We left at once", attribution } });
  const { id } = await app.approvedComment(blog);
  await app.post(blog, { kind: "comment", commentId: id, body: "<p>So you were.</p>" });
  await app.post(blog, { headline: "Is it true?", verification: "unverified" });
  const corrected = await app.post(blog, { headline: "On Wednesday", keyEvent: true });
  await newsroom(app, blog).edit(corrected, { correction: { text: "It was Tuesday." } });
  const media = [{ id: await app.picture(), alt: "A harbour", caption: "The mole at dusk", credit: "A. Photographer" }];
  await app.post(blog, { headline: "A picture and a link", body: '<p>It is <a href="/desk">here</a></p>', media });
  return blog;
}

/** Many posts at once, as the first one is but for headline and body. */
async function fill(blog: BlogAnswer, posts: number, body: string): Promise<void> {
  const { sql } = app.app.context;
  await sql`
    insert into posts (blog_id, kind, status, headline, body, position, desk_position, page, created_at, published_at, updated_at, shown_at)
    select blog_id, kind, status, 'The newest ' || n, ${body}, 100 + n, 100 + n, n / 20,
      clock_timestamp(), published_at + n * interval '1 second', updated_at, shown_at
    from posts, generate_series(1, ${posts}::integer) n where blog_id = ${blog.id} and headline is not distinct from
      (select headline from posts where blog_id = ${blog.id} order by id limit 1)`;
  await sql`
    update streams set version = ${posts + 100}::integer, published = ${posts + 1}::integer, visible = ${posts + 1}::integer
    where blog_id = ${blog.id} and kind = 'blog'`;
}
