import { readdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { DEBATE_SLUG } from "../server/demo/debate.ts";
import { DESK_CHANGES } from "../server/demo/desk-talk.ts";
import { DEMO_ACCOUNTS, DEMO_PASSWORD, ensureDemo } from "../server/demo/demo.ts";
import { STORY_SLUG } from "../server/demo/story.ts";
import { useApp } from "./app.ts";
import { everyPost } from "./reader-page.ts";

const app = useApp();
const BOTH = [STORY_SLUG, DEBATE_SLUG];

beforeAll(() => ensureDemo(app.app.context));

const postsOf = (slug: string) =>
  app.app.context.sql`
    select posts.* from posts join blogs on blogs.id = blog_id where slug = ${slug} order by published_at, posts.id`;
const published = async (slug: string) => (await postsOf(slug)).filter(({ status }) => status === "published");
const answerOf = async (slug: string) => (await app.request().get(`/api/blogs/${slug}`).expect(200)).body;
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

test("a newsroom that was empty has a live story with every kind of post", async () => {
  const posts = await published(STORY_SLUG);
  expect(posts.length).toBeGreaterThanOrEqual(55);
  for (const kind of ["entry", "quote", "comment"])
    expect(posts.filter((post) => post.kind === kind).length).toBeGreaterThanOrEqual(6);
  expect(posts.filter((post) => post.kind === "entry" && !post.headline).length).toBeGreaterThanOrEqual(6);
  expect(posts.filter((post) => post.key_event).length).toBeGreaterThanOrEqual(6);
  expect(posts.filter((post) => post.pinned_at)).toHaveLength(1);
  expect(posts.filter((post) => post.correction).length).toBeGreaterThanOrEqual(3);
  expect(posts.filter((post) => post.media.length)).toHaveLength(6);
  expect(posts.at(-1)!.published_at.getTime()).toBeLessThan(Date.now());
  const statuses = new Set((await postsOf(STORY_SLUG)).map(({ status }) => status));
  expect(statuses).toEqual(new Set(["published", "removed", "submitted", "draft"]));
  expect(await everyPost(app, STORY_SLUG)).toHaveLength(posts.length);
  expect(await answerOf(STORY_SLUG)).toMatchObject({ state: "live", postCount: posts.length });
});

test("making the demo again changes nothing", async () => {
  const { sql } = app.app.context;
  const all = () => sql`select id, version, updated_at from posts order by id`;
  const before = await all();
  expect(await ensureDemo(app.app.context)).toBe(true);
  expect(await all()).toEqual(before);
});

test("the claim that was unverified at first is verified, and its revisions say how", async () => {
  const verified = (await published(STORY_SLUG)).filter(({ verification }) => verification === "verified");
  expect(verified).not.toHaveLength(0);
  const path = `/api/blogs/${STORY_SLUG}/posts/${verified[0]!.id}`;
  const { body } = await app
    .as(await app.person("editor"))
    .get(`${path}/revisions`)
    .expect(200);
  const steps = body.revisions.map(
    (revision: { content: { verification: string | null } }) => revision.content.verification,
  );
  expect(steps).toEqual(["unverified", "partly-verified", "verified"]);
  const times = body.revisions.map(({ at }: { at: string }) => at);
  expect(times).toEqual([...new Set<string>(times)].sort());
});

test("open claims are as old as the posts that first said so, and those on duty as long as the demo tells", async () => {
  const editor = app.as(await app.person("editor"));
  const { claims } = (await editor.get(`/api/blogs/${STORY_SLUG}/claims`).expect(200)).body;
  expect(claims).toHaveLength(2);
  for (const { id, since } of claims) {
    const { body } = await editor.get(`/api/blogs/${STORY_SLUG}/posts/${id}/revisions`).expect(200);
    expect(since).toBe(body.revisions[0].at);
    expect(Date.now() - Date.parse(since)).toBeGreaterThan(3_600_000);
  }
  const [blog] = await app.app.context.sql`select * from blogs where slug = ${STORY_SLUG}`;
  const duties = await app.app.context.sql`
    select name, duties.at from duties join users on users.id = user_id where blog_id = ${blog!.id} order by duties.id`;
  expect(duties.map(({ name }) => name)).toEqual(["Ines Calder", "Tomas Brandt"]);
  expect(duties[0]!.at).toEqual(blog!.created_at);
  expect(Date.now() - duties[1]!.at).toBeGreaterThan(600_000);
  const { body: debate } = await editor.get(`/api/blogs/${DEBATE_SLUG}/duty`).expect(200);
  expect(debate.onDuty.name).toBe("Ines Calder");
  expect(Date.parse(debate.at)).toBeLessThan(Date.now() - 4 * 86_400_000);
});

test("the drawn pictures are offered in several sizes and carry no metadata", async () => {
  const posts = (await everyPost(app, STORY_SLUG)).filter((html) => html.includes("srcset="));
  expect(posts).toHaveLength(6);
  const address = /srcset="(\/media\/[^" ]+)/.exec(posts[0]!)![1]!;
  await app.request().get(address).expect(200);
  const { mediaDir } = app.app.context.config;
  const files = await readdir(mediaDir);
  expect(files.length).toBeGreaterThanOrEqual(6 * 4);
  for (const file of files) {
    const { exif, xmp, iptc, icc, comments } = await sharp(join(mediaDir, file)).metadata();
    expect({ file, exif, xmp, iptc, icc, comments }).toEqual({ file });
  }
});

