import { randomInt } from "node:crypto";
import supertest from "supertest";
import { expect, test, vi } from "vitest";
import { connect } from "../server/connection.ts";
import { PASSWORD, next, useApp, type Person } from "./app.ts";
import { totp } from "./totp.ts";

// Each test signs in from an address of its own, since tries are counted by address.
const app = useApp({ siteName: "The Harbour Post", trustProxy: ["127.0.0.1", "::1", "::ffff:127.0.0.1"] });
// A machine that is busy with other things takes its time over so many requests.
vi.setConfig({ testTimeout: 120_000 });

const someAddress = () => `198.18.${randomInt(256)}.${randomInt(1, 255)}`;

/** A browser that keeps cookies and names its page's origin. */
function browser(address = someAddress()) {
  return supertest.agent(app.url).set("X-Forwarded-For", address).set("Origin", app.app.context.publicUrl);
}

type Browser = ReturnType<typeof browser>;

function signIn(agent: Browser, { email }: Pick<Person, "email">, password = PASSWORD) {
  return agent.post("/api/auth/sign-in/email").send({ email, password });
}

async function signedIn(person: Person): Promise<Browser> {
  const agent = browser();
  await signIn(agent, person).expect(200);
  return agent;
}

test("signing in gives a cookie that scripts and other sites cannot use, and signing out ends it", async () => {
  const editor = await app.newPerson({ role: "editor" });
  const agent = browser();
  const answer = await signIn(agent, editor).expect(200);

  const cookie = answer.get("Set-Cookie")!.find((text) => text.startsWith("dateline.session_token="))!;
  expect(cookie).toMatch(/; HttpOnly/i);
  expect(cookie).toMatch(/; SameSite=Lax/i);
  expect(cookie).not.toMatch(/; Domain=/i);
  expect((await agent.get("/api/me").expect(200)).body).toMatchObject({
    id: editor.id,
    roles: [{ role: "editor", blog: null }],
  });
  expect((await agent.get("/api/auth/get-session").expect(200)).body.user.email).toBe(editor.email);

  const stolen = cookie.split(";")[0]!;
  await agent.post("/api/auth/sign-out").send({}).expect(200);
  await agent.get("/api/me").expect(401);
  await app.request().get("/api/me").set("Cookie", stolen).expect(401);
});

test("over https the cookie is for https only", async () => {
  const secure = await app.start({ publicUrl: "https://live.example" });
  const reader = await app.newPerson();
  const answer = await supertest(secure.url)
    .post("/api/auth/sign-in/email")
    .set({ Origin: "https://live.example", "X-Forwarded-For": someAddress() })
    .send({ email: reader.email, password: PASSWORD })
    .expect(200);
  expect(answer.get("Set-Cookie")!.join()).toMatch(/__Secure-dateline\.session_token=[^,]*; Secure/i);
});

test("a session begins anew at every sign-in, whatever cookie came with it", async () => {
  const reader = await app.newPerson();
  const agent = browser();
  const tokenOf = (answer: supertest.Response) =>
    answer
      .get("Set-Cookie")!
      .find((text) => text.includes("session_token"))!
      .split(";")[0]!;
  const first = tokenOf(await signIn(agent, reader).expect(200));
  const second = tokenOf(await signIn(agent, reader).expect(200));
  expect(second).not.toBe(first);

  const planted = "dateline.session_token=chosen-by-somebody-else.c2lnbmF0dXJl";
  const third = tokenOf(await signIn(browser(), reader).set("Cookie", planted).expect(200));
  expect(third).not.toBe(planted);
  await app.request().get("/api/me").set("Cookie", planted).expect(401);
});

test("a request that says whose it is does nothing for anybody else", async () => {
  const [one, other] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "reporter" })];
  const blog = await app.blog();
  const send = (account: string) =>
    app
      .as(one)
      .post(`/api/blogs/${blog.slug}/posts`)
      .set({ "X-Dateline-Account": account, "Idempotency-Key": "whose" })
      .send({ body: "Mine", status: "published" });
  await send(other.id).expect(401);
  await app.request().get(`/api/blogs/${blog.slug}`).set("X-Dateline-Account", one.id).expect(401);
  const { body } = await app.request().get(`/api/blogs/${blog.slug}/posts`).expect(200);
  expect(body.posts).toEqual([]);
  await send(one.id).expect(201);
});

