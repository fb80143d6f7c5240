import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { currentHistory, epochOf } from "../server/blogs/streams.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { next, useApp, type Person } from "./app.ts";

const app = useApp();
const as = async (role: "moderator" | "reporter" | "editor" | "contributor") => app.as(await app.person(role));

/** A blog whose readers are trusted from their first comment. */
async function openBlog(): Promise<BlogAnswer> {
  const blog = await app.blog();
  await app
    .as(await app.person("editor"))
    .patch(`/api/blogs/${blog.slug}/comment-settings`, 1)
    .send({ newCommenterHold: 0 })
    .expect(200);
  return blog;
}

const send = (person: Person, blog: BlogAnswer, body: string = randomUUID()) =>
  app.as(person).post(`/api/blogs/${blog.slug}/comments`).send({ body });
const restrict = async (moderator: Person, person: Person, body: object) =>
  app.as(moderator).post(`/api/commenters/${person.id}/restrictions`).send(body);

test("a ban keeps somebody from writing until it is ended, and says so plainly", async () => {
  const blog = await openBlog();
  const reader = await app.newPerson();
  await send(reader, blog).expect(201);
  const moderator = await app.person("moderator");
  const made = await restrict(moderator, reader, { kind: "ban", message: "Enough" });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ kind: "ban", blog: null, until: null, message: "Enough", rejected: 0 });
  const refused = await send(reader, blog).expect(403);
  expect(refused.body).toMatchObject({ code: "banned", restriction: { message: "Enough" } });
  await (await as("moderator")).delete(`/api/restrictions/${made.body.id}`).expect(204);
  await (await as("moderator")).delete(`/api/restrictions/${made.body.id}`).expect(204);
  await send(reader, blog).expect(201);
});

test("a ban with all that somebody wrote takes it from readers, and leaves others' alone", async () => {
  const [blog, other] = [await openBlog(), await openBlog()];
  const [reader, bystander] = [await app.newPerson(), await app.newPerson()];
  const ids = [await send(reader, blog), await send(reader, blog), await send(reader, other)].map(
    ({ body }) => body.id,
  );
  const { body: kept } = await send(bystander, blog).expect(201);
  const made = await restrict(await app.person("moderator"), reader, { kind: "ban", rejectExisting: true });
  expect(made.body.rejected).toBe(3);
  for (const id of ids) await app.request().get(`/api/comments/${id}`).expect(404);
  await app.request().get(`/api/comments/${kept.id}`).expect(200);
});

test("in one blog a ban rejects only what was written there", async () => {
  const [blog, other] = [await openBlog(), await openBlog()];
  const reader = await app.newPerson();
  const [{ body: here }, { body: there }] = [await send(reader, blog), await send(reader, other)];
  const body = { kind: "ban", blog: blog.slug, rejectExisting: true };
  expect((await restrict(await app.person("moderator", blog.id), reader, body)).body.rejected).toBe(1);
  await app.request().get(`/api/comments/${here.id}`).expect(404);
  await app.request().get(`/api/comments/${there.id}`).expect(200);
  await send(reader, blog).expect(403);
  await send(reader, other).expect(201);
});

test("a warning is read before one goes on; a suspension needs an end, and premoderation makes comments wait", async () => {
  const blog = await openBlog();
  const reader = await app.newPerson();
  await send(reader, blog).expect(201);
  const moderator = await app.person("moderator");
  const codes = async (body: object) => (await restrict(moderator, reader, body)).body.errors;
  expect(await codes({ kind: "warn" })).toEqual([{ pointer: "/message", code: "required" }]);
  expect(await codes({ kind: "suspend" })).toEqual([{ pointer: "/until", code: "required" }]);
  expect(await codes({ kind: "suspend", until: "2020-01-01T00:00:00Z" })).toEqual([
    { pointer: "/until", code: "in-the-past" },
  ]);
  const { body: warning } = await restrict(moderator, reader, { kind: "warn", message: "Be kind" });
  expect((await send(reader, blog).expect(403)).body.code).toBe("warned");
  await app
    .as(await app.newPerson())
    .post(`/api/me/warnings/${warning.id}/acknowledge`)
    .expect(404);
  await app.as(reader).post(`/api/me/warnings/${warning.id}/acknowledge`).expect(204);
  await send(reader, blog).expect(201);
  await restrict(moderator, reader, { kind: "premoderate" });
  expect((await send(reader, blog).expect(202)).body.reasons).toEqual(["premoderated-person"]);
});

