import { afterAll, expect, test } from "vitest";
import type { App } from "../server/app.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { openPushService } from "../server/push/push-service.ts";
import { vapidOf as keysOf } from "../server/push/vapid.ts";
import { useApp } from "./app.ts";
import { newsroom } from "./browser.ts";
import { openPushReceiver, vapidOf, type TestBrowser } from "./push-receiver.ts";

const receiver = await openPushReceiver();
const app = useApp({ pushAllowHosts: [receiver.socket] });
afterAll(() => receiver.close());

const pathOf = ({ slug }: BlogAnswer) => `/api/blogs/${slug}/push-subscriptions`;

async function subscribed(blog: BlogAnswer): Promise<TestBrowser> {
  const browser = receiver.browser();
  await app.request().post(pathOf(blog)).send(browser.subscription).expect(201);
  return browser;
}

/** Waits until a browser has been told so often. */
async function told(browser: TestBrowser, times: number): Promise<string[]> {
  while (browser.received.length < times) await receiver.next();
  return browser.received.map(({ message }) => message.body);
}

const rows = (table: "push_subscriptions" | "push_deliveries" | "push_jobs", on: App = app.app) =>
  on.context.db.selectFrom(table).selectAll().execute();

/** What the metrics of all servers say together. */
async function counted(outcome: string): Promise<number> {
  const texts = await Promise.all(app.apps.map(async (on) => (await app.request(on).get("/metrics").expect(200)).text));
  const line = new RegExp(`^dateline_notifications_total\\{outcome="${outcome}"\\} (\\d+)$`, "m");
  return texts.reduce((sum, text) => sum + Number(line.exec(text)?.[1] ?? 0), 0);
}

/** Waits until nothing is on its way any more. */
const settled = () =>
  expect
    .poll(async () => (await rows("push_deliveries")).filter(({ due_at }) => due_at !== null), { timeout: 20_000 })
    .toEqual([]);

test("a key event reaches every browser that asked for it once, encrypted and signed, from several servers", async () => {
  await app.start();
  const [blog, other] = [await app.blog({ title: "The ferry" }), await app.blog()];
  const browsers = await Promise.all(Array.from({ length: 60 }, () => subscribed(blog)));
  const elsewhere = await subscribed(other);
  await app.post(blog, { headline: "Nothing of weight" });
  const post = await app.post(blog, { headline: "The ferry has left", keyEvent: true });
  for (const browser of browsers) await told(browser, 1);
  await settled();

  for (const { received } of browsers) expect(received).toHaveLength(1);
  expect(elsewhere.received).toEqual([]);
  expect(receiver.most).toBeLessThanOrEqual(40);
  const [{ message, headers }] = browsers[0]!.received as [TestBrowser["received"][0]];
  expect(message).toEqual({
    title: "The ferry",
    body: "The ferry has left",
    language: "en",
    url: `/blogs/${blog.slug}/posts/${post.id}`,
    tag: `post-${post.id}`,
    at: post.publishedAt,
  });
  expect(headers).toMatchObject({
    "content-encoding": "aes128gcm",
    ttl: "3600",
    urgency: "high",
    topic: `post-${post.id}`,
  });
  const { claims, key } = vapidOf(headers);
  expect(claims).toMatchObject({ aud: `http://${receiver.socket}`, sub: expect.stringMatching(/^mailto:/) });
  expect(claims.exp).toBeLessThanOrEqual(Date.now() / 1000 + 24 * 60 * 60);
  expect(key).toBe(app.app.context.pushKey);
  expect((await app.request().get(`/blogs/${blog.slug}`)).text).toContain(`data-key="${key}"`);
});

test("a post is told of when it becomes a key event, however it does, and only the first time", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const browser = await subscribed(blog);
  const early = await app.post(blog, { headline: "Marked later" });
  await desk.mark(early, "key-event");
  expect(await told(browser, 1)).toEqual(["Marked later"]);
  await settled();
  await desk.unmark(early, "key-event");
  await desk.mark(early, "key-event");
  await desk.edit(early, { headline: "Marked again" });

  const draft = await app.post(blog, { headline: "Published later", keyEvent: true, status: "draft", shared: true });
  await desk.edit(draft, { status: "published" });
  expect(await told(browser, 2)).toEqual(["Marked later", "Published later"]);
  const [soon] = await app.app.context.sql<{ at: Date }[]>`select clock_timestamp() + interval '1 second' as at`;
  await app.post(blog, { headline: "In time", keyEvent: true, status: "scheduled", publishAt: soon!.at.toISOString() });
  expect(await told(browser, 3)).toEqual(["Marked later", "Published later", "In time"]);

  await app
    .as(await app.person("editor"))
    .post(`/api/blogs/${blog.slug}/posts`)
    .send({ headline: "Long ago", keyEvent: true, publishedAt: "2020-01-01T00:00:00Z" })
    .expect(201);
  await app.post(blog, { headline: "The last", keyEvent: true });
  expect((await told(browser, 4)).at(-1)).toBe("The last");
});