test("a wrong password and an unknown address look alike", async () => {
  const reader = await app.newPerson();
  const wrong = await signIn(browser(), reader, "not the password").expect(401);
  const unknown = await signIn(browser(), { email: "nobody@test.example" }, "not the password").expect(401);
  expect(unknown.text).toBe(wrong.text);
  expect(Object.keys(unknown.headers).sort()).toEqual(Object.keys(wrong.headers).sort());
});

test("tries from one address are limited, whatever address the caller claims", async () => {
  const address = someAddress();
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) {
    const answer = await signIn(
      browser(`203.0.113.${n}, ${address}`),
      { email: `guess${n}@test.example` },
      "a guessed password",
    ).set("X-Dateline-Address", someAddress());
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.get("Retry-After"))).toBeGreaterThan(0);
  }
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
});

test("tries at one account are limited, from however many addresses, and the right password ends the count", async () => {
  const target = await app.newPerson();
  const guess = () => signIn(browser(), target, "a guessed password");
  for (let n = 0; n < 19; n++) await guess().expect(401);
  await signIn(browser(), target).expect(200);
  for (let n = 0; n < 20; n++) await guess().expect(401);
  const refused = await guess().expect(429);
  expect(Number(refused.get("Retry-After"))).toBeGreaterThan(600);
  await signIn(browser(), target).expect(429);
});

test("an account's count outlives the sweep of other, shorter counts", async () => {
  const [target, other] = [await app.newPerson(), await app.newPerson()];
  const { sql } = app.app.context;
  await signIn(browser(), target, "a guessed password").expect(401);
  const address = someAddress();
  await signIn(browser(address), other).expect(200);
  await sql`update rate_limits set last_request = last_request - 120000`;
  await signIn(browser(address), other).expect(200);
  const counted = await sql`select count from rate_limits where key = ${`account:${target.email}`}`;
  expect([...counted]).toEqual([{ count: 1 }]);
});

