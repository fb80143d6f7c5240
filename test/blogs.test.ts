import { expect, test } from "vitest";
import { next, useApp } from "./app.ts";

const app = useApp();
const editor = async () => app.as(await app.person("editor"));

test("a blog begins live, with a slug from its title and sensible defaults", async () => {
  const by = await editor();
  const { body, headers } = await by.post("/api/blogs").send({ title: "Fähren im Sturm: Häfen schließen" }).expect(201);
  expect(body).toEqual({
    id: expect.any(String),
    slug: "fahren-im-sturm-hafen-schlie-en",
    title: "Fähren im Sturm: Häfen schließen",
    standfirst: "",
    language: "en",
    timeZone: "UTC",
    state: "live",
    version: 0,
    epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
    postCount: 0,
    createdAt: expect.stringMatching(/\.\d{3}Z$/),
    updatedAt: expect.stringMatching(/\.\d{3}Z$/),
    closedAt: null,
    closingSummary: null,
    url: `${app.app.context.publicUrl}/blogs/${body.slug}`,
  });
  expect(headers.location).toBe(`/api/blogs/${body.slug}`);
  expect((await app.request().get(headers.location!).expect(200)).body).toEqual(body);
});

test("a given slug that is taken is a 409; one made from a title gets a number, however many begin at once", async () => {
  const by = await editor();
  await by.post("/api/blogs").send({ title: "One", slug: "the-storm" }).expect(201);
  expect((await by.post("/api/blogs").send({ title: "Two", slug: "the-storm" }).expect(409)).body.code).toBe(
    "slug-taken",
  );
  const made = await Promise.all(Array.from({ length: 10 }, () => by.post("/api/blogs").send({ title: "The storm" })));
  expect(made.map(({ body }): string => body.slug).sort()).toEqual(
    Array.from({ length: 10 }, (_, n) => `the-storm-${n + 2}`).sort(),
  );
  expect((await by.post("/api/blogs").send({ title: "吹雪" }).expect(201)).body.slug).toMatch(/^blog-\d+$/);
});

test("an edit needs the version seen, keeps what it does not name, and reaches open pages", async () => {
  const by = await editor();
  const blog = await app.blog({ title: "Before", standfirst: "Stays", timeZone: "Europe/Berlin" });
  const path = `/api/blogs/${blog.slug}`;
  const { headers } = await app.request().get(path).expect(200);
  const reader = await app.follower(blog);
  const pushed = next(reader.socket, "batch");
  await by.patch(path, 1).unset("If-Match").send({ title: "X" }).expect(428);
  const edited = await by.patch(path, 0).set("If-Match", headers.etag!).send({ title: "After" }).expect(200);
  expect(edited.body).toMatchObject({ title: "After", standfirst: "Stays", timeZone: "Europe/Berlin", version: 1 });
  expect((await pushed).changes.map(({ html }) => html).join()).toContain("After");

  const stale = await by.patch(path, 0).set("If-Match", headers.etag!).send({ title: "Late" }).expect(412);
  expect(stale.body.current.title).toBe("After");
  await by.patch(path, 0).set("If-Match", stale.headers.etag!).send({ title: "In time" }).expect(200);
});

test("posts do not make an edit stale, and a conditional GET hears of them", async () => {
  const by = await editor();
  const blog = await app.blog();
  const path = `/api/blogs/${blog.slug}`;
  const { headers } = await app.request().get(path).expect(200);
  await app.request().get(path).set("If-None-Match", headers.etag!).expect(304);
  await app.post(blog);
  expect((await app.request().get(path).set("If-None-Match", headers.etag!).expect(200)).body.postCount).toBe(1);
  await by.patch(path, 0).set("If-Match", headers.etag!).send({ standfirst: "Still fine" }).expect(200);
});

test("closing and reopening can be repeated, and only the first time changes anything", async () => {
  const by = await editor();
  const blog = await app.blog();
  const closure = `/api/blogs/${blog.slug}/closure`;
  const closed = await by.put(closure).expect(200);
  expect(closed.body).toMatchObject({ state: "closed", version: 1, closedAt: expect.any(String) });
  expect((await by.put(closure).expect(200)).body).toEqual(closed.body);
  const reopened = await by.delete(closure).expect(200);
  expect(reopened.body).toMatchObject({ state: "live", version: 2, closedAt: null });
  expect((await by.delete(closure).expect(200)).body).toEqual(reopened.body);
});

