import { Agent, get, type IncomingHttpHeaders } from "node:http";
import { afterAll, expect, test, vi } from "vitest";
import { useApp } from "./app.ts";

const app = useApp();
const agent = new Agent({ keepAlive: true, maxSockets: 100 });
afterAll(() => agent.destroy());

const READERS = 1_000;

/** One question of somebody without a socket. */
function ask(path: string, headers: IncomingHttpHeaders = {}): Promise<{ status: number; etag: string; text: string }> {
  return new Promise((resolve, reject) => {
    get(app.url + path, { agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode!, etag: response.headers.etag!, text }));
    }).on("error", reject);
  });
}

const everybody = <T>(one: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: READERS }, one));

test("a thousand readers without sockets cost one rendering a version, of whatever they ask for", async () => {
  const blog = await app.blog();
  const { views } = app.app.context;
  const made = { page: vi.spyOn(views, "page"), feed: vi.spyOn(views, "feed"), post: vi.spyOn(views, "fragment") };
  let seen = "";
  for (let n = 1; n <= 2; n++) {
    const before = await app.now(blog);
    const post = await app.post(blog, { headline: `Post ${n}` });
    for (const spy of Object.values(made)) spy.mockClear();
    const updates = `/blogs/${blog.slug}/updates?after=${before.version}&epoch=${before.epoch}`;
    const batches = await everybody(() => ask(updates));
    for (const { text } of batches) expect(text).toContain(`post-${post.id}`);
    const pages = await everybody(() => ask(`/blogs/${blog.slug}`, { "if-none-match": seen }));
    for (const { status, text } of pages) expect([status, text.includes(`Post ${n}<`)]).toEqual([200, true]);
    seen = pages[0]!.etag;
    const again = await everybody(() => ask(`/blogs/${blog.slug}`, { "if-none-match": seen }));
    for (const { status } of again) expect(status).toBe(304);
    const feeds = await everybody(() => ask(`/blogs/${blog.slug}/feed.atom`));
    for (const { text } of feeds) expect(text).toContain(`<title>Post ${n}</title>`);
    expect(made.page.mock.calls.map(([name]) => name)).toEqual(["blog"]);
    expect(made.feed.mock.calls.map(([name]) => name)).toEqual(["atom"]);
    expect(made.post.mock.calls.filter(([name]) => name === "post")).toHaveLength(1);
  }
});
