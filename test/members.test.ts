import { expect, test } from "vitest";
import { useApp, type Person } from "./app.ts";

const app = useApp();
const roleOf = (blog: { slug: string }, { slug }: Person, role: string) =>
  `/api/blogs/${blog.slug}/members/${slug}/roles/${role}`;

test("an editor of a blog gives and takes roles there, and each counts from the next request on", async () => {
  const blog = await app.blog();
  const [editor, person] = [await app.newPerson({ role: "editor", blogId: blog.id }), await app.newPerson()];
  const publish = () => app.as(person).post(`/api/blogs/${blog.slug}/posts`).send({ body: "Words" });
  const watcher = await app.deskFollower(blog, editor);
  await publish().expect(403);
  const { body } = await app
    .as(editor)
    .put(roleOf(blog, person, "reporter"))
    .expect(200);
  expect(body.members.find(({ slug }: Person) => slug === person.slug)).toEqual({
    name: person.name,
    slug: person.slug,
    roles: [{ role: "reporter", everywhere: false }],
  });
  expect(body.members.find(({ slug }: Person) => slug === editor.slug).roles).toEqual([
    { role: "editor", everywhere: false },
  ]);
  expect(JSON.stringify(body)).not.toContain("@");
  await watcher.part("desk-settings", (html) => html.includes(person.slug));
  await publish().expect(201);

  const desk = await app.deskFollower(blog, person);
  const cut = new Promise((done) => desk.socket.once("disconnect", done));
  await app
    .as(editor)
    .delete(roleOf(blog, person, "reporter"))
    .expect(200);
  await cut;
  await publish().expect(403);
  await watcher.part("desk-settings", (html) => !html.includes(person.slug));

  await app
    .as(editor)
    .put(roleOf(blog, person, "reporter"))
    .expect(200);
  await app
    .as(editor)
    .put(roleOf(blog, person, "reporter"))
    .expect(200);
  const { body: log } = await app.as(editor).get(`/api/blogs/${blog.slug}/audit`).expect(200);
  expect(
    log.entries.map(({ action }: { action: string }) => action).filter((action: string) => /role/.test(action)),
  ).toEqual(["role.grant", "role.take", "role.grant", "role.grant"]);
});

test("nobody gives or takes a role above their own, elsewhere, or without being an editor", async () => {
  const [here, elsewhere] = [await app.blog(), await app.blog()];
  const [editor, person] = [await app.newPerson({ role: "editor", blogId: here.id }), await app.newPerson()];
  const [admin, everywhere] = [
    await app.newPerson({ role: "admin", blogId: here.id }),
    await app.newPerson({ role: "reporter" }),
  ];
  const by = app.as(editor);
  await by.put(roleOf(here, person, "admin")).expect(403);
  await by.delete(roleOf(here, admin, "admin")).expect(403);
  await by.put(roleOf(elsewhere, person, "contributor")).expect(403);
  await by.put(roleOf(here, person, "reader")).expect(404);
  await by.put(roleOf(here, { ...person, slug: "nobody-at-all" }, "reporter")).expect(404);
  await by.put(roleOf(here, person, "editor")).expect(200);
  await app
    .as(admin)
    .put(roleOf(here, person, "admin"))
    .expect(200);
  for (const role of ["contributor", "reporter", "moderator"] as const)
    await app
      .as(await app.person(role))
      .put(roleOf(here, person, "contributor"))
      .expect(403);
  // What somebody holds everywhere is not a blog's to take.
  await by.delete(roleOf(here, everywhere, "reporter")).expect(200);
  await app.as(everywhere).post(`/api/blogs/${here.slug}/posts`).send({ body: "Words" }).expect(201);
  await app.as(everywhere).post(`/api/blogs/${elsewhere.slug}/posts`).send({ body: "Words" }).expect(201);
});

