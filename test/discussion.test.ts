import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { CommentAnswer } from "../server/comments/comments.ts";
import type { Batch } from "../server/realtime/protocol.ts";
import { next, useApp, type Person, type Reader } from "./app.ts";

const app = useApp();
const mod = async () => app.as(await app.person("moderator"));
const listed = async (slug: string, query = "") =>
  (await app.request().get(`/api/blogs/${slug}/comments?limit=100${query}`).expect(200)).body
    .comments as CommentAnswer[];
const ids = (comments: CommentAnswer[]) => comments.map(({ id }) => id);

/** A follower of any stream from where it is now, with what it was sent. */
async function follow(stream: string, from: string, who?: Person): Promise<{ socket: Reader; batches: Batch[] }> {
  const { body } = await (who ? app.as(who) : app.request()).get(from);
  const socket = await app.reader(app.app, who?.token);
  const batches: Batch[] = [];
  socket.on("batch", (batch) => batches.push(batch));
  const answer = await socket.emitWithAck("follow", { stream, epoch: body.epoch, version: body.version });
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return { socket, batches };
}

async function batchWith({ socket, batches }: { socket: Reader; batches: Batch[] }, target: string): Promise<Batch> {
  const find = () => batches.find(({ changes }) => changes.some((change) => change.target === target));
  while (!find()) await next(socket, "batch");
  return find()!;
}

test("a comment that is taken away goes from open pages with its answers, and all of it comes back when it comes back", async () => {
  const blog = await app.discussion();
  const root = await app.comment(blog);
  const answer = await app.comment(blog, { parentId: root.id });
  const deeper = await app.comment(blog, { parentId: answer.id });
  expect(ids(await listed(blog.slug, "&sort=oldest"))).toEqual([root.id, answer.id, deeper.id]);
  const reader = await follow(`comments:${blog.slug}`, `/api/blogs/${blog.slug}/comments`);

  const rejected = await app.decide(root, "reject");
  const { changes } = await batchWith(reader, `comment-${root.id}`);
  const gone = changes.filter(({ target }) => /^comment-\d/.test(target));
  expect(gone.map(({ target, html }) => [target, html])).toEqual(
    [root, answer, deeper].map(({ id }) => [`comment-${id}`, null]),
  );
  expect(await listed(blog.slug)).toEqual([]);
  for (const { id } of [root, answer, deeper]) await app.request().get(`/api/comments/${id}`).expect(404);

  await app.decide(rejected, "approve");
  expect(ids(await listed(blog.slug, "&sort=oldest"))).toEqual([root.id, answer.id, deeper.id]);
});

test("a comment that its author deletes leaves a tombstone only while somebody’s answer is seen", async () => {
  const blog = await app.discussion();
  const author = await app.newPerson();
  const root = await app.comment(blog, { body: "Regretted words" }, author);
  const answer = await app.comment(blog, { parentId: root.id });
  const [alone] = [await app.comment(blog, {}, author)];
  await app.as(author).delete(`/api/comments/${root.id}`).expect(204);
  await app.as(author).delete(`/api/comments/${root.id}`).expect(204);
  await app.as(author).delete(`/api/comments/${alone.id}`).expect(204);
  expect(await listed(blog.slug, "&sort=oldest")).toMatchObject([
    { id: root.id, deleted: true, body: "", html: "", author: { id: null, name: "" } },
    { id: answer.id, deleted: false },
  ]);
  const { body: refused } = await app
    .as(await app.newPerson())
    .post(`/api/blogs/${blog.slug}/comments`)
    .send({ body: "Too late", parentId: root.id })
    .expect(409);
  expect(refused.code).toBe("parent-removed");
  await app.decide(answer, "reject");
  expect(await listed(blog.slug)).toEqual([]);
});

test("one’s own words can be changed for a while, are checked anew, and lose approval and pick", async () => {
  const blog = await app.discussion();
  const author = await app.newPerson();
  const as = app.as(author);
  const { id } = await app.comment(blog, {}, author);
  await (await mod()).put(`/api/comments/${id}/feature`).send({ version: 1 }).expect(200);
  const { body: edited } = await as
    .patch(`/api/comments/${id}`, 0)
    .send({ body: "Better words", version: 2 })
    .expect(200);
  expect(edited).toMatchObject({ status: "published", featured: false, version: 3, editedAt: expect.any(String) });
  const { body: held } = await as
    .patch(`/api/comments/${id}`, 0)
    .send({ body: "See https://elsewhere.example/", version: 3 })
    .expect(200);
  expect(held).toMatchObject({ status: "held", reasons: ["links"] });
  expect(await listed(blog.slug)).toEqual([]);
  const again = await as.patch(`/api/comments/${id}`, 0).send({ body: "No link", version: 4 }).expect(409);
  expect(again.body.code).toBe("not-editable");

  const other = await app.comment(blog, {}, author);
  const stale = await as.patch(`/api/comments/${other.id}`, 0).send({ body: "x", version: 7 }).expect(409);
  expect(stale.body).toMatchObject({ code: "version-conflict", current: { id: other.id, version: 1 } });
  await app
    .as(await app.newPerson())
    .patch(`/api/comments/${other.id}`, 0)
    .send({ body: "Not mine", version: 1 })
    .expect(404);
  await (await mod()).patch(`/api/blogs/${blog.slug}/comment-settings`, 0).send({ editWindowSeconds: 0 }).expect(200);
  const late = await as.patch(`/api/comments/${other.id}`, 0).send({ body: "y", version: 1 }).expect(409);
  expect(late.body.code).toBe("edit-window-closed");
});