test("who moderates one blog restricts nobody elsewhere, knows nobody from elsewhere, and changes no word list", async () => {
  const [blog, other] = [await openBlog(), await openBlog()];
  const [reader, stranger] = [await app.newPerson(), await app.newPerson()];
  await send(reader, blog).expect(201);
  await send(reader, other).expect(201);
  await send(stranger, other).expect(201);
  const local = await app.person("moderator", blog.id);
  expect((await restrict(local, reader, { kind: "ban" })).status).toBe(403);
  expect((await restrict(local, reader, { kind: "ban", blog: other.slug })).status).toBe(403);
  expect((await restrict(local, stranger, { kind: "ban", blog: blog.slug })).status).toBe(404);
  const { body: known } = await app.as(local).get(`/api/commenters/${reader.id}`).expect(200);
  expect(known.comments.map((comment: { blog: string }) => comment.blog)).toEqual([blog.slug]);
  expect(known.counts.published).toBe(1);
  await app.as(local).get(`/api/commenters/${stranger.id}`).expect(404);
  const { body: everywhere } = await restrict(await app.person("moderator"), reader, { kind: "premoderate" });
  await app.as(local).delete(`/api/restrictions/${everywhere.id}`).expect(403);
  await app.as(local).put("/api/moderation/word-lists/banned").send({ entries: [], version: 1 }).expect(403);
  await app.as(local).get("/api/moderation/word-lists/banned").expect(200);
  await app.as(local).patch("/api/moderation/settings", 1).send({ disabled: true, version: 1 }).expect(403);
});

test("the newsroom's own are not restricted", async () => {
  const answer = await restrict(await app.person("moderator"), await app.person("reporter"), { kind: "ban" });
  expect([answer.status, answer.body.code]).toEqual([409, "cannot-restrict-staff"]);
});

test("somebody's cards are shown anew to the moderators who have them open when a restriction or a note is made", async () => {
  const blog = await openBlog();
  const reader = await app.newPerson();
  const { body: comment } = await send(reader, blog).expect(201);
  const moderator = await app.person("moderator");
  const { db } = app.app.context;
  const epoch = epochOf(await currentHistory(db), "0");
  const head = await db
    .selectFrom("streams")
    .select("version")
    .where("kind", "=", "moderation")
    .executeTakeFirstOrThrow();
  const socket = await app.reader(app.app, moderator.token);
  const answer = await socket.emitWithAck("follow", { stream: "moderation", epoch, version: head.version });
  expect(answer.ok).toBe(true);
  const batch = next(socket, "batch");
  await restrict(moderator, reader, { kind: "premoderate" });
  const { changes } = await batch;
  expect(changes.map(({ target }) => target)).toContain(`card-${comment.id}`);
  expect(changes[0]!.html).toContain("Always looked at first everywhere");
});

