import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { PASSWORD, useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { lead, openDesk, signIn } from "./desk-page.ts";
import { press, reachPost, write } from "./keyboard.ts";

const app = useApp();
const tabs = useBrowser(app);
const PHONE = { viewport: { width: 390, height: 800 } };

test("the desk sends whoever is not signed in to the sign-in page, and readers away", async () => {
  const blog = await app.blog();
  const answer = await app.request().get(`/desk/blogs/${blog.slug}`).expect(303);
  expect(answer.headers.location).toBe(`/sign-in?next=${encodeURIComponent(`/desk/blogs/${blog.slug}`)}`);
  await app
    .as(await app.person("reader"))
    .get(`/desk/blogs/${blog.slug}`)
    .expect(403);
  await app
    .as(await app.person("reader"))
    .get("/desk")
    .expect(403);
  const page = await app
    .as(await app.person("reporter"))
    .get("/desk")
    .expect(200);
  expect(page.headers["cache-control"]).toBe("no-store");
  expect(page.text).toContain(`/desk/blogs/${blog.slug}`);
});

test("what the desk has to load before it can be used is under 150 KB", async () => {
  const page = await app
    .as(await app.person("reporter"))
    .get(`/desk/blogs/${(await app.blog()).slug}`)
    .expect(200);
  const [, entry] = /<script type="module" src="([^"?]+)/.exec(page.text)!;
  const read = async (path: string) => (await app.request().get(path).expect(200)).text;
  const script = await read(entry!);
  const shared = [...script.matchAll(/from"\.\/([\w-]+\.js)"/g)].map(([, file]) => read(`/js/${file}`));
  const sizes = [script, ...(await Promise.all(shared))].map((text) => gzipSync(text, { level: 9 }).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(150_000);
});

test("the desk lists only the blogs in which somebody works", async () => {
  const [mine, other] = [await app.blog(), await app.blog()];
  const { text } = await app
    .as(await app.person("reporter", mine.id))
    .get("/desk")
    .expect(200);
  expect(text).toContain(mine.slug);
  expect(text).not.toContain(other.slug);
});

test("signing in leads back only to pages of this server", async () => {
  const { email } = await app.newPerson({ role: "reporter" });
  for (const [next, to] of [
    ["/desk/blogs/x?y=1", "/desk/blogs/x?y=1"],
    ["//evil.example", "/desk"],
    ["/\\evil.example", "/desk"],
    ["https://evil.example", "/desk"],
    ["/desk\r\nSet-Cookie: a=b", "/desk"],
  ] as const) {
    const answer = await app
      .request()
      .post("/sign-in")
      .type("form")
      .set("Origin", app.url)
      .send({ email, password: PASSWORD, next })
      .expect(303);
    expect(answer.headers.location).toBe(to);
    expect(String(answer.headers["set-cookie"])).toContain("HttpOnly");
  }
});

test("a form on another site can sign nobody in or out", async () => {
  const { email } = await app.newPerson({ role: "reporter" });
  const form = { email, password: PASSWORD, next: "/desk" };
  for (const headers of [{}, { Origin: "https://evil.example" }, { "Sec-Fetch-Site": "cross-site", Origin: app.url }]) {
    const answer = await app.request().post("/sign-in").type("form").set(headers).send(form).expect(403);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    await app.request().post("/sign-out").type("form").set(headers).expect(403);
  }
});