test("what is taken down, or is no key event any more, before it was sent is not sent", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const browser = await subscribed(blog);
  await desk.remove(await app.post(blog, { headline: "Taken down", keyEvent: true }));
  const slip = await app.post(blog, { headline: "A slip", keyEvent: true });
  await desk.unmark(slip, "key-event");

  // One that the push service would not take yet is not tried again after its takedown.
  browser.refusals.push({ status: 503, retryAfter: 3 });
  const refused = await app.post(blog, { headline: "Refused at first", keyEvent: true });
  while (browser.refusals.length) await receiver.next();
  await desk.remove(refused);
  await app.post(blog, { headline: "The last", keyEvent: true });
  expect(await told(browser, 1)).toEqual(["The last"]);
  await settled();
  expect(browser.received).toHaveLength(1);

  await desk.mark(slip, "key-event");
  expect(await told(browser, 2)).toEqual(["The last", "A slip"]);
});

test("a browser that is gone is forgotten, and a service that is busy is asked again", async () => {
  const blog = await app.blog();
  const [gone, missing, busy] = [await subscribed(blog), await subscribed(blog), await subscribed(blog)];
  gone.refusals.push({ status: 410 });
  missing.refusals.push({ status: 404 });
  busy.refusals.push({ status: 429, retryAfter: 1 }, { status: 503, retryAfter: 1 });
  const refusing = await subscribed(blog);
  refusing.refusals.push({ status: 400 });
  await app.post(blog, { headline: "Once", keyEvent: true });
  expect(await told(busy, 1)).toEqual(["Once"]);
  await settled();

  expect(await counted("gone")).toBe(2);
  expect(await counted("refused")).toBe(1);
  const left = (await rows("push_subscriptions")).filter(({ blog_id }) => blog_id === blog.id);
  expect(left.map(({ endpoint }) => endpoint).toSorted()).toEqual(
    [busy, refusing].map(({ subscription }) => subscription.endpoint).toSorted(),
  );
  expect([gone.received, missing.received, refusing.received]).toEqual([[], [], []]);
});

test("a browser stops being told as soon as it says so, and is one subscription however often it asks", async () => {
  const blog = await app.blog();
  const [browser, other] = [await subscribed(blog), await subscribed(blog)];
  await app.request().post(pathOf(blog)).send(browser.subscription).expect(200);
  const { endpoint } = browser.subscription;
  await app.request().delete(pathOf(blog)).send({ endpoint }).expect(204);
  await app.request().delete(pathOf(blog)).send({ endpoint }).expect(204);
  await app.post(blog, { headline: "For the other", keyEvent: true });
  expect(await told(other, 1)).toEqual(["For the other"]);
  await settled();
  expect(browser.received).toEqual([]);
});

test("a subscription that leads inside, or cannot be one, is refused and kept nowhere", async () => {
  const blog = await app.blog();
  const { subscription } = receiver.browser();
  const { keys } = subscription;
  const before = await rows("push_subscriptions");
  for (const wrong of [
    { endpoint: "http://push.example/1" },
    { endpoint: "https://127.0.0.1/1" },
    { endpoint: "https://[::1]/1" },
    { endpoint: "https://localhost/1" },
    { endpoint: "https://push.example:8443/1" },
    { endpoint: "https://user:word@push.example/1" },
    { endpoint: `https://push.example/${"x".repeat(1_000)}` },
    { endpoint: "not an address" },
    { endpoint: undefined },
    { keys: { ...keys, p256dh: Buffer.alloc(65, 4).toString("base64url") } },
    { keys: { ...keys, p256dh: "short" } },
    { keys: { ...keys, auth: "short" } },
    { keys: { p256dh: keys.p256dh } },
    { more: true },
  ]) {
    const { status, body } = await app
      .request()
      .post(pathOf(blog))
      .send({ ...subscription, ...wrong });
    expect([status, body.code], JSON.stringify(wrong)).toEqual([422, "invalid-input"]);
  }
  await app.request().post("/api/blogs/no-such-blog/push-subscriptions").send(subscription).expect(404);
  await app.request().delete(pathOf(blog)).send({}).expect(422);
  expect(await rows("push_subscriptions")).toEqual(before);
});

test("a name that leads inside is noticed when something is sent there", async () => {
  const { subscription, received } = receiver.browser();
  const { p256dh, auth } = subscription.keys;
  const endpoint = subscription.endpoint.replace("127.0.0.1", "localhost");
  const { host } = new URL(endpoint);
  for (const [allow, status] of [
    [[host], 0],
    [[host, receiver.socket, receiver.socket.replace("127.0.0.1", "::1")], 201],
  ] as const) {
    const service = openPushService(keysOf("a", null, "mailto:live@example.org"), allow);
    expect((await service.send({ endpoint, p256dh, auth }, "{}", "topic")).status).toBe(status);
    await service.close();
  }
  expect(received).toHaveLength(1);
});

test("one browser, and one address, subscribe only so often", async () => {
  const limited = await app.start({ rateLimits: true, trustProxy: ["loopback"] });
  const blog = await app.blog();
  const { subscription } = receiver.browser();
  const send = (from: string, what: object) =>
    app.request(limited).post(pathOf(blog)).set("X-Forwarded-For", from).send(what);
  for (let n = 0; n < 20; n++) await send(`192.0.2.${n}`, subscription);
  expect((await send("192.0.2.99", subscription)).status).toBe(429);
  expect((await send("192.0.2.99", receiver.browser().subscription)).status).toBe(201);
});

test("the key follows from the secret, and is the newsroom's own where it has one", () => {
  const [one, again, other] = ["a", "a", "b"].map((secret) => keysOf(secret, null, "mailto:live@example.org"));
  expect(one).toEqual(again);
  expect(one!.publicKey).not.toBe(other!.publicKey);
  expect(keysOf("b", one!.privateKey, one!.subject)).toEqual(one);
});