test("notes are for moderators, and each takes away only their own", async () => {
  const blog = await openBlog();
  const reader = await app.newPerson();
  await send(reader, blog).expect(201);
  const path = `/api/commenters/${reader.id}/notes`;
  const [one, other] = [await app.newPerson({ role: "moderator" }), await app.newPerson({ role: "moderator" })];
  const { body: note } = await app.as(one).post(path).send({ body: "Known from the harbour" }).expect(201);
  await app.as(one).post(path).send({ body: " " }).expect(422);
  expect((await app.as(other).get(path).expect(200)).body.notes).toEqual([note]);
  await app.as(reader).get(path).expect(403);
  await app.as(other).delete(`${path}/${note.id}`).expect(404);
  await app.as(one).delete(`${path}/${note.id}`).expect(204);
  expect((await app.as(other).get(path).expect(200)).body.notes).toEqual([]);
  const { body: log } = await app.as(other).get(`/api/moderation/audit?commenter=${reader.id}`).expect(200);
  expect(log.entries.map(({ kind }: { kind: string }) => kind)).toEqual(["note", "note", "submit"]);
});

test("a word list is saved whole or not at all, never over a colleague's, and holds from then on", async () => {
  const blog = await openBlog();
  const moderator = await as("moderator");
  const path = "/api/moderation/word-lists/banned";
  const { body: before } = await moderator.get(path).expect(200);
  const put = (entries: string[], version: number) => moderator.put(path).send({ entries, version });
  const refused = await put(["fine", "…", "x".repeat(101), ""], before.version).expect(422);
  expect(refused.body.errors).toEqual([
    { pointer: "/entries/1", code: "no-letters-or-digits" },
    { pointer: "/entries/2", code: "too-long" },
    { pointer: "/entries/3", code: "empty" },
  ]);
  expect((await moderator.get(path).expect(200)).body).toEqual(before);
  const { body: saved } = await put(["cheap sandbags", "Café", "cafe"], before.version).expect(200);
  expect(saved).toEqual({ name: "banned", entries: ["cheap sandbags", "Café"], version: before.version + 1 });
  const stale = await put(["mine"], before.version).expect(409);
  expect(stale.body).toMatchObject({ code: "version-conflict", current: saved });
  const reader = await app.newPerson();
  const { body: comment } = await send(reader, blog, "Buy CHEAP-sandbags now").expect(202);
  expect([comment.status, comment.reasons]).toEqual(["rejected", ["banned-word"]]);
  const { body: log } = await moderator.get("/api/moderation/audit").expect(200);
  const entry = log.entries.find(({ kind }: { kind: string }) => kind === "word-list");
  expect(entry.details).toMatchObject({ name: "banned", added: ["cheap sandbags", "Café"], removed: [] });
  await moderator.get("/api/moderation/word-lists/secret").expect(404);
});

test("five thousand long entries fit", async () => {
  const moderator = await as("moderator");
  const path = "/api/moderation/word-lists/suspect";
  const { version } = (await moderator.get(path).expect(200)).body;
  const entries = Array.from({ length: 5_000 }, (_, n) => `${n} ${"слово".repeat(15)}`);
  await moderator.put(path).send({ entries, version }).expect(200);
  const many = await moderator
    .put(path)
    .send({ entries: [...entries, "one more"], version: version + 1 })
    .expect(422);
  expect(many.body.errors).toEqual([{ pointer: "/entries/5000", code: "too-many" }]);
  await moderator
    .put(path)
    .send({ entries: [], version: version + 1 })
    .expect(200);
});

test("a text is tried against a list as it is saved, or as it would be", async () => {
  const moderator = await as("moderator");
  const trial = (body: object) => moderator.post("/api/moderation/word-lists/suspect/test").send(body);
  expect((await trial({ text: "Free roof check" }).expect(200)).body.matches).toEqual([]);
  expect((await trial({ text: "A frée  r00f", entries: ["free"] }).expect(200)).body.matches).toEqual([
    { entry: "free", start: 2, end: 6 },
  ]);
  expect((await trial({ text: "x", entries: ["!"] }).expect(422)).body.errors[0].pointer).toBe("/entries/0");
});

