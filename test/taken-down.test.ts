import type { Page, Route } from "playwright-core";
import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { useApp, type Person } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { SIZES } from "./composer-page.ts";
import { lead, openDesk, signIn } from "./desk-page.ts";
import { press } from "./keyboard.ts";

const app = useApp();
const tabs = useBrowser(app);

const pathOf = (blog: BlogAnswer, query = ""): string => `/desk/blogs/${blog.slug}/taken-down${query}`;

async function pageFor(person: Person, blog: BlogAnswer, query = ""): Promise<string> {
  return (await app.as(person).get(pathOf(blog, query)).expect(200)).text;
}

/** Ids of the posts that the page lists, in its order. */
const listed = (html: string): string[] => [...html.matchAll(/<article id="post-(\d+)"/g)].map(([, id]) => id!);

async function takeDown(blog: BlogAnswer, post: PostAnswer, reason: string, extra: object = {}): Promise<void> {
  const editor = app.as(await app.person("editor"));
  await editor
    .delete(`/api/blogs/${blog.slug}/posts/${post.id}`, post.version)
    .send({ reason, ...extra })
    .expect(200);
}

async function write(person: Person, blog: BlogAnswer, fields: object): Promise<PostAnswer> {
  return (await app.as(person).post(`/api/blogs/${blog.slug}/posts`).send(fields).expect(201)).body;
}

const discard = async (person: Person, blog: BlogAnswer, post: PostAnswer) =>
  app
    .as(person)
    .delete(`/api/blogs/${blog.slug}/posts/${post.id}`, post.version)
    .send({ reason: "Never mind" })
    .expect(200);