test("the list shows running blogs first, or those of one state", async () => {
  const by = await editor();
  const [live, closed] = [await app.blog(), await app.blog()];
  await by.put(`/api/blogs/${closed.slug}/closure`).expect(200);
  const slugs = async (query: string): Promise<string[]> =>
    (await app.request().get(`/api/blogs?limit=100${query}`).expect(200)).body.blogs.map(
      ({ slug }: { slug: string }) => slug,
    );
  expect(await slugs("&state=live")).toContain(live.slug);
  expect(await slugs("&state=live")).not.toContain(closed.slug);
  expect(await slugs("&state=closed")).toContain(closed.slug);
  const all = await slugs("");
  expect(all.indexOf(live.slug)).toBeLessThan(all.indexOf(closed.slug));
  await app.post(live);
  expect((await slugs(""))[0]).toBe(live.slug);
});

test("a story ends with a summary under the word that it has ended, and reopening takes it off but not out of the log", async () => {
  const by = await editor();
  const blog = await app.blog();
  const closure = `/api/blogs/${blog.slug}/closure`;
  const page = async () => (await app.request().get(`/blogs/${blog.slug}`).expect(200)).text;
  const reader = await app.follower(blog);
  const pushed = next(reader.socket, "batch");
  const closed = await by.put(closure).send({ summary: "The <b>ferries</b> sail.<script>x</script>" }).expect(200);
  expect(closed.body).toMatchObject({ state: "closed", closingSummary: "<p>The <strong>ferries</strong> sail.</p>" });
  const [header] = (await pushed).changes;
  expect(header!.html).toContain("<p>The <strong>ferries</strong> sail.</p>");
  expect(await page()).toContain(header!.html);

  expect((await by.put(closure).expect(200)).body).toEqual(closed.body);
  const other = await by.put(closure).send({ summary: "All is well." }).expect(200);
  expect(other.body).toMatchObject({ closingSummary: "<p>All is well.</p>", closedAt: closed.body.closedAt });
  await by
    .put(closure)
    .send({ summary: "x".repeat(5_001) })
    .expect(422);

  const reopened = await by.delete(closure).expect(200);
  expect(reopened.body).toMatchObject({ state: "live", closingSummary: null });
  expect(await page()).not.toContain("All is well.");
  const { body: log } = await by.get(`/api/blogs/${blog.slug}/audit`).expect(200);
  expect(log.entries[0]).toMatchObject({
    action: "blog.reopen",
    details: { before: { closingSummary: "<p>All is well.</p>" } },
  });
});

test("a blog begins with its first post, or not at all", async () => {
  const by = await editor();
  const firstPost = { headline: "We begin", body: "The first words", pinned: true };
  const { body: blog } = await by.post("/api/blogs").send({ title: "Begun", firstPost }).expect(201);
  expect(blog).toMatchObject({ postCount: 1, version: 1 });
  expect((await app.request().get(`/blogs/${blog.slug}`).expect(200)).text).toContain("The first words");

  const refused = (post: object, slug: string) => by.post("/api/blogs").send({ title: "x", slug, firstPost: post });
  const { errors } = (await refused({ authors: [{ slug: "nobody-at-all" }], body: "x" }, "not-begun").expect(422)).body;
  expect(errors).toEqual([{ pointer: "/firstPost/authors/0/slug", code: "unknown-author" }]);
  expect((await refused({}, "not-begun").expect(422)).body.errors).toEqual([
    { pointer: "/firstPost/body", code: "empty" },
  ]);
  await refused({ kind: "comment", commentId: "999999999" }, "not-begun").expect(422);
  const token = app.as(await app.newPerson({ role: "editor", scopes: ["blogs"] }));
  await token.post("/api/blogs").send({ title: "x", slug: "not-begun", firstPost }).expect(403);
  await app.request().get("/api/blogs/not-begun").expect(404);
});
