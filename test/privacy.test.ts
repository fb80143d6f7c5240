import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { forgetOldAddresses } from "../server/comments/addresses.ts";
import { PERSONAL_DATA } from "../server/privacy/personal-data.ts";
import { next, useApp, type Person } from "./app.ts";

const app = useApp();
const db = () => app.app.context.db;

/** Somebody who has done all that a reader can, and to whom all was done. */
async function fullLife(): Promise<{ person: Person; mark: string; slug: string; commentId: string }> {
  const blog = await app.discussion();
  const [person, other, moderator, reporter] = [
    await app.newPerson(),
    await app.newPerson(),
    app.as(await app.person("moderator")),
    app.as(await app.person("reporter")),
  ];
  const as = app.as(person);
  const mark = `mark-${randomUUID()}`;
  const comment = await app.comment(blog, { body: `First ${mark}` }, person);
  await as
    .patch(`/api/comments/${comment.id}`, 1)
    .send({ body: `Second ${mark}`, version: 1 })
    .expect(200);
  const answered = await app.comment(blog, { body: `Answered ${mark}` }, person);
  await app.comment(blog, { parentId: answered.id }, other);
  const theirs = await app.comment(blog, {}, other);
  await as.put(`/api/comments/${theirs.id}/reaction`).expect(200);
  await as
    .post(`/api/comments/${theirs.id}/reports`)
    .send({ reason: "other", details: `Because ${mark}` })
    .expect(204);
  await as.put(`/api/me/mutes/${other.id}`).expect(204);
  await as.put("/api/notices/seen").send({ upTo: new Date().toISOString() }).expect(204);
  await reporter
    .post(`/api/blogs/${blog.slug}/posts`)
    .send({ kind: "comment", commentId: comment.id, body: "<p>Our answer</p>" })
    .expect(201);
  const rejected = await app.comment(blog, { body: `Rejected ${mark}` }, person);
  await moderator
    .post(`/api/comments/${rejected.id}/decisions`)
    .send({ decision: "reject", version: 1, reasonCode: "abuse" })
    .expect(200);
  await db()
    .insertInto("commenter_restrictions")
    .values({
      user_id: person.id,
      kind: "premoderate",
    })
    .execute();
  await db()
    .insertInto("commenter_notes")
    .values({ user_id: person.id, author_id: null, body: `About ${mark}` })
    .execute();
  return { person, mark, slug: blog.slug, commentId: comment.id };
}

