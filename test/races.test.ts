import type { Response } from "supertest";
import { expect, test, vi } from "vitest";
import { holdBlog, type BlogAnswer } from "../server/blogs/blogs.ts";
import type { Role } from "../server/database.ts";
import { useApp } from "./app.ts";

const app = useApp();
// A machine that is busy with other things takes its time over so many requests.
vi.setConfig({ testTimeout: 120_000 });
const ROUNDS = 20;

const as = async (role: Role) => app.as(await app.person(role));
const pathOf = (blog: BlogAnswer, post?: { id: string }) => `/api/blogs/${blog.slug}/posts${post ? `/${post.id}` : ""}`;
/** Lowest first. */
const statuses = (answers: Response[]) => answers.map(({ status }) => status).sort((a, b) => a - b);
/** A random order of arrival: of two requests, either may win. */
const together = (...requests: (() => PromiseLike<Response>)[]): Promise<Response[]> =>
  Promise.all(
    Math.random() < 0.5
      ? requests.map((send) => send())
      : requests
          .toReversed()
          .map((send) => send())
          .toReversed(),
  );

test("of edits on one version exactly one wins, and nothing of the others is kept", async () => {
  const by = await as("reporter");
  const blog = await app.blog();
  for (let round = 0; round < ROUNDS; round++) {
    const post = await app.post(blog);
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) => by.patch(pathOf(blog, post), 1).send({ headline: `Try ${n}` })),
    );
    expect(statuses(answers)).toEqual([200, 412, 412, 412, 412]);
    const winner = answers.find(({ status }) => status === 200)!.body;
    for (const { body } of answers.filter(({ status }) => status === 412)) expect(body.current).toEqual(winner);
    expect((await by.get(pathOf(blog, post))).body).toEqual(winner);
    expect((await by.get(`${pathOf(blog, post)}/revisions`)).body.revisions).toHaveLength(2);
  }
});

test("nothing is published after the close of its blog", async () => {
  const [by, editor] = [await as("reporter"), await as("editor")];
  for (let round = 0; round < ROUNDS; round++) {
    const blog = await app.blog();
    const { body: draft } = await by.post(pathOf(blog)).send({ body: "Draft", status: "draft" }).expect(201);
    const [closed, ...published] = await together(
      () => editor.put(`/api/blogs/${blog.slug}/closure`),
      ...Array.from({ length: 4 }, (_, n) => () => by.post(pathOf(blog)).send({ body: `${n}` })),
      () => by.patch(pathOf(blog, draft), 1).send({ status: "published" }),
    );
    expect(closed!.status).toBe(200);
    for (const answer of published) expect([200, 201, 409]).toContain(answer.status);
    const { body: log } = await editor.get(`/api/blogs/${blog.slug}/audit?limit=200`).expect(200);
    const actions: string[] = log.entries.map(({ action }: { action: string }) => action);
    const after = actions.slice(0, actions.indexOf("blog.close"));
    expect(after).not.toContain("post.publish");
    expect(actions.filter((action) => action === "post.publish")).toHaveLength(
      published.filter(({ status }) => status < 300).length,
    );
  }
});

test("a removal and an edit of one version: one of them, and never the text of a removed post", async () => {
  const by = await as("reporter");
  const blog = await app.blog();
  for (let round = 0; round < ROUNDS; round++) {
    const post = await app.post(blog);
    const [removed, edited] = await together(
      () => by.delete(pathOf(blog, post), 1).send({ reason: "Wrong" }),
      () => by.patch(pathOf(blog, post), 1).send({ body: "Still here" }),
    );
    expect(statuses([removed!, edited!])).toEqual([200, 412]);
    const { body } = await by.get(pathOf(blog, post)).expect(200);
    expect([body.status, body.body]).toEqual(
      removed!.status === 200 ? ["removed", ""] : ["published", "<p>Still here</p>"],
    );
  }
});

test("a pin and a removal: a removed post is never the pinned one", async () => {
  const by = await as("reporter");
  const blog = await app.blog();
  for (let round = 0; round < ROUNDS; round++) {
    const post = await app.post(blog, { body: `Pin ${round}.` });
    const [pinned, removed] = await together(
      () => by.put(`${pathOf(blog, post)}/pin`),
      () => by.delete(pathOf(blog, post)).set("If-Match", '"1", "2"').send({ reason: "Wrong" }),
    );
    expect([200, 409]).toContain(pinned!.status);
    expect(removed!.status).toBe(200);
    expect((await app.request().get(`/blogs/${blog.slug}`)).text).not.toContain(`Pin ${round}.`);
  }
});

