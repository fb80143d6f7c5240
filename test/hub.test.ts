import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openHub } from "../server/feeds/hub.ts";
import { useApp } from "./app.ts";

const app = useApp();
/** What the next words to the hub are answered with; then 202. */
const answers: number[] = [];
const words: URLSearchParams[] = [];
const heard = new EventEmitter();

const hub = createServer(async (request, response) => {
  words.push(new URLSearchParams(await text(request)));
  response.writeHead(answers.shift() ?? 202).end();
  heard.emit("word");
});

beforeAll(async () => {
  hub.listen(0, "127.0.0.1");
  await once(hub, "listening");
});
afterAll(() => {
  hub.close();
  hub.closeAllConnections();
});

const address = () => `http://127.0.0.1:${(hub.address() as AddressInfo).port}/`;

/** The first so many words to the hub about a blog, once they are there. */
async function told({ slug }: { slug: string }, times = 1): Promise<URLSearchParams[]> {
  for (;;) {
    const about = words.filter((word) => word.get("hub.url")?.includes(`/${slug}/`));
    if (about.length >= times) return about;
    await once(heard, "word");
  }
}

test("the hub is told of a blog's feeds when it changes, and several changes are one word", async () => {
  const server = await app.start({ webSubHub: address() });
  const blog = await app.blog();
  for (let n = 0; n < 3; n++) await app.post(blog, { headline: `Post ${n}` });
  const [said] = await told(blog);
  expect(said!.get("hub.mode")).toBe("publish");
  expect(said!.getAll("hub.url")).toEqual(
    ["atom", "rss", "json"].map((format) => `${server.context.publicUrl}/blogs/${blog.slug}/feed.${format}`),
  );
  const other = await app.blog();
  await app.post(other);
  await told(other);
  expect((await told(blog)).length).toBeLessThan(3);
});

test("a hub that does not take the word is told again, and then left alone", async () => {
  const [blog, other] = [await app.blog(), await app.blog()];
  const quick = openHub(app.app.context, address(), { first: 1, again: [1, 1] });
  answers.push(503, 500, 404);
  quick.changed(blog.id);
  await told(blog, 3);
  // A fourth word would come before this one.
  quick.changed(other.id);
  await told(other);
  expect(await told(blog)).toHaveLength(3);
  quick.stop();
});