test("likes count once for each person, on no comment of one’s own, and reach open pages", async () => {
  const blog = await app.discussion();
  const author = await app.newPerson();
  const { id } = await app.comment(blog, {}, author);
  const [one, two] = [app.as(await app.newPerson()), app.as(await app.newPerson())];
  const reader = await follow(`comments:${blog.slug}`, `/api/blogs/${blog.slug}/comments`);
  await one.put(`/api/comments/${id}/reaction`).expect(200);
  await one.put(`/api/comments/${id}/reaction`).expect(200);
  expect((await two.put(`/api/comments/${id}/reaction`).expect(200)).body.reactions).toBe(2);
  expect((await one.delete(`/api/comments/${id}/reaction`).expect(200)).body.reactions).toBe(1);
  await app.as(author).put(`/api/comments/${id}/reaction`).expect(422);
  const { changes } = await batchWith(reader, `comment-${id}`);
  expect(changes[0]!.html).toContain("like");
  const second = await app.comment(blog);
  expect(ids(await listed(blog.slug, "&sort=reactions"))).toEqual([id, second.id]);
});

test("reports bring a comment into the queue, one for each person, and a decision closes them", async () => {
  const blog = await app.discussion();
  const author = await app.newPerson();
  const comment = await app.comment(blog, {}, author);
  const path = `/api/comments/${comment.id}/reports`;
  const reporters = await Promise.all(Array.from({ length: 3 }, () => app.newPerson()));
  const queue = async () =>
    ids((await (await mod()).get(`/api/moderation/queues/reported?blog=${blog.slug}`).expect(200)).body.comments);
  await app.as(author).post(path).send({ reason: "spam" }).expect(422);
  await app.as(reporters[0]!).post(path).send({ reason: "legal" }).expect(422);
  await app.as(reporters[0]!).post(path).send({ reason: "because" }).expect(422);
  expect(await queue()).toEqual([]);
  await app.as(reporters[0]!).post(path).send({ reason: "abuse" }).expect(204);
  await app.as(reporters[0]!).post(path).send({ reason: "spam" }).expect(204);
  expect(await queue()).toEqual([comment.id]);
  const approved = await app.decide(comment, "approve");
  expect(await queue()).toEqual([]);
  // An approved one needs more of them.
  for (const [n, reporter] of reporters.entries()) {
    await app.as(reporter).post(path).send({ reason: "hate" }).expect(204);
    expect(await queue()).toHaveLength(n < 2 ? 0 : 1);
  }
  expect((await app.decide({ ...approved, version: 2 }, "approve")).version).toBe(3);
  expect(await queue()).toEqual([]);
  await app.decide({ ...approved, version: 3 }, "reject");
  await app.as(reporters[0]!).post(path).send({ reason: "abuse" }).expect(404);
});

test("a discussion that is closed, over, turned off or slowed down says so, and keeps nothing", async () => {
  const blog = await app.discussion();
  const author = app.as(await app.newPerson());
  const settings = async (changes: object) =>
    (await mod()).patch(`/api/blogs/${blog.slug}/comment-settings`, 0).send(changes).expect(200);
  const send = () => author.post(`/api/blogs/${blog.slug}/comments`).send({ body: `Words ${randomUUID()}` });
  await settings({ slowModeSeconds: 3_600 });
  await send().expect(201);
  const slow = await send().expect(429);
  expect(slow.body.code).toBe("slow-mode");
  expect(Number(slow.headers["retry-after"])).toBeGreaterThan(3_500);
  await settings({ slowModeSeconds: 0, state: "closed" });
  expect((await send().expect(409)).body.code).toBe("thread-closed");
  await settings({ state: "disabled" });
  expect((await send().expect(403)).body.code).toBe("comments-disabled");
  await settings({ state: "open", closesAt: new Date(Date.now() - 1_000).toISOString() });
  expect((await send().expect(409)).body.code).toBe("thread-closed");
  expect(await listed(blog.slug)).toHaveLength(1);
});

