import { basename } from "node:path";
import { sql, type Kysely } from "kysely";
import sharp from "sharp";
import { describe, expect, test, vi } from "vitest";
import { up as intoShorterPages } from "../migrations/20261123T0350-shorter-pages.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { Role } from "../server/database.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import type { Batch } from "../server/realtime/protocol.ts";
import { readWords } from "../server/search/words.ts";
import { next, reached, useApp, type Person } from "./app.ts";
import { everyPost } from "./reader-page.ts";

const app = useApp();
// A machine that is busy with other things takes its time over so many requests.
vi.setConfig({ testTimeout: 120_000 });

const as = async (role: Role) => app.as(await app.person(role));
const pathOf = (blog: BlogAnswer, post?: { id: string }) => `/api/blogs/${blog.slug}/posts${post ? `/${post.id}` : ""}`;
const SECRET = "Zwiebelfisch";

async function draft(blog: BlogAnswer, person: Person, fields: object = {}): Promise<PostAnswer> {
  const post = { body: SECRET, status: "draft", ...fields };
  return (await app.as(person).post(pathOf(blog)).send(post).expect(201)).body;
}

/** What is pushed to the desk from now on. */
async function atDesk(blog: BlogAnswer, person: Person) {
  const { epoch } = await app.now(blog);
  const socket = await app.reader(app.app, person.token);
  const batches: Batch[] = [];
  socket.on("batch", (batch) => batches.push(batch));
  const answer = await socket.emitWithAck("follow", { stream: `desk:${blog.slug}`, epoch, version: 0 });
  if (!answer.ok) throw new Error(JSON.stringify(answer.problem));
  return {
    async upTo(version: number): Promise<string> {
      while (Math.max(answer.to, batches.at(-1)?.to ?? 0) < version) await next(socket, "batch");
      return JSON.stringify([answer.changes, batches]);
    },
  };
}

