import { expect, test } from "vitest";
import { OPERATOR } from "../server/auth/actors.ts";
import { createToken, type NewToken } from "../server/auth/tokens.ts";
import { follow, next, useApp, type Person } from "./app.ts";

const app = useApp();

/** The person again, with another token. */
async function withToken(person: Person, fields: Partial<NewToken>): Promise<Person> {
  const token = {
    name: "test",
    scopes: ["read", "posts", "admin"] as NewToken["scopes"],
    blogId: null,
    expiresAt: null,
    ...fields,
  };
  const made = await app.app.context.db.transaction().execute((trx) => createToken(trx, OPERATOR, person.id, token));
  return { ...person, token: made.token };
}

const inAnHour = () => new Date(Date.now() + 3_600_000);

test("a token is shown once, kept as a hash only, and listed without its secret", async () => {
  const editor = await app.newPerson({ role: "editor" });
  const { body: made } = await app
    .as(editor)
    .post("/api/tokens")
    .send({ name: "The script", scopes: ["read", "posts"] })
    .expect(201);
  expect(made.token).toMatch(/^dl_[0-9a-f]{16}_[\w-]{43}$/);
  await app
    .as({ ...editor, token: made.token })
    .get("/api/me")
    .expect(200);

  const { text, body } = await app.as(editor).get("/api/tokens").expect(200);
  expect(text).not.toContain(made.token.split("_").at(-1));
  const { id: _, ...listed } = body.tokens.find((token: { id: string }) => token.id === made.id);
  expect(listed).toEqual({
    name: "The script",
    scopes: ["read", "posts"],
    blog: null,
    createdAt: expect.any(String),
    expiresAt: null,
    lastUsedAt: expect.any(String),
  });
  const secret = made.token.split("_").slice(2).join("_");
  const [row] = await app.app.context.sql`
    select count(*)::int found from (select t::text row from api_tokens t union all select a::text from audit_log a union all select i::text from idempotency_keys i) rows
    where row like ${`%${secret}%`}`;
  expect(row!.found).toBe(0);
});

test("what is not a good token is 401, on public routes too", async () => {
  const { token } = await app.person("editor");
  const [prefix, id, secret] = [token.slice(0, 3), token.slice(3, 19), token.slice(20)];
  const bad = [
    "",
    "x",
    `${prefix}${id}`,
    `${prefix}${"0".repeat(16)}_${secret}`,
    `${prefix}${id}_${"A".repeat(43)}`,
    `${token}x`,
    `${token} ${token}`.slice(0, -1),
    "%00",
    "dl_'; drop table users--",
  ];
  for (const text of bad) {
    const { status, body, headers } = await app.request().get("/api/blogs").set("Authorization", `Bearer ${text}`);
    expect([text, status, body.code]).toEqual([text, 401, "unauthenticated"]);
    expect(headers["www-authenticate"]).toBe("Bearer");
  }
  await app
    .request()
    .get("/api/me")
    .set("Authorization", `Basic ${Buffer.from("editor:password").toString("base64")}`)
    .expect(401);
  await app.request().get("/api/me").set("Authorization", `bearer ${token}`).expect(200);
});

test("a token ends when it expires, and one cannot be made that has ended already", async () => {
  const editor = await app.newPerson({ role: "editor" });
  const short = await withToken(editor, { expiresAt: inAnHour() });
  await app.as(short).get("/api/me").expect(200);
  await app.app.context.sql`update api_tokens set expires_at = now() where id = ${short.token.slice(3, 19)}`;
  await app.as(short).get("/api/me").expect(401);
  const late = await app
    .as(editor)
    .post("/api/tokens")
    .send({ name: "x", scopes: ["read"], expiresAt: "2020-01-01T00:00:00Z" })
    .expect(422);
  expect(late.body.errors).toEqual([{ pointer: "/expiresAt", code: "in-the-past" }]);
});

test("a revoked token stops at once, and only its owner can revoke it", async () => {
  const editor = await app.newPerson({ role: "editor" });
  const other = await withToken(editor, {});
  const id = other.token.slice(3, 19);
  await app
    .as(await app.person("admin"))
    .delete(`/api/tokens/${id}`)
    .expect(404);
  await app.as(editor).delete(`/api/tokens/${id}`).expect(204);
  await app.as(other).get("/api/me").expect(401);
  await app.as(editor).delete(`/api/tokens/${id}`).expect(404);
});

