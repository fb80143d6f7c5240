import { sql } from "kysely";
import { expect, test } from "vitest";
import { sweepPresence } from "../server/desk/presence.ts";
import { useApp, type Person } from "./app.ts";

const app = useApp();
const presenceOf = (blog: { slug: string }) => `/api/blogs/${blog.slug}/presence`;

/** A browser tab that a person has open on the desk. */
function tabOf(person: Person, blog: { slug: string }, tab: string) {
  return {
    tell: (editing: string | null) => app.as(person).put(presenceOf(blog)).send({ tab, editing }),
    leave: () => app.as(person).delete(presenceOf(blog)).send({ tab }).expect(204),
  };
}

async function deskVersion(blog: { id: string }): Promise<number> {
  const { db } = app.app.context;
  const stream = db.selectFrom("streams").select("version").where("blog_id", "=", blog.id).where("kind", "=", "desk");
  return (await stream.executeTakeFirstOrThrow()).version;
}

test("who comes, begins to edit, ends and leaves is told to the desk; staying is told to nobody", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Ferries stopped" });
  const [ada, ben] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "contributor" })];
  const desk = await app.deskFollower(blog, ada);
  const [one, two] = [tabOf(ada, blog, "tab-one-"), tabOf(ada, blog, "tab-two-")];
  const other = tabOf(ben, blog, "tab-three");

  await one.tell(null).expect(204);
  expect(await desk.part("desk-presence", (html) => html.includes(ada.slug))).not.toContain("edits");
  await other.tell(null).expect(204);
  await desk.part("desk-presence", (html) => html.includes(ben.slug));
  await one.tell(post.id).expect(204);
  expect(await desk.part("desk-presence", (html) => html.includes("edits"))).toContain(
    `<a href="#post-${post.id}">Ferries stopped</a>`,
  );

  const before = await deskVersion(blog);
  await one.tell(post.id).expect(204);
  await two.tell(null).expect(204);
  await two.tell(null).expect(204);
  await two.leave();
  await two.leave();
  expect(await deskVersion(blog)).toBe(before);

  await one.tell(null).expect(204);
  await desk.part("desk-presence", (html) => !html.includes("edits"));
  await one.leave();
  await desk.part("desk-presence", (html) => !html.includes(ada.slug));
  const { body } = await app.as(ada).get(presenceOf(blog)).expect(200);
  expect(body).toEqual({ people: [{ name: ben.name, slug: ben.slug, editing: [] }] });
});

test("what somebody edits is called as it is called now, and told again only when that changes", async () => {
  const blog = await app.blog();
  const [ada, ben] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "reporter" })];
  const post = await app.post(blog, { headline: "Ferries stopped" });
  const desk = await app.deskFollower(blog, ada);
  await tabOf(ben, blog, "tab-one-").tell(post.id).expect(204);
  await desk.part("desk-presence", (html) => html.includes("Ferries stopped"));
  const path = `/api/blogs/${blog.slug}/posts/${post.id}`;
  await app.as(ada).patch(path, 1).send({ headline: "Ferries run again" }).expect(200);
  await desk.part("desk-presence", (html) => html.includes("Ferries run again"));
  const presenceVersion = async () =>
    (
      await app.app.context.sql`select version from blog_parts where blog_id = ${blog.id} and part = 'desk-presence'`
    )[0]!;
  const before = await presenceVersion();
  await app
    .as(ada)
    .patch(path, 2)
    .send({ tags: ["harbour"] })
    .expect(200);
  expect(await presenceVersion()).toEqual(before);
});

test("a desk that falls silent is gone after a minute, told once whichever server finds it", async () => {
  const blog = await app.blog();
  const { db } = app.app.context;
  const [ada, ben] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "reporter" })];
  await tabOf(ada, blog, "tab-one-").tell(null).expect(204);
  await tabOf(ben, blog, "tab-two-").tell(null).expect(204);
  await sql`update desk_presence set seen_at = seen_at - interval '59 seconds' where user_id = ${ada.id}`.execute(db);
  await sweepPresence(db);
  const before = await deskVersion(blog);
  await sql`update desk_presence set seen_at = seen_at - interval '2 seconds' where user_id = ${ada.id}`.execute(db);
  await Promise.all([sweepPresence(db), sweepPresence(db), sweepPresence(db)]);
  expect(await deskVersion(blog)).toBe(before + 1);
  const { body } = await app.as(ben).get(presenceOf(blog)).expect(200);
  expect(body.people.map(({ slug }: Person) => slug)).toEqual([ben.slug]);
});

test("of many tabs that come and go at once, the desk is told where it led", async () => {
  const blog = await app.blog();
  const people = await Promise.all(Array.from({ length: 5 }, () => app.newPerson({ role: "reporter" })));
  const desk = await app.deskFollower(blog, people[0]!);
  const tabs = people.flatMap((person) => ["tab-one-", "tab-two-"].map((tab) => tabOf(person, blog, tab)));
  await Promise.all(tabs.map((tab) => tab.tell(null).expect(204)));
  await desk.part("desk-presence", (html) => people.every(({ slug }) => html.includes(slug)));
  await Promise.all(tabs.map((tab) => tab.leave()));
  await desk.part("desk-presence", (html) => people.every(({ slug }) => !html.includes(slug)));
});

test("only what one may know of can be edited, and a draft's words are told to nobody", async () => {
  const blog = await app.blog();
  const [ada, ben] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "contributor" })];
  const posts = `/api/blogs/${blog.slug}/posts`;
  const draft = { headline: "A secret", status: "draft" };
  const { body: mine } = await app.as(ben).post(posts).send(draft).expect(201);
  const { body: hers } = await app.as(ada).post(posts).send(draft).expect(201);
  const elsewhere = await app.post(await app.blog());
  const desk = await app.deskFollower(blog, ada);
  const tab = tabOf(ben, blog, "tab-one-");
  const { body: deleted } = await app.as(ada).post(posts).send(draft).expect(201);
  await app.as(ada).delete(`${posts}/${deleted.id}`, 1).send({ reason: "Never mind" }).expect(200);
  for (const id of [hers.id, deleted.id, elsewhere.id, "999999999"])
    expect((await tab.tell(id).expect(422)).body.errors).toEqual([{ pointer: "/editing", code: "unknown-post" }]);
  await tab.tell(mine.id).expect(204);
  const html = await desk.part("desk-presence", (part) => part.includes("edits"));
  expect(html).toContain("a draft");
  expect(html).not.toContain("A secret");
  const removed = await app.post(blog, { headline: "Named by mistake" });
  await tab.tell(removed.id).expect(204);
  const takedown = app.as(await app.person("editor")).delete(`${posts}/${removed.id}`, 1);
  await takedown.send({ reason: "Not to be named" }).expect(200);
  await desk.part("desk-presence", (part) => part.includes("edits a post that was taken down"));
  expect((await app.as(ben).get(`/desk/blogs/${blog.slug}`).expect(200)).text).not.toContain("Named by mistake");
  await app
    .as(await app.person("reader"))
    .put(presenceOf(blog))
    .send({ tab: "tab-one-", editing: null })
    .expect(403);
});