describe("drafts", () => {
  test("a private draft is there for its author alone, and in nobody's stream", async () => {
    const blog = await app.blog();
    const [author, contributor, editor] = [
      await app.newPerson({ role: "reporter" }),
      await app.person("contributor"),
      await app.person("editor"),
    ];
    const desks = [await atDesk(blog, contributor), await atDesk(blog, editor), await atDesk(blog, author)];
    const post = await draft(blog, author, { note: "Ask the harbour", sources: [{ name: "A docker" }] });
    expect(post).toMatchObject({ shared: false, status: "draft" });
    const drafts = `${pathOf(blog)}?status=draft,submitted,scheduled,removed`;
    for (const other of [contributor, editor, await app.person("admin"), await app.person("moderator")]) {
      await app.as(other).get(pathOf(blog, post)).expect(404);
      await app
        .as(other)
        .get(`${pathOf(blog, post)}/revisions`)
        .expect(404);
      expect((await app.as(other).get(drafts).expect(200)).body.posts).toEqual([]);
    }
    await app.as(editor).patch(pathOf(blog, post), 1).send({ headline: "Mine" }).expect(404);
    await app.as(editor).delete(pathOf(blog, post), 1).send({ reason: "x" }).expect(404);
    await app
      .as(editor)
      .put(`${pathOf(blog, post)}/pin`)
      .expect(404);
    expect((await app.as(author).get(drafts).expect(200)).body.posts).toEqual([post]);
    expect((await app.as(author).get(`/desk/blogs/${blog.slug}`)).text).toContain(SECRET);
    expect((await app.as(editor).get(`/desk/blogs/${blog.slug}`)).text).not.toContain(SECRET);
    for (const desk of desks) expect(await desk.upTo(1)).not.toContain(SECRET);

    const { body: shared } = await app.as(author).patch(pathOf(blog, post), 1).send({ shared: true }).expect(200);
    for (const desk of desks) expect(await desk.upTo(2)).toContain(SECRET);
    expect((await app.as(contributor).get(pathOf(blog, post)).expect(200)).body.body).toContain(SECRET);
    const hidden = await app.as(editor).patch(pathOf(blog, post), 2).send({ shared: false }).expect(422);
    expect(hidden.body.errors).toEqual([{ pointer: "/shared", code: "not-yours" }]);
    await app.as(author).patch(pathOf(blog, shared), 2).send({ shared: false }).expect(200);
    await app.as(editor).get(pathOf(blog, post)).expect(404);
    await app.app.context.db.deleteFrom("users").where("id", "=", author.id).execute();
    expect((await app.as(editor).get(drafts)).body.posts).toMatchObject([{ id: post.id, createdBy: null }]);
  });

  test("what somebody hands in is approved with the editor's words and its author's name, or sent back with a note", async () => {
    const blog = await app.blog();
    const contributor = await app.newPerson({ role: "contributor" });
    const [other, editor] = [await as("contributor"), await as("editor")];
    const post = await draft(blog, contributor);
    const by = app.as(contributor);
    await by.patch(pathOf(blog, post), 1).send({ status: "submitted" }).expect(200);
    expect((await other.get(pathOf(blog, post)).expect(200)).body.status).toBe("submitted");
    await other.patch(pathOf(blog, post), 2).send({ headline: "Mine" }).expect(403);
    const note = "Who says so?";
    const { body: back } = await editor.patch(pathOf(blog, post), 2).send({ status: "draft", note }).expect(200);
    expect(back).toMatchObject({ status: "draft", shared: true, note });
    expect((await by.get(pathOf(blog, post))).body.note).toBe(note);
    expect((await other.get(pathOf(blog, post))).body).not.toHaveProperty("note");
    await by.patch(pathOf(blog, post), 3).send({ status: "submitted", note: "The harbour master" }).expect(200);
    const approval = { status: "published", headline: "Harbour shut" };
    const { body: published } = await editor.patch(pathOf(blog, post), 4).send(approval).expect(200);
    expect(published).toMatchObject({
      authors: [{ slug: contributor.slug }],
      createdBy: { slug: contributor.slug },
      updatedBy: { slug: (await app.person("editor")).slug },
      note: "The harbour master",
    });
    const { body: history } = await editor.get(`${pathOf(blog, post)}/revisions`).expect(200);
    expect(history.revisions.map(({ action, by }: { action: string; by: string }) => [action, by])).toEqual([
      ["draft", "A contributor"],
      ["submit", "A contributor"],
      ["send-back", "A editor"],
      ["submit", "A contributor"],
      ["publish", "A editor"],
    ]);
    const { body: mine } = await app
      .request()
      .get(`${pathOf(blog)}?author=${contributor.slug}`)
      .expect(200);
    expect(mine.posts.map(({ id }: PostAnswer) => id)).toEqual([post.id]);
  });

  test("the desk's list goes on from its cursor, by state, author and tag", async () => {
    const blog = await app.blog();
    const reporter = await app.person("reporter");
    const by = app.as(reporter);
    const tagged = { tags: ["#Flood Relief", "flood  relief", "Port"], shared: true };
    const posts: PostAnswer[] = [];
    for (let n = 0; n < 5; n++) posts.push(await draft(blog, reporter, n % 2 ? tagged : { status: "submitted" }));
    expect(posts[1]!.tags).toEqual(["flood relief", "port"]);
    const ids = async (query: string) => {
      const { body } = await by.get(`${pathOf(blog)}?${query}`).expect(200);
      return { ids: body.posts.map(({ id }: PostAnswer) => id), ...body };
    };
    const newestFirst = posts.map(({ id }) => id).toReversed();
    const first = await ids("status=draft,submitted&limit=2");
    expect(first.ids).toEqual(newestFirst.slice(0, 2));
    await draft(blog, reporter);
    const second = await ids(`status=draft,submitted&limit=2&before=${first.next}`);
    expect(second.ids).toEqual(newestFirst.slice(2, 4));
    expect((await ids(`status=draft,submitted&limit=2&after=${second.previous}`)).ids).toEqual(first.ids);
    expect((await ids("status=draft&tag=%23Flood%20relief")).ids).toEqual([posts[3]!.id, posts[1]!.id]);
    expect((await ids("tag=port")).ids).toEqual([]);
    await app
      .request()
      .get(`${pathOf(blog)}?status=draft`)
      .expect(401);
    await (await as("reader")).get(`${pathOf(blog)}?status=published,draft`).expect(403);
    await by.get(`${pathOf(blog)}?status=draft,secret`).expect(422);
    const published = await app.post(blog, tagged);
    expect((await app.request().get(`${pathOf(blog)}?tag=port`)).body.posts).toMatchObject([{ id: published.id }]);
    expect((await app.request().get(`${pathOf(blog)}?author=${reporter.slug}&tag=none`)).body.posts).toEqual([]);
  });
});

