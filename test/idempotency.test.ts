import { randomUUID } from "node:crypto";
import supertest from "supertest";
import { expect, test, vi } from "vitest";
import { forgetOldKeys } from "../server/idempotency.ts";
import { connect } from "../server/connection.ts";
import { useApp } from "./app.ts";

const app = useApp();
// A machine that is busy with other things takes its time over so many requests.
vi.setConfig({ testTimeout: 120_000 });
const ROUNDS = 20;

/** A POST under a key, through any of the servers. */
async function send(
  blog: { slug: string },
  key: string,
  body: object | string,
  on = app.app,
): Promise<supertest.Response> {
  const { token } = await app.person("reporter");
  return supertest(on.url)
    .post(`/api/blogs/${blog.slug}/posts`)
    .set({ Authorization: `Bearer ${token}`, "Idempotency-Key": key, "Content-Type": "application/json" })
    .send(body);
}

test("twenty duplicates of one POST at one moment, on two servers, make one post and get one answer", async () => {
  const { publicUrl } = app.app.context;
  const other = await app.start({ publicUrl });
  for (let round = 0; round < ROUNDS; round++) {
    const blog = await app.blog();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => send(blog, key, { body: `Round ${round}` }, n % 2 ? other : app.app)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(201));
    expect(answers.filter(({ headers }) => headers["idempotent-replayed"] === "true")).toHaveLength(19);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => `${headers.etag} ${headers.location}`)).size).toBe(1);
    expect(await app.now(blog)).toMatchObject({ postCount: 1, version: 1 });
  }
});

test("a key that was used for another body is refused, however close they come", async () => {
  const blog = await app.blog();
  for (let round = 0; round < ROUNDS; round++) {
    const key = randomUUID();
    const answers = await Promise.all(["One", "Other"].map((body) => send(blog, key, { body })));
    expect(answers.map(({ status }) => String(status)).sort()).toEqual(["201", "422"]);
    expect(answers.find(({ status }) => status === 422)!.body.code).toBe("idempotency-key-reused");
  }
  expect((await app.now(blog)).postCount).toBe(ROUNDS);
});

test("a refused request leaves its key free", async () => {
  const blog = await app.blog();
  const key = randomUUID();
  expect((await send(blog, key, { body: "" })).status).toBe(422);
  expect((await send(blog, key, { body: "Now with words" })).status).toBe(201);
});

test("one key on two blogs is two requests, and spelling the path otherwise is not", async () => {
  const [blog, other] = [await app.blog(), await app.blog()];
  const key = randomUUID();
  const first = await send(blog, key, { body: "x" });
  expect((await send(other, key, { body: "x" })).body.id).not.toBe(first.body.id);
  const { token } = await app.person("reporter");
  const again = await app
    .request()
    .post(`/API/blogs/${blog.slug}/Posts/`)
    .set({ Authorization: `Bearer ${token}`, "Idempotency-Key": key })
    .send({ body: "x" })
    .expect(201);
  expect(again.body).toEqual(first.body);
});

test("a POST that makes something needs a key of visible ASCII", async () => {
  const blog = await app.blog();
  const { token } = await app.person("reporter");
  const post = () =>
    app.request().post(`/api/blogs/${blog.slug}/posts`).set("Authorization", `Bearer ${token}`).send({ body: "x" });
  expect((await post().expect(400)).body.code).toBe("idempotency-key-required");
  for (const key of ["", "with space", "x".repeat(129), "café"].map((text) => Buffer.from(text).toString("latin1")))
    expect([key, (await post().set("Idempotency-Key", key).expect(400)).body.status]).toEqual([key, 400]);
  await post().set("Idempotency-Key", "x").expect(201);
  // A blog's slug is taken once, so its key may be left out.
  const editor = await app.person("editor");
  const blogs = () => app.request().post("/api/blogs").set("Authorization", `Bearer ${editor.token}`);
  await blogs().send({ title: "Keyless", slug: "keyless" }).expect(201);
  await blogs().send({ title: "Keyless", slug: "keyless" }).expect(409);
});