test("when its time has come a discussion closes on open pages by itself", async () => {
  const blog = await app.discussion();
  const reader = await follow(`comments:${blog.slug}`, `/api/blogs/${blog.slug}/comments`);
  const closesAt = new Date(Date.now() + 500).toISOString();
  await (await mod()).patch(`/api/blogs/${blog.slug}/comment-settings`, 0).send({ closesAt }).expect(200);
  const closed = () =>
    reader.batches.some(({ changes }) =>
      changes.some(({ target, html }) => target === "comments-state" && html?.includes("This discussion is closed")),
    );
  while (!closed()) await next(reader.socket, "batch");
  const { body } = await app.request().get(`/api/blogs/${blog.slug}/comment-settings`).expect(200);
  expect(body.state).toBe("closed");
});

test("settings that somebody else changed are not overwritten unseen", async () => {
  const blog = await app.discussion();
  const path = `/api/blogs/${blog.slug}/comment-settings`;
  const moderator = await mod();
  const stale = await moderator.patch(path, 0).send({ holdLinks: false, version: 1 }).expect(409);
  expect(stale.body).toMatchObject({ code: "version-conflict", current: { version: 2, holdLinks: true } });
  await moderator.patch(path, 0).send({ newCommenterHold: -1 }).expect(422);
  await moderator
    .patch(path, 0)
    .send({ allowedDomains: ["no domain"] })
    .expect(422);
  await app
    .as(await app.person("reporter"))
    .patch(path, 0)
    .send({ state: "closed" })
    .expect(403);
});

test("somebody who has not confirmed their address may read and not write", async () => {
  const blog = await app.discussion();
  const person = await app.newPerson();
  const { db } = app.app.context;
  await db.updateTable("users").set({ email_verified: false }).where("id", "=", person.id).execute();
  const refused = await app.as(person).post(`/api/blogs/${blog.slug}/comments`).send({ body: "Hello" }).expect(403);
  expect(refused.body.code).toBe("email-unverified");
});

test("the queues of all blogs are for those who moderate everywhere; those of one blog are numbered alike and hold no other", async () => {
  const [here, elsewhere] = [await app.discussion({ moderation: "pre" }), await app.discussion({ moderation: "pre" })];
  const everywhere = await app.person("moderator");
  const local = await app.newPerson({ role: "moderator", blogId: here.id });
  const all = await follow("moderation", "/api/moderation/queues/pending", everywhere);
  const one = await follow(`moderation:${here.slug}`, `/api/moderation/queues/pending?blog=${here.slug}`, local);
  for (const [stream, who] of [
    ["moderation", local],
    [`moderation:${elsewhere.slug}`, local],
    ["moderation", await app.person("reader")],
  ] as const) {
    const socket = await app.reader(app.app, who.token);
    expect(await socket.emitWithAck("follow", { stream, epoch: "", version: 0 })).toMatchObject({
      ok: false,
      problem: { code: "forbidden" },
    });
  }
  const theirs = await app.comment(elsewhere);
  const ours = await app.comment(here);
  await batchWith(all, `card-${theirs.id}`);
  await batchWith(all, `card-${ours.id}`);
  const batch = await batchWith(one, `card-${ours.id}`);
  expect(batch.to).toBe(all.batches.at(-1)!.to);
  expect(JSON.stringify(one.batches)).not.toContain(`card-${theirs.id}`);
});

test("whoever follows their notices hears of a rejection, an answer and an approval, and of nobody else’s", async () => {
  const blog = await app.discussion({ moderation: "pre" });
  const [author, stranger] = [await app.newPerson(), await app.newPerson()];
  const hear = async (person?: Person) => {
    const socket = await app.reader(app.app, person?.token);
    const answer = await socket.emitWithAck("follow", { stream: "notices", epoch: "", version: 0 });
    return { socket, answer };
  };
  expect((await hear()).answer).toMatchObject({ ok: false, problem: { code: "forbidden" } });
  const { socket } = await hear(author);
  const other = await hear(stranger);
  let overheard = 0;
  other.socket.on("head", () => overheard++);
  const first = await app.comment(blog, {}, author);
  const word = () => next(socket, "head");
  let heard = word();
  await app.decide(first, "approve");
  expect(await heard).toMatchObject({ stream: "notices" });
  const answer = await app.comment(blog, { parentId: first.id });
  heard = word();
  await app.decide(answer, "approve");
  await heard;
  const second = await app.comment(blog, {}, author);
  heard = word();
  await app.decide(second, "reject");
  await heard;
  expect(overheard).toBe(0);
});