test("public sources are shown to readers; internal ones, notes and tags' history stay in the newsroom", async () => {
  const blog = await app.blog();
  const reporter = await app.person("reporter");
  const follower = await app.follower(blog);
  const sources = [
    { name: "Port authority", url: "https://port.example/1", note: "at noon", public: true },
    { name: SECRET, url: "https://informant.example/", note: "Call at night" },
  ];
  const post = await app.post(blog, { body: "Shut", sources, note: `${SECRET} asked for silence` });
  expect(post.sources).toHaveLength(2);
  const other = await as("contributor");
  const path = pathOf(blog, post);
  const answers = [
    await app.request().get(path).expect(200),
    await app.request().get(pathOf(blog)).expect(200),
    await other.get(path).expect(200),
    await app.request().get(`/blogs/${blog.slug}`).expect(200),
    await app.request().get(`/blogs/${blog.slug}/updates?after=0&epoch=${blog.epoch}`).expect(200),
  ];
  await reached(follower, 1);
  for (const text of [...answers.map(({ text }) => text), JSON.stringify(follower.batches)]) {
    expect(text).toContain("Port authority");
    expect(text).not.toMatch(/Zwiebelfisch|informant|at night/);
  }
  expect((await app.as(reporter).get(path)).text).toContain("informant");
  // A note is nothing to readers: no push, and no other time of change.
  const { body: noted } = await app.as(reporter).patch(path, 1).send({ note: "Settled" }).expect(200);
  expect(noted).toMatchObject({ note: "Settled", updatedAt: post.updatedAt, version: 2 });
  expect((await app.now(blog)).version).toBe(1);
  const wrong = { sources: [{ name: "x", url: "javascript:alert(1)" }] };
  await app.as(reporter).patch(path, 2).send(wrong).expect(422);
});