test("what was taken down is listed with who, when and why, the latest first, and by pages", async () => {
  const blog = await app.blog();
  const editor = await app.person("editor");
  expect(await pageFor(editor, blog)).toContain("Nothing was taken down.");
  const posts = [];
  for (let n = 0; n < 32; n++) posts.push(await app.post(blog, { headline: `Post ${n}` }));
  // In another order than they were written in.
  const order = [...posts.slice(5), ...posts.slice(0, 5)];
  for (const post of order) await takeDown(blog, post, `Reason <${post.id}>`);
  const first = await pageFor(editor, blog);
  expect(listed(first)).toEqual(
    order
      .toReversed()
      .slice(0, 30)
      .map(({ id }) => id),
  );
  expect(first).toContain(`Reason &lt;${order.at(-1)!.id}&gt;`);
  expect(first).toContain(`by ${editor.name}`);
  const [, next] = /\/taken-down([^"]+)" rel="next"/.exec(first)!;
  // What is restored meanwhile moves nothing from one page to another.
  await newsroom(app, blog).edit(order[2]!, { status: "draft" });
  const { text } = await app
    .as(editor)
    .get(pathOf(blog, next!.replace("&#x3D;", "=")))
    .expect(200);
  expect(listed(text)).toEqual([order[1]!.id, order[0]!.id]);
  expect(text).not.toContain('rel="next"');
});

test("only those who read what is hidden get the list, and its words only those who read the history", async () => {
  const blog = await app.blog();
  await takeDown(blog, await app.post(blog, { headline: "Named by mistake" }), "He was somewhere else");
  expect(await pageFor(await app.person("reporter"), blog)).toContain("Named by mistake");
  expect(await pageFor(await app.person("moderator"), blog)).toContain("He was somewhere else");
  const contributors = await pageFor(await app.person("contributor"), blog);
  expect(listed(contributors)).toHaveLength(1);
  expect(contributors).not.toContain("Named by mistake");
  expect(contributors).not.toContain("He was somewhere else");
  await app
    .as(await app.person("reader"))
    .get(pathOf(blog))
    .expect(403);
  await app
    .as(await app.person("editor", (await app.blog()).id))
    .get(pathOf(blog))
    .expect(403);
  await app.request().get(pathOf(blog)).expect(303);
  await app
    .as(await app.person("editor"))
    .get(pathOf(blog, "?before=nonsense"))
    .expect(200);
});

test("after a legal takedown the list says that there was a post, and offers no way back", async () => {
  const blog = await app.blog();
  await takeDown(blog, await app.post(blog, { headline: "Libellous" }), "A court's order", { legal: true });
  const html = await pageFor(await app.person("editor"), blog);
  expect(html).toContain("Erased");
  expect(html).toContain("A court&#x27;s order");
  expect(html).not.toContain("Libellous");
  expect(html).not.toContain('data-action="restore"');
});

test("a private draft that its author deleted stays theirs alone, wherever one looks", async () => {
  const blog = await app.blog();
  const [author, editor] = [await app.newPerson({ role: "reporter" }), await app.person("editor")];
  const draft = await write(author, blog, { headline: "Whistleblower", status: "draft" });
  await discard(author, blog, draft);
  const path = `/api/blogs/${blog.slug}/posts`;
  const removed = async (person: Person): Promise<string[]> =>
    (await app.as(person).get(`${path}?status=removed`).expect(200)).body.posts.map(({ id }: PostAnswer) => id);
  const found = async (person: Person): Promise<string[]> =>
    (await app.as(person).get(`/api/search?q=whistleblower&blog=${blog.slug}`).expect(200)).body.posts;

  expect(listed(await pageFor(editor, blog))).toEqual([]);
  expect(await removed(editor)).toEqual([]);
  expect(await found(editor)).toEqual([]);
  await app.as(editor).get(`${path}/${draft.id}`).expect(404);
  await app.as(editor).get(`${path}/${draft.id}/revisions`).expect(404);
  await app.as(editor).patch(`${path}/${draft.id}`, 2).send({ status: "draft" }).expect(404);

  expect(await pageFor(author, blog)).toContain("Whistleblower");
  expect(await removed(author)).toEqual([draft.id]);
  expect(await found(author)).toHaveLength(1);
  await app.as(author).patch(`${path}/${draft.id}`, 2).send({ status: "draft" }).expect(200);
  await app.as(editor).get(`${path}/${draft.id}`).expect(404);
});

test("what the desk has seen before it was deleted is listed for the desk, and a contributor restores their own", async () => {
  const blog = await app.blog();
  const contributor = await app.newPerson({ role: "contributor" });
  const submission = await write(contributor, blog, { headline: "Ferry late", status: "submitted" });
  const own = await write(contributor, blog, { headline: "Half an idea", status: "draft" });
  for (const post of [submission, own]) await discard(contributor, blog, post);
  expect(listed(await pageFor(await app.person("reporter"), blog))).toEqual([submission.id]);
  const html = await pageFor(contributor, blog);
  expect(listed(html)).toEqual([own.id, submission.id]);
  expect(html).toContain("Half an idea");
  const path = `/api/blogs/${blog.slug}/posts/${own.id}`;
  expect((await app.as(contributor).patch(path, 2).send({ status: "draft" }).expect(200)).body.shared).toBe(false);
});

for (const [size, options] of SIZES)
  pageTest(`what was taken down is found from the desk, read and restored by keyboard alone, at ${size}`, async () => {
    const blog = await app.blog();
    const [older, newer] = [await app.post(blog, { headline: "Older" }), await app.post(blog, { headline: "Newer" })];
    for (const post of [older, newer]) await takeDown(blog, post, `${post.headline} was wrong`);
    const editor = await app.newPerson({ role: "editor" });
    const page = await openDesk(app, tabs, editor, blog, options);
    await lead(page, "posts");
    await press(page.getByRole("link", { name: "Taken down" }));
    await page.getByRole("heading", { name: "Taken down", level: 1 }).waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const article = page.locator(`#post-${newer.id}`);
    await article.getByText("Newer was wrong").waitFor();
    await press(article.getByRole("button", { name: "History" }));
    const dialog = page.getByRole("dialog", { name: "History of “Newer”" });
    await dialog.getByText("Taken down").waitFor();
    expect(await dialog.getByRole("button", { name: "Say this again" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await press(article.getByRole("button", { name: "Restore as a draft" }));
    await article.waitFor({ state: "detached" });
    await page.waitForFunction((id) => document.activeElement?.id === `post-${id}`, older.id);
    await press(page.getByRole("button", { name: "Go to it" }));
    await page.locator(`#pending #post-${newer.id}`).waitFor();
    await page.waitForFunction((id) => document.activeElement?.id === `post-${id}`, newer.id);
  });

pageTest("the open list follows what others take down and restore, and a colleague was faster is said", async () => {
  const blog = await app.blog();
  const [first, second] = [await app.post(blog, { headline: "First" }), await app.post(blog, { headline: "Second" })];
  await takeDown(blog, first, "Wrong");
  const page = await tabs.open(pathOf(blog), {}, async (page) =>
    signIn(app, page, await app.newPerson({ role: "reporter" })),
  );
  await page.locator(`#post-${first.id}`).waitFor();
  await takeDown(blog, second, "Wrong as well");
  await page.locator(`#post-${second.id}`).getByText("Wrong as well").waitFor();
  await page.route(`**/posts/${second.id}`, async (route) => {
    await newsroom(app, blog).edit(second, { status: "draft" });
    await route.continue();
  });
  await press(page.locator(`#post-${second.id}`).getByRole("button", { name: "Restore as a draft" }));
  await page.getByText("Somebody changed it meanwhile.").waitFor();
  await page.locator(`#post-${second.id}`).waitFor({ state: "detached" });
  await newsroom(app, blog).edit(first, { status: "draft" });
  await page.getByText("Nothing was taken down.").waitFor();
});

/** The list, still empty, open on a page; and what its reading of itself meets, so many times. */
async function openList(blog: BlogAnswer, meets: (route: Route) => Promise<unknown>, times = Infinity): Promise<Page> {
  const page = await tabs.open(pathOf(blog), {}, async (page) =>
    signIn(app, page, await app.newPerson({ role: "reporter" })),
  );
  await page.getByText("Nothing was taken down.").waitFor();
  await page.route("**/taken-down", meets, { times });
  return page;
}

pageTest("a list that could not be read when something went is read again", async () => {
  const blog = await app.blog();
  const post = await app.post(blog);
  const page = await openList(blog, (route) => route.abort());
  await takeDown(blog, post, "Wrong");
  await page.locator("#connection").waitFor();
  await page.unroute("**/taken-down");
  await page.locator(`#post-${post.id}`).waitFor();
  await page.locator("#connection").waitFor({ state: "hidden" });
});

pageTest("a reading that comes late does not bring back what is gone", async () => {
  const blog = await app.blog();
  const [post, other] = [await app.post(blog), await app.post(blog)];
  const [read, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const page = await openList(
    blog,
    async (route) => {
      const response = await route.fetch();
      read.resolve();
      await release.promise;
      await route.fulfill({ response });
    },
    1,
  );
  await takeDown(blog, post, "Wrong");
  await read.promise;
  await newsroom(app, blog).edit(post, { status: "draft" });
  await takeDown(blog, other, "Wrong");
  await page.locator(`#post-${other.id}`).waitFor();
  const late = page.waitForResponse("**/taken-down");
  release.resolve();
  await (await late).finished();
  // What the page does with it is done before it gets another answer.
  await page.evaluate(async () => (await fetch("/healthz")).text());
  expect(await page.locator(`#post-${post.id}`).count()).toBe(0);
  expect(await page.locator(`#post-${other.id}`).count()).toBe(1);
});
