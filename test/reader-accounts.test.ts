/// <reference lib="dom" />
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { createEmailVerificationToken } from "better-auth/api";
import { sql } from "kysely";
import supertest from "supertest";
import { afterAll, expect, test, vi } from "vitest";
import type { App } from "../server/app.ts";
import { ConfigError, readConfig } from "../server/config.ts";
import { openLog } from "../server/log.ts";
import { openMailer } from "../server/mail/mailer.ts";
import { AUTH_SECRET, PASSWORD, useApp } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { linkIn, openMailbox, smtpAt } from "./mailbox.ts";
import { totp } from "./totp.ts";

const mailbox = await openMailbox();
// Each test comes from an address of its own, since tries are counted by address.
const app = useApp({
  trustProxy: ["127.0.0.1", "::1", "::ffff:127.0.0.1"],
  smtp: mailbox.smtp,
  siteName: "The Harbour Post",
});
const tabs = useBrowser(app);
afterAll(() => mailbox.close());
vi.setConfig({ testTimeout: 120_000 });

const someAddress = () => `198.18.${randomInt(256)}.${randomInt(1, 255)}`;
const letters = () => Array.from({ length: 9 }, () => "abcdefghjkmnopqrstuvwxyz"[randomInt(24)]).join("");
const somebody = () => ({ name: `Reader ${letters()}`, email: `${letters()}@mail.example`, password: PASSWORD });

interface Credentials {
  readonly email: string;
  readonly password: string;
}
type Form = Readonly<Record<string, string>>;

/** A browser that keeps cookies and sends forms from our own pages. */
function browser(server: App = app.app, address = someAddress()) {
  const agent = supertest.agent(server.url).set("X-Forwarded-For", address).set("Origin", server.context.publicUrl);
  return {
    get: (path: string) => agent.get(path),
    send: (path: string, form: Form = {}) => agent.post(path).type("form").send(form),
    signUp: (form: Form) =>
      agent
        .post("/sign-up")
        .type("form")
        .send({ next: "", ...form }),
    signIn: ({ email, password }: Credentials) =>
      agent.post("/sign-in").type("form").send({ email, password, next: "" }),
    json: (path: string, body: object) => agent.post(path).send(body),
    /** Presses the button on the page that a mail's link leads to. */
    async confirm(link: string) {
      const { searchParams } = new URL(link, server.url);
      return agent
        .post("/verify")
        .type("form")
        .send({ token: searchParams.get("token")!, next: searchParams.get("next") ?? "" });
    },
  };
}

type Browser = ReturnType<typeof browser>;

/** Whose session the browser has; null: nobody's. */
const whoIs = async (agent: Browser) => {
  const { status, body } = await agent.get("/api/me");
  return status === 200 ? (body.name as string) : null;
};

const userOf = (email: string) =>
  app.app.context.db.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst();

/** A reader who has signed up, and the link that came by mail. */
async function newReader() {
  const reader = somebody();
  const agent = browser();
  await agent.signUp(reader).expect(200);
  const link = linkIn(await mailbox.to(reader.email), "/verify");
  return { ...reader, agent, link };
}

async function confirmed() {
  const reader = await newReader();
  expect((await reader.agent.confirm(reader.link)).status).toBe(303);
  return reader;
}

/** Signs in whom the agent has signed up, and has codes asked for from then on. */
async function secondFactor({ agent, ...reader }: Awaited<ReturnType<typeof newReader>>): Promise<void> {
  await agent.signIn(reader).expect(303);
  const { body } = await agent.json("/api/auth/two-factor/enable", { password: PASSWORD }).expect(200);
  const secret = new URL(body.totpURI).searchParams.get("secret")!;
  await agent.json("/api/auth/two-factor/verify-totp", { code: totp(secret) }).expect(200);
}

/** Asks for a new password. @returns the token in the mail */
async function resetToken(email: string): Promise<string> {
  await browser().send("/forgot-password", { email }).expect(200);
  const link = linkIn(await mailbox.to(email), "/reset-password");
  return new URL(link, app.url).searchParams.get("token")!;
}

