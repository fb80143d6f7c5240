import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { countReaders, forgetOldReadership, readersNow } from "../server/desk/readership.ts";
import { next, useApp } from "./app.ts";

const app = useApp();
const LONG_ENOUGH = 45_000;

test(
  "the desk hears how many read the blog now, over all servers, and readers with the next head",
  async () => {
    const other = await app.start();
    const blog = await app.blog();
    const desk = await app.deskFollower(blog, await app.person("contributor"));
    const readers = [await app.follower(blog), await app.follower(blog), await app.follower(blog, other)];
    const heard = async (wanted: number) => {
      while ((await next(desk.socket, "presence")).readers !== wanted);
    };
    const readersAreTold = async () => {
      while ((await next(readers[0]!.socket, "head")).readers !== 3);
    };
    await Promise.all([heard(3), readersAreTold()]);
    const answer = await app
      .as(await app.person("contributor"))
      .get(`/api/blogs/${blog.slug}/readership`)
      .expect(200);
    expect(answer.body.now).toBe(3);
    expect(Math.max(...answer.body.points.map(({ readers }: { readers: number }) => readers))).toBe(3);
    readers.forEach(({ socket }) => socket.disconnect());
    await heard(0);
  },
  LONG_ENOUGH * 2,
);

test("a server that says nothing for half a minute has no readers any more, and a minute keeps the most it had", async () => {
  const { db } = app.app.context;
  const blog = await app.blog();
  const [one, two] = [randomUUID(), randomUUID()];
  const now = async () => (await readersNow(db, [blog.id])).get(blog.id) ?? 0;
  await countReaders(db, one, new Map([[blog.id, 5]]));
  await countReaders(db, two, new Map([[blog.id, 7]]));
  expect(await now()).toBe(12);
  await sql`update reader_counts set at = at - interval '29 seconds' where process = ${one}`.execute(db);
  expect(await now()).toBe(12);
  await sql`update reader_counts set at = at - interval '2 seconds' where process = ${one}`.execute(db);
  expect(await now()).toBe(7);
  await countReaders(db, two, new Map([[blog.id, 1]]));
  await countReaders(db, two, new Map([["999999999", 1]]));
  expect(await now()).toBe(0);
  const { rows } = await sql<{
    most: number;
  }>`select max(readers) as most from readership where blog_id = ${blog.id}`.execute(db);
  expect(rows[0]!.most).toBe(12);
});

test("the graph has the minutes of the hours asked for and the posts in them; two days are kept", async () => {
  const { db } = app.app.context;
  const blog = await app.blog();
  const post = await app.post(blog, { body: "<p>The first words of it</p>" });
  await sql`
    insert into readership (blog_id, minute, readers)
    select ${blog.id}, date_trunc('minute', now()) - make_interval(hours => hours), hours * 10
    from unnest(array[1, 5, 7, 47, 49]) hours`.execute(db);
  await forgetOldReadership(db);
  const contributor = app.as(await app.person("contributor"));
  const graph = async (query: string) =>
    (await contributor.get(`/api/blogs/${blog.slug}/readership${query}`).expect(200)).body;
  const readers = (points: { readers: number }[]) => points.map((point) => point.readers);
  expect(readers((await graph("")).points)).toEqual([50, 10]);
  expect(readers((await graph("?hours=48")).points)).toEqual([470, 70, 50, 10]);
  expect(await graph("?hours=1")).toMatchObject({
    now: 0,
    posts: [{ id: post.id, at: post.publishedAt, title: "The first words of it" }],
  });
  await contributor.get(`/api/blogs/${blog.slug}/readership?hours=49`).expect(422);
  await app.request().get(`/api/blogs/${blog.slug}/readership`).expect(401);
});