test("while the database does not answer, a cookie is neither good nor bad: 503", async () => {
  const reader = await app.newPerson();
  const agent = await signedIn(reader);
  const holder = connect(app.databaseUrl, { max: 1 });
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = holder.begin(async (sql) => {
    await sql`lock table sessions, users in access exclusive mode`;
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const answers = await Promise.all([
    agent.get("/api/me"),
    agent.get("/api/auth/get-session"),
    signIn(browser(), reader),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
  for (const answer of answers) expect(Number(answer.get("Retry-After"))).toBeGreaterThan(0);
  release.resolve();
  await holding;
  await holder.end();
  await agent.get("/api/me").expect(200);
});

test("nobody can sign up through better-auth, and what it brings besides is closed", async () => {
  const agent = await signedIn(await app.newPerson());
  await browser()
    .post("/api/auth/sign-up/email")
    .send({ email: "new@test.example", password: PASSWORD, name: "New" })
    .expect(404);
  for (const path of [
    "update-user",
    "change-email",
    "delete-user",
    "verify-password",
    "update-session",
    "request-password-reset",
  ])
    await agent.post(`/api/auth/${path}`).send({ name: "The Editor", password: PASSWORD }).expect(404);
  await agent.get("/api/auth/list-accounts").expect(404);
  await agent.get("/api/auth/error").expect(404);
});

test("a changed password ends every other session", async () => {
  const reporter = await app.newPerson({ role: "reporter" });
  const here = await signedIn(reporter);
  const elsewhere = await signedIn(reporter);
  await here
    .post("/api/auth/change-password")
    .send({ currentPassword: "not the password", newPassword: "quite another one" })
    .expect(400);
  await elsewhere.get("/api/me").expect(200);
  await here
    .post("/api/auth/change-password")
    .send({ currentPassword: PASSWORD, newPassword: "quite another one" })
    .expect(200);

  await here.get("/api/me").expect(200);
  await elsewhere.get("/api/me").expect(401);
  await signIn(browser(), reporter).expect(401);
  await signIn(browser(), reporter, "quite another one").expect(200);
});

test("one's sessions can be listed and ended one by one, and nobody else's", async () => {
  const reader = await app.newPerson();
  const here = await signedIn(reader);
  const elsewhere = await signedIn(reader);
  const stranger = await signedIn(await app.newPerson());
  const { body: sessions } = await here.get("/api/auth/list-sessions").expect(200);
  expect(sessions).toHaveLength(2);
  expect(sessions.map((session: { ipAddress: string }) => session.ipAddress)).toEqual(["", ""]);
  const current = (await here.get("/api/auth/get-session")).body.session.token;
  const other = sessions.find((session: { token: string }) => session.token !== current);

  await stranger.post("/api/auth/revoke-session").send({ token: other.token });
  await elsewhere.get("/api/me").expect(200);
  await here.post("/api/auth/revoke-session").send({ token: other.token }).expect(200);
  await elsewhere.get("/api/me").expect(401);
  await here.get("/api/me").expect(200);
});

test("with a second factor the password alone opens nothing, and a backup code works once", async () => {
  const editor = await app.newPerson({ role: "editor" });
  const agent = await signedIn(editor);
  const { body: enabled } = await agent.post("/api/auth/two-factor/enable").send({ password: PASSWORD }).expect(200);
  const secret = new URL(enabled.totpURI).searchParams.get("secret")!;
  expect(new URL(enabled.totpURI).searchParams.get("issuer")).toBe("The Harbour Post");
  await agent
    .post("/api/auth/two-factor/verify-totp")
    .send({ code: totp(secret) })
    .expect(200);

  const half = browser();
  const { body } = await signIn(half, editor).expect(200);
  expect(body).toMatchObject({ twoFactorRedirect: true });
  await half.get("/api/me").expect(401);
  const wrong = totp(secret) === "000000" ? "111111" : "000000";
  await half.post("/api/auth/two-factor/verify-totp").send({ code: wrong }).expect(401);
  await half.get("/api/me").expect(401);
  await half
    .post("/api/auth/two-factor/verify-totp")
    .send({ code: totp(secret) })
    .expect(200);
  await half.get("/api/me").expect(200);

  const spare = browser();
  await signIn(spare, editor).expect(200);
  await spare.post("/api/auth/two-factor/verify-backup-code").send({ code: enabled.backupCodes[0] }).expect(200);
  await spare.get("/api/me").expect(200);
  const again = browser();
  await signIn(again, editor).expect(200);
  await again.post("/api/auth/two-factor/verify-backup-code").send({ code: enabled.backupCodes[0] }).expect(401);
});

test("another site cannot use a signed-in browser, on our routes or better-auth's", async () => {
  const editor = await app.newPerson({ role: "editor" });
  const signIn_ = await signIn(browser(), editor).expect(200);
  const cookie = signIn_.get("Set-Cookie")![0]!.split(";")[0]!;
  const post = (headers: Record<string, string>) =>
    app
      .request()
      .post("/api/blogs")
      .set({ Cookie: cookie, "Idempotency-Key": `k${randomInt(1e9)}`, ...headers })
      .send({ title: "Ours" });

  await post({ Origin: "https://evil.example" }).expect(403);
  await post({ Origin: "null" }).expect(403);
  await post({ "Sec-Fetch-Site": "cross-site", Origin: app.app.context.publicUrl }).expect(403);
  await post({ "Sec-Fetch-Site": "same-site" }).expect(403);
  await post({}).expect(403);
  await post({ Origin: app.app.context.publicUrl }).expect(201);
  await post({ "Sec-Fetch-Site": "same-origin" }).expect(201);

  for (const headers of [{ Origin: "https://evil.example" }, {}] as Record<string, string>[])
    await app
      .request()
      .post("/api/auth/sign-out")
      .set({ Cookie: cookie, ...headers })
      .send({})
      .expect(403);
  await app.request().get("/api/me").set({ Cookie: cookie, Origin: "https://evil.example" }).expect(200);
  await app
    .request()
    .post("/api/auth/sign-in/email")
    .set({ Origin: "https://evil.example", "X-Forwarded-For": someAddress() })
    .send({ email: editor.email, password: PASSWORD })
    .expect(403);
});

test("malformed sign-ins are refused without a trace of the inside", async () => {
  for (const body of [
    { email: "a\u0000b@test.example", password: PASSWORD },
    { email: ["a@b.example"], password: PASSWORD },
    { email: {}, password: 1 },
    [],
    { password: PASSWORD },
  ]) {
    const answer = await browser().post("/api/auth/sign-in/email").send(body);
    expect([400, 401, 422]).toContain(answer.status);
    expect(answer.text).not.toMatch(/node_modules|select |insert /i);
  }
  await browser().post("/api/auth/sign-in/email").set("Content-Type", "text/plain").send("email=x").expect(415);
  await browser()
    .post("/api/auth/sign-in/email")
    .send({ email: "a@b.example", password: "x".repeat(20_000) })
    .expect(413);
});

test("an admin makes accounts and gives and takes roles, and each works from the next request on", async () => {
  const admin = app.as(await app.person("admin"));
  const email = `new${randomInt(1e9)}@test.example`;
  const { body: made } = await admin
    .post("/api/accounts")
    .send({ email: email.toUpperCase(), name: "Åsa Newly", password: PASSWORD })
    .expect(201);
  expect(made.slug).toMatch(/^asa-newly/);
  expect(
    (await admin.post("/api/accounts").send({ email, name: "Again", password: PASSWORD }).expect(409)).body.code,
  ).toBe("email-taken");
  const agent = await signedIn({ ...(await app.person("reader")), email });
  const blog = await app.blog();
  const draft = () =>
    agent
      .post(`/api/blogs/${blog.slug}/posts`)
      .set("Idempotency-Key", `k${randomInt(1e9)}`)
      .send({ body: "x", status: "draft" });

  await draft().expect(403);
  const { body: role } = await admin.post("/api/roles").send({ email, role: "reporter", blog: blog.slug }).expect(201);
  await draft().expect(201);
  expect((await admin.get(`/api/roles?blog=${blog.slug}`).expect(200)).body.roles).toMatchObject([
    { email, role: "reporter", blog: blog.slug },
  ]);
  await admin.delete(`/api/roles/${role.id}`).expect(204);
  await draft().expect(403);
  await admin.delete(`/api/roles/${role.id}`).expect(404);
  await admin.post("/api/roles").send({ email: "nobody@test.example", role: "editor" }).expect(422);
});

test("twenty accounts of one name made at once get twenty slugs", async () => {
  const admin = app.as(await app.person("admin"));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      admin.post("/api/accounts").send({ email: `twin${n}@test.example`, name: "Kim Twin", password: PASSWORD }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(201));
  expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(20);
});

test("a socket at the desk is cut the moment its session ends, and cannot come back", async () => {
  const blog = await app.blog();
  const editor = await app.newPerson({ role: "editor" });
  const answer = await signIn(browser(), editor).expect(200);
  const cookie = answer.get("Set-Cookie")![0]!.split(";")[0]!;
  const socket = await app.reader(app.app, undefined, { Cookie: cookie });
  const {
    body: { epoch },
  } = await app.request().get(`/api/blogs/${blog.slug}`);
  const follow = () => socket.emitWithAck("follow", { stream: `desk:${blog.slug}`, epoch, version: 0 });
  expect(await follow()).toMatchObject({ ok: true });
  const reader = await app.follower(blog);
  let readerCut = false;
  reader.socket.once("disconnect", () => (readerCut = true));

  const cut = new Promise((resolve) => socket.once("disconnect", resolve));
  const back = new Promise<void>((resolve) => socket.once("connect", resolve));
  await app
    .request()
    .post("/api/auth/sign-out")
    .set({ Cookie: cookie, Origin: app.app.context.publicUrl })
    .send({})
    .expect(200);
  await cut;
  await back;
  expect(await follow()).toMatchObject({ ok: false, problem: { code: "forbidden" } });

  const pushed = next(reader.socket, "batch");
  await app.post(blog);
  await pushed;
  expect(readerCut).toBe(false);
});
