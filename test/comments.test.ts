import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useApp } from "./app.ts";

const app = useApp();
const as = async (role: "reader" | "moderator" | "reporter" | "editor") => app.as(await app.person(role));

test("a comment waits unseen until a moderator approves it", async () => {
  const blog = await app.blog();
  const [reader, moderator] = [await as("reader"), await as("moderator")];
  const path = `/api/blogs/${blog.slug}/comments`;
  const handedIn = await reader.post(path).send({ body: "  I was <there>.\nIt rained.  " }).expect(202);
  expect(handedIn.body).toEqual({
    id: expect.any(String),
    blog: blog.slug,
    parentId: null,
    author: { id: expect.any(String), name: "A reader", badge: null },
    body: "I was <there>.\nIt rained.",
    html: '<p dir="auto">I was &lt;there&gt;.<br>It rained.</p>',
    status: "pending",
    deleted: false,
    reasons: ["new-commenter"],
    rejection: { code: null, text: null },
    version: 1,
    reactions: 0,
    featured: false,
    createdAt: expect.stringMatching(/\.\d{3}Z$/),
    editedAt: null,
  });
  const own = `/api/comments/${handedIn.body.id}`;
  expect(handedIn.headers.location).toBe(own);
  await app.request().get(own).expect(404);
  await app
    .as(await app.newPerson())
    .get(own)
    .expect(404);
  await reader.get(own).expect(200);
  await moderator.get(own).expect(200);
  expect((await app.request().get(path).expect(200)).body.comments).toEqual([]);

  const decided = await moderator.post(`${own}/decisions`).send({ decision: "approve", version: 1 }).expect(200);
  expect(decided.body).toMatchObject({ status: "approved", version: 2, alreadyDecided: false });
  await app.request().get(own).expect(200);
  expect((await app.request().get(path).expect(200)).body.comments).toHaveLength(1);
});

test("a decision that was taken already is told so, and another one needs the comment as it is", async () => {
  const blog = await app.blog();
  const moderator = await as("moderator");
  const { id } = await app.approvedComment(blog);
  const decide = (body: object) => moderator.post(`/api/comments/${id}/decisions`).send(body);
  expect((await decide({ decision: "approve", version: 1 }).expect(200)).body).toMatchObject({
    alreadyDecided: true,
    version: 2,
  });
  const stale = await decide({ decision: "reject", version: 1, reasonCode: "abuse" }).expect(409);
  expect(stale.body).toMatchObject({ code: "already-decided", current: { id, status: "approved", version: 2 } });
  expect((await decide({ decision: "reject", version: 2 }).expect(422)).body.errors).toEqual([
    { pointer: "/reasonCode", code: "required" },
  ]);
  await decide({ decision: "delete", version: 2 }).expect(422);
  await decide({ decision: "reject", version: 2, reasonCode: "abuse" }).expect(200);
  await app.request().get(`/api/comments/${id}`).expect(404);
  expect((await decide({ decision: "approve", version: 3 }).expect(200)).body.version).toBe(4);
});

test("rejecting a promoted comment takes its post from every page, draft posts included", async () => {
  const blog = await app.blog();
  const [reporter, moderator] = [await as("reporter"), await as("moderator")];
  const comment = await app.approvedComment(blog, "Soon regretted");
  const posts = `/api/blogs/${blog.slug}/posts`;
  const { body: shown } = await reporter.post(posts).send({ kind: "comment", commentId: comment.id }).expect(201);
  const { body: draft } = await reporter
    .post(posts)
    .send({ kind: "comment", commentId: comment.id, status: "draft" })
    .expect(201);
  await moderator
    .post(`/api/comments/${comment.id}/decisions`)
    .send({ decision: "reject", version: 2, reasonCode: "privacy" })
    .expect(200);
  await app.request().get(`${posts}/${shown.id}`).expect(410);
  expect((await reporter.get(`${posts}/${shown.id}`).expect(200)).text).not.toContain("Soon regretted");
  expect((await reporter.get(`${posts}/${draft.id}`).expect(200)).body.status).toBe("removed");
  expect((await app.request().get(`/blogs/${blog.slug}`).expect(200)).text).not.toContain("Soon regretted");
});