describe("taking back and restoring", () => {
  test("a post that is taken back is gone for readers, and published again it comes in a new place", async () => {
    const blog = await app.blog();
    const by = await as("reporter");
    const [first, second] = [
      await app.post(blog, { body: SECRET, pinned: true, keyEvent: true }),
      await app.post(blog),
    ];
    const follower = await app.follower(blog);
    const { body: taken } = await by.patch(pathOf(blog, first), 1).send({ status: "draft" }).expect(200);
    expect(taken).toMatchObject({ status: "draft", shared: true, publishedAt: null });
    await reached(follower, 3);
    expect(follower.batches.at(-1)!.changes).toContainEqual(
      expect.objectContaining({ target: `post-${first.id}`, html: null }),
    );
    expect((await app.now(blog)).postCount).toBe(1);
    await app.request().get(pathOf(blog, first)).expect(404);
    await app.request().get(`/blogs/${blog.slug}/posts/${first.id}`).redirects(0).expect(404);
    expect((await app.request().get(`/blogs/${blog.slug}`)).text).not.toContain(SECRET);
    await app
      .request()
      .get(`${pathOf(blog)}?before=${first.id}`)
      .expect(200);
    const correction = { text: "We had the wrong port." };
    const { body: again } = await by
      .patch(pathOf(blog, first), 2)
      .send({ status: "published", correction })
      .expect(200);
    expect(again.publishedAt > second.publishedAt!).toBe(true);
    expect(again).toMatchObject({ correction, keyEvent: true });
    const { body: list } = await app.request().get(pathOf(blog)).expect(200);
    expect(list.posts.map(({ id }: PostAnswer) => id)).toEqual([first.id, second.id]);
    await app.request().get(`/blogs/${blog.slug}/posts/${first.id}`).redirects(0).expect(302);
    await by
      .patch(pathOf(blog, await draft(blog, await app.person("reporter"))), 1)
      .send({ correction })
      .expect(422);
  });

  test("a removed post comes back as a draft, for those who may publish, but not with a rejected comment", async () => {
    const blog = await app.blog();
    const by = await as("reporter");
    const post = await app.post(blog, { body: SECRET });
    await by.delete(pathOf(blog, post), 1).send({ reason: "Too soon" }).expect(200);
    expect((await by.patch(pathOf(blog, post), 2).send({ status: "published" }).expect(409)).body).toMatchObject({
      code: "post-removed",
      current: { id: post.id, version: 2, updatedBy: { name: "A reporter" } },
    });
    await (await as("contributor")).patch(pathOf(blog, post), 2).send({ status: "draft" }).expect(403);
    const { body: restored } = await by.patch(pathOf(blog, post), 2).send({ status: "draft" }).expect(200);
    expect(restored).toMatchObject({ status: "draft", shared: true, body: `<p>${SECRET}</p>`, version: 3 });
    await by.patch(pathOf(blog, post), 3).send({ status: "published" }).expect(200);

    const comment = await app.approvedComment(blog);
    const { body: promoted } = await by.post(pathOf(blog)).send({ kind: "comment", commentId: comment.id }).expect(201);
    const rejection = { decision: "reject", version: comment.version, reasonCode: "spam" };
    await (await as("moderator")).post(`/api/comments/${comment.id}/decisions`).send(rejection).expect(200);
    const refused = await by.patch(pathOf(blog, promoted), 2).send({ status: "draft" }).expect(409);
    expect(refused.body.code).toBe("comment-rejected");
  });

  test("an earlier revision can be said again, as a new version; a correction stays", async () => {
    const blog = await app.blog();
    const by = await as("reporter");
    const quote = { text: "Never.", attribution: { name: "The mayor" } };
    const post = await app.post(blog, { kind: "quote", quote, body: "One", tags: ["a"], headline: "First" });
    const changes = {
      body: "<p>Two</p><p>Three</p>",
      headline: null,
      tags: ["a", "b"],
      quote: { ...quote, text: "Perhaps." },
      sources: [{ name: "Radio", note: "9 o'clock", public: true }],
      correction: { text: "She said perhaps." },
    };
    await by.patch(pathOf(blog, post), 1).send(changes).expect(200);
    const restoration = (version: number) => by.post(`${pathOf(blog, post)}/revisions/${version}/restoration`);
    await restoration(1).expect(428);
    await restoration(9).set("If-Match", '"2"').expect(404);
    const stale = await restoration(1).set("If-Match", '"1"').expect(412);
    expect(stale.body.current).toMatchObject({ version: 2, updatedBy: { name: "A reporter" } });
    const { body: restored } = await restoration(1).set("If-Match", '"2"').expect(200);
    expect(restored).toMatchObject({
      headline: "First",
      body: "<p>One</p>",
      quote: { text: "Never." },
      tags: ["a"],
      sources: [],
      correction: changes.correction,
      version: 3,
    });
    const { body } = await by.get(`${pathOf(blog, post)}/revisions`).expect(200);
    expect(body.revisions[2]).toMatchObject({ action: "restore-revision", by: "A reporter" });
    const fields = Object.fromEntries(
      body.revisions[1].changes.map(({ field, diff }: { field: string; diff: { kind: string; text: string }[] }) => [
        field,
        diff.filter(({ kind }) => kind !== "same"),
      ]),
    );
    expect(fields).toEqual({
      headline: [{ kind: "removed", text: "First" }],
      quote: [
        { kind: "removed", text: "Never" },
        { kind: "added", text: "Perhaps" },
      ],
      body: [
        { kind: "removed", text: "One" },
        { kind: "added", text: "Two\nThree" },
      ],
      correction: [{ kind: "added", text: "She said perhaps." }],
      tags: [{ kind: "added", text: " #b" }],
      sources: [{ kind: "added", text: "Radio · 9 o'clock (public)" }],
    });
  });
});