test("a replay shows the first answer even after the post was edited, and only to those still permitted", async () => {
  const blog = await app.blog();
  const admin = app.as(await app.person("admin"));
  const person = await app.newPerson({ role: "reporter" });
  const key = randomUUID();
  const post = () =>
    app
      .request()
      .post(`/api/blogs/${blog.slug}/posts`)
      .set({ Authorization: `Bearer ${person.token}`, "Idempotency-Key": key })
      .send({ body: "First" });
  const first = await post().expect(201);
  await app.as(person).patch(`/api/blogs/${blog.slug}/posts/${first.body.id}`, 1).send({ body: "Second" }).expect(200);
  expect((await post().expect(201)).text).toBe(first.text);
  const { body } = await admin.get("/api/roles").expect(200);
  const role = body.roles.find(({ email }: { email: string }) => email === person.email);
  await admin.delete(`/api/roles/${role.id}`).expect(204);
  await post().expect(403);
});

test("a removed post is gone from the answers that were kept, too", async () => {
  const [blog, key] = [await app.blog(), randomUUID()];
  const words = "The witness lives in Mill Lane";
  const first = await send(blog, key, { body: words });
  const other = await send(blog, randomUUID(), { body: "Another" });
  const reporter = app.as(await app.person("reporter"));
  await reporter.delete(`/api/blogs/${blog.slug}/posts/${first.body.id}`, 1).send({ reason: "Privacy" }).expect(200);
  const again = await send(blog, key, { body: words });
  expect([again.status, again.body.code]).toEqual([410, "gone"]);
  expect(again.text).not.toContain("Mill Lane");
  const rows = await app.app.context.sql`select status, body::text from idempotency_keys where key = ${key}`;
  expect([...rows]).toEqual([{ status: 410, body: null }]);
  const untouched = await app.app.context.sql`
    select status from idempotency_keys where headers->>'Location' = ${other.get("Location")!}`;
  expect([...untouched]).toEqual([{ status: 201 }]);
});

test("keys are forgotten after two days", async () => {
  const blog = await app.blog();
  const key = randomUUID();
  const first = await send(blog, key, { body: "x" });
  const { db, sql } = app.app.context;
  await forgetOldKeys(db);
  expect((await send(blog, key, { body: "x" })).body.id).toBe(first.body.id);
  await sql`update idempotency_keys set created_at = now() - interval '49 hours'`;
  await forgetOldKeys(db);
  expect((await send(blog, key, { body: "x" })).body.id).not.toBe(first.body.id);
});

test("a lock that does not come free is a 503 that says when to try again, and the retry makes one post", async () => {
  const blog = await app.blog();
  const key = randomUUID();
  const holder = connect(app.databaseUrl, { max: 1 });
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = holder.begin(async (sql) => {
    await sql`select 1 from streams where blog_id = ${blog.id} for update`;
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const refused = await send(blog, key, { body: "Stuck" });
  expect(refused.status).toBe(503);
  expect(refused.body).toMatchObject({ code: "unavailable", status: 503 });
  expect(Number(refused.get("Retry-After"))).toBeGreaterThan(0);
  release.resolve();
  await holding;
  await holder.end();
  expect((await send(blog, key, { body: "Stuck" })).status).toBe(201);
  expect((await app.now(blog)).postCount).toBe(1);
});

test("a post whose answer cannot be kept is not made, and the key stays free", async () => {
  const blog = await app.blog();
  const { sql } = app.app.context;
  await sql`create function refuse_answer() returns trigger language plpgsql as $$ begin raise 'no'; end $$`;
  await sql`create trigger refuse_answer before update on idempotency_keys for each row execute function refuse_answer()`;
  const key = randomUUID();
  expect((await send(blog, key, { body: "Kept or not at all" })).status).toBe(500);
  expect(await app.now(blog)).toMatchObject({ postCount: 0, version: 0 });
  await sql`drop trigger refuse_answer on idempotency_keys`;
  const made = await send(blog, key, { body: "Kept or not at all" });
  expect([made.status, made.headers["idempotent-replayed"]]).toEqual([201, undefined]);
  expect(await app.now(blog)).toMatchObject({ postCount: 1, version: 1 });
});