test("a reader signs up, gets a mail of text alone, and is signed in by the button its link leads to", async () => {
  const reader = somebody();
  const agent = browser();
  const page = await agent.get("/sign-up").expect(200);
  expect(page.text).toContain('action="/sign-up"');
  const answer = await agent.signUp({ ...reader, email: reader.email.toUpperCase() }).expect(200);
  expect(answer.text).toContain("Check your mail");
  expect(answer.headers["set-cookie"]).toBeUndefined();

  const mail = await mailbox.to(reader.email);
  expect(mail).toMatchObject({
    from: { name: "The Harbour Post", address: "live@post.example" },
    to: [{ address: reader.email }],
    subject: "Confirm your e-mail address",
    attachments: [],
  });
  expect(mail.html).toBeUndefined();
  expect(mail.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
  expect(mail.raw).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(mail.raw).not.toContain(reader.name);
  expect(mail.text!.trimEnd().endsWith(`-- \nThe Harbour Post, ${app.app.context.publicUrl}`)).toBe(true);

  const link = linkIn(mail, "/verify");
  // A mail scanner opens the link, and is not the reader.
  const seen = await app.request().get(link).expect(200);
  expect(seen.text).toContain('<form method="post" action="/verify">');
  expect(seen.headers["cache-control"]).toBe("no-store");
  expect(seen.headers["referrer-policy"]).toBe("same-origin");
  expect(await userOf(reader.email)).toMatchObject({ email_verified: false, name: reader.name });

  const done = await agent.confirm(link);
  expect([done.status, done.headers.location]).toEqual([303, "/account?note=confirmed"]);
  expect(await userOf(reader.email)).toMatchObject({ email_verified: true });
  expect(await whoIs(agent)).toBe(reader.name);
  const account = await agent.get("/account?note=confirmed").expect(200);
  expect(account.text).toContain(reader.email);
  expect(account.text).toContain("Your e-mail address is confirmed.");
});

test("whoever has not confirmed an address signs in and has the mail sent again, until it is confirmed", async () => {
  const reader = await newReader();
  const entered = await reader.agent.signIn(reader).expect(303);
  expect(entered.headers.location).toBe("/");
  expect((await reader.agent.get("/account")).text).toContain("Not confirmed yet");
  const again = await reader.agent.send("/account/verification").expect(303);
  expect(again.headers.location).toBe("/account?note=sent");
  const link = linkIn(await mailbox.to(reader.email), "/verify");
  expect((await reader.agent.confirm(link)).status).toBe(303);
  expect((await reader.agent.get("/account")).text).not.toContain("Not confirmed yet");
  const late = await reader.agent.send("/account/verification").expect(303);
  expect(late.headers.location).toBe("/account?note=confirmed");
});

test("a link that is wrong, expired or made for another account confirms nothing, and a used one signs nobody in", async () => {
  const reader = await newReader();
  const { id } = (await userOf(reader.email))!;
  const other = await newReader();
  const { id: otherId } = (await userOf(other.email))!;
  const token = (seconds: number, secret: string, userId: string) =>
    createEmailVerificationToken(secret, reader.email, undefined, seconds, { userId });
  for (const bad of [
    "",
    "nonsense",
    await token(-10, AUTH_SECRET, id),
    await token(600, `${AUTH_SECRET}!`, id),
    await token(600, AUTH_SECRET, otherId),
  ]) {
    const agent = browser();
    const answer = await agent.send("/verify", { token: bad, next: "" });
    expect([answer.status, answer.text.includes("not good any more")]).toEqual([422, true]);
    expect(await whoIs(agent)).toBeNull();
  }
  expect(await userOf(reader.email)).toMatchObject({ email_verified: false });

  expect((await reader.agent.confirm(reader.link)).status).toBe(303);
  const finder = browser();
  const answer = await finder.confirm(reader.link);
  expect(answer.headers.location).toBe("/sign-in?note=confirmed");
  expect(await whoIs(finder)).toBeNull();
});

test("the link in a mail does not stand for the second factor", async () => {
  const reader = await newReader();
  await secondFactor(reader);
  const finder = browser();
  const answer = await finder.confirm(reader.link);
  expect(answer.headers.location).toBe("/sign-in?note=confirmed");
  expect(await userOf(reader.email)).toMatchObject({ email_verified: true });
  expect(await whoIs(finder)).toBeNull();
});

test("whoever opened an account with another's address is out once its owner takes it over", async () => {
  const stranger = await newReader();
  await secondFactor(stranger);
  const { body: made } = await stranger.agent.json("/api/tokens", { name: "back door", scopes: ["read"] }).expect(201);
  const withToken = () => app.request().get("/api/me").set("Authorization", `Bearer ${made.token}`);
  await withToken().expect(200);

  const password = "the owner's own phrase";
  const token = await resetToken(stranger.email);
  await browser().send("/reset-password", { token, password }).expect(303);

  await withToken().expect(401);
  expect(await whoIs(stranger.agent)).toBeNull();
  const owner = browser();
  await owner.signIn({ ...stranger, password }).expect(303);
  expect(await whoIs(owner)).toBe(stranger.name);
  expect(await userOf(stranger.email)).toMatchObject({ email_verified: true, two_factor_enabled: false });
});

test("a new password by mail works once and ends every session opened with the old one", async () => {
  const reader = await confirmed();
  const elsewhere = browser();
  await elsewhere.signIn(reader).expect(303);
  const token = await resetToken(reader.email);
  const page = await browser().get(`/reset-password?token=${token}`).expect(200);
  expect(page.text).toContain(`value="${token}"`);
  expect(page.headers["referrer-policy"]).toBe("same-origin");
  const stored = await sql<{ identifier: string }>`select identifier from verifications`.execute(app.app.context.db);
  expect(stored.rows.filter(({ identifier }) => identifier.includes(token))).toEqual([]);

  await browser().send("/reset-password", { token, password: "short" }).expect(422);
  const password = "quite another phrase";
  const done = await browser().send("/reset-password", { token, password }).expect(303);
  expect(done.headers.location).toBe("/sign-in?note=password");
  expect([await whoIs(reader.agent), await whoIs(elsewhere)]).toEqual([null, null]);
  await browser().signIn(reader).expect(401);
  await browser()
    .signIn({ ...reader, password })
    .expect(303);

  const again = await browser().send("/reset-password", { token, password: "a third phrase" }).expect(422);
  expect(again.text).toContain("not good any more");
  await browser()
    .signIn({ ...reader, password })
    .expect(303);
});

test("a link for a new password is good for an hour", async () => {
  const reader = await confirmed();
  const token = await resetToken(reader.email);
  const { db } = app.app.context;
  const { rows } = await sql<{ left: number }>`
    select extract(epoch from expires_at - now())::integer as left from verifications order by created_at desc limit 1
  `.execute(db);
  expect(rows[0]!.left).toBeGreaterThan(3_500);
  expect(rows[0]!.left).toBeLessThanOrEqual(3_600);
  await sql`update verifications set expires_at = now() - interval '1 second'`.execute(db);
  await browser().send("/reset-password", { token, password: "quite another phrase" }).expect(422);
  await browser().signIn(reader).expect(303);
});

test("asking for a new password tells nobody whether an address has an account", async () => {
  const reader = await confirmed();
  const nobody = somebody();
  const known = await browser().send("/forgot-password", { email: reader.email }).expect(200);
  const unknown = await browser().send("/forgot-password", { email: nobody.email }).expect(200);
  expect(unknown.text).toBe(known.text.replace(reader.email, nobody.email));
  expect(Object.keys(unknown.headers).sort()).toEqual(Object.keys(known.headers).sort());
  await mailbox.to(reader.email);
  expect(mailbox.mails.some(({ recipients }) => recipients.includes(nobody.email))).toBe(false);
});

test("signing up with an address that has an account looks as it always does, and its owner alone is told", async () => {
  const owner = await confirmed();
  const before = await userOf(owner.email);
  const stranger = { ...somebody(), email: owner.email, password: "the stranger's own" };
  const fresh = somebody();
  const taken = await browser().signUp(stranger).expect(200);
  const usual = await browser().signUp(fresh).expect(200);
  expect(taken.text).toBe(usual.text.replace(fresh.email, owner.email));
  expect(Object.keys(taken.headers).sort()).toEqual(Object.keys(usual.headers).sort());

  const mail = await mailbox.to(owner.email);
  expect(mail.subject).toBe("You have an account already");
  expect(mail.raw).not.toContain(stranger.name);
  expect(linkIn(mail, "/forgot-password")).toBe("/forgot-password");
  expect(await userOf(owner.email)).toEqual(before);
  await browser().signIn(stranger).expect(401);
  await browser().signIn(owner).expect(303);
});

test("of two sign-ups with one address at once, one makes the account and the other tells its owner", async () => {
  const one = somebody();
  const answers = await Promise.all([browser().signUp(one), browser().signUp({ ...somebody(), email: one.email })]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const subjects = [(await mailbox.to(one.email)).subject, (await mailbox.to(one.email)).subject];
  expect(subjects.sort()).toEqual(["Confirm your e-mail address", "You have an account already"]);
});

test("a name that looks like somebody's is refused at sign-up and when changing one's own", async () => {
  const reporter = `Ines ${letters()}`;
  const admin = app.as(await app.person("admin"));
  const account = { name: reporter, password: PASSWORD };
  await admin
    .post("/api/accounts")
    .send({ ...account, email: `${letters()}@staff.example` })
    .expect(201);
  const reader = await confirmed();
  const lookAlikes = [reporter, reporter.toUpperCase(), reporter.replace("I", "l"), reporter.replace(" ", "")];
  for (const name of lookAlikes) {
    const fresh = { ...somebody(), name };
    const answer = await browser().signUp(fresh).expect(422);
    expect(answer.text).toContain("Somebody has this name, or one that looks like it.");
    expect(answer.text).toContain(fresh.email);
    expect(answer.text).not.toContain(fresh.password);
    expect(await userOf(fresh.email)).toBeUndefined();
    const renamed = await reader.agent.send("/account/name", { name }).expect(422);
    expect(renamed.text).toContain("Somebody has this name");
  }
  expect((await userOf(reader.email))!.name).toBe(reader.name);
  // The second colleague of this name has it too, and keeps it from readers once the first one is gone.
  const { body: second } = await admin
    .post("/api/accounts")
    .send({ ...account, email: `${letters()}@staff.example` })
    .expect(201);
  const { db } = app.app.context;
  await db.deleteFrom("users").where("name", "=", reporter).where("id", "<>", second.id).execute();
  await browser()
    .signUp({ ...somebody(), name: reporter })
    .expect(422);
});

test("a reader changes their name, to one that is theirs alone from then on, a few times a day", async () => {
  const reader = await confirmed();
  const name = `Marker ${letters()}`;
  const done = await reader.agent.send("/account/name", { name: `  ${name.replace(" ", "   ")} ` }).expect(303);
  expect(done.headers.location).toBe("/account?note=name");
  expect(await whoIs(reader.agent)).toBe(name);
  await browser()
    .signUp({ ...somebody(), name })
    .expect(422);
  // Their old name is free, and their own in another spelling is theirs.
  await browser()
    .signUp({ ...somebody(), name: reader.name })
    .expect(200);
  await reader.agent.send("/account/name", { name: name.toUpperCase() }).expect(303);
  for (let n = 0; n < 3; n++) await reader.agent.send("/account/name", { name: `Marker ${letters()}` }).expect(303);
  const tooOften = await reader.agent.send("/account/name", { name: `Marker ${letters()}` }).expect(422);
  expect(tooOften.text).toContain("Too many tries");
});

test("a name that nobody may have is refused with the reason", async () => {
  for (const [name, reason] of [
    ["x", "at least three"],
    ["x".repeat(31), "at most 30"],
    ["\u202eReader", "letters"],
    ["Rеader Ivanov", "one script"],
    ["www.evil.example", "an address"],
    ["Moderator", "newsroom’s"],
  ] as const) {
    const answer = await browser()
      .signUp({ ...somebody(), name })
      .expect(422);
    expect([name, answer.text.includes(reason)]).toEqual([name, true]);
  }
  await browser()
    .signUp({ ...somebody(), password: "short" })
    .expect(422);
  await browser()
    .signUp({ ...somebody(), email: "nonsense" })
    .expect(422);
});

test("the names of those who work here are not theirs to change", async () => {
  const agent = browser();
  const reporter = await app.newPerson({ role: "reporter" });
  const entered = await agent.signIn({ email: reporter.email, password: PASSWORD }).expect(303);
  expect(entered.headers.location).toBe("/desk");
  const page = await agent.get("/account").expect(200);
  expect(page.text).not.toContain("/account/name");
  expect(page.text).toContain("Confirmed.");
  await agent.send("/account/name", { name: "Somebody Else" }).expect(403);
});

test("nothing that is typed becomes a header of a mail", async () => {
  const victim = `${letters()}@victim.example`;
  const reader = { ...somebody(), name: `Reader ${letters()}\r\nBcc: ${victim}` };
  await browser().signUp(reader).expect(422);
  const folded = { ...somebody(), name: `Reader\r\n${letters()}` };
  await browser().signUp(folded).expect(200);
  const mail = await mailbox.to(folded.email);
  expect(mail.recipients).toEqual([folded.email]);
  expect(mail.headers.map(({ key }) => key).sort()).toEqual([
    "auto-submitted",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "subject",
    "to",
  ]);
  for (const email of [
    `${folded.email}\r\nBcc: ${victim}`,
    `${folded.email}, ${victim}`,
    `<${victim}>`,
    `"x" <${victim}>`,
    `${victim}\u0000`,
  ]) {
    await browser()
      .signUp({ ...somebody(), email })
      .expect(422);
    await browser().send("/forgot-password", { email }).expect(422);
  }
  expect(mailbox.asked).not.toContain(victim);
});

test("while the mail server is down readers sign up as ever, and their mail comes when it is back", async () => {
  const reserved = createServer().listen(0, "127.0.0.1");
  await once(reserved, "listening");
  const { port } = reserved.address() as AddressInfo;
  reserved.close();
  await once(reserved, "close");
  const cutOff = await app.start({ smtp: smtpAt(port) });
  const reader = somebody();
  await browser(cutOff).signUp(reader).expect(200);
  await browser(cutOff).send("/forgot-password", { email: reader.email }).expect(200);
  const late = await openMailbox({ port });
  const mails = [await late.to(reader.email), await late.to(reader.email)];
  expect(mails.map(({ subject }) => subject).sort()).toEqual(["Choose a new password", "Confirm your e-mail address"]);
  await late.close();
});

test("an address that the mail server refuses is not tried again, and is not written down", async () => {
  const gone = `${letters()}@gone.example`;
  const refusing = await openMailbox({ refuse: [gone] });
  const written = new PassThrough().setEncoding("utf8");
  const mailer = openMailer({ smtp: refusing.smtp }, openLog({ logLevel: "info" }, written));
  mailer.send({ to: gone, subject: "Hello", text: "Hello" });
  const [line] = (await once(written, "data")) as [string];
  expect(JSON.parse(line)).toMatchObject({ msg: "a mail did not go out", mail: { responseCode: 550 }, again: false });
  expect(line).not.toContain(gone);
  await mailer.close();
  await refusing.close();
});

test("without a mail server the log has the whole mail, link and all", async () => {
  const written = new PassThrough().setEncoding("utf8");
  const mailer = openMailer({ smtp: null }, openLog({ logLevel: "info" }, written));
  const letter = { to: "reader@mail.example", subject: "Confirm", text: "https://live.example/verify?token=abc\n" };
  mailer.send(letter);
  const [line] = (await once(written, "data")) as [string];
  expect(JSON.parse(line)).toMatchObject({ level: 30, mail: letter });
  await mailer.close();
});

test("a mailbox gets a few letters an hour, whoever asks for them", async () => {
  const reader = await confirmed();
  for (let n = 0; n < 8; n++) await browser().send("/forgot-password", { email: reader.email }).expect(200);
  const after = await confirmed();
  expect(mailbox.mails.some(({ recipients }) => recipients.includes(after.email))).toBe(true);
  expect(mailbox.mails.filter(({ recipients }) => recipients.includes(reader.email))).toHaveLength(6);
});

test("tries at every form are limited for one address, and for one network of IPv6", async () => {
  const statuses = async (
    times: number,
    send: (agent: Browser, n: number) => supertest.Test,
    address: () => string,
  ) => {
    const answers: supertest.Response[] = [];
    for (let n = 0; n < times; n++) answers.push(await send(browser(app.app, address()), n));
    return answers.map(({ status }) => status);
  };
  const here = someAddress();
  const network = (n: number) => `2001:db8:1:2::${(n + 1).toString(16)}`;
  let n = 0;
  const signUps = await statuses(
    31,
    (agent) => agent.signUp({ ...somebody(), name: "x" }),
    () => network(n++),
  );
  expect(signUps).toEqual([...Array<number>(30).fill(422), 429]);
  const last = await browser(app.app, network(99)).signUp(somebody()).expect(429);
  expect(Number(last.get("Retry-After"))).toBeGreaterThan(3_000);
  await browser(app.app, "2001:db8:1:3::1").signUp(somebody()).expect(200);

  const ten = (status: number) => [...Array<number>(10).fill(status), 429];
  const token = { token: "nonsense" };
  const forgotten = (agent: Browser) => agent.send("/forgot-password", { email: somebody().email });
  expect(await statuses(11, forgotten, () => here)).toEqual(ten(200));
  expect(
    await statuses(
      11,
      (agent) => agent.send("/verify", { ...token, next: "" }),
      () => here,
    ),
  ).toEqual(ten(422));
  const reset = (agent: Browser) => agent.send("/reset-password", { ...token, password: PASSWORD });
  expect(await statuses(11, reset, () => here)).toEqual(ten(422));
});

test("forms on other sites do nothing here", async () => {
  const reader = await confirmed();
  const token = await resetToken(reader.email);
  const cookie = (await browser().signIn(reader)).headers["set-cookie"] as unknown as string[];
  for (const headers of [{}, { Origin: "https://evil.example" }, { Origin: app.url, "Sec-Fetch-Site": "cross-site" }])
    for (const [path, form] of [
      ["/sign-up", { ...somebody(), next: "" }],
      ["/verify", { token: reader.link, next: "" }],
      ["/forgot-password", { email: reader.email }],
      ["/reset-password", { token, password: "quite another phrase" }],
      ["/account/name", { name: `Marker ${letters()}` }],
      ["/account/verification", {}],
    ] as const)
      await app
        .request()
        .post(path)
        .type("form")
        .set({ ...headers, Cookie: cookie.join("; ") })
        .send(form)
        .expect(403);
  expect((await userOf(reader.email))!.name).toBe(reader.name);
  await browser().signIn(reader).expect(303);
});

test("accounts are made on the page alone: better-auth's own way to sign up, verify and reset is closed", async () => {
  const agent = supertest.agent(app.url).set("Origin", app.app.context.publicUrl);
  for (const path of [
    "sign-up/email",
    "send-verification-email",
    "request-password-reset",
    "reset-password",
    "update-user",
  ])
    await agent.post(`/api/auth/${path}`).send(somebody()).expect(404);
  await agent.get("/api/auth/verify-email?token=x").expect(404);
  await agent.get("/api/auth/reset-password/x?callbackURL=/").expect(404);
});

test("where sign-up is closed there is no page for it, and no link to one", async () => {
  expect((await app.request().get("/sign-in")).text).toContain('href="/sign-up"');
  const closed = await app.start({ signUp: "closed" });
  const agent = browser(closed);
  await agent.get("/sign-up").expect(404);
  const reader = somebody();
  await agent.signUp(reader).expect(404);
  expect(await userOf(reader.email)).toBeUndefined();
  expect((await agent.get("/sign-in").expect(200)).text).not.toContain("/sign-up");
  await agent.get("/forgot-password").expect(200);
});

test("a reader comes back to the page they came from, and to no other site", async () => {
  const blog = await app.blog();
  const page = `/blogs/${blog.slug}`;
  expect((await app.request().get(`/sign-in?next=${page}`)).text).toContain(
    `href="/sign-up?next&#x3D;${encodeURIComponent(page)}"`,
  );
  const back = async (next: string) => {
    const agent = browser();
    const reader = somebody();
    await agent.signUp({ ...reader, next }).expect(200);
    return (await agent.confirm(linkIn(await mailbox.to(reader.email), "/verify"))).headers.location;
  };
  expect(await back(page)).toBe(page);
  for (const elsewhere of ["//evil.example", "/\\evil.example", "https://evil.example"])
    expect(await back(elsewhere)).toBe("/account?note=confirmed");
});

for (const [width, colorScheme] of [
  [390, "dark"],
  [1280, "light"],
] as const)
  pageTest(`somebody signs up, confirms and signs in again by keyboard, at ${width} px, ${colorScheme}`, async () => {
    const page = await tabs.open("/sign-in", {
      viewport: { width, height: 800 },
      colorScheme,
      extraHTTPHeaders: { "X-Forwarded-For": someAddress() },
    });
    const fits = async () => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await findings(page)).toEqual([]);
      const folder = process.env.TEST_SCREENSHOTS;
      const name = new URL(page.url()).pathname.slice(1);
      if (folder) await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}-${shots++}.png` });
    };
    let shots = 0;
    /** Presses Tab until the focus is there. */
    const tabTo = async (label: string) => {
      const wanted = page.getByLabel(label, { exact: true }).or(page.getByRole("link", { name: label, exact: true }));
      const button = wanted.or(page.getByRole("button", { name: label, exact: true }));
      for (let n = 0; n < 20; n++) {
        if (await button.evaluate((element) => element === document.activeElement)) return;
        await page.keyboard.press("Tab");
      }
      throw new Error(`no way to ${label} by keyboard`);
    };
    const type = async (label: string, text: string) => {
      await tabTo(label);
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(text);
    };
    const go = (name: string) => page.getByRole("heading", { name, level: 1 }).waitFor();
    const { name, email, password } = somebody();

    await fits();
    await tabTo("Make an account");
    await page.keyboard.press("Enter");
    await go("Make an account");
    await fits();
    await type("Name", "www.evil.example");
    await type("E-mail address", email);
    await type("Password", password);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await page.getByLabel("Name").evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByLabel("E-mail address").inputValue()).toBe(email);
    await fits();
    await type("Name", name);
    await type("Password", password);
    await page.keyboard.press("Enter");
    await go("Check your mail");
    await fits();

    await page.goto(linkIn(await mailbox.to(email), "/verify"));
    await fits();
    await tabTo("Yes, it is mine");
    await page.keyboard.press("Enter");
    await go("Your account");
    await page.getByRole("status").waitFor();
    await fits();
    await tabTo("Sign out");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/");
    await page.goto("/forgot-password");
    await fits();
    await type("E-mail address", email);
    await page.keyboard.press("Enter");
    await go("Check your mail");
    await page.goto(linkIn(await mailbox.to(email), "/reset-password"));
    await fits();
    await type("New password", "quite another phrase");
    await page.keyboard.press("Enter");
    await go("Sign in");
    await fits();
    await type("E-mail address", email);
    await type("Password", "quite another phrase");
    await page.keyboard.press("Enter");
    await go("Live blogs");
  });

test("the mail settings are checked at the start, each with a sentence", () => {
  const smtp = (SMTP_URL: string, MAIL_FROM = "live@post.example") => readConfig({ SMTP_URL, MAIL_FROM }).smtp;
  expect(smtp("smtps://live%40post.example:p%25@mail.example")).toEqual({
    host: "mail.example",
    port: 465,
    secure: true,
    requireTls: false,
    login: { user: "live@post.example", pass: "p%" },
    from: "live@post.example",
  });
  // A password goes to another machine in TLS, or not at all.
  expect(smtp("smtp://u:p@mail.example")).toMatchObject({ port: 587, secure: false, requireTls: true });
  expect(smtp("smtp://[::1]:25")).toMatchObject({ host: "::1", port: 25, requireTls: false, login: null });
  for (const bad of ["http://mail.example", "mail.example", "smtp://", "smtp://m.example/x", "smtp://u:%ff@m.example"])
    expect(() => smtp(bad), bad).toThrow(ConfigError);
  for (const bad of ["nobody", "a@b.example, c@d.example", "X\r\nBcc: y@z.example <a@b.example>", "X <a@b.example> y"])
    expect(() => smtp("smtp://mail.example", bad), bad).toThrow(ConfigError);
  expect(() => readConfig({ SMTP_URL: "smtp://mail.example" })).toThrow("MAIL_FROM");
  expect(() => readConfig({ MAIL_FROM: "live@post.example" })).toThrow("SMTP_URL");
  expect(() => readConfig({ SIGN_UP: "perhaps" })).toThrow("it must be open or closed");
  expect(readConfig({}).signUp).toBe("open");
});