test("a legal takedown leaves nothing of what was said anywhere, and a line in the audit log", async () => {
  const SAID = "Quittenmus";
  const blog = await app.blog();
  const [reporter, editor] = [await app.person("reporter"), await as("editor")];
  const by = app.as(reporter);
  const bytes = await sharp({ create: { width: 6, height: 4, channels: 3, background: "#356" } })
    .png()
    .toBuffer();
  const { body: picture } = await by.post("/api/media").set("Content-Type", "image/png").send(bytes).expect(201);
  await by.patch(`/api/media/${picture.id}`, 1).send({ alt: SAID, caption: SAID }).expect(200);
  const post = await app.post(blog, {
    kind: "quote",
    headline: SAID,
    body: SAID,
    quote: { text: SAID, attribution: { name: SAID, source: SAID, sourceUrl: `https://${SAID}.example/` } },
    media: [{ id: picture.id, credit: SAID }],
    authors: [{ name: SAID }],
    tags: [SAID],
    sources: [{ name: SAID, note: SAID, public: true }],
    note: SAID,
    verification: "disputed",
    verificationNote: SAID,
    keyEvent: true,
    pinned: true,
  });
  await by
    .patch(pathOf(blog, post), 1)
    .send({ correction: { text: SAID } })
    .expect(200);
  const comment = await app.approvedComment(blog, SAID);
  const promotion = { kind: "comment", commentId: comment.id, body: SAID };
  const { body: promoted } = await by.post(pathOf(blog)).send(promotion).expect(201);
  expect(await app.app.context.pictures.get(basename(picture.sources[0].url))).not.toBeNull();
  const { body: removed } = await by.delete(pathOf(blog, promoted), 1).send({ reason: "First thought" }).expect(200);
  await readWords(app.app.context.db, 100);
  expect(await placesOf(SAID)).toContain("post_search.words");

  const legal = { reason: "Court order 12/26", legal: true };
  await by.delete(pathOf(blog, post), 2).send(legal).expect(403);
  await editor.delete(pathOf(blog, post), 2).send(legal).expect(200);
  await editor.delete(pathOf(blog, promoted), removed.version).send(legal).expect(200);

  expect(await placesOf(SAID)).toEqual([]);
  await readWords(app.app.context.db, 100);
  expect(await placesOf(SAID)).toEqual([]);
  await app.request().get(picture.sources[0].url).expect(410);
  for (const { url } of picture.sources) expect(await app.app.context.pictures.get(basename(url))).toBeNull();
  const { body: history } = await editor.get(`${pathOf(blog, post)}/revisions`).expect(200);
  expect(
    history.revisions.map(({ action, content }: { action: string; content: object }) => [action, content]),
  ).toEqual([
    ["publish", {}],
    ["correct", {}],
    ["erase", {}],
  ]);
  const { body: log } = await editor.get(`/api/blogs/${blog.slug}/audit?limit=50`).expect(200);
  expect(log.entries.find(({ action }: { action: string }) => action === "post.erase")).toMatchObject({
    actor: "A editor",
    details: { reason: "Court order 12/26" },
  });
  const back = await editor.patch(pathOf(blog, post), 3).send({ status: "draft" }).expect(409);
  expect(back.body.code).toBe("post-erased");
  const restoration = editor.post(`${pathOf(blog, post)}/revisions/1/restoration`).set("If-Match", '"3"');
  await restoration.expect(409);
});

