import { sql } from "kysely";
import { expect, test } from "vitest";
import { actorOf } from "../server/auth/actors.ts";
import { BEGIN, END, statement } from "../server/search/search.ts";
import { readWords } from "../server/search/words.ts";
import { useApp, type Person } from "./app.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";

const app = useApp();

async function search(person: Person, query: Record<string, string | number>) {
  return (await app.as(person).get("/api/search").query(query).expect(200)).body;
}

async function titles(person: Person, query: Record<string, string | number>): Promise<string[]> {
  return (await search(person, query)).posts.map(({ headline }: { headline: string }) => headline);
}

const credentials = async () => ({ authorization: `Bearer ${(await app.person("contributor")).token}` });

/** A post in a given state, by somebody. */
async function write(person: Person, blog: BlogAnswer, fields: object): Promise<{ id: string; version: number }> {
  return (await app.as(person).post(`/api/blogs/${blog.slug}/posts`).send(fields).expect(201)).body;
}

test("posts are found by their words in the language of their blog: inflected, in quotes, comments and tags", async () => {
  const [english, german] = [await app.blog(), await app.blog({ language: "de-AT" })];
  const colleague = await app.person("contributor");
  await app.post(english, {
    headline: "Ferries",
    body: "<p>The crossings were <strong>cancelled</strong></p>",
    tags: ["quayside"],
  });
  await app.post(english, {
    headline: "Said",
    kind: "quote",
    quote: { text: "We are waiting for the tide", attribution: { name: "Nuria Feld", role: "harbour master" } },
  });
  const comment = await app.approvedComment(english, "My cellar is flooding");
  await app.post(english, { headline: "A reader", kind: "comment", commentId: comment.id });
  await app.post(german, { headline: "Fähren", body: "<p>Die Häfen schließen</p>" });
  expect(await titles(colleague, { q: "cancelling crossing" })).toEqual(["Ferries"]);
  expect(await titles(colleague, { q: "quayside" })).toEqual(["Ferries"]);
  expect(await titles(colleague, { q: '"harbour master" tides' })).toEqual(["Said"]);
  expect(await titles(colleague, { q: "Feld" })).toEqual(["Said"]);
  expect(await titles(colleague, { q: "floods" })).toEqual(["A reader"]);
  expect(await titles(colleague, { q: "hafen" })).toEqual(["Fähren"]);
  expect(await titles(colleague, { q: "cancelled -crossings" })).toEqual([]);
  expect((await titles(colleague, { q: "tide or hafen" })).sort()).toEqual(["Fähren", "Said"]);
  expect(await titles(colleague, { q: "strong" })).toEqual([]);

  // In another language the same words are read anew.
  const { headers } = await app.request().get(`/api/blogs/${english.slug}`);
  const editor = app.as(await app.person("editor"));
  await editor
    .patch(`/api/blogs/${english.slug}`, 0)
    .set("If-Match", headers.etag!)
    .send({ language: "tlh" })
    .expect(200);
  expect(await titles(colleague, { q: "cancelling", blog: english.slug })).toEqual([]);
  expect(await titles(colleague, { q: "cancelled", blog: english.slug })).toEqual(["Ferries"]);
});

test("an edit is found by its new words and not by its old ones, whatever the state of the post", async () => {
  const blog = await app.blog();
  const reporter = await app.person("reporter");
  const post = await app.post(blog, { headline: "Marmalade" });
  await app.as(reporter).patch(`/api/blogs/${blog.slug}/posts/${post.id}`, 1).send({ headline: "Quinces" }).expect(200);
  expect(await titles(reporter, { q: "marmalade" })).toEqual([]);
  expect(await titles(reporter, { q: "quince" })).toEqual(["Quinces"]);
});

test("what is not published is found by those who may read it, and private drafts by their author alone", async () => {
  const [here, elsewhere] = [await app.blog(), await app.blog()];
  const [ada, ben] = [
    await app.newPerson({ role: "reporter" }),
    await app.newPerson({ role: "contributor", blogId: here.id }),
  ];
  await write(ada, here, { headline: "Private", body: "walnut", status: "draft" });
  await write(ada, here, { headline: "Shared", body: "walnut", status: "draft", shared: true });
  await write(ben, here, { headline: "Handed in", body: "walnut", status: "submitted" });
  await write(ben, here, { headline: "Mine", body: "walnut", status: "draft" });
  await write(ada, elsewhere, { headline: "Elsewhere", body: "walnut", status: "draft", shared: true });
  const removed = await write(ada, here, { headline: "Taken down", body: "walnut" });
  await app.as(ada).delete(`/api/blogs/${here.slug}/posts/${removed.id}`, 1).send({ reason: "x" }).expect(200);
  const all = async (person: Person) => (await titles(person, { q: "walnuts" })).sort();
  expect(await all(ada)).toEqual(["Elsewhere", "Handed in", "Private", "Shared", "Taken down"]);
  expect(await all(ben)).toEqual(["Handed in", "Mine", "Shared"]);
  expect(await all(await app.person("moderator"))).toEqual(["Elsewhere", "Handed in", "Shared", "Taken down"]);
  expect(await all(await app.person("admin"))).toEqual(["Elsewhere", "Handed in", "Shared", "Taken down"]);
  expect(await titles(ada, { q: "walnut", status: "draft", blog: here.slug, author: ada.slug })).toEqual([
    "Shared",
    "Private",
  ]);
  await app
    .as(await app.person("reader"))
    .get("/api/search?q=walnut")
    .expect(403);
  await app.request().get("/api/search?q=walnut").expect(401);
});

