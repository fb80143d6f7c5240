import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Validator from "@adobe/structured-data-validator";
import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { newsroom } from "./browser.ts";

const app = useApp({ siteName: "The Harbour Post" });

/** What is in the data is checked against schema.org's types where it is made; here it is what arrived. */
type Texts = Record<string, string>;

async function dataOn(path: string) {
  const { text } = await app.request().get(path).expect(200);
  const [, block] = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text) ?? [];
  const data = JSON.parse(block!) as Texts & { liveBlogUpdate: Texts[] };
  return { data, updates: data.liveBlogUpdate, block: block!, page: text };
}

const onPage = (blog: BlogAnswer) => dataOn(`/blogs/${blog.slug}`);

test("every update has its own headline, author, times and address, and what all share is said once", async () => {
  const blog = await app.blog({ title: "The storm", standfirst: "As it happens", language: "en-GB" });
  const first = await app.post(blog, { body: "<p>The wind is getting up.</p>", authors: [{ name: "Ada" }] });
  const media = [{ id: await app.picture(), alt: "Waves" }];
  const second = await app.post(blog, { headline: "Ferries stop", media, authors: [{ name: "Bo" }, { name: "Cy" }] });
  await newsroom(app, blog).edit(first, { correction: { text: "It was the rain." } });
  const { data, updates, block } = await onPage(blog);
  expect(updates).toHaveLength(2);
  expect(updates[0]).toMatchObject({
    "@type": "BlogPosting",
    headline: "Ferries stop",
    url: second.url,
    datePublished: second.publishedAt,
    dateModified: second.publishedAt,
    author: [
      { "@type": "Person", name: "Bo" },
      { "@type": "Person", name: "Cy" },
    ],
    image: [expect.stringMatching(new RegExp(`^${app.app.context.publicUrl}/media/.*jpg$`))],
  });
  expect(updates[1]).toMatchObject({
    headline: "The wind is getting up.",
    articleBody: "The wind is getting up.",
    url: first.url,
    correction: { "@type": "CorrectionComment", text: "It was the rain." },
  });
  expect(Date.parse(updates[1]!.dateModified!)).toBeGreaterThan(Date.parse(updates[1]!.datePublished!));
  expect(data).toMatchObject({
    "@type": "LiveBlogPosting",
    headline: "The storm",
    description: "As it happens",
    inLanguage: "en-GB",
    url: `${app.app.context.publicUrl}/blogs/${blog.slug}`,
    datePublished: first.publishedAt,
  });
  expect(block.match(/The Harbour Post/g)).toHaveLength(1);
});

test("coverage begins no later than the first post, and ends when the blog does, until it goes on", async () => {
  const blog = await app.blog();
  const { data: empty } = await onPage(blog);
  expect(empty.coverageStartTime).toBe(blog.createdAt);
  const editor = app.as(await app.person("editor"));
  const publishedAt = "2026-01-02T03:04:05.678Z";
  await editor.post(`/api/blogs/${blog.slug}/posts`).send({ body: "<p>From before</p>", publishedAt }).expect(201);
  await app.post(blog);
  const { data: live, updates } = await onPage(blog);
  expect(live.coverageStartTime).toBe(publishedAt);
  for (const { datePublished } of updates) expect(live.coverageStartTime! <= datePublished!).toBe(true);
  expect(live).not.toHaveProperty("coverageEndTime");
  await newsroom(app, blog).close();
  expect((await onPage(blog)).data.coverageEndTime).toBe((await app.now(blog)).closedAt);
  await newsroom(app, blog).reopen();
  expect((await onPage(blog)).data).not.toHaveProperty("coverageEndTime");
});