test("what cannot be a comment is refused", async () => {
  const [blog, other] = [await app.blog(), await app.blog()];
  const reader = await as("reader");
  const send = (body: object) => reader.post(`/api/blogs/${blog.slug}/comments`).send(body);
  const errorOf = async (body: object) => (await send(body).expect(422)).body.errors;
  expect(await errorOf({})).toEqual([{ pointer: "/body", code: "invalid-type" }]);
  expect(await errorOf({ body: " \u200b\n" })).toEqual([{ pointer: "/body", code: "comment-empty" }]);
  expect(await errorOf({ body: "x".repeat(2_001) })).toEqual([
    { pointer: "/body", code: "comment-too-long", unit: "graphemes", max: 2_000, actual: 2_001 },
  ]);
  expect(await errorOf({ body: "a\u0000" })).toEqual([{ pointer: "/body", code: "invalid-characters" }]);
  expect(await errorOf({ body: "x", status: "approved" })).toEqual([{ pointer: "/status", code: "unknown-field" }]);
  expect(await errorOf({ body: "x", authorId: "1" })).toEqual([{ pointer: "/authorId", code: "unknown-field" }]);
  const waiting = await send({ body: "First" }).expect(202);
  for (const parentId of [waiting.body.id, (await app.approvedComment(other)).id, "999999999"])
    expect(await errorOf({ body: "x", parentId })).toEqual([{ pointer: "/parentId", code: "parent-unavailable" }]);
  const parent = await app.approvedComment(blog);
  expect((await send({ body: "x", parentId: parent.id }).expect(201)).body.parentId).toBe(parent.id);
  await app
    .request()
    .post(`/api/blogs/${blog.slug}/comments`)
    .set("Idempotency-Key", randomUUID())
    .send({ body: "x" })
    .expect(401);
});

test("a closed blog takes no comments, and its moderators can still decide", async () => {
  const blog = await app.blog();
  const reader = await as("reader");
  const waiting = await app.comment(blog);
  await (await as("editor")).put(`/api/blogs/${blog.slug}/closure`).expect(200);
  expect((await reader.post(`/api/blogs/${blog.slug}/comments`).send({ body: "Late" }).expect(409)).body.code).toBe(
    "blog-closed",
  );
  await (
    await as("moderator")
  )
    .post(`/api/comments/${waiting.id}/decisions`)
    .send({ decision: "approve", version: 1 })
    .expect(200);
});

test("the queue and the list lead through all comments once, in either order", async () => {
  const blog = await app.discussion({ moderation: "pre" });
  const moderator = await as("moderator");
  const reader = await as("reader");
  const ids: string[] = [];
  for (let n = 0; n < 7; n++)
    ids.push(
      (
        await reader
          .post(`/api/blogs/${blog.slug}/comments`)
          .send({ body: `${n}` })
          .expect(202)
      ).body.id,
    );
  const walk = async (path: string) => {
    const seen: string[] = [];
    let after: string | null = "";
    while (after !== null) {
      const answer: { comments: { id: string }[]; next: string | null } = (
        await moderator.get(`${path}${after && `&after=${after}`}`).expect(200)
      ).body;
      seen.push(...answer.comments.map(({ id }) => id));
      after = answer.next;
    }
    return seen;
  };
  const queue = `/api/moderation/queues/pending?blog=${blog.slug}&limit=3`;
  expect(await walk(queue)).toEqual(ids);
  expect(await walk(`${queue}&order=newest`)).toEqual(ids.toReversed());
  for (const id of ids)
    await moderator.post(`/api/comments/${id}/decisions`).send({ decision: "approve", version: 1 }).expect(200);
  expect(await walk(queue)).toEqual([]);
  expect(await walk(`/api/blogs/${blog.slug}/comments?limit=2`)).toEqual(ids.toReversed());
  expect(await walk(`/api/blogs/${blog.slug}/comments?limit=2&sort=oldest`)).toEqual(ids);

  const elsewhere = await app.approvedComment(await app.blog());
  for (const after of [elsewhere.id, "999999999"])
    expect((await moderator.get(`${queue}&after=${after}`).expect(422)).body.errors).toEqual([
      { pointer: "query:after", code: "unknown-cursor" },
    ]);
});
