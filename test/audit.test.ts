import { expect, test } from "vitest";
import { useApp } from "./app.ts";

const app = useApp();

interface Entry {
  id: string;
  at: string;
  actor: string | null;
  via: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
}

async function log(slug: string, query = ""): Promise<{ entries: Entry[]; next: string | null }> {
  return (
    await app
      .as(await app.person("editor"))
      .get(`/api/blogs/${slug}/audit${query}`)
      .expect(200)
  ).body;
}

test("every staff action in a blog is written down: who, what, to what, newest first", async () => {
  const editor = app.as(await app.person("editor"));
  const reporter = app.as(await app.person("reporter"));
  const admin = app.as(await app.person("admin"));
  const blog = await app.blog();
  const posts = `/api/blogs/${blog.slug}/posts`;
  await editor.patch(`/api/blogs/${blog.slug}`, 1).send({ title: "New title" }).expect(200);
  const { body: draft } = await reporter.post(posts).send({ body: "x", status: "draft" }).expect(201);
  const path = `${posts}/${draft.id}`;
  await reporter.patch(path, 1).send({ status: "published" }).expect(200);
  await reporter.put(`${path}/pin`).expect(200);
  await reporter.delete(`${path}/pin`).expect(200);
  await reporter.put(`${path}/key-event`).expect(200);
  await reporter.patch(path, 5).send({ headline: "y" }).expect(200);
  await reporter.patch(path, 6).send({ verification: "verified" }).expect(200);
  await reporter
    .patch(path, 7)
    .send({ correction: { text: "z" } })
    .expect(200);
  const comment = await app.approvedComment(blog);
  await app
    .as(await app.person("moderator"))
    .post(`/api/comments/${comment.id}/decisions`)
    .send({ decision: "reject", version: 2, reasonCode: "spam" })
    .expect(200);
  await reporter.delete(path, 8).send({ reason: "Legal asked" }).expect(200);
  const { body: role } = await admin
    .post("/api/roles")
    .send({ email: (await app.newPerson()).email, role: "reporter", blog: blog.slug })
    .expect(201);
  await admin.delete(`/api/roles/${role.id}`).expect(204);
  await editor.put(`/api/blogs/${blog.slug}/closure`).expect(200);
  await editor.delete(`/api/blogs/${blog.slug}/closure`).expect(200);

  const { entries } = await log(blog.slug);
  expect(entries.map(({ action }) => action).toReversed()).toEqual([
    "blog.create",
    "blog.edit",
    "post.draft",
    "post.publish",
    "post.pin",
    "post.unpin",
    "post.key-event",
    "post.edit",
    "post.verify",
    "post.correct",
    "post.remove",
    "role.grant",
    "role.take",
    "blog.close",
    "blog.reopen",
  ]);
  const removal = entries.find(({ action }) => action === "post.remove")!;
  expect(removal).toMatchObject({
    actor: "A reporter",
    via: "token",
    subject: `post:${draft.id}`,
    details: { reason: "Legal asked", version: 9 },
  });
  expect(removal.at).toMatch(/\.\d{3}Z$/);
  expect(entries.find(({ action }) => action === "blog.edit")!.details).toMatchObject({
    after: { title: "New title" },
  });
});

test("the log can be read page by page", async () => {
  const blog = await app.blog();
  for (let n = 0; n < 4; n++) await app.post(blog);
  const all = (await log(blog.slug)).entries.map(({ id }) => id);
  const first = await log(blog.slug, "?limit=2");
  const second = await log(blog.slug, `?limit=2&before=${first.next}`);
  const third = await log(blog.slug, `?limit=2&before=${second.next}`);
  expect([first, second, third].flatMap(({ entries }) => entries.map(({ id }) => id))).toEqual(all);
  expect(third.next).toBeNull();
});

test("the database refuses to change or empty the log, whoever asks", async () => {
  await app.blog();
  const { sql } = app.app.context;
  const [before] = await sql`select count(*) from audit_log`;
  await expect(sql`update audit_log set action = 'nothing'`).rejects.toThrow(/append-only/);
  await expect(sql`delete from audit_log`).rejects.toThrow(/append-only/);
  await expect(sql`truncate audit_log`).rejects.toThrow(/append-only/);
  await expect(sql`truncate audit_log, posts cascade`).rejects.toThrow(/append-only/);
  expect((await sql`select count(*) from audit_log`)[0]).toEqual(before);
});

test("what was refused or rolled back is not in the log", async () => {
  const blog = await app.blog();
  const reporter = app.as(await app.person("reporter"));
  const before = (await log(blog.slug)).entries.length;
  await reporter.post(`/api/blogs/${blog.slug}/posts`).send({ body: "" }).expect(422);
  await reporter
    .post(`/api/blogs/${blog.slug}/posts`)
    .send({ body: "x", media: [{ id: "0".repeat(32), alt: "x" }] })
    .expect(422);
  await reporter.put(`/api/blogs/${blog.slug}/closure`).expect(403);
  expect((await log(blog.slug)).entries).toHaveLength(before);
});