test("no post breaks out of the data, and what was taken down is not in it", async () => {
  const nasty = "</script><script>alert(1)</script><!-- <script> \u2028 “x”";
  const blog = await app.blog({ title: nasty });
  await app.post(blog, { headline: nasty });
  const gone = await app.post(blog, { headline: "Taken down" });
  await newsroom(app, blog).remove(gone);
  const { data, updates, block, page } = await onPage(blog);
  expect(data.headline).toBe(nasty);
  expect(updates.map(({ headline }) => headline)).toEqual([nasty]);
  expect(block).not.toContain("<");
  expect(page).not.toContain("alert(1)</script>");
  expect(page).not.toContain("Taken down");
});

test("its size is bounded: texts are cut at a word, and the page has data of its newest 30 posts", async () => {
  const blog = await app.blog();
  const sentence = "Words of fifteen letters, immeasurabilities. ";
  await app.post(blog, { headline: "The newest", body: `<p>${sentence.repeat(200)}</p>` });
  // What is given an earlier time goes on the page of its neighbour, which may become long.
  const editor = app.as(await app.person("editor"));
  for (let n = 0; n < 35; n++) {
    const publishedAt = new Date(Date.UTC(2020, 0, 1, n)).toISOString();
    const post = { headline: `Post ${n}`, body: `<p>${sentence.repeat(200)}</p>`, publishedAt };
    await editor.post(`/api/blogs/${blog.slug}/posts`).send(post).expect(201);
  }
  const { updates, block } = await onPage(blog);
  expect(updates).toHaveLength(30);
  expect(updates.slice(0, 2).map(({ headline }) => headline)).toEqual(["The newest", "Post 34"]);
  for (const { articleBody } of updates)
    expect(articleBody).toMatch(
      /^(Words of fifteen letters, immeasurabilities\. )+[^…]*(Words|of|fifteen|letters,|immeasurabilities\.) …$/,
    );
  expect(Buffer.byteLength(block)).toBeLessThan(30_000);
});

test("others' checker knows all types and properties, and misses nothing", async () => {
  const blog = await app.blog({ standfirst: "About it" });
  const attribution = { name: "Birgit Aune", role: null, source: null, sourceUrl: null };
  const corrected = await app.post(blog, { kind: "quote", quote: { text: "We left at once", attribution } });
  await newsroom(app, blog).edit(corrected, { correction: { text: "Not at once." } });
  await app.post(blog, { headline: "A picture", media: [{ id: await app.picture(), alt: "Waves" }] });
  await app.post(blog, { authors: [] });
  await newsroom(app, blog).close();
  const { data } = await onPage(blog);
  const checker = new Validator(await vocabulary());
  expect(await checker.validate({ jsonld: { LiveBlogPosting: [data] } })).toEqual([]);
  const wrong = structuredClone(data) as unknown as { liveBlogUpdate: Record<string, unknown>[] };
  Object.assign(wrong.liveBlogUpdate[0]!, { publishedOn: "today", author: [{ "@type": "Person" }] });
  expect(await checker.validate({ jsonld: { LiveBlogPosting: [wrong] } })).toHaveLength(2);
});

/** schema.org's classes and properties in the form that it publishes them in, from the types that npm has of them. */
async function vocabulary(): Promise<object> {
  const types = await readFile(fileURLToPath(import.meta.resolve("schema-dts")).replace(/\.js$/, ".d.ts"), "utf8");
  const classes = [...types.matchAll(/interface (\w+?)(?:Base|Leaf) extends ([^{]+)\{(.*?)^\}/gms)]
    // A class that has others below it is there twice.
    .filter(([, name, parents]) => !parents!.includes(`${name}Base`));
  return {
    "@graph": classes.flatMap(([, name, parents, body]) => [
      {
        "@type": "rdfs:Class",
        "@id": `schema:${name}`,
        "rdfs:subClassOf": [...parents!.matchAll(/(\w+)Base/g)].map(([, parent]) => ({ "@id": `schema:${parent}` })),
      },
      ...[...body!.matchAll(/^ {4}"(\w+)"\?:/gm)].map(([, property]) => ({
        "@type": "rdf:Property",
        "@id": `schema:${property}`,
        "schema:domainIncludes": { "@id": `schema:${name}` },
      })),
    ]),
  };
}