test("the closed blog says so, and its pages lead through all 400 posts once, newest first", async () => {
  expect(await answerOf(DEBATE_SLUG)).toMatchObject({ state: "closed", postCount: 400 });
  const { text } = await app.request().get(`/blogs/${DEBATE_SLUG}`).expect(200);
  expect(text).toMatch(/class="[^"]*closed/);
  const shown = (await everyPost(app, DEBATE_SLUG)).map((html) => Number(/^<article id="post-(\d+)"/.exec(html)![1]));
  const posts = await published(DEBATE_SLUG);
  expect(shown).toEqual(posts.map(({ id }) => Number(id)).reverse());
  expect(posts.filter(({ kind }) => kind === "quote")).toHaveLength(60);
  expect(posts.filter((post) => post.key_event)).toHaveLength(15);
});

test.each(BOTH)("places and page numbers of %s are as publishing one after another leaves them", async (slug) => {
  const { sql } = app.app.context;
  const posts = await postsOf(slug);
  const everPublished = posts.filter((post) => post.published_at);
  expect(everPublished.map(({ page }) => page)).toEqual(everPublished.map((_post, n) => Math.floor(n / 10)));
  const ids = everPublished.map(({ id }) => Number(id));
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  const changed = everPublished.toSorted((a, b) => a.position - b.position).map(({ updated_at }) => updated_at);
  expect(changed).toEqual(changed.toSorted((a, b) => a - b));

  const [blog] = await sql`select * from blogs where slug = ${slug}`;
  const streams = await sql`select * from streams where blog_id = ${blog!.id}`;
  const [shown, desk] = ["blog", "desk"].map((kind) => streams.find((stream) => stream.kind === kind)!);
  const visible = posts.filter(({ status }) => status === "published").length;
  expect(shown).toMatchObject({ published: everPublished.length, visible });
  const [{ revisions }] = (await sql`
    select count(*)::int as revisions from post_revisions join posts on posts.id = post_id
    where blog_id = ${blog!.id}`) as unknown as [{ revisions: number }];
  // The closed blog's closing was a change at the desk too, and so is what the newsroom said among itself.
  expect(desk!.version).toBe(revisions + (slug === DEBATE_SLUG ? 1 : DESK_CHANGES));
  expect(Math.max(...posts.map((post) => post.desk_position))).toBe(revisions);
  const lines = await sql`select 1 from audit_log where blog_id = ${blog!.id} and action like 'post.%'`;
  expect(lines).toHaveLength(revisions);
});

test("in the closed blog every post keeps the place it was given, and the closure comes after the last", async () => {
  const { sql } = app.app.context;
  const posts = await postsOf(DEBATE_SLUG);
  expect(posts.map(({ position }) => position)).toEqual(upTo(400));
  expect(posts.map((post) => post.desk_position)).toEqual(upTo(400));
  const [blog] = await sql`select * from blogs where slug = ${DEBATE_SLUG}`;
  expect(blog!.closed_at.getTime()).toBeGreaterThan(posts.at(-1)!.published_at.getTime());
  const [stream] = await sql`select * from streams where blog_id = ${blog!.id} and kind = 'blog'`;
  expect(stream).toMatchObject({ version: 401, changed_at: blog!.closed_at });
  const parts = await sql`select part, version from blog_parts where blog_id = ${blog!.id} order by part`;
  expect(Object.fromEntries(parts.map(({ part, version }) => [part, version]))).toEqual({
    "comments-state": 1,
    header: 401,
    "desk-header": 401,
    "key-events": posts.findLast((post) => post.key_event)!.position,
  });
  const actions = await sql`
    select action, count(*)::int from audit_log where blog_id = ${blog!.id} group by action order by action`;
  expect(actions.map(({ action, count }) => [action, count])).toEqual([
    ["blog.close", 1],
    ["blog.create", 1],
    ["post.publish", 400],
  ]);
  await app
    .as(await app.person("reporter"))
    .post(`/api/blogs/${DEBATE_SLUG}/posts`)
    .send({ body: "<p>Too late</p>" })
    .expect(409);
});

test("the discussion has decided, waiting and rejected comments, and the demo's people can sign in", async () => {
  const { sql } = app.app.context;
  const counts = await sql`select status, count(*)::int from comments group by status order by status`;
  const byStatus = Object.fromEntries(counts.map(({ status, count }) => [status, count]));
  expect(byStatus.approved + byStatus.published + byStatus.pending + byStatus.rejected).toBeGreaterThanOrEqual(115);
  expect(byStatus.approved).toBeGreaterThan(80);
  expect(byStatus.published).toBeGreaterThan(3);
  expect(byStatus.pending).toBeGreaterThanOrEqual(15);
  expect(byStatus.rejected).toBeGreaterThanOrEqual(5);
  for (const { email } of DEMO_ACCOUNTS)
    await app.request().post("/api/auth/sign-in/email").send({ email, password: DEMO_PASSWORD }).expect(200);
});
