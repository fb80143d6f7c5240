import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../server/connection.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { AUTH_SECRET, next, TestApp, useApp, type Person, type Reader } from "./app.ts";
import { ServerProcess } from "./server-process.ts";

const app = useApp();
// A machine that is busy with other things takes its time over so many requests.
vi.setConfig({ testTimeout: 120_000 });

const reporter = async () => app.as(await app.person("reporter"));
const pathOf = (blog: BlogAnswer, post?: { id: string }) => `/api/blogs/${blog.slug}/posts${post ? `/${post.id}` : ""}`;

/** The database's clock, which decides. */
async function soon(milliseconds: number): Promise<string> {
  const [row] = await app.app.context.sql<{ now: Date }[]>`select clock_timestamp() as now`;
  return new Date(row!.now.getTime() + milliseconds).toISOString();
}

async function schedule(blog: BlogAnswer, publishAt: string, fields: object = {}): Promise<PostAnswer> {
  const by = await reporter();
  const post = { body: "<p>At its time</p>", status: "scheduled", publishAt, ...fields };
  return (await by.post(pathOf(blog)).send(post).expect(201)).body;
}

/** Waits until the blog has so many visible posts, by what its readers are pushed. */
async function shown(reader: { socket: Reader }, blog: BlogAnswer, count: number): Promise<BlogAnswer> {
  for (;;) {
    const heard = next(reader.socket, "batch");
    const now = await app.now(blog);
    if (now.postCount >= count) return now;
    await heard;
  }
}

/** Waits for something at the desk of a blog. */
async function atDesk(blog: BlogAnswer, person: Person): Promise<Reader> {
  const { epoch } = await app.now(blog);
  const socket = await app.reader(app.app, person.token);
  const stream = `desk:${blog.slug}`;
  const refused = await socket.emitWithAck("follow", { stream, epoch, version: 0 });
  expect(refused.ok).toBe(true);
  return socket;
}

const late = (post: PostAnswer, publishAt: string) => Date.parse(post.publishedAt!) - Date.parse(publishAt);

test("posts that are due at once go out once each, within a second, from two servers", async () => {
  const other = await app.start();
  const blogs = [await app.blog(), await app.blog()];
  const followers = await Promise.all(blogs.map((blog) => app.follower(blog, other)));
  const publishAt = await soon(5_000);
  const posts = await Promise.all(
    Array.from({ length: 24 }, (_, n) => schedule(blogs[n % 2]!, publishAt, { headline: `Number ${n}` })),
  );
  expect(posts.every(({ status, publishedAt }) => status === "scheduled" && publishedAt === null)).toBe(true);
  await app.request().get(pathOf(blogs[0]!, posts[0])).expect(404);
  await Promise.all(blogs.map((blog, n) => shown(followers[n]!, blog, 12)));
  const by = await reporter();
  for (const [n, post] of posts.entries()) {
    const { body } = await by.get(pathOf(blogs[n % 2]!, post)).expect(200);
    expect(body).toMatchObject({ status: "published", version: 2, publishAt: null });
    expect(late(body, publishAt)).toBeGreaterThanOrEqual(0);
    expect(late(body, publishAt)).toBeLessThan(1_000);
    const { body: history } = await by.get(`${pathOf(blogs[n % 2]!, post)}/revisions`).expect(200);
    expect(history.revisions.map(({ action }: { action: string }) => action)).toEqual(["schedule", "publish"]);
  }
  for (const blog of blogs) {
    expect(await app.now(blog)).toMatchObject({ postCount: 12, version: 12 });
    const { body } = await app
      .as(await app.person("editor"))
      .get(`/api/blogs/${blog.slug}/audit?limit=100`)
      .expect(200);
    const published = body.entries.filter(({ action }: { action: string }) => action === "post.publish");
    expect(published).toHaveLength(12);
    expect(published[0]).toMatchObject({ via: "system", actor: "A reporter", details: { publishAt } });
  }
});

