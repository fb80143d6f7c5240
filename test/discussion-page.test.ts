import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { PASSWORD, useApp, type Person } from "./app.ts";
import { commenting, insertComment } from "./discussing.ts";
import { attribute, element } from "./reader-page.ts";

const app = useApp();
const discussion = commenting(app);
const { published, write } = discussion;

const pageOf = (blog: BlogAnswer, search = "") => app.request().get(`/blogs/${blog.slug}/comments${search}`);
const textOf = async (blog: BlogAnswer, search = "") => (await pageOf(blog, search).expect(200)).text;
/** The ids of the comments on a page, in its order. */
const shownOn = (html: string) =>
  [...element(html, "comments").matchAll(/<article id="comment-(\d+)"/g)].map(([, id]) => id!);
const linkNamed = (html: string, words: string) =>
  new RegExp(`href="([^"]*)"[^>]*>${words}<`).exec(html)?.[1]?.replaceAll("&#x3D;", "=").replaceAll("&amp;", "&");

test("the page shows threads with their answers below them, and whom a deeper answer answers", async () => {
  const blog = await discussion.blog();
  await discussion.set(blog, { holdLinks: false });
  const [one, other] = [await app.newPerson(), await app.newPerson()];
  const first = await write(blog, one, "The first thread, see https://example.org/a.");
  const second = await write(blog, other, "The second <thread>");
  const answer = await write(blog, other, "An answer", first.id);
  const deeper = await write(blog, one, "A deeper answer", answer.id);
  const html = await textOf(blog);
  expect(shownOn(html)).toEqual([second.id, first.id, answer.id, deeper.id]);
  expect(element(html, "comments-count")).toContain("4 comments");
  expect(element(html, `comment-${second.id}`)).toContain("The second &lt;thread&gt;");
  expect(element(html, `comment-${first.id}`)).toContain(
    '<a href="https://example.org/a" rel="noopener nofollow ugc">',
  );
  expect(element(html, `comment-${answer.id}`)).not.toContain("In answer to");
  expect(element(html, `comment-${deeper.id}`)).toContain("In answer to <bdi>A reader</bdi>");
  expect(html).toContain(`<h1>Discussion</h1>`);
  await app.request().get("/blogs/nowhere/comments").expect(404);
});

test("what waits or was taken away is nowhere on the page, and what was deleted leaves a place where it was answered", async () => {
  const blog = await discussion.blog();
  const person = await app.newPerson();
  const [kept, gone, deleted] = await published(blog, person, ["Kept", "Soon rejected", "Soon deleted"]);
  const below = await write(blog, person, "Below the rejected", gone!.id);
  const answer = await write(blog, person, "Below the deleted", deleted!.id);
  await discussion.reject(gone!.id);
  await discussion.remove(person, deleted!.id);
  await discussion.set(blog, { moderation: "pre" });
  await write(blog, person, "Waiting");
  const html = await textOf(blog);
  expect(shownOn(html)).toEqual([deleted!.id, answer.id, kept!.id]);
  for (const words of ["Soon rejected", "Below the rejected", "Soon deleted", "Waiting<"])
    expect(html).not.toContain(words);
  expect(element(html, `comment-${deleted!.id}`)).toContain("This comment was deleted by its author.");
  expect(html).not.toContain(`comment-${below.id}"`);
});

test("the list is sorted by time, likes or picks", async () => {
  const blog = await discussion.blog();
  const [person, other] = [await app.newPerson(), await app.newPerson()];
  const [a, b, c] = await published(blog, person, ["A", "B", "C"]);
  const answer = await write(blog, person, "An answer that is picked", a!.id);
  await discussion.like(other, b!.id);
  await discussion.pick(c!.id);
  await discussion.pick(answer.id);
  expect(shownOn(await textOf(blog))).toEqual([c!.id, b!.id, a!.id, answer.id]);
  expect(shownOn(await textOf(blog, "?sort=oldest"))).toEqual([a!.id, answer.id, b!.id, c!.id]);
  expect(shownOn(await textOf(blog, "?sort=reactions"))[0]).toBe(b!.id);
  const picks = await textOf(blog, "?sort=featured");
  expect(shownOn(picks)).toEqual([answer.id, c!.id]);
  expect(element(picks, `comment-${c!.id}`)).toContain("Newsroom’s pick");
  expect(element(await textOf(blog), `comment-${b!.id}`)).toContain("1 like<");
  await pageOf(blog, "?sort=loudest").expect(404);
  await pageOf(blog, "?after=x").expect(404);
  await pageOf(blog, "?after=999999999").expect(404);
  expect(shownOn(await textOf(blog, "?utm_source=mail"))).toHaveLength(4);
});

