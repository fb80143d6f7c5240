import { expect, test } from "vitest";
import { PASSWORD, useApp } from "./app.ts";
import { commenting } from "./discussing.ts";

const app = useApp();
const discussion = commenting(app);

test("a reader is told that their comment was approved, promoted with an answer, and no more of what was taken down", async () => {
  const blog = await app.blog();
  const reader = await app.newPerson({ role: "reader" });
  const moderator = app.as(await app.person("moderator"));
  const { body: comment } = await app
    .as(reader)
    .post(`/api/blogs/${blog.slug}/comments`)
    .send({ body: "I saw the bridge sway." })
    .expect(202);
  const notices = async () => (await app.as(reader).get("/api/notices").expect(200)).body.notices;
  expect(await notices()).toEqual([]);
  await moderator
    .post(`/api/comments/${comment.id}/decisions`)
    .send({ decision: "approve", version: comment.version })
    .expect(200);
  expect(await notices()).toMatchObject([{ kind: "approved", isNew: true, comment: { id: comment.id } }]);
  const post = await app.post(blog, { kind: "comment", commentId: comment.id, body: "<p>So did we.</p>" });
  const [promoted] = await notices();
  expect(promoted).toMatchObject({
    kind: "promoted",
    isNew: true,
    blog: { slug: blog.slug },
    post: { id: post.id, url: post.url, body: "<p>So did we.</p>" },
  });
  await app.as(reader).put("/api/notices/seen").send({ upTo: promoted.at }).expect(204);
  expect((await notices()).map(({ isNew }: { isNew: boolean }) => isNew)).toEqual([false, false]);
  await app
    .as(await app.person("editor"))
    .delete(`/api/blogs/${blog.slug}/posts/${post.id}`, 1)
    .send({ reason: "Not on the bridge" })
    .expect(200);
  expect((await notices()).map(({ kind }: { kind: string }) => kind)).toEqual(["approved"]);
});

test("a rejection is told with its reason, to its author and to nobody else", async () => {
  const blog = await app.blog();
  const [reader, other] = [await app.newPerson(), await app.newPerson()];
  const { body: comment } = await app
    .as(reader)
    .post(`/api/blogs/${blog.slug}/comments`)
    .send({ body: "Buy my boats" })
    .expect(202);
  await app
    .as(await app.person("moderator"))
    .post(`/api/comments/${comment.id}/decisions`)
    .send({ decision: "reject", version: comment.version, reasonCode: "spam", reasonText: "No advertising, please" })
    .expect(200);
  const { body } = await app.as(reader).get("/api/notices").expect(200);
  expect(body.notices).toMatchObject([{ kind: "rejected", reason: "No advertising, please" }]);
  expect((await app.as(other).get("/api/notices").expect(200)).body.notices).toEqual([]);
  await app.request().get("/api/notices").expect(401);
});

test("an answer is told to whoever is answered once everybody sees it, and not when its author is muted or one's own", async () => {
  const blog = await app.blog();
  const [reader, other, muted] = [await app.newPerson(), await app.newPerson(), await app.newPerson()];
  await app.as(reader).put(`/api/me/mutes/${muted.id}`).expect(204);
  const thread = await discussion.write(blog, reader, "Is anybody there?");
  await discussion.approve(thread.id);
  const answer = await discussion.write(blog, other, "I am.", thread.id);
  const kinds = async () =>
    (await app.as(reader).get("/api/notices").expect(200)).body.notices.map(({ kind }: { kind: string }) => kind);
  expect(await kinds()).toEqual(["approved"]);
  await discussion.approve(answer.id);
  for (const person of [reader, muted])
    await discussion.approve((await discussion.write(blog, person, "Me", thread.id)).id);
  const [newest, told] = (await app.as(reader).get("/api/notices").expect(200)).body.notices;
  expect(newest).toMatchObject({ kind: "approved", title: "Your comment was published" });
  expect(told).toMatchObject({
    kind: "reply",
    title: "A reader answered your comment",
    comment: { id: thread.id },
    reply: { id: answer.id, body: "I am.", name: "A reader", url: expect.stringContaining(`/comments/${answer.id}`) },
  });
  await discussion.reject(answer.id);
  expect(await kinds()).toEqual(["approved", "approved"]);
});

test("nobody is told that a comment which never waited may stay", async () => {
  const blog = await discussion.blog();
  const reader = await app.newPerson();
  const comment = await discussion.write(blog, reader, "There at once");
  await discussion.approve(comment.id);
  expect((await app.as(reader).get("/api/notices").expect(200)).body.notices).toEqual([]);
});

test("a restriction is told with its message and its end", async () => {
  const reader = await app.newPerson();
  const until = new Date(Date.now() + 3_600_000);
  await discussion.restrict(reader, { kind: "suspend", message: "Come back later.", until });
  await discussion.restrict(reader, { kind: "premoderate", message: "For ourselves" });
  const { body } = await app.as(reader).get("/api/notices").expect(200);
  expect(body.notices).toMatchObject([
    {
      kind: "restriction",
      title: "You cannot comment for the time being",
      blog: null,
      comment: null,
      restriction: { kind: "suspend", message: "Come back later.", until: until.toISOString() },
    },
  ]);
});

test("the notices page needs no script, marks what is new once, and sends whoever is not signed in to sign in", async () => {
  const blog = await app.blog();
  const reader = await app.newPerson();
  const { body: comment } = await app
    .as(reader)
    .post(`/api/blogs/${blog.slug}/comments`)
    .send({ body: "Is the ferry <running>?" })
    .expect(202);
  await app
    .as(await app.person("moderator"))
    .post(`/api/comments/${comment.id}/decisions`)
    .send({ decision: "approve", version: comment.version })
    .expect(200);
  const away = await app.request().get("/notices").expect(303);
  expect(away.headers.location).toBe("/sign-in?next=/notices");
  const signedIn = await app
    .request()
    .post("/sign-in")
    .type("form")
    .set("Origin", app.url)
    .send({ email: reader.email, password: PASSWORD, next: "/notices" })
    .expect(303);
  const cookie = signedIn.headers["set-cookie"]! as unknown as string[];
  const open = async () => (await app.request().get("/notices").set("Cookie", cookie).expect(200)).text;
  const first = await open();
  expect(first).toContain("Your comment was published");
  expect(first).toContain("Is the ferry &lt;running&gt;?");
  expect(first).toContain('class="notice-new"');
  expect(await open()).not.toContain('class="notice-new"');
});