test("a schedule that is nearer than the next poll is met, on another server than it was made on", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const publishAt = await soon(300);
  const post = await schedule(blog, publishAt);
  await shown(reader, blog, 1);
  const { body } = await app.request().get(pathOf(blog, post)).expect(200);
  expect(late(body, publishAt)).toBeLessThan(1_000);
});

test("seconds from now are counted by the server's clock, and a time that is past is refused", async () => {
  const blog = await app.blog();
  const by = await reporter();
  const { body: waiting } = await by
    .post(pathOf(blog))
    .send({ body: "x", status: "scheduled", publishIn: 600 })
    .expect(201);
  const wait = Date.parse(waiting.publishAt) - Date.parse(waiting.updatedAt);
  expect(Math.abs(wait - 600_000)).toBeLessThan(5_000);
  const refused = async (fields: object, pointer: string, code: string) => {
    const { body } = await by
      .post(pathOf(blog))
      .send({ body: "x", ...fields })
      .expect(422);
    expect(body.errors).toEqual([{ pointer, code }]);
  };
  await refused({ status: "scheduled", publishAt: "2020-01-01T00:00:00Z" }, "/publishAt", "not-in-the-future");
  await refused({ status: "scheduled" }, "/publishAt", "required");
  await refused({ status: "draft", publishAt: await soon(60_000) }, "/publishAt", "not-scheduled");
  const { body: edited } = await by.patch(pathOf(blog, waiting), 1).send({ headline: "Now with one" }).expect(200);
  expect(edited).toMatchObject({ status: "scheduled", publishAt: waiting.publishAt, headline: "Now with one" });
  const { body: now } = await by.patch(pathOf(blog, waiting), 2).send({ status: "published" }).expect(200);
  expect(now).toMatchObject({ status: "published", publishAt: null });
});

test("a schedule that is changed or cancelled at the last moment is either met or not, and never twice", async () => {
  const by = await reporter();
  const blog = await app.blog();
  for (let round = 0; round < 20; round++) {
    const post = await schedule(blog, await soon(100 + 10 * round));
    const before = (await app.now(blog)).postCount;
    // Sent when the post is just about due: a few requests later than it was scheduled.
    for (let n = 0; n < 4 + (round % 6); n++) await by.get(pathOf(blog, post)).expect(200);
    const answer =
      round % 2
        ? await by.patch(pathOf(blog, post), 1).send({ status: "draft" })
        : await by.patch(pathOf(blog, post), 1).send({ publishAt: await soon(60_000) });
    expect([200, 412]).toContain(answer.status);
    const { body } = await by.get(pathOf(blog, post)).expect(200);
    if (answer.status === 412) {
      expect(answer.body.current).toMatchObject({ status: "published", version: 2 });
      expect(body.status).toBe("published");
    } else expect([body.status, body.publishedAt]).toEqual([round % 2 ? "draft" : "scheduled", null]);
    expect((await app.now(blog)).postCount).toBe(before + (answer.status === 412 ? 1 : 0));
  }
});

test("a post whose blog was closed meanwhile goes back to the desk as a draft that says why", async () => {
  const blog = await app.blog();
  const editor = app.as(await app.person("editor"));
  const desk = await atDesk(blog, await app.person("editor"));
  const post = await schedule(blog, await soon(1_500), { note: "After the speech" });
  await editor.put(`/api/blogs/${blog.slug}/closure`).expect(200);
  const body = await until(desk, async () => {
    const { body } = await editor.get(pathOf(blog, post)).expect(200);
    return body.status === "scheduled" ? null : body;
  });
  expect(body).toMatchObject({ status: "draft", shared: true, publishAt: null, updatedBy: null });
  expect(body.note).toBe("Not published at its time: the blog was closed by then.\nAfter the speech");
  const { body: log } = await editor.get(`/api/blogs/${blog.slug}/audit?limit=1`).expect(200);
  expect(log.entries[0]).toMatchObject({
    action: "post.unschedule",
    via: "system",
    actor: null,
    details: { reason: "blog-closed" },
  });
  await editor.patch(pathOf(blog, post), 2).send({ status: "scheduled", publishIn: 60 }).expect(409);
});

