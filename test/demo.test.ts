import { expect, test } from "vitest";
import { DEMO_ACCOUNTS, DEMO_PASSWORD, ensureDemo } from "../server/demo/demo.ts";
import { useApp } from "./app.ts";
import { everyPost } from "./reader-page.ts";

const app = useApp();

test("an empty newsroom gets a live story with every kind of post, in order, and making it twice changes nothing", async () => {
  const { sql } = app.app.context;
  const began = performance.now();
  expect(await ensureDemo(app.app.context)).toBe(true);
  console.log(`the demo took ${Math.round(performance.now() - began)} ms`);
  const before = await sql`select id, version, updated_at from posts order by id`;
  expect(await ensureDemo(app.app.context)).toBe(true);
  expect(await sql`select id, version, updated_at from posts order by id`).toEqual(before);

  const posts = await sql`select * from posts where status = 'published' order by published_at, id`;
  expect(posts.length).toBeGreaterThanOrEqual(55);
  expect(posts.map(({ id }) => Number(id))).toEqual(posts.map(({ id }) => Number(id)).sort((a, b) => a - b));
  for (const kind of ["entry", "quote", "comment"])
    expect(posts.filter((post) => post.kind === kind).length).toBeGreaterThanOrEqual(6);
  expect(posts.filter((post) => post.key_event).length).toBeGreaterThanOrEqual(6);
  expect(posts.filter((post) => post.pinned_at)).toHaveLength(1);
  expect(posts.filter((post) => post.correction).length).toBeGreaterThanOrEqual(3);
  expect(posts.filter((post) => post.media.length)).toHaveLength(6);
  expect(posts.at(-1)!.published_at.getTime()).toBeLessThan(Date.now());
  expect(await sql`select 1 from posts where status = 'removed'`).toHaveLength(1);
  expect(await everyPost(app, "demo")).toHaveLength(posts.length);
  const { body: blog } = await app.request().get("/api/blogs/demo").expect(200);
  expect(blog.postCount).toBe(posts.length);
  const changes = await sql`select position, updated_at from posts where position is not null order by position`;
  expect(changes.map(({ updated_at }) => updated_at)).toEqual(
    changes.map(({ updated_at }) => updated_at).sort((a, b) => a - b),
  );
});

test("the discussion has decided, waiting and rejected comments, and the demo's people can sign in", async () => {
  const { sql } = app.app.context;
  const counts = await sql`select status, count(*)::int from comments group by status order by status`;
  const byStatus = Object.fromEntries(counts.map(({ status, count }) => [status, count]));
  expect(byStatus.approved).toBeGreaterThan(90);
  expect(byStatus.pending).toBeGreaterThanOrEqual(15);
  expect(byStatus.rejected).toBeGreaterThanOrEqual(5);
  for (const { email } of DEMO_ACCOUNTS)
    await app.request().post("/api/auth/sign-in/email").send({ email, password: DEMO_PASSWORD }).expect(200);
});