test("the newsroom’s own service has its word about each comment, and silence from it holds", async () => {
  const asked: { body: string }[] = [];
  let answer: string | null = '{"outcome":"reject","reasons":["spam"]}';
  const service = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      asked.push(JSON.parse(text));
      if (answer === null) response.destroy();
      else response.setHeader("Content-Type", "application/json").end(answer);
    });
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
  const checked = await app.start({ commentCheck: { url, secret: "x".repeat(32) } });
  try {
    const blog = await app.discussion();
    const author = app.as(await app.newPerson(), checked);
    const send = async (body: string) =>
      (await author.post(`/api/blogs/${blog.slug}/comments`).send({ body })).body as CommentAnswer;
    expect(await send("Buy now")).toMatchObject({ status: "rejected", reasons: ["outside", "outside:spam"] });
    expect(asked).toMatchObject([{ body: "Buy now", blog: blog.slug }]);
    answer = null;
    expect(await send("Good morning")).toMatchObject({ status: "held", reasons: ["check-failed"] });
    answer = '{"outcome":"publish"}';
    expect(await send("Good evening")).toMatchObject({ status: "published", reasons: [] });
  } finally {
    service.close();
  }
});

test("a post that shows an answer is taken down with what the answer was to, and cannot be published while that is away", async () => {
  const blog = await app.discussion();
  const root = await app.comment(blog);
  const answer = await app.comment(blog, { parentId: root.id });
  const reporter = app.as(await app.person("reporter"));
  const posts = `/api/blogs/${blog.slug}/posts`;
  const { body: post } = await reporter.post(posts).send({ kind: "comment", commentId: answer.id }).expect(201);
  const rejected = await app.decide(root, "reject");
  await app.request().get(`${posts}/${post.id}`).expect(410);
  await reporter.patch(`${posts}/${post.id}`, 2).send({ status: "draft" }).expect(409);
  await reporter.post(posts).send({ kind: "comment", commentId: answer.id }).expect(422);
  await app.decide(rejected, "approve");
  await reporter.post(posts).send({ kind: "comment", commentId: answer.id }).expect(201);
});

test("whoever has not confirmed their address cannot report or like either", async () => {
  const blog = await app.discussion();
  const comment = await app.comment(blog);
  const person = await app.newPerson();
  await app.app.context.db.updateTable("users").set({ email_verified: false }).where("id", "=", person.id).execute();
  const report = await app.as(person).post(`/api/comments/${comment.id}/reports`).send({ reason: "spam" }).expect(403);
  expect(report.body.code).toBe("email-unverified");
  await app.as(person).put(`/api/comments/${comment.id}/reaction`).expect(403);
});

test("a banned reader can do nothing that others see, whichever route, and can still go", async () => {
  const blog = await app.discussion();
  const person = await app.newPerson();
  const own = await app.comment(blog, {}, person);
  const others = await app.comment(blog);
  await (await mod()).post(`/api/commenters/${person.id}/restrictions`).send({ kind: "ban" }).expect(201);
  // Every route by which readers write, so that a new one has to be put on one side or the other.
  const refused: Record<string, { path: string; body?: object }> = {
    "post /api/blogs/:slug/comments": { path: `/api/blogs/${blog.slug}/comments`, body: { body: "Again" } },
    "patch /api/comments/:id": { path: `/api/comments/${own.id}`, body: { body: "Other words", version: 1 } },
    "post /api/comments/:id/reports": { path: `/api/comments/${others.id}/reports`, body: { reason: "spam" } },
    "put /api/comments/:id/reaction": { path: `/api/comments/${others.id}/reaction` },
  };
  const allowed = [
    "delete /api/comments/:id",
    "delete /api/comments/:id/reaction",
    "put /api/me/mutes/:person",
    "delete /api/me/mutes/:person",
    "get /api/blogs/:slug/comments/own",
    "post /api/me/warnings/:id/acknowledge",
  ];
  const readers = app.app.routes.filter(({ action }) => action === "comment:write" || action === "comment:take-part");
  expect(readers.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    [...Object.keys(refused), ...allowed].sort(),
  );
  const before = await listed(blog.slug);
  for (const [route, { path, body = {} }] of Object.entries(refused)) {
    const method = route.split(" ")[0] as "post" | "put" | "patch";
    const answer = await (method === "patch" ? app.as(person).patch(path, 1) : app.as(person)[method](path)).send(body);
    expect([route, answer.status, answer.body.code]).toEqual([route, 403, "banned"]);
  }
  expect(await listed(blog.slug)).toEqual(before);
  await app.as(person).delete(`/api/comments/${own.id}`).expect(204);
});
