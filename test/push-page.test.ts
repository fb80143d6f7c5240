import type { Page } from "playwright-core";
import { afterAll, expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { openPushReceiver } from "./push-receiver.ts";

const receiver = await openPushReceiver();
const app = useApp({ pushAllowHosts: [receiver.socket] });
const browser = useBrowser(app);
afterAll(() => receiver.close());

/** A page whose browser has a push service: the headless one has none. */
async function openStory(blog: BlogAnswer, permission: NotificationPermission = "granted"): Promise<Page> {
  const { subscription } = receiver.browser();
  return browser.open(`/blogs/${blog.slug}`, { serviceWorkers: "allow" }, async (page) => {
    if (permission === "granted") await page.context().grantPermissions(["notifications"]);
    await page.addInitScript(
      ({ subscription, permission }) => {
        let current: object | null = null;
        const made = {
          ...subscription,
          toJSON: () => ({ ...subscription, expirationTime: null }),
          unsubscribe: async () => {
            current = null;
            return true;
          },
        };
        PushManager.prototype.subscribe = async () => (current = made) as unknown as PushSubscription;
        PushManager.prototype.getSubscription = async () => current as PushSubscription | null;
        Notification.requestPermission = async () => permission;
      },
      { subscription, permission },
    );
  });
}

/** Of a service worker, what the tests change. */
interface WorkerScope {
  clients: { openWindow(url: string): Promise<null> };
  WindowClient: { prototype: { focus(): Promise<unknown> } };
  ExtendableEvent: new (type: string) => Event;
}

const subscriptions = async (blog: BlogAnswer) =>
  app.app.context.db.selectFrom("push_subscriptions").selectAll().where("blog_id", "=", blog.id).execute();

pageTest("one tap asks to be told of key events, and one tap stops it", async () => {
  const blog = await app.blog();
  const page = await openStory(blog);
  const start = page.getByRole("button", { name: "Notify me of key events" });
  const stop = page.getByRole("button", { name: "Stop notifications" });
  await start.waitFor();
  expect(await findings(page)).toEqual([]);
  await start.focus();
  await page.keyboard.press("Enter");
  await stop.waitFor();
  expect(await subscriptions(blog)).toHaveLength(1);
  expect(await page.evaluate(() => document.activeElement!.className)).toBe("push-stop");
  await stop.click();
  await start.waitFor();
  expect(await subscriptions(blog)).toEqual([]);
});

pageTest("where a browser cannot be told, nothing is offered", async () => {
  const blog = await app.blog();
  const page = await browser.open(`/blogs/${blog.slug}`, { serviceWorkers: "allow" }, (page) =>
    page.addInitScript(() => Reflect.deleteProperty(window, "PushManager")),
  );
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => /push-/.test(name)));
  expect(await page.getByRole("button", { name: "Notify me of key events" }).count()).toBe(0);
});

pageTest("a reader whose browser refuses is told why nothing comes", async () => {
  const blog = await app.blog();
  const page = await openStory(blog, "denied");
  await page.getByRole("button", { name: "Notify me of key events" }).click();
  await page.getByText("Your browser does not let this site notify you.").waitFor();
  expect(await subscriptions(blog)).toEqual([]);
});

pageTest("what is offered late takes no room that was not there", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "First" });
  // On one page, since the headlines' typeface may be there in time for one and not for another.
  const at = (page: Page, isOffered: boolean) =>
    page.evaluate((isOffered) => {
      document.querySelector(".push")!.classList.toggle("is-offered", isOffered);
      return document.getElementById("posts")!.getBoundingClientRect().top;
    }, isOffered);
  const page = await openStory(blog);
  await page.locator(".push.is-offered").waitFor();
  for (const width of [320, 390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await at(page, true), `at ${width}`).toBe(await at(page, false));
  }
});

pageTest("the worker shows a key event just as the server sent it, and withdraws it without a sound", async () => {
  const blog = await app.blog({ title: "The ferry" });
  const told = receiver.browser();
  await app.request().post(`/api/blogs/${blog.slug}/push-subscriptions`).send(told.subscription).expect(201);
  const post = await app.post(blog, { headline: "It has left", keyEvent: true });
  while (!told.received.length) await receiver.next();
  await newsroom(app, blog).remove(post);
  while (told.received.length < 2) await receiver.next();

  const page = await openStory(blog);
  await page.locator(".push.is-offered").waitFor();
  const [worker] = page.context().serviceWorkers();
  // A browser without a window shows no notifications; what it is asked to show is kept instead.
  await worker!.evaluate(() => {
    const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
    const asked: unknown[] = [];
    Object.assign(self, { asked });
    registration.showNotification = async (title, options) => void asked.push({ title, ...options });
  });
  const devtools = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) =>
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      if (registrations[0]) resolve(registrations[0].registrationId);
    }),
  );
  await devtools.send("ServiceWorker.enable");
  const asked = () => worker!.evaluate(() => (self as unknown as { asked: object[] }).asked);
  for (const [n, { message }] of told.received.entries()) {
    await devtools.send("ServiceWorker.deliverPushMessage", {
      origin: app.url,
      registrationId: await registered,
      data: JSON.stringify(message),
    });
    await expect.poll(async () => (await asked()).length).toBe(n + 1);
  }
  expect(await asked()).toMatchObject([
    {
      title: "The ferry",
      body: "It has left",
      lang: "en",
      tag: `post-${post.id}`,
      silent: false,
      data: { url: `/blogs/${blog.slug}/posts/${post.id}` },
    },
    {
      title: "The ferry",
      body: "The newsroom has withdrawn this message.",
      tag: `post-${post.id}`,
      silent: true,
      data: { url: `/blogs/${blog.slug}` },
    },
  ]);
});

pageTest("a tap on a notification leads the open page of that blog to the post, or opens one there", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "It has left", keyEvent: true });
  const page = await openStory(blog);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const other = await page.context().newPage();
  await other.goto("/");
  const [worker] = page.context().serviceWorkers();
  const url = `/blogs/${blog.slug}/posts/${post.id}`;
  // Only a person's tap lets a worker focus or open windows; what it would do is kept instead, all else is the browser's.
  await worker!.evaluate(() => {
    const did: string[] = [];
    Object.assign(self, { did });
    const { clients, WindowClient } = self as unknown as WorkerScope;
    WindowClient.prototype.focus = async function (this: { url: string }) {
      did.push(`focus ${new URL(this.url).pathname}`);
      return this;
    };
    clients.openWindow = async (address) => {
      did.push(`open ${address}`);
      return null;
    };
  });
  const tap = () =>
    worker!.evaluate(async (url) => {
      const work: Promise<unknown>[] = [];
      const { did, ExtendableEvent } = self as unknown as WorkerScope & { did: string[] };
      const notification = { data: { url }, close: () => did.push("close") };
      const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
      self.dispatchEvent(Object.assign(new ExtendableEvent("notificationclick"), { notification, waitUntil }));
      await Promise.all(work);
      return did.splice(0);
    }, url);

  expect(await tap()).toEqual(["close", `focus /blogs/${blog.slug}`]);
  await page.waitForURL(`**/blogs/${blog.slug}?**#post-${post.id}`);
  expect(page.context().pages()).toHaveLength(2);
  await page.goto(`/blogs/${blog.slug}/comments`);
  expect(await tap()).toEqual(["close", `open ${url}`]);
});