test("a legal takedown also takes the pictures that were edited out of the post before", async () => {
  const blog = await app.blog();
  const [reporter, editor] = [await as("reporter"), await as("editor")];
  const upload = async (background: string) => {
    const picture = sharp({ create: { width: 6, height: 4, channels: 3, background } });
    const sent = reporter.post("/api/media").set("Content-Type", "image/png");
    return (await sent.send(await picture.png().toBuffer()).expect(201)).body;
  };
  const [first, second, kept] = [await upload("#100"), await upload("#200"), await upload("#300")];
  const shows = (...pictures: { id: string }[]) => pictures.map(({ id }) => ({ id, alt: "A face" }));
  const post = await app.post(blog, { media: shows(first, kept) });
  await app.post(blog, { media: shows(kept) });
  await reporter
    .patch(pathOf(blog, post), 1)
    .send({ media: shows(second) })
    .expect(200);
  await editor.delete(pathOf(blog, post), 2).send({ reason: "Court order 13/26", legal: true }).expect(200);
  for (const { sources } of [first, second]) {
    await app.request().get(sources[0].url).expect(410);
    for (const { url } of sources) expect(await app.app.context.pictures.get(basename(url))).toBeNull();
  }
  await app.request().get(kept.sources[0].url).expect(200);
});

