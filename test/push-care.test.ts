import { afterAll, expect, onTestFinished, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { newsroom } from "./browser.ts";
import { openPushReceiver, type PushReceiver, type TestBrowser } from "./push-receiver.ts";

const [receiver, slow] = [await openPushReceiver(), await openPushReceiver()];
const app = useApp({ pushAllowHosts: [receiver.socket, slow.socket] });
afterAll(() => [receiver, slow].forEach((one) => one.close()));

async function subscribed(blog: BlogAnswer, at: PushReceiver = receiver): Promise<TestBrowser> {
  const browser = at.browser();
  await subscribe(blog, browser).expect(201);
  return browser;
}

const subscribe = ({ slug }: BlogAnswer, browser: TestBrowser) =>
  app.request(app.apps.at(-1)).post(`/api/blogs/${slug}/push-subscriptions`).send(browser.subscription);

/** Waits until a browser has been told so often. */
async function told(browser: TestBrowser, times: number): Promise<string[]> {
  while (browser.received.length < times) await receiver.next();
  return browser.received.map(({ message }) => message.body);
}

const db = () => app.apps.at(-1)!.context.db;

const kept = (browser: TestBrowser) =>
  db()
    .selectFrom("push_subscriptions")
    .selectAll()
    .where("endpoint", "=", browser.subscription.endpoint)
    .executeTakeFirst();

const unsent = () => db().selectFrom("push_deliveries").selectAll().where("due_at", "is not", null).execute();

/** Waits until nothing is on its way any more. */
const settled = () => expect.poll(unsent, { timeout: 20_000 }).toEqual([]);

test("a message that is too long is handed over shortened, and never again as it was", async () => {
  const blog = await app.blog({ title: "The ferry that left the harbour of the island before everybody was on board" });
  const [browser, never] = [await subscribed(blog), await subscribed(blog)];
  browser.refusals.push({ status: 413 }, { status: 503, retryAfter: 0 });
  never.refusals.push({ status: 413 }, { status: 413 });
  const headline = "It has left, and whoever was not on board yet is standing on the quay and waves at it";
  const other = await subscribed(blog);
  await app.post(blog, { headline, keyEvent: true });
  const [line] = await told(browser, 1);
  await settled();
  expect(line).toBe("It has left, and whoever was not on board yet is standing …");
  expect(browser.received[0]!.message.title).toBe("The ferry that left the harbour of …");
  expect(other.received[0]!.message.body).toBe(headline);
  expect(browser.received[0]!.bytes).toBeLessThan(other.received[0]!.bytes);
  expect(never).toMatchObject({ received: [], refusals: [] });
  expect(await kept(never)).toMatchObject({ failures: 0 });
});

test("whatever is said in any script fits into what every push service takes", async () => {
  const blog = await app.blog({ title: "النص".repeat(40), language: "ar" });
  const browser = await subscribed(blog);
  await app.post(blog, { headline: "خبر عاجل ".repeat(22).trim(), keyEvent: true });
  await told(browser, 1);
  expect(browser.received[0]!.bytes).toBeLessThan(4_096);
});

test("a push service is asked again when it says, be that in seconds or at a time, and not at all where that is too late", async () => {
  const blog = await app.blog();
  const [seconds, time, late] = [await subscribed(blog), await subscribed(blog), await subscribed(blog)];
  const at = new Date(Date.now() + 7_000);
  seconds.refusals.push({ status: 429, retryAfter: 2 });
  time.refusals.push({ status: 429, retryAfter: at.toUTCString() });
  late.refusals.push({ status: 429, retryAfter: 86_400 });
  await app.post(blog, { headline: "News", keyEvent: true });
  await told(time, 1);
  expect(Date.now()).toBeGreaterThan(Math.floor(at.getTime() / 1000) * 1000 - 500);
  await settled();
  expect(seconds.received).toHaveLength(1);
  expect(late.received).toEqual([]);
  for (const browser of [seconds, time, late]) expect(await kept(browser)).toMatchObject({ failures: 0 });
});

test("a browser that nothing reaches for days is forgotten, and one that something reaches again is not", async () => {
  const blog = await app.blog();
  const [dead, back] = [await subscribed(blog), await subscribed(blog)];
  const statuses = [400, 401, 403, 301];
  for (const browser of [dead, back]) browser.refusals.push(...statuses.map((status) => ({ status })));
  for (const status of statuses) await app.post(blog, { headline: `Before ${status}`, keyEvent: true });
  await expect.poll(() => [dead, back].map(({ refusals }) => refusals.length), { timeout: 10_000 }).toEqual([0, 0]);
  await settled();
  expect(await kept(dead)).toMatchObject({ failures: 4, failing_since: expect.any(Date) });

  // Often enough, but not for long enough yet.
  dead.refusals.push({ status: 403 });
  await app.post(blog, { headline: "The last for one", keyEvent: true });
  expect(await told(back, 1)).toEqual(["The last for one"]);
  await settled();
  expect(await kept(back)).toMatchObject({ failures: 0, failing_since: null });
  expect(await kept(dead)).toMatchObject({ failures: 5 });

  await db()
    .updateTable("push_subscriptions")
    .set({ failing_since: new Date(Date.now() - 4 * 24 * 60 * 60 * 1000) })
    .where("endpoint", "=", dead.subscription.endpoint)
    .execute();
  dead.refusals.push({ status: 403 });
  await app.post(blog, { headline: "The last for both", keyEvent: true });
  await told(back, 2);
  await settled();
  expect(await kept(dead)).toBeUndefined();
  expect(dead.received).toEqual([]);
});

test("what was told of and is taken down is withdrawn in the blog's language, and told of anew once it is back", async () => {
  const blog = await app.blog({ title: "Die Fähre", language: "de" });
  const desk = newsroom(app, blog);
  const browser = await subscribed(blog);
  const [wrong, slip] = [
    await app.post(blog, { headline: "Falsch", keyEvent: true }),
    await app.post(blog, { headline: "Zu viel", keyEvent: true }),
  ];
  expect((await told(browser, 2)).toSorted()).toEqual(["Falsch", "Zu viel"]);
  const late = await subscribed(blog);
  await desk.remove(wrong);
  await told(browser, 3);
  const { message, headers } = browser.received[2]!;
  expect(message).toEqual({
    title: "Die Fähre",
    body: "Die Redaktion hat diese Meldung zurückgezogen.",
    language: "de",
    url: `/blogs/${blog.slug}`,
    tag: `post-${wrong.id}`,
    at: wrong.publishedAt,
    withdrawn: true,
  });
  // Where the first has not arrived yet, the push service puts this one in its place.
  expect(headers).toMatchObject({ topic: `post-${wrong.id}`, ttl: "3600" });

  await desk.unmark(slip, "key-event");
  await told(browser, 4);
  expect(browser.received[3]!.message).toMatchObject({ tag: `post-${slip.id}`, withdrawn: true });
  await desk.mark(slip, "key-event");
  await told(browser, 5);
  expect(browser.received[4]!.message).toMatchObject({ tag: `post-${slip.id}`, body: "Zu viel" });
  expect(browser.received[4]!.message.withdrawn).toBeUndefined();
  await settled();
  expect(late.received.map(({ message }) => message.body)).toEqual(["Zu viel"]);
});

test("only who may have been told is told that it was withdrawn, and nobody after hours", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const [browser, refusing] = [await subscribed(blog), await subscribed(blog)];
  refusing.refusals.push({ status: 503, retryAfter: 4 });
  const post = await app.post(blog, { headline: "Wrong", keyEvent: true });
  const old = await app.post(blog, { headline: "Old", keyEvent: true });
  await told(browser, 2);
  await expect.poll(() => refusing.received.length, { timeout: 10_000 }).toBe(1);
  await db()
    .updateTable("push_jobs")
    .set({ told_at: new Date(Date.now() - 3 * 60 * 60 * 1000) })
    .where("post_id", "=", old.id)
    .execute();
  const refused = refusing.received[0]!.message.body === "Old" ? post : old;
  await desk.unmark(old, "key-event");
  await desk.unmark(post, "key-event");
  await told(browser, 3);
  await settled();
  expect(browser.received.slice(2).map(({ message }) => message.tag)).toEqual([`post-${post.id}`]);
  const expected = refused === post ? ["Old"] : ["Wrong", "The newsroom has withdrawn this message."];
  expect(refusing.received.map(({ message }) => message.body)).toEqual(expected);
});