/** The tables in which a text stands anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of await tables()) {
    const { rows } = await sql<{ n: number }>`
      select count(*)::integer as n from ${sql.table(table)} as t where strpos(t::text, ${text}) > 0`.execute(db());
    if (rows[0]!.n) found.push(table);
  }
  return found.sort();
}

async function tables(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(
    db(),
  );
  return rows.map(({ name }) => name).sort();
}

test("every table of the database is on the list of what is held of people, and no other", async () => {
  expect(await tables()).toEqual(Object.keys(PERSONAL_DATA).sort());
});

test("every table that refers to an account is said to hold something of it", async () => {
  const { rows } = await sql<{ name: string }>`
    select distinct conrelid::regclass::text as name from pg_constraint where confrelid = 'users'::regclass and contype = 'f'`.execute(
    db(),
  );
  const staffOnly = ["blogs", "desk_messages", "desk_presence", "duties", "embeds", "media", "what_we_know_revisions"];
  for (const { name } of rows)
    if (!staffOnly.includes(name)) expect([name, PERSONAL_DATA[name]]).not.toEqual([name, "nothing of readers"]);
});

test("one is given what is held about oneself, and nothing of anybody else", async () => {
  const { person, mark } = await fullLife();
  const { body, headers } = await app.as(person).post("/api/me/export").expect(200);
  expect(headers["cache-control"]).toBe("no-store");
  expect(body.users).toMatchObject([{ name: person.name, email: person.email }]);
  expect(body.comments).toHaveLength(3);
  expect(body.comment_revisions.map(({ body: text }: { body: string }) => text)).toEqual(
    expect.arrayContaining([`First ${mark}`, `Second ${mark}`]),
  );
  expect(body.comment_reactions).toHaveLength(1);
  expect(body.comment_reports).toMatchObject([{ reason: "other", details: `Because ${mark}` }]);
  expect(body.commenter_restrictions).toMatchObject([{ kind: "premoderate" }]);
  expect(body.commenter_mutes).toHaveLength(1);
  expect(body.moderation_log.map(({ kind }: { kind: string }) => kind)).toContain("reject");
  for (const secret of ["password", "About", "salt", "hash"]) expect(JSON.stringify(body)).not.toContain(secret);
  await app.request().post("/api/me/export").expect(401);
});

test("deleting an account leaves nothing of it in any table, on any page or in any answer", async () => {
  const { person, mark, slug, commentId } = await fullLife();
  expect(await tablesWith(mark)).toEqual(
    [
      "comment_reports",
      "comment_revisions",
      "commenter_notes",
      "comments",
      "idempotency_keys",
      "post_revisions",
      "posts",
    ].sort(),
  );
  const { socket, batches } = await app.follower((await app.request().get(`/api/blogs/${slug}`)).body);
  await app.as(person).post("/api/me/deletion").send({ email: "somebody@else.example" }).expect(422);
  await app.as(person).get("/api/notices").expect(200);

  await app.as(person).post("/api/me/deletion").send({ email: person.email }).expect(204);
  // The post that showed a comment of theirs goes from open pages.
  while (!batches.some(({ changes }) => changes.some(({ html }) => html === null))) await next(socket, "batch");
  expect(await tablesWith(mark)).toEqual([]);
  expect(await tablesWith(person.email)).toEqual([]);
  // What can only be added to keeps a number that leads nowhere.
  expect(await tablesWith(person.id)).toEqual(["audit_log", "moderation_log"]);
  await app.as(person).get("/api/notices").expect(401);
  await app.request().get(`/api/comments/${commentId}`).expect(404);
  const { body } = await app.request().get(`/api/blogs/${slug}/comments`).expect(200);
  expect(body.comments.filter(({ deleted }: { deleted: boolean }) => deleted)).toMatchObject([
    { author: { id: null, name: "" }, body: "", html: "" },
  ]);
  expect(JSON.stringify(body)).not.toContain(mark);
});

test("one of the newsroom cannot delete their account while they hold a role", async () => {
  const reporter = await app.newPerson({ role: "reporter" });
  const answer = await app.as(reporter).post("/api/me/deletion").send({ email: reporter.email }).expect(409);
  expect(answer.body.code).toBe("newsroom-account");
  await app.as(reporter).get("/api/notices").expect(200);
});

test("where comments were written from is a hash that is gone after thirty days, with its salt", async () => {
  const blog = await app.discussion();
  const { id } = await app.comment(blog);
  const row = () => db().selectFrom("comment_addresses").selectAll().where("comment_id", "=", id).executeTakeFirst();
  expect((await row())!.hash).toHaveLength(32);
  const anywhere = await tablesWith("127.0.0.1");
  expect(anywhere).toEqual([]);
  await sql`update comment_addresses set week = week - 35`.execute(db());
  await sql`update address_salts set week = week - 35`.execute(db());
  await forgetOldAddresses(db());
  expect(await row()).toBeUndefined();
  expect(await db().selectFrom("address_salts").selectAll().execute()).toEqual([]);
});

test("a comment that was promoted and then deleted by its author is forgotten in the post’s history too", async () => {
  const { person, mark, commentId, slug } = await fullLife();
  const { posts } = (await app.request().get(`/api/blogs/${slug}/posts`).expect(200)).body;
  await app.as(person).delete(`/api/comments/${commentId}`).expect(204);
  await app.request().get(`/api/blogs/${slug}/posts/${posts[0].id}`).expect(410);
  const { body } = await app
    .as(await app.person("editor"))
    .get(`/api/blogs/${slug}/posts/${posts[0].id}/revisions`)
    .expect(200);
  // The newsroom's own words stay.
  expect(JSON.stringify(body)).toContain("Our answer");
  for (const said of [`First ${mark}`, `Second ${mark}`]) {
    expect(JSON.stringify(body)).not.toContain(said);
    expect(await tablesWith(said)).toEqual([]);
  }
});