test("what an excerpt shows is text with marks, and nothing that was written becomes markup", async () => {
  const blog = await app.blog();
  const colleague = await app.person("contributor");
  await app.post(blog, {
    headline: "x",
    body: '<p>Please &lt;script&gt; &amp; "gooseberry" &lt;mark&gt;</p><p>second</p>',
  });
  const { posts } = await search(colleague, { q: "gooseberries" });
  expect(posts[0].excerpt).toBe(
    "Please &#60;script&#62; &#38; &#34;<mark>gooseberry</mark>&#34; &#60;mark&#62; second",
  );
});

test("newest or best first, page after page, nothing twice and nothing left out; blogs by title come along", async () => {
  const blog = await app.blog({ title: "The 100% pomegranate affair" });
  const colleague = await app.person("contributor");
  for (let n = 0; n < 7; n++)
    await app.post(blog, { headline: `${n}`, body: `<p>${"pomegranate ".repeat(1 + ((n * 3) % 7))} and more</p>` });
  for (const order of ["newest", "relevance"]) {
    const seen: string[] = [];
    let after = "";
    do {
      const page = await search(colleague, { q: "pomegranate", order, limit: 3, ...(after ? { after } : {}) });
      expect(page.blogs.map(({ slug }: { slug: string }) => slug)).toEqual(after ? [] : [blog.slug]);
      seen.push(...page.posts.map(({ headline }: { headline: string }) => headline));
      after = page.next ?? "";
    } while (after);
    if (order === "newest") expect(seen).toEqual(["6", "5", "4", "3", "2", "1", "0"]);
    else expect(seen[0]).toBe("2");
    expect([...seen].sort()).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
  }
  const middle = (await search(colleague, { q: "pomegranate" })).posts[3].publishedAt;
  expect(await titles(colleague, { q: "pomegranate", from: middle })).toEqual(["6", "5", "4", "3"]);
  expect(await titles(colleague, { q: "pomegranate", to: middle })).toEqual(["3", "2", "1", "0"]);
  expect((await search(colleague, { q: "100%" })).blogs).toHaveLength(1);
  expect((await search(colleague, { q: "_" })).blogs).toEqual([]);
  await app.as(colleague).get("/api/search").query({ q: "x", after: "999999999" }).expect(422);
  for (const q of ["", " ", "\u0000", "x".repeat(201)])
    await app.as(colleague).get("/api/search").query({ q }).expect(422);
  for (const q of ["'", "&", "!", "(((", '"', "a:*", "or or", "\\"]) await search(colleague, { q });
});

test("a word among very many posts is found through the index", { timeout: 120_000 }, async () => {
  const { db } = app.app.context;
  const [blog] = [await app.blog(), await app.blog({ language: "fr" })];
  for (let from = 1; from < 20_000; from += 2_000)
    await sql`
      insert into posts (blog_id, kind, status, body, position, desk_position, page, published_at)
      select ${blog.id}, 'entry', 'published', 'word' || n || ' common', n, n, 0, now() - make_interval(secs => n)
      from generate_series(${from}::integer, ${from + 1_999}::integer) n`.execute(db);
  await readWords(db, 20_000);
  await sql`vacuum analyze post_search, posts`.execute(db);
  const question = await statement(db, await actorOf(db, app.app.context.auth, await credentials()), {
    q: "word777",
    blogId: null,
    status: null,
    author: null,
    from: null,
    to: null,
    order: "newest",
    limit: 20,
    after: null,
  });
  const { rows } = await question.execute(db);
  expect(rows.map((row) => row.excerpt)).toEqual([`${BEGIN}word777${END} common`]);
  const plan = await sql<{ "QUERY PLAN": string }>`explain ${question}`.execute(db);
  expect(plan.rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("Bitmap Index Scan on post_search_words");
});