test("links lead through all threads and answers once, and a permalink to the page that holds its comment", async () => {
  const blog = await discussion.blog();
  const { id: author } = await app.newPerson();
  const threads = await fill(blog, author, 120);
  const answers = await fill(blog, author, 160, threads[60]!);
  const walk = async (search: string, next: string) => {
    const [seen, pages]: [string[], string[]] = [[], []];
    for (let at: string | undefined = search; at !== undefined;) {
      const html: string = await textOf(blog, at);
      pages.push(html);
      seen.push(...shownOn(html));
      at = linkNamed(html, next)
        ?.replace(/^[^?]*/, "")
        .replace(/#.*/, "");
    }
    return { seen, pages };
  };
  const { seen, pages } = await walk("", "More comments");
  expect(pages).toHaveLength(3);
  expect(seen.filter((id) => threads.includes(id))).toEqual(threads.toReversed());
  expect(seen.filter((id) => answers.includes(id))).toEqual(answers.slice(0, 50));
  expect((await walk("?sort=oldest", "More comments")).seen.filter((id) => threads.includes(id))).toEqual(threads);
  expect(linkNamed(pages[1]!, "All 160 answers")).toBe(`/blogs/${blog.slug}/comments?thread=${threads[60]}`);

  const whole = await walk(`?thread=${threads[60]}`, "More answers");
  expect(whole.pages).toHaveLength(2);
  expect(whole.seen.filter((id) => answers.includes(id))).toEqual(answers);
  for (const id of [threads[0]!, threads[119]!, threads[70]!, answers[3]!, answers[55]!, answers[150]!]) {
    const { headers } = await app.request().get(`/blogs/${blog.slug}/comments/${id}`).expect(302);
    const { pathname, search, hash } = new URL(headers.location!, app.url);
    expect(pathname).toBe(`/blogs/${blog.slug}/comments`);
    expect(hash).toBe(`#comment-${id}`);
    expect(shownOn(await textOf(blog, search))).toContain(id);
  }
});

test("the threads with the most answers come first, among the newest thousand", async () => {
  const blog = await discussion.blog();
  const { id: author } = await app.newPerson();
  const threads = await fill(blog, author, 1_001);
  await fill(blog, author, 3, threads[0]!);
  await fill(blog, author, 2, threads[1]!);
  await fill(blog, author, 1, threads[700]!);
  const page = async (after = "") => {
    const path = `/api/blogs/${blog.slug}/comments?sort=replies&limit=2${after}`;
    const { body } = await app.request().get(path).expect(200);
    return body.comments.map(({ id }: { id: string }) => id);
  };
  expect(await page()).toEqual([threads[1], threads[700]]);
  expect(await page(`&after=${threads[700]}`)).toEqual([threads[1_000], threads[999]]);
});

test("a permalink to what readers never saw is not found, and to what was taken away gone", async () => {
  const [blog, other] = [await discussion.blog(), await discussion.blog()];
  const person = await app.newPerson();
  const [kept, rejected, deleted] = await published(blog, person, ["Kept", "Rejected", "Deleted"]);
  const below = await write(blog, person, "Below", rejected!.id);
  await discussion.reject(rejected!.id);
  await discussion.remove(person, deleted!.id);
  await discussion.set(blog, { moderation: "pre" });
  const waiting = await write(blog, person, "Waiting");
  const status = async (id: string, slug = blog.slug) =>
    (await app.request().get(`/blogs/${slug}/comments/${id}`).set("Accept", "text/html")).status;
  expect(await status(kept!.id)).toBe(302);
  for (const id of [rejected!.id, below.id, deleted!.id]) expect(await status(id)).toBe(410);
  for (const id of [waiting.id, "999999999", "0", "x"]) expect(await status(id)).toBe(404);
  // Nor is it a place to go on from, which would tell that it is there and since when.
  const list = `/api/blogs/${blog.slug}/comments?after=`;
  for (const [id, page, api] of [
    [waiting.id, 404, 422],
    [rejected!.id, 200, 200],
  ] as const) {
    await pageOf(blog, `?after=${id}`).expect(page);
    await app.request().get(`${list}${id}`).expect(api);
  }
  expect(await status(kept!.id, other.slug)).toBe(404);
  await pageOf(blog, `?thread=${rejected!.id}`).expect(404);
  await pageOf(other, `?thread=${kept!.id}`).expect(404);
});

test("every fragment that is pushed is in a reload's page, byte for byte", async () => {
  const blog = await discussion.blog();
  const [person, other] = [await app.newPerson(), await app.newPerson()];
  const [a, b] = await published(blog, person, ["A", "B"]);
  const from = await discussion.version(blog);
  const answer = await write(blog, other, "An answer", a!.id);
  await write(blog, person, "Deeper", answer.id);
  await discussion.edit(person, b!, "B, but better");
  await discussion.like(other, a!.id);
  await discussion.pick(b!.id);
  await discussion.set(blog, { slowModeSeconds: 30 });
  const html = await textOf(blog);
  const list = element(html, "comments");
  const updates = await app
    .request()
    .get(`/blogs/${blog.slug}/comments/updates?after=${from}&epoch=${attribute(list, "data-epoch")}`)
    .expect(200);
  expect(updates.body).toMatchObject({ ok: true, from, to: Number(attribute(list, "data-version")), pollInMs: 10_000 });
  const { changes } = updates.body as { changes: { target: string; html: string }[] };
  expect(changes.map(({ target }) => target).sort()).toEqual(
    [
      ...shownOn(html).map((id) => `comment-${id}`),
      ...[a!, b!].map(({ id }) => `answers-${id}`),
      "comments-count",
      "comments-header",
      "comments-state",
    ].sort(),
  );
  for (const { target, html: pushed } of changes) expect(element(html, target), target).toBe(pushed);
});

test("updates are refused to another history, the future and the far past, and the page is kept by its version", async () => {
  const blog = await discussion.blog();
  const person = await app.newPerson();
  const html = await textOf(blog);
  const epoch = attribute(element(html, "comments"), "data-epoch");
  const updates = async (after: number, of = epoch) =>
    (await app.request().get(`/blogs/${blog.slug}/comments/updates?after=${after}&epoch=${of}`).expect(200)).body;
  expect((await updates(1, randomUUID())).problem).toEqual({ code: "resync", reason: "epoch" });
  expect((await updates(999)).problem).toEqual({ code: "resync", reason: "future" });
  await app.request().get(`/blogs/${blog.slug}/comments/updates?after=x`).expect(422);

  const { headers } = await pageOf(blog).expect(200);
  expect(headers["cache-control"]).toBe("public, max-age=0, s-maxage=1, stale-while-revalidate=4");
  await pageOf(blog).set("If-None-Match", headers.etag!).expect(304);
  const comment = await write(blog, person, "New");
  expect(shownOn((await pageOf(blog).set("If-None-Match", headers.etag!).expect(200)).text)).toEqual([comment.id]);
  await discussion.reject(comment.id);
  expect(shownOn(await textOf(blog))).toEqual([]);
});

test("the blog's page leads to the discussion", async () => {
  const blog = await app.blog();
  const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  expect(text.match(new RegExp(`href="/blogs/${blog.slug}/comments"`, "g"))).toHaveLength(2);
});

test("a comment is posted by a plain form, and sending the form again does not make another", async () => {
  const blog = await discussion.blog();
  const form = await signedIn(blog, await app.newPerson());
  const html = await textOf(blog);
  const key = attribute(/<input [^>]*name="key"[^>]*>/.exec(html)![0], "value");
  const sent = await form.send({ key, body: "By a plain form" }).expect(303);
  const [id] = shownOn(await textOf(blog));
  expect(sent.headers.location).toBe(`/blogs/${blog.slug}/comments?said=published#comment-${id}`);
  expect(await textOf(blog, "?said=published")).toContain("Your comment is published.");
  await form.send({ key, body: "By a plain form" }).expect(303);
  expect(shownOn(await textOf(blog))).toEqual([id]);
  await form.send({ key, body: "Another, from the same page" }).expect(303);
  expect(shownOn(await textOf(blog))).toHaveLength(2);

  const answering = await app.request().get(`/blogs/${blog.slug}/comments/new?parent=${id}`).expect(200);
  expect(answering.text).toContain("By a plain form");
  expect(attribute(/<input [^>]*name="parentId"[^>]*>/.exec(answering.text)![0], "value")).toBe(id);
  await form.send({ key: randomUUID(), body: "An answer", parentId: id! }).expect(303);
  expect(shownOn(await textOf(blog))).toHaveLength(3);
  await app.request().get(`/blogs/${blog.slug}/comments/new?parent=999999999`).expect(404);
});

test("a comment that waits says so, and one that is refused by a rule too", async () => {
  const blog = await app.blog();
  const form = await signedIn(blog, await app.newPerson());
  const sent = await form.send({ key: "page-1", body: "My very first" }).expect(303);
  expect(sent.headers.location).toBe(`/blogs/${blog.slug}/comments?said=waiting`);
  const html = await textOf(blog, "?said=waiting");
  expect(html).toContain("waiting for a moderator");
  expect(html).not.toContain("My very first");
});

test("a form that is refused comes back with its text and a reason, signed in or not", async () => {
  const blog = await discussion.blog();
  const person = await app.newPerson();
  const form = await signedIn(blog, person);
  const long = `Too long ${"x".repeat(2_000)}`;
  const refused = await form.send({ key: "page-1", body: long }).expect(422);
  expect(refused.text).toContain(`>${long}</textarea>`);
  expect(refused.text).toContain("A comment can have 2,000 characters; this one has 2,009.");
  expect((await form.send({ key: "page-1", body: "  " }).expect(422)).text).toContain(
    "There is nothing in this comment",
  );
  const absent = await form.send({ key: "page-1", body: "To nobody", parentId: (await waiting()).id }).expect(422);
  expect(absent.text).toContain("The comment that you answer is not there.");
  expect(absent.text).not.toContain("Waits for a moderator");

  const nobody = await app.request().post(`/blogs/${blog.slug}/comments`).type("form").set("Origin", app.url);
  expect(nobody.status).toBe(422);
  const stranger = await form.send({ key: "page-1", body: "Who am I?" }, "").expect(401);
  expect(stranger.text).toContain(">Who am I?</textarea>");
  expect(linkNamed(stranger.text, "sign in")).toBe(
    `/sign-in?next=${encodeURIComponent(`/blogs/${blog.slug}/comments`)}`,
  );

  await app
    .as(await app.person("moderator"))
    .post(`/api/commenters/${person.id}/restrictions`)
    .send({ kind: "ban", message: "Enough." });
  await discussion.set(blog, { state: "closed" });
  const closed = await form.send({ key: "page-1", body: "Late <words>" }).expect(409);
  expect(closed.text).toContain("This discussion is closed.");
  expect(closed.text).toContain(">Late &lt;words&gt;</textarea>");

  async function waiting() {
    const held = await app.blog();
    return write(held, await app.newPerson(), "Waits for a moderator");
  }
});

test("a form on another site is refused", async () => {
  const blog = await discussion.blog();
  const { cookie } = await signedIn(blog, await app.newPerson());
  await app
    .request()
    .post(`/blogs/${blog.slug}/comments`)
    .type("form")
    .set("Cookie", cookie)
    .set("Origin", "https://elsewhere.example")
    .send({ key: "page-1", body: "Not by me" })
    .expect(403);
  expect(shownOn(await textOf(blog))).toEqual([]);
});

/** The plain form, for somebody who is signed in with a browser. */
async function signedIn(blog: BlogAnswer, { email }: Person) {
  const answer = await app
    .request()
    .post("/sign-in")
    .type("form")
    .set("Origin", app.url)
    .send({ email, password: PASSWORD, next: "/" })
    .expect(303);
  const cookie = (answer.headers["set-cookie"] as unknown as string[]).join("; ");
  return {
    cookie,
    send: (fields: object, as = cookie) =>
      app
        .request()
        .post(`/blogs/${blog.slug}/comments`)
        .type("form")
        .set("Origin", app.url)
        .set("Cookie", as)
        .send(fields),
  };
}

/** Many published comments, quickly. @returns their ids, the oldest first */
async function fill(blog: BlogAnswer, author: string, count: number, root?: string): Promise<string[]> {
  const began = Date.now() - 3_600_000;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    // Two of a moment.
    const at = new Date(began + Math.floor(n / 2) * 1_000);
    ids.push(await insertComment(app, blog, author, { root, body: `Comment ${n}`, at }));
  }
  return ids;
}