test("a token for one blog does nothing in another, and nothing outside any blog, whoever holds it", async () => {
  const [mine, other] = [await app.blog(), await app.blog()];
  const admin = await withToken(await app.newPerson({ role: "admin" }), {
    blogId: mine.id,
    scopes: ["read", "posts", "blogs", "moderation", "admin"],
  });
  const as = app.as(admin);
  await as.post(`/api/blogs/${mine.slug}/posts`).send({ body: "Here" }).expect(201);
  await as.post(`/api/blogs/${other.slug}/posts`).send({ body: "There" }).expect(403);
  await as.post("/api/blogs").send({ title: "Another" }).expect(403);
  await as
    .post("/api/accounts")
    .send({ email: "mole@test.example", name: "Mole", password: "a long password" })
    .expect(403);
  await as.post("/api/roles").send({ email: admin.email, role: "admin" }).expect(403);
  // Of the queues it sees its blog's part, asked for or not.
  const [here, there] = [await app.comment(mine), await app.comment(other)];
  for (const query of ["", `?blog=${mine.slug}`]) {
    const { body } = await as.get(`/api/moderation/queues/pending${query}`).expect(200);
    expect(body.comments.map(({ id }: { id: string }) => id)).toEqual([here.id]);
  }
  await as.get(`/api/moderation/queues/pending?blog=${other.slug}`).expect(403);
  expect(there.status).toBe("pending");
});

test("a token cannot make a stronger one: no more scopes, no other blog, no longer life", async () => {
  const [mine, other] = [await app.blog(), await app.blog()];
  const editor = await app.newPerson({ role: "editor" });
  const until = inAnHour();
  const narrow = app.as(await withToken(editor, { blogId: mine.id, scopes: ["admin", "read"], expiresAt: until }));
  const make = (fields: object) =>
    narrow
      .post("/api/tokens")
      .send({ name: "more", scopes: ["read"], blog: mine.slug, expiresAt: until.toISOString(), ...fields });

  await make({ scopes: ["read", "posts"] }).expect(403);
  await make({ blog: other.slug }).expect(403);
  await make({ blog: undefined }).expect(403);
  await make({ expiresAt: undefined }).expect(403);
  await make({ expiresAt: new Date(until.getTime() + 1_000).toISOString() }).expect(403);
  await make({}).expect(201);
});

test("a token's rights are its holder's at the moment: a role taken away is gone from the next request on", async () => {
  const admin = app.as(await app.person("admin"));
  const blog = await app.blog();
  const person = await app.newPerson();
  const { body: role } = await admin
    .post("/api/roles")
    .send({ email: person.email, role: "reporter", blog: blog.slug })
    .expect(201);
  await app.as(person).post(`/api/blogs/${blog.slug}/posts`).send({ body: "In" }).expect(201);
  await admin.delete(`/api/roles/${role.id}`).expect(204);
  await app.as(person).post(`/api/blogs/${blog.slug}/posts`).send({ body: "Out" }).expect(403);
});

for (const [what, end] of [
  [
    "token is revoked",
    (person: Person) =>
      app
        .as(person)
        .delete(`/api/tokens/${person.token.slice(3, 19)}`)
        .expect(204),
  ],
  [
    "role is taken",
    async (person: Person) => {
      const admin = app.as(await app.person("admin"));
      const { body } = await admin.get("/api/roles").expect(200);
      const role = body.roles.find((held: { email: string }) => held.email === person.email);
      await admin.delete(`/api/roles/${role.id}`).expect(204);
    },
  ],
] as const)
  test(`a socket at the desk is cut the moment its ${what}, on every server, and cannot follow again`, async () => {
    const blog = await app.blog();
    const editor = await app.newPerson({ role: "editor" });
    const elsewhere = await app.start();
    const socket = await app.reader(elsewhere, editor.token);
    const desk = () => socket.emitWithAck("follow", { stream: `desk:${blog.slug}`, epoch: blog.epoch, version: 0 });
    expect(await desk()).toMatchObject({ ok: true });
    const reader = await app.follower(blog, elsewhere);
    const readerId = reader.socket.id;

    const back = new Promise<void>((resolve) => socket.once("disconnect", () => socket.once("connect", resolve)));
    await end(editor);
    await back;
    expect(await desk()).toMatchObject({ ok: false, problem: { code: "forbidden" } });
    expect(await follow(socket, blog, 0)).toMatchObject({ ok: true });

    const pushed = next(reader.socket, "batch");
    await app.post(blog);
    await pushed;
    expect(reader.socket.id).toBe(readerId);
  });