pageTest("signing in takes a wrong password, the right one, and leads on to the page that was asked for", async () => {
  const blog = await app.blog();
  const person = await app.newPerson({ role: "reporter" });
  const page = await tabs.open(`/desk/blogs/${blog.slug}`);
  await write(page.getByLabel("E-mail address"), person.email);
  await write(page.getByLabel("Password"), "not this one");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  expect(await findings(page)).toEqual([]);
  await write(page.getByLabel("Password"), PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: blog.title }).waitFor();
  await press(page.getByRole("button", { name: "Sign out" }));
  await page.waitForURL("**/");
  await page.goto(`/desk/blogs/${blog.slug}`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

pageTest("what one does at the desk, another sees at once: a draft, its publication, its end", async () => {
  const blog = await app.blog();
  const editor = newsroom(app, blog);
  const page = await openDesk(app, tabs, await app.newPerson({ role: "reporter" }), blog);
  const waiting = page.locator("#pending article");
  const published = page.locator("#posts article");
  const draft = await app.post(blog, { headline: "Bridge shut", status: "submitted" });
  await waiting.filter({ hasText: "Bridge shut" }).waitFor();
  await editor.edit(draft, { status: "published" });
  await published.filter({ hasText: "Bridge shut" }).waitFor();
  expect(await waiting.count()).toBe(0);
  await editor.remove({ ...draft, version: 2 });
  await page.getByText("Nothing has been published yet.").waitFor();
});

pageTest("older posts are shown when asked for, and stay up to date", async () => {
  const blog = await app.blog();
  const first = await app.post(blog, { headline: "The first of many" });
  for (let n = 0; n < 60; n++) await app.post(blog, { body: `<p>Post ${n}</p>` });
  const page = await openDesk(app, tabs, await app.newPerson({ role: "reporter" }), blog);
  expect(await page.locator("#posts article").count()).toBe(60);
  await lead(page, "claims");
  await press(page.getByRole("button", { name: "Older posts" }));
  await page.getByText("The first of many").waitFor();
  await page.waitForFunction((id) => document.activeElement?.id === `post-${id}`, first.id);
  await newsroom(app, blog).edit(first, { headline: "The very first" });
  await page.getByText("The very first").waitFor();
  expect(await page.locator("#posts article").count()).toBe(61);
  await page.getByRole("button", { name: "Older posts" }).waitFor({ state: "hidden" });

  // What is new, and what is given another time, stands in its order, whichever group that is in.
  const second = await app.post(blog, { headline: "The latest" });
  await page.getByText("The latest").waitFor();
  await newsroom(app, blog).edit(second, { publishedAt: new Date(Date.parse(first.publishedAt!) + 1).toISOString() });
  await expect.poll(shownOrder, { timeout: 20_000 }).toEqual(await order());
  await newsroom(app, blog).remove({ ...first, version: 2 });
  await expect.poll(shownOrder, { timeout: 20_000 }).toEqual(await order());
  // From post to post by key, down to the last and up again.
  await reachPost(page.locator("#posts article").first());
  const visited: string[] = [];
  for (let n = 0; n < 62; n++) {
    visited.push(await page.evaluate(() => document.activeElement!.id));
    await page.keyboard.press("j");
  }
  expect([...new Set(visited)]).toEqual(await shownOrder());
  for (let n = 0; n < 62; n++) await page.keyboard.press("k");
  expect(await page.evaluate(() => document.activeElement!.id)).toBe(visited[0]);

  function shownOrder(): Promise<string[]> {
    return page.$$eval("#posts article", (articles) => articles.map(({ id }) => id));
  }

  async function order(): Promise<string[]> {
    const { body } = await app.request().get(`/api/blogs/${blog.slug}/posts?limit=100`).expect(200);
    return (body.posts as { id: string }[]).map(({ id }) => `post-${id}`);
  }
});

pageTest("axe has nothing to say about the desk, on a phone and on a desktop", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Bridge shut", keyEvent: true });
  await app.post(blog, { headline: "Waiting", status: "submitted" });
  for (const options of [PHONE, { colorScheme: "dark" as const }]) {
    const page = await openDesk(app, tabs, await app.newPerson({ role: "editor" }), blog, options);
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const home = await tabs.open("/desk", options, async (tab) =>
      signIn(app, tab, await app.newPerson({ role: "editor" })),
    );
    expect(await findings(home)).toEqual([]);
  }
});

pageTest("nothing of the desk is wider than a phone, its pages and its dialogs", async () => {
  const blog = await app.blog();
  const editor = await app.newPerson({ role: "editor" });
  const page = await openDesk(app, tabs, editor, blog, PHONE);
  const excess = (selector: string) =>
    page.locator(selector).evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  for (const path of ["/desk", "/desk/new", `/desk/blogs/${blog.slug}`]) {
    await page.goto(path);
    expect([path, await excess("html")]).toEqual([path, 0]);
  }
  for (const action of ["edit", "box", "members", "hand-over", "close"]) {
    await page.locator(`[data-blog-action=${action}]`).dispatchEvent("click");
    await page.locator("dialog[open]").waitFor();
    expect([action, await excess("dialog[open]")]).toEqual([action, 0]);
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  }
});