/** Every column of every table that holds the word, in any spelling of case. */
async function placesOf(word: string): Promise<string[]> {
  const { db } = app.app.context;
  const { rows } = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' and (data_type in ('text', 'json', 'jsonb', 'ARRAY', 'tsvector') or data_type like 'char%')
    order by 1, 2`.execute(db);
  expect(rows.length).toBeGreaterThan(40);
  const found: string[] = [];
  for (const { table_name, column_name } of rows) {
    const hits = await sql<{ n: number }>`
      select count(*)::integer as n from ${sql.table(table_name)}
      where ${sql.ref(column_name)}::text ilike ${`%${word}%`}`.execute(db);
    if (hits.rows[0]!.n) found.push(`${table_name}.${column_name}`);
  }
  return found;
}

describe("an explicit time", () => {
  test("an editor puts a post at its time, in its place among the others, and the log has both times", async () => {
    const blog = await app.blog();
    const editor = await as("editor");
    const posts: PostAnswer[] = [];
    for (let n = 0; n < 45; n++) posts.push(await app.post(blog, { body: `Post ${n}.` }));
    const newest = posts.at(-1)!;
    const between = new Date(Date.parse(posts[4]!.publishedAt!) + 0).toISOString();
    await (await as("reporter")).patch(pathOf(blog, newest), 1).send({ publishedAt: between }).expect(403);
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const refused = await editor.patch(pathOf(blog, newest), 1).send({ publishedAt: future }).expect(422);
    expect(refused.body.errors).toEqual([{ pointer: "/publishedAt", code: "in-the-future" }]);
    const { body: moved } = await editor.patch(pathOf(blog, newest), 1).send({ publishedAt: between }).expect(200);
    expect(moved.publishedAt).toBe(between);
    const { body: log } = await editor.get(`/api/blogs/${blog.slug}/audit?limit=1`).expect(200);
    expect(log.entries[0]).toMatchObject({ action: "post.set-time", actor: "A editor" });
    const [was, is] = [log.entries[0].details.before, log.entries[0].details.after].map((time) => Date.parse(time));
    expect([was, is]).toEqual([Date.parse(newest.publishedAt!), Date.parse(between)]);

    const early = await editor
      .post(pathOf(blog))
      .send({ body: "Before all.", publishedAt: "2001-02-03T04:05:06+02:00" })
      .expect(201);
    expect(early.body.publishedAt).toBe("2001-02-03T02:05:06.000Z");
    await editor.post(pathOf(blog)).send({ body: "x", status: "draft", publishedAt: between }).expect(422);
    const expected = [...posts.slice(5, 44).toReversed(), moved, ...posts.slice(0, 5).toReversed(), early.body];
    const { body: list } = await app
      .request()
      .get(`${pathOf(blog)}?limit=100`)
      .expect(200);
    expect(list.posts.map(({ id }: PostAnswer) => id)).toEqual(expected.map(({ id }) => id));
    // The pages say the same, from one to the next, and each permalink leads to the page that has the post.
    const walked = (await everyPost(app, blog.slug)).map((html) => /id="post-(\d+)"/.exec(html)![1]);
    expect(walked).toEqual(expected.map(({ id }) => id));
    const { text } = await app.request().get(`/blogs/${blog.slug}/posts/${newest.id}`).redirects(1).expect(200);
    expect(text).toContain(`id="post-${newest.id}"`);
  });

  test("an archive can be brought in by its times, and pages are filled as they are by publication", async () => {
    const blog = await app.blog();
    const editor = await as("editor");
    for (let n = 0; n < 25; n++)
      await editor
        .post(pathOf(blog))
        .send({ body: `Post ${n}.`, publishedAt: new Date(Date.UTC(2020, 0, 1, n)).toISOString() })
        .expect(201);
    const pages = await app.app.context.db
      .selectFrom("posts")
      .select("page")
      .where("blog_id", "=", blog.id)
      .orderBy("published_at")
      .execute();
    expect(pages.map(({ page }) => page)).toEqual(Array.from({ length: 25 }, (_, n) => Math.floor(n / 10)));
  });

  test("where the newest pages have lost all their posts, a story begins with the ten before", async () => {
    const blog = await app.blog();
    const posts = [];
    for (let n = 0; n < 21; n++) posts.push(await app.post(blog));
    for (const { id, version } of posts.slice(10))
      await (
        await as("editor")
      )
        .delete(`${pathOf(blog)}/${id}`, version)
        .send({ reason: "Wrong" })
        .expect(200);
    const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
    expect([...text.matchAll(/<article id="post-(\d+)"/g)].map(([, id]) => id)).toEqual(
      posts
        .slice(0, 10)
        .map(({ id }) => id)
        .toReversed(),
    );
  });

  test("when pages became shorter, none came after the last that is filled by publication", async () => {
    const blog = await app.blog();
    const first = await app.post(blog);
    for (let n = 0; n < 2; n++) await app.post(blog);
    const editor = await as("editor");
    for (let n = 1; n <= 12; n++)
      await editor
        .post(pathOf(blog))
        .send({ body: `Post ${n}.`, publishedAt: new Date(Date.parse(first.publishedAt!) + 1).toISOString() })
        .expect(201);
    const { db } = app.app.context;
    const done = db.transaction().execute(async (trx) => {
      await trx.updateTable("posts").set({ page: 0 }).where("blog_id", "=", blog.id).execute();
      await intoShorterPages(trx as unknown as Kysely<unknown>);
      const pages = await trx.selectFrom("posts").select("page").where("blog_id", "=", blog.id).distinct().execute();
      expect(pages).toEqual([{ page: 0 }]);
      throw new Error("as it was");
    });
    await expect(done).rejects.toThrow("as it was");
  });

  test("pages of twenty posts became pages of ten, in the same order, however many were moved onto one", async () => {
    const blog = await app.blog();
    for (let n = 0; n < 45; n++) await app.post(blog);
    const { db } = app.app.context;
    const asBefore = [...Array.from({ length: 20 }, () => 0), ...Array.from({ length: 22 }, () => 1), 2, 2, 2];
    const pages = (among: typeof db) =>
      among.selectFrom("posts").select(["id", "page"]).where("blog_id", "=", blog.id).orderBy("id").execute();
    const done = db.transaction().execute(async (trx) => {
      for (const [n, { id }] of (await pages(trx)).entries())
        await trx.updateTable("posts").set({ page: asBefore[n]! }).where("id", "=", id).execute();
      await intoShorterPages(trx as unknown as Kysely<unknown>);
      const now = (await pages(trx)).map(({ page }) => page);
      expect([0, 1, 2, 3, 4].map((page) => now.filter((other) => other === page).length)).toEqual([10, 10, 10, 12, 3]);
      expect(now).toEqual(now.toSorted((one, other) => one! - other!));
      // Nothing of it stays: other tests' posts have their pages already.
      throw new Error("as it was");
    });
    await expect(done).rejects.toThrow("as it was");
  });
});

describe("bulk", () => {
  test("one thing is done to many posts, each by itself, with an answer for each", async () => {
    const blog = await app.blog();
    const by = await as("reporter");
    const posts = await Promise.all(Array.from({ length: 4 }, () => app.post(blog)));
    const bulk = async (action: string, more: object = {}, list: object[] = posts) => {
      const chosen = list.map((post) => ({ id: (post as PostAnswer).id, version: (post as PostAnswer).version }));
      const { body } = await by
        .post(`${pathOf(blog)}/bulk`)
        .send({ action, posts: chosen, ...more })
        .expect(200);
      for (const { id, post } of body.results)
        if (post)
          Object.assign(
            posts.find((one) => one.id === id)!,
            post,
          );
      return body.results as { id: string; status: number; post?: PostAnswer; problem?: { code: string } }[];
    };
    const tagged = await bulk("tag", { tag: "#Storm" });
    expect(tagged.map(({ post }) => post!.tags)).toEqual(Array.from({ length: 4 }, () => ["storm"]));
    await bulk("key-event");
    await bulk("pin");
    expect(posts.map(({ keyEvent, pinned, version }) => [keyEvent, pinned, version])).toEqual(
      posts.map(() => [true, true, 4]),
    );
    const stale = { ...posts[1]!, version: 1 };
    const mixed = await bulk("unpublish", {}, [posts[0]!, stale, { id: "999999999", version: 1 }]);
    expect(mixed.map(({ status, problem }) => [status, problem?.code])).toEqual([
      [200, undefined],
      [412, "stale-version"],
      [404, "not-found"],
    ]);
    expect(mixed[1]!.problem).toMatchObject({
      current: { id: stale.id, version: 4, updatedBy: { name: "A reporter" } },
    });
    expect((await bulk("unpublish", {}, [posts[0]!]))[0]!.problem).toMatchObject({
      code: "not-published",
      status: 409,
    });
    expect((await bulk("publish")).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await bulk("unpin");
    await bulk("no-key-event");
    expect((await bulk("remove", { reason: "Test" })).map(({ post }) => post!.status)).toEqual(
      posts.map(() => "removed"),
    );
    expect((await app.now(blog)).postCount).toBe(0);

    const send = (body: object) =>
      by
        .post(`${pathOf(blog)}/bulk`)
        .send(body)
        .expect(422);
    await send({ action: "remove", posts: [{ id: "1", version: 1 }] });
    await send({ action: "tag", posts: [{ id: "1", version: 1 }] });
    await send({ action: "pin", posts: [] });
    await send({ action: "pin", posts: Array.from({ length: 101 }, (_, n) => ({ id: `${n + 1}`, version: 1 })) });
    const twice = { id: "1", version: 1 };
    await send({ action: "pin", posts: [twice, twice] });
  });

  test("a contributor does in bulk what they may do one by one, and nothing else", async () => {
    const blog = await app.blog();
    const contributor = await app.newPerson({ role: "contributor" });
    const [own, others] = [await draft(blog, contributor), await draft(blog, await app.person("reporter"))];
    const shown = await app.post(blog);
    const chosen = [own, others, shown].map(({ id, version }) => ({ id, version }));
    const bulk = async (action: string, more: object = {}) => {
      const request = app.as(contributor).post(`${pathOf(blog)}/bulk`);
      const { body } = await request.send({ action, posts: chosen, ...more }).expect(200);
      return body.results.map(({ status }: { status: number }) => status);
    };
    expect(await bulk("publish")).toEqual([403, 404, 403]);
    expect(await bulk("pin")).toEqual([403, 404, 403]);
    expect(await bulk("remove", { reason: "x" })).toEqual([200, 404, 403]);
  });

  test("two that take the same posts in opposite order do not stop each other", async () => {
    const blog = await app.blog();
    const posts = await Promise.all(Array.from({ length: 10 }, () => app.post(blog)));
    const chosen = posts.map(({ id, version }) => ({ id, version }));
    const send = async (action: string, list: object[]) =>
      (await as("reporter")).post(`${pathOf(blog)}/bulk`).send({ action, posts: list });
    const [one, other] = await Promise.all([send("pin", chosen), send("key-event", chosen.toReversed())]);
    const statuses = [...one.body.results, ...other.body.results].map(({ status }: { status: number }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 412)).toHaveLength(10);
  });
});
