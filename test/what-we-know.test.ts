import { expect, test } from "vitest";
import { next, useApp } from "./app.ts";
import { ReaderPage } from "./reader-page.ts";

const app = useApp();
const reporter = async () => app.as(await app.person("reporter"));
const boxOf = (blog: { slug: string }) => `/api/blogs/${blog.slug}/what-we-know`;

test("the box begins empty, and what a reporter writes into it stands on top of every open page at once", async () => {
  const by = await reporter();
  const blog = await app.blog();
  const empty = await app.request().get(boxOf(blog)).expect(200);
  expect(empty.body).toEqual({ title: "", body: "", version: 0, updatedAt: null });
  expect((await ReaderPage.load(app, blog.slug)).parts.get("what-we-know")).toContain("hidden");

  const reader = await app.follower(blog);
  const pushed = next(reader.socket, "batch");
  const box = { title: "What we know so far", body: "<ul><li>Two ferries turned back<script>x()</script></li></ul>" };
  await by.put(boxOf(blog)).send(box).expect(428);
  const written = await by.put(boxOf(blog)).set("If-Match", empty.headers.etag!).send(box).expect(200);
  expect(written.headers.etag).toBe('"1"');
  expect(written.body).toEqual({
    title: "What we know so far",
    body: "<ul><li>Two ferries turned back</li></ul>",
    version: 1,
    updatedAt: expect.stringMatching(/Z$/),
  });
  const { changes } = await pushed;
  expect(changes.map(({ target }) => target)).toEqual(["what-we-know"]);
  const part = (await ReaderPage.load(app, blog.slug)).parts.get("what-we-know")!;
  expect(part).toBe(changes[0]!.html);
  expect(part).toContain("Two ferries turned back");
  expect(part).toMatch(/Updated <time datetime="[^"]+"/);
  expect(part).not.toContain("script");
});

test("a page with the box is told apart from one without it, for those who have it already", async () => {
  const by = await reporter();
  const blog = await app.blog();
  const page = `/blogs/${blog.slug}`;
  const before = await app.request().get(page).expect(200);
  await app.request().get(page).set("If-None-Match", before.headers.etag!).expect(304);
  await by.put(boxOf(blog)).set("If-Match", '"0"').send({ body: "The harbour is shut." }).expect(200);
  const after = await app.request().get(page).set("If-None-Match", before.headers.etag!).expect(200);
  expect(after.text).toContain("The harbour is shut.");
  await app.request().get(page).set("If-None-Match", after.headers.etag!).expect(304);
});

test("of two who write the box at once, the later is shown what the other wrote", async () => {
  const by = await reporter();
  const blog = await app.blog();
  const write = (body: string) => by.put(boxOf(blog)).set("If-Match", '"0"').send({ body });
  const answers = await Promise.all([write("One"), write("Two"), write("Three")]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  const won = answers.find(({ status }) => status === 200)!;
  for (const lost of answers.filter(({ status }) => status === 412))
    expect(lost.body.current).toMatchObject({ body: won.body.body, version: 1 });
});

test("taken off, it is gone for readers, and its revisions say who wrote what for the desk alone", async () => {
  const by = await reporter();
  const blog = await app.blog();
  await by.put(boxOf(blog)).set("If-Match", '"0"').send({ body: "Nobody is hurt." }).expect(200);
  await by.put(boxOf(blog)).set("If-Match", '"1"').send({ body: "Nobody is hurt." }).expect(200);
  await by.delete(boxOf(blog), 0).expect(412);
  const gone = await by.delete(boxOf(blog), 1).expect(200);
  expect(gone.body).toMatchObject({ title: "", body: "", version: 2 });
  expect((await app.request().get(`/blogs/${blog.slug}`).expect(200)).text).not.toContain("Nobody is hurt.");

  const { body } = await by.get(`${boxOf(blog)}/revisions`).expect(200);
  expect(body.revisions).toEqual([
    { version: 1, at: expect.any(String), by: "A reporter", title: "What we know", body: "<p>Nobody is hurt.</p>" },
    { version: 2, at: expect.any(String), by: "A reporter", title: "", body: "" },
  ]);
  await app
    .request()
    .get(`${boxOf(blog)}/revisions`)
    .expect(401);
  await app
    .as(await app.person("reader"))
    .get(`${boxOf(blog)}/revisions`)
    .expect(403);
});

test("an empty box, one too long, and one by a reader are refused", async () => {
  const by = await reporter();
  const blog = await app.blog();
  const put = (fields: object) => by.put(boxOf(blog)).set("If-Match", '"0"').send(fields);
  expect((await put({ body: "<p> </p>" }).expect(422)).body.errors).toEqual([{ pointer: "/body", code: "empty" }]);
  await put({ body: "x".repeat(10_001) }).expect(422);
  await put({ title: "", body: "x" }).expect(422);
  const reader = app.as(await app.person("reader"));
  await reader.put(boxOf(blog)).set("If-Match", '"0"').send({ body: "x" }).expect(403);
  expect((await app.now(blog)).version).toBe(0);
});