test("however many browsers a blog has, the last of them is told, and told that it was withdrawn", async () => {
  const blog = await app.blog();
  const first = await subscribed(blog);
  // More than go onto the list at once; nobody may be asked there, so that they are forgotten, or dropped from it.
  await app.app.context.sql`
    insert into push_subscriptions (blog_id, endpoint, p256dh, auth)
    select ${blog.id}, 'http://nowhere.example/' || n, 'none', 'none' from generate_series(1, 2100) as n`;
  const last = await subscribed(blog);
  const post = await app.post(blog, { headline: "To all", keyEvent: true });
  expect(await told(first, 1)).toEqual(["To all"]);
  expect(await told(last, 1)).toEqual(["To all"]);
  await newsroom(app, blog).remove(post);
  for (const browser of [first, last]) expect((await told(browser, 2))[1]).toContain("withdrawn");
  await settled();
  expect([first, last].map(({ received }) => received.length)).toEqual([2, 2]);
});

test("a push service that does not answer holds up only its own browsers, and a stop loses nothing", async () => {
  const blog = await app.blog();
  const waiting = await Promise.all(Array.from({ length: 30 }, () => subscribed(blog, slow)));
  for (const browser of waiting) browser.isSilent = true;
  const browsers = await Promise.all(Array.from({ length: 30 }, () => subscribed(blog)));
  await app.post(blog, { headline: "One", keyEvent: true });
  for (const browser of browsers) await told(browser, 1);
  await app.post(blog, { headline: "Two", keyEvent: true });
  for (const browser of browsers) await told(browser, 2);
  await expect.poll(async () => (await unsent()).length).toBe(60);
  // All that while, nobody there has been answered.
  expect(slow.open).toBeGreaterThan(0);
  expect(slow.most).toBeLessThanOrEqual(2);

  // Under way when the server ends: broken off, and not waited for.
  await app.app.stop();
  await expect.poll(() => slow.open).toBe(0);
  for (const browser of waiting) browser.isSilent = false;
  onTestFinished(() => void app.apps.shift());
  await app.start();
  const began = Date.now();
  await expect.poll(() => waiting.every(({ received }) => received.length === 2), { timeout: 20_000 }).toBe(true);
  expect(Date.now() - began).toBeLessThan(15_000);
  await settled();
  for (const { received } of waiting)
    expect(received.map(({ message }) => message.body).toSorted()).toEqual(["One", "Two"]);
  for (const { received } of browsers) expect(received).toHaveLength(2);
});