test("a comment that is approved and rejected at one moment is decided once, and the other moderator sees how", async () => {
  const [one, two] = [await as("moderator"), await as("editor")];
  const blog = await app.discussion({ moderation: "pre" });
  const reader = await app.person("reader");
  for (let round = 0; round < ROUNDS; round++) {
    const comment = await app.comment(blog, {}, reader);
    const path = `/api/comments/${comment.id}/decisions`;
    const answers = await together(
      () => one.post(path).send({ decision: "approve", version: 1 }),
      () => two.post(path).send({ decision: "reject", version: 1, reasonCode: "off-topic" }),
    );
    expect(statuses(answers)).toEqual([200, 409]);
    const won = answers.find(({ status }) => status === 200)!.body;
    const lost = answers.find(({ status }) => status === 409)!.body;
    expect(lost).toMatchObject({
      code: "already-decided",
      current: { id: comment.id, status: won.status, version: 2 },
    });
  }
  const { body: log } = await two.get(`/api/moderation/audit?blog=${blog.slug}&limit=100`).expect(200);
  expect(log.entries.filter(({ kind }: { kind: string }) => kind !== "submit" && kind !== "settings")).toHaveLength(
    ROUNDS,
  );
});

test("a comment that is promoted and rejected at one moment is on no page", async () => {
  const [by, moderator] = [await as("reporter"), await as("moderator")];
  const blog = await app.blog();
  for (let round = 0; round < ROUNDS; round++) {
    const comment = await app.approvedComment(blog, `Round ${round}.`);
    const [promoted, rejected] = await together(
      () => by.post(pathOf(blog)).send({ kind: "comment", commentId: comment.id }),
      () =>
        moderator
          .post(`/api/comments/${comment.id}/decisions`)
          .send({ decision: "reject", version: 2, reasonCode: "abuse" }),
    );
    expect(rejected!.status).toBe(200);
    expect([201, 422]).toContain(promoted!.status);
    expect((await app.request().get(pathOf(blog)).expect(200)).body.posts).toEqual([]);
    expect((await app.request().get(`/blogs/${blog.slug}`)).text).not.toContain(`Round ${round}.`);
  }
});

test("a blog that is edited and closed at one moment keeps both, and of two edits of one version one", async () => {
  const editor = await as("editor");
  for (let round = 0; round < ROUNDS; round++) {
    const blog = await app.blog();
    const path = `/api/blogs/${blog.slug}`;
    const edits = await together(
      () => editor.patch(path, 1).send({ title: "One" }),
      () => editor.patch(path, 1).send({ title: "Two" }),
      () => editor.put(`${path}/closure`),
    );
    expect(edits[2]!.status).toBe(200);
    expect(statuses(edits.slice(0, 2)).filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    for (const { status } of edits) expect([200, 412]).toContain(status);
    expect((await app.now(blog)).state).toBe("closed");
  }
});

test("closing is not kept waiting by a crowd of readers who comment", async () => {
  const [editor, reader] = [await as("editor"), await as("reader")];
  const blog = await app.blog();
  const closed = new AbortController();
  const crowd = Array.from({ length: 8 }, async () => {
    while (!closed.signal.aborted) {
      const { status } = await reader.post(`/api/blogs/${blog.slug}/comments`).send({ body: "And another thing" });
      expect([201, 202, 409]).toContain(status);
    }
  });
  await editor.put(`/api/blogs/${blog.slug}/closure`).expect(200);
  closed.abort();
  await Promise.all(crowd);
});

test("whoever changes a blog has their turn before those who write into it later", async () => {
  const [editor, reporter] = [await as("editor"), await as("reporter")];
  const blog = await app.blog();
  const { db, sql } = app.app.context;
  const waiters = async (n: number) =>
    vi.waitFor(
      async () => {
        const [row] = await sql`select count(*)::int as n from pg_locks
          where not granted and database = (select oid from pg_database where datname = current_database())`;
        expect(row).toEqual({ n });
      },
      { timeout: 60_000 },
    );
  const [closed, late] = await db
    .transaction()
    .execute(async (trx) => {
      await holdBlog(trx, blog.id);
      const closing = editor.put(`/api/blogs/${blog.slug}/closure`).then((answer) => answer);
      await waiters(1);
      const posting = reporter
        .post(pathOf(blog))
        .send({ body: "Late" })
        .then((answer) => answer);
      await waiters(2);
      return [closing, posting] as const;
    })
    .then((answers) => Promise.all(answers));
  expect([closed.status, late.status]).toEqual([200, 409]);
});
