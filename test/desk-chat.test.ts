import { sql } from "kysely";
import { expect, test } from "vitest";
import { useApp } from "./app.ts";

const app = useApp();
const messagesOf = (blog: { slug: string }) => `/api/blogs/${blog.slug}/desk-messages`;

test("what one colleague says is with the others at once, contributors included, and never with readers", async () => {
  const blog = await app.blog();
  const reporter = await app.person("reporter");
  const contributor = await app.person("contributor");
  const colleague = await app.deskFollower(blog, contributor);
  const reader = await app.follower(blog);
  const said = await app
    .as(reporter)
    .post(messagesOf(blog))
    .send({ body: "Is <b>anyone</b> at the quay? https://quay.example/" })
    .expect(201);
  expect(said.body).toEqual({
    id: expect.any(String),
    author: { name: reporter.name, slug: reporter.slug },
    body: "Is <b>anyone</b> at the quay? https://quay.example/",
    at: expect.stringMatching(/Z$/),
  });
  const html = await colleague.part("desk-chat", (html) => html.includes("at the quay?"));
  expect(html).toContain("&lt;b&gt;anyone&lt;/b&gt;");
  expect(html).toContain('<a href="https://quay.example/"');
  expect(html).toContain(`data-author="${reporter.slug}"`);

  const answered = await app.as(contributor).post(messagesOf(blog)).send({ body: "I am." }).expect(201);
  const { body } = await app.as(reporter).get(messagesOf(blog)).expect(200);
  expect(body.messages.map(({ id }: { id: string }) => id)).toEqual([answered.body.id, said.body.id]);

  expect((await app.now(blog)).version).toBe(0);
  expect(reader.batches).toEqual([]);
  const outsider = app.as(await app.person("reader"));
  await outsider.get(messagesOf(blog)).expect(403);
  await outsider.post(messagesOf(blog)).send({ body: "x" }).expect(403);
});

test("a message is said once however often it is sent, and one that is empty or too long is not", async () => {
  const blog = await app.blog();
  const reporter = app.as(await app.person("reporter"));
  const send = () => reporter.post(messagesOf(blog)).set("Idempotency-Key", "once").send({ body: "Once." }).expect(201);
  const [first, second] = [await send(), await send()];
  expect(second.body).toEqual(first.body);
  await reporter.post(messagesOf(blog)).send({ body: " \u200b " }).expect(422);
  await reporter
    .post(messagesOf(blog))
    .send({ body: "x".repeat(2_001) })
    .expect(422);
  expect((await reporter.get(messagesOf(blog)).expect(200)).body.messages).toHaveLength(1);
});

test("one's own message can be taken back for ten minutes, a colleague's never", async () => {
  const blog = await app.blog();
  const reporter = await app.person("reporter");
  const editor = app.as(await app.person("editor"));
  const say = async (body: string): Promise<string> =>
    (await app.as(reporter).post(messagesOf(blog)).set("Idempotency-Key", body).send({ body }).expect(201)).body.id;
  const [regretted, old] = [await say("Wrong"), await say("Old")];
  const colleague = await app.deskFollower(blog, await app.person("moderator"));
  await editor.delete(`${messagesOf(blog)}/${regretted}`).expect(403);
  await app
    .as(reporter)
    .delete(`${messagesOf(blog)}/${regretted}`)
    .expect(204);
  expect(await colleague.part("desk-chat", (html) => !html.includes("Wrong"))).toContain("Old");
  await app
    .as(reporter)
    .delete(`${messagesOf(blog)}/${regretted}`)
    .expect(404);
  // The kept answer to the request that said it does not bring it back.
  await app.as(reporter).post(messagesOf(blog)).set("Idempotency-Key", "Wrong").send({ body: "Wrong" }).expect(410);

  await sql`update desk_messages set created_at = created_at - interval '11 minutes' where id = ${old}`.execute(
    app.app.context.db,
  );
  await app
    .as(reporter)
    .delete(`${messagesOf(blog)}/${old}`)
    .expect(403);
  const other = await app.blog();
  await app
    .as(reporter)
    .delete(`${messagesOf(other)}/${old}`)
    .expect(404);
});

test("older talk is had page by page, and the desk shows the last hundred", async () => {
  const blog = await app.blog();
  const reporter = app.as(await app.person("reporter"));
  await sql`
    insert into desk_messages (blog_id, author_id, body)
    select ${blog.id}, null, 'Message ' || n || '.' from generate_series(1, 250) n`.execute(app.app.context.db);
  const seen: string[] = [];
  let next: string | null = null;
  do {
    const { body }: { body: { messages: { body: string; author: null }[]; next: string | null } } = await reporter
      .get(messagesOf(blog))
      .query(next ? { before: next } : {})
      .expect(200);
    seen.push(...body.messages.map((message) => message.body));
    next = body.next;
  } while (next);
  expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => `Message ${250 - n}.`));
  await reporter.get(`${messagesOf(blog)}?before=999999999`).expect(422);

  const desk = await app.deskFollower(blog, await app.person("reporter"));
  await reporter.post(messagesOf(blog)).send({ body: "Now." }).expect(201);
  const html = await desk.part("desk-chat", (part) => part.includes("Now."));
  expect(html.match(/id="message-/g)).toHaveLength(100);
  expect(html.indexOf("Message 250.")).toBeLessThan(html.indexOf("Now."));
});