test("what was scheduled by somebody who may not publish any more stays at the desk; the author's own role does not matter", async () => {
  const blog = await app.blog();
  const [leaving, editor] = [await app.newPerson({ role: "reporter" }), await app.person("editor")];
  const contributor = await app.newPerson({ role: "contributor" });
  const desk = await atDesk(blog, editor);
  const publishAt = await soon(1_500);
  const submitted = { body: "Handed in", status: "submitted" };
  const { body: kept } = await app.as(contributor).post(pathOf(blog)).send(submitted).expect(201);
  await app.as(contributor).patch(pathOf(blog, kept), 1).send({ status: "scheduled", publishAt }).expect(403);
  await app.as(editor).patch(pathOf(blog, kept), 1).send({ status: "scheduled", publishAt }).expect(200);
  await app.as(contributor).patch(pathOf(blog, kept), 2).send({ body: "Not any more" }).expect(403);
  const { body: lost } = await app
    .as(leaving)
    .post(pathOf(blog))
    .send({ body: "Left behind", status: "scheduled", publishAt })
    .expect(201);
  await app.app.context.db.deleteFrom("roles").where("user_id", "in", [leaving.id, contributor.id]).execute();
  const settled = (post: PostAnswer) =>
    until(desk, async () => {
      const { body } = await app.as(editor).get(pathOf(blog, post)).expect(200);
      return body.status === "scheduled" ? null : body;
    });
  expect(await settled(kept)).toMatchObject({ status: "published", authors: [{ slug: contributor.slug }] });
  expect(await settled(lost)).toMatchObject({
    status: "draft",
    shared: true,
    note: "Not published at its time: whoever scheduled it may not publish here any more.",
  });
});

test("a server that is killed in the middle leaves nothing undone and does nothing twice", async () => {
  const blog = await app.blog();
  const directory = await mkdtemp(join(tmpdir(), "dateline-schedule-"));
  const doomed = new ServerProcess({
    DATABASE_URL: app.databaseUrl,
    DATA_DIR: directory,
    AUTH_SECRET,
    MIGRATE: "off",
    LOG_LEVEL: "silent",
  });
  onTestFinished(async () => {
    await doomed.end();
    await rm(directory, { recursive: true, force: true });
  });
  await doomed.url();
  const reader = await app.follower(blog);
  const publishAt = await soon(2_500);
  const posts = await Promise.all(
    Array.from({ length: 20 }, (_, n) => schedule(blog, publishAt, { headline: `Number ${n}` })),
  );
  await next(reader.socket, "batch");
  await doomed.end("SIGKILL");
  await shown(reader, blog, posts.length);
  expect(await app.now(blog)).toMatchObject({ postCount: 20, version: 20 });
  const { body } = await app
    .request()
    .get(`${pathOf(blog)}?limit=100`)
    .expect(200);
  expect(new Set(body.posts.map(({ id }: PostAnswer) => id))).toEqual(new Set(posts.map(({ id }) => id)));
});

test("what was due while no server ran is published by the first to start", async () => {
  const newsroom = new TestApp({});
  await newsroom.open();
  onTestFinished(() => newsroom.close());
  const blog = await newsroom.blog();
  const fields = { body: "Overdue", status: "scheduled", publishIn: 3_000 };
  const post = await newsroom.post(blog, fields);
  await newsroom.apps.pop()!.stop();
  const sql = connect(newsroom.databaseUrl, { max: 1 });
  await sql`update posts set publish_at = clock_timestamp() - interval '1 hour' where id = ${post.id}`;
  await sql.end();
  await newsroom.start();
  const reader = await newsroom.follower(blog);
  while ((await newsroom.now(blog)).postCount === 0) await next(reader.socket, "batch");
  expect((await newsroom.now(blog)).postCount).toBe(1);
});

/** Looks again whenever the desk is told of something. */
async function until<T>(desk: Reader, look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const heard = next(desk, "batch");
    const found = await look();
    if (found !== null) return found;
    await heard;
  }
}
