import { expect, onTestFinished, test, vi } from "vitest";
import { useApp } from "./app.ts";
import { newsroom } from "./browser.ts";

const app = useApp({ siteName: "The Harbour Post" });

/** Sitemaps are written anew after some seconds only; each server writes its own. */
async function fresh(path: string) {
  const server = await app.start();
  const response = await app.request(server).get(path).expect(200);
  return { text: response.text, headers: response.headers, publicUrl: server.context.publicUrl, server };
}

test("the sitemap has every blog with something to read, and when it last changed", async () => {
  const blog = await app.blog();
  await app.post(blog);
  const empty = await app.blog();
  const emptied = await app.blog();
  await newsroom(app, emptied).remove(await app.post(emptied));
  const { text, headers, publicUrl } = await fresh("/sitemap.xml");
  const { updatedAt } = await app.now(blog);
  expect(text).toContain(`<url><loc>${publicUrl}/blogs/${blog.slug}</loc><lastmod>${updatedAt}</lastmod></url>`);
  expect(text).toContain('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">');
  for (const { slug } of [empty, emptied]) expect(text).not.toContain(slug);
  expect(headers["content-type"]).toBe("application/xml; charset=utf-8");
  expect(headers["cache-control"]).toBe("public, max-age=60");
});

test("the news sitemap has the blogs whose story began in the last two days", async () => {
  const blog = await app.blog({ title: "Fish & <chips>", language: "en-GB" });
  const first = await app.post(blog);
  await app.post(blog);
  const old = await app.blog();
  const editor = app.as(await app.person("editor"));
  const publishedAt = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000).toISOString();
  await editor.post(`/api/blogs/${old.slug}/posts`).send({ body: "<p>Old</p>", publishedAt }).expect(201);
  await app.post(old);
  const { text, publicUrl } = await fresh("/news-sitemap.xml");
  expect(text).toContain('xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"');
  expect(text).not.toContain(old.slug);
  for (const part of [
    `<loc>${publicUrl}/blogs/${blog.slug}</loc>`,
    "<news:name>The Harbour Post</news:name><news:language>en</news:language>",
    `<news:publication_date>${first.publishedAt}</news:publication_date>`,
    "<news:title>Fish &amp; &lt;chips&gt;</news:title>",
  ])
    expect(text).toContain(part);
});

test("robots are told where the sitemaps are, and what is nothing for them", async () => {
  const { text, publicUrl } = await fresh("/robots.txt");
  for (const name of ["sitemap", "news-sitemap"]) expect(text).toContain(`Sitemap: ${publicUrl}/${name}.xml\n`);
  expect(text).toContain("User-agent: *\nDisallow: /api/\n");
  expect(text).not.toMatch(/Disallow: \/(blogs\/)?$/m);
});

test("a sitemap that has not changed is 304, and is written again after a while", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-22T10:00:00Z") });
  onTestFinished(() => void vi.useRealTimers());
  const { headers, server, text } = await fresh("/sitemap.xml");
  const again = () => app.request(server).get("/sitemap.xml").set("If-None-Match", String(headers.etag));
  await again().expect(304);
  const blog = await app.blog();
  await app.post(blog);
  expect((await app.request(server).get("/sitemap.xml")).text).toBe(text);
  vi.setSystemTime(new Date("2026-11-22T10:00:10Z"));
  expect((await again().expect(200)).text).toContain(blog.slug);
});