test("turning all discussions off stops comments everywhere and shows on open pages; turning them on again undoes it", async () => {
  const blog = await openBlog();
  const reader = await app.newPerson();
  const moderator = await as("moderator");
  const { body: before } = await moderator.get("/api/moderation/settings").expect(200);
  const socket = await app.reader();
  const row = await app.app.context.db
    .selectFrom("streams")
    .select("version")
    .where("kind", "=", "comments")
    .where("blog_id", "=", blog.id)
    .executeTakeFirstOrThrow();
  await socket.emitWithAck("follow", { stream: `comments:${blog.slug}`, epoch: blog.epoch, version: row.version });
  const batch = next(socket, "batch");
  const change = { disabled: true, message: "Back at eight.", version: before.version };
  const { body: off } = await moderator.patch("/api/moderation/settings", 1).send(change).expect(200);
  expect((await batch).changes).toContainEqual({
    target: "comments-state",
    html: expect.stringContaining("Back at eight."),
  });
  expect((await send(reader, blog).expect(403)).body).toMatchObject({
    code: "comments-disabled",
    detail: "Back at eight.",
  });
  const stale = await moderator.patch("/api/moderation/settings", 1).send(change).expect(409);
  expect(stale.body.current).toEqual(off);
  await moderator.patch("/api/moderation/settings", 1).send({ disabled: false, version: off.version }).expect(200);
  await send(reader, blog).expect(201);
});

test("a comment becomes a shared draft of the blog, for those who may write there, and only while readers see it", async () => {
  const blog = await openBlog();
  const reader = await app.newPerson();
  const { body: comment } = await send(reader, blog, "The pier is gone").expect(201);
  const path = `/api/comments/${comment.id}/promote`;
  await (await as("moderator")).post(path).expect(403);
  const made = await (await as("reporter")).post(path).expect(201);
  expect(made.body).toMatchObject({
    kind: "comment",
    status: "draft",
    shared: true,
    comment: { body: "The pier is gone" },
  });
  await (await as("editor")).get(`/api/blogs/${blog.slug}/posts/${made.body.id}`).expect(200);
  const { body: history } = await (await as("moderator")).get(`/api/comments/${comment.id}/history`).expect(200);
  expect(history.history.map(({ kind }: { kind: string }) => kind)).toEqual(["submit", "promote"]);
  await (
    await as("moderator")
  )
    .post(`/api/comments/${comment.id}/decisions`)
    .send({ decision: "reject", version: 1, reasonCode: "spam" })
    .expect(200);
  await (await as("reporter")).post(path).expect(422);
});

test("the overview counts what came in and what people decided, by reason and by moderator, in one's blogs alone", async () => {
  const [blog, other] = [await app.blog(), await app.blog()];
  const moderator = await app.newPerson({ role: "moderator", blogId: blog.id });
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push((await send(await app.newPerson(), blog).expect(202)).body.id);
  await send(await app.newPerson(), other).expect(202);
  const decide = (id: string, body: object) =>
    app
      .as(moderator)
      .post(`/api/comments/${id}/decisions`)
      .send({ version: 1, ...body })
      .expect(200);
  await decide(ids[0]!, { decision: "approve" });
  await decide(ids[1]!, { decision: "reject", reasonCode: "spam" });
  const { body } = await app.as(moderator).get("/api/moderation/overview?days=7").expect(200);
  expect(body.days).toHaveLength(7);
  expect(body.days.at(-1)).toMatchObject({ arrivals: 3, approved: 1, rejected: 1, medianWait: expect.any(Number) });
  expect(body.days[0]).toMatchObject({ arrivals: 0, medianWait: null });
  expect(body.rejections).toEqual([{ reason: "spam", count: 1 }]);
  expect(body.moderators).toEqual([{ id: moderator.id, name: moderator.name, approved: 1, rejected: 1, picked: 0 }]);
  await app.as(moderator).get(`/api/moderation/overview?blog=${other.slug}`).expect(403);
  await app.as(moderator).get("/api/moderation/overview?days=91").expect(422);
});