test("colleagues are found by the beginnings of their names, with nothing else told of them", async () => {
  const { db } = app.app.context;
  const [ada, reader] = [await app.newPerson({ role: "contributor" }), await app.newPerson()];
  const rename = (person: Person, name: string) =>
    db.updateTable("users").set({ name }).where("id", "=", person.id).execute();
  await rename(ada, "Ada Zweistein");
  await rename(reader, "Zora 100% Reader");
  const found = async (person: Person, q: string) =>
    (await app.as(person).get("/api/people").query({ q }).expect(200)).body.people;
  const colleague = await app.person("contributor");
  expect(await found(colleague, "zwei")).toEqual([{ name: "Ada Zweistein", slug: ada.slug }]);
  expect(await found(colleague, "weistein")).toEqual([]);
  expect(await found(colleague, "z")).toEqual([{ name: "Ada Zweistein", slug: ada.slug }]);
  expect(await found(await app.person("editor"), "z")).toEqual([
    { name: "Ada Zweistein", slug: ada.slug },
    { name: "Zora 100% Reader", slug: reader.slug },
  ]);
  expect(await found(await app.person("editor"), "%")).toEqual([]);
  await app
    .as(await app.person("reader"))
    .get("/api/people?q=a")
    .expect(403);
  await app.request().get("/api/people?q=a").expect(401);
});

test("whoever is on duty hands the blog over, with a note that the next one finds; editors may at any time", async () => {
  const blog = await app.blog();
  const duty = `/api/blogs/${blog.slug}/duty`;
  const [ada, ben] = [
    await app.newPerson({ role: "reporter" }),
    await app.newPerson({ role: "moderator", blogId: blog.id }),
  ];
  const begun = await app.person("editor");
  const editor = app.as(begun);
  const { body: first } = await editor.get(duty).expect(200);
  expect(first).toEqual({
    onDuty: { name: begun.name, slug: begun.slug },
    note: "",
    by: begun.name,
    at: blog.createdAt,
  });
  await app.as(ada).put(duty).send({ slug: ada.slug }).expect(403);
  const desk = await app.deskFollower(blog, ada);
  await editor.put(duty).send({ slug: ada.slug }).expect(200);
  await desk.part("desk-settings", (html) => html.includes(`<strong data-person="${ada.slug}">`));
  const handed = await app.as(ada).put(duty).send({ slug: ben.slug, note: "The ferry firm calls at six." }).expect(200);
  expect(handed.body).toEqual({
    onDuty: { name: ben.name, slug: ben.slug },
    note: "The ferry firm calls at six.",
    by: ada.name,
    at: expect.stringMatching(/Z$/),
  });
  await desk.part(
    "desk-settings",
    (html) => html.includes(`<strong data-person="${ben.slug}">`) && html.includes("The ferry firm calls at six."),
  );
  await app.as(ada).put(duty).send({ slug: ada.slug }).expect(403);
  const outsider = await app.newPerson({ role: "contributor" });
  expect((await editor.put(duty).send({ slug: outsider.slug }).expect(422)).body.errors).toEqual([
    { pointer: "/slug", code: "not-of-this-desk" },
  ]);
  expect((await editor.put(duty).send({ slug: null }).expect(200)).body.onDuty).toBeNull();
  const { body: log } = await editor.get(`/api/blogs/${blog.slug}/audit`).expect(200);
  expect(log.entries.filter(({ action }: { action: string }) => action === "blog.hand-over")).toHaveLength(3);
});

test("a blog's authors and tags are counted from what was published", async () => {
  const blog = await app.blog();
  const reporter = await app.person("reporter");
  await app.post(blog, { tags: ["Harbour", "storm"] });
  await app.post(blog, { tags: ["harbour"], authors: [{ slug: reporter.slug }, { name: "A guest" }] });
  const draft = { body: "x", status: "draft", tags: ["harsh"] };
  await app.as(reporter).post(`/api/blogs/${blog.slug}/posts`).send(draft).expect(201);
  const contributor = app.as(await app.person("contributor"));
  const { body } = await contributor.get(`/api/blogs/${blog.slug}/authors`).expect(200);
  expect(body.authors).toEqual([
    { name: reporter.name, slug: reporter.slug, posts: 2, last: expect.any(String) },
    { name: "A guest", slug: null, posts: 1, last: expect.any(String) },
  ]);
  const tags = async (q: string) =>
    (await contributor.get(`/api/blogs/${blog.slug}/tags?q=${q}`).expect(200)).body.tags;
  expect(await tags("")).toEqual([
    { tag: "harbour", posts: 2 },
    { tag: "storm", posts: 1 },
  ]);
  expect(await tags("HAR")).toEqual([{ tag: "harbour", posts: 2 }]);
});
