import { expect, test } from "vitest";
import { follow, next, reached, useApp } from "./app.ts";

const app = useApp();

test("a reader is pushed a new post exactly as the page shows it", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const post = await app.post(blog, { headline: "<b>Kick-off</b>", body: "<p>They <em>began</em>.</p>" });
  await reached(reader, 1);

  const page = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  const [change] = reader.batches[0]!.changes;
  expect(change!.target).toBe(`post-${post.id}`);
  expect(page.text).toContain(change!.html!);
  expect(change!.html).toContain("&lt;b&gt;Kick-off&lt;/b&gt;");
});

test("a reader who was away catches up in one step, with each post as it is now", async () => {
  const blog = await app.blog();
  const first = await app.post(blog, { body: "One" });
  await app.post(blog, { body: "Two" });
  const reporter = app.as(await app.person("reporter"));
  await reporter.delete(`/api/blogs/${blog.slug}/posts/${first.id}`, 1).send({ reason: "Wrong" }).expect(200);

  const answer = await follow(await app.reader(), blog, 0);

  if (!answer.ok) throw new Error(answer.problem.code);
  expect([answer.from, answer.to, answer.head]).toEqual([0, 3, 3]);
  const posts = answer.changes.filter(({ target }) => target.startsWith("post-"));
  expect(posts.map(({ html }) => html && /Two/.test(html))).toEqual([true, null]);
});

test("a change made through one server reaches the readers of another", async () => {
  const blog = await app.blog();
  const other = await app.start();
  const reader = await app.follower(blog, other);
  const pushed = next(reader.socket, "batch");
  await app.post(blog, { body: "Goal" });
  expect((await pushed).changes[0]!.html).toContain("Goal");
});
