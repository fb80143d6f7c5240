import { randomUUID } from "node:crypto";
import type { Response } from "supertest";
import { expect, test, vi } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { CommentAnswer } from "../server/comments/comments.ts";
import { useApp, type Person } from "./app.ts";

const app = useApp();
const ROUNDS = 20;
// A machine that is busy with other things takes its time over so many requests.
vi.setConfig({ testTimeout: 120_000 });

/** All at one moment; in turns the one that is sent first. */
async function together(round: number, ...requests: (() => PromiseLike<Response>)[]): Promise<Response[]> {
  const order = requests.map((_, n) => (n + round) % requests.length);
  const answers: Response[] = [];
  await Promise.all(order.map(async (n) => (answers[n] = await requests[n]!())));
  return answers;
}

const moderator = () => app.person("moderator");
const decision = async (id: string, body: object, by?: Person) =>
  app
    .as(by ?? (await moderator()))
    .post(`/api/comments/${id}/decisions`)
    .send({ reasonCode: "abuse", ...body });

/** What the page shows of a comment, and the last word of the log about it; both must be of one mind. */
async function outcome({ slug }: BlogAnswer, id: string): Promise<{ seen: boolean; status: string; log: LogEntry[] }> {
  const staff = app.as(await moderator());
  const { body: list } = await app.request().get(`/api/blogs/${slug}/comments?limit=100`).expect(200);
  const { body: log } = await staff.get(`/api/comments/${id}/history`).expect(200);
  const row = await app.app.context.db
    .selectFrom("comments")
    .select(["status", "version", "deleted_at"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const history = log.history as LogEntry[];
  expect(history.findLast(({ toStatus }) => toStatus !== null)).toMatchObject({
    toStatus: row.status,
    version: row.version,
  });
  // Each change begins where the one before it ended.
  const changes = history.filter(({ toStatus }) => toStatus !== null);
  changes.slice(1).forEach(({ fromStatus }, n) => expect(fromStatus).toBe(changes[n]!.toStatus));
  const seen = list.comments.some((comment: CommentAnswer) => comment.id === id && !comment.deleted);
  return { seen, status: row.status, log: history };
}

interface LogEntry {
  kind: string;
  fromStatus: string | null;
  toStatus: string | null;
  version: number | null;
}

const kindsOf = (log: LogEntry[]) => log.map(({ kind }) => kind);

test("approve and reject: one decision holds, the other moderator is shown it, and readers see what it says", async () => {
  const blog = await app.discussion({ moderation: "pre" });
  const other = await app.newPerson({ role: "moderator" });
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = await app.comment(blog);
    const answers = await together(
      round,
      () => decision(id, { decision: "approve", version: 1 }),
      () => decision(id, { decision: "reject", version: 1 }, other),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const won = answers.find(({ status }) => status === 200)!;
    expect(answers.find(({ status }) => status === 409)!.body.current).toMatchObject({ id, status: won.body.status });
    const { seen, log } = await outcome(blog, id);
    expect(seen).toBe(won.body.status === "approved");
    expect(kindsOf(log)).toHaveLength(2);
  }
});

test("approve and edit: an approval is never of words that the moderator did not see", async () => {
  const blog = await app.discussion({ moderation: "pre" });
  const author = await app.newPerson();
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = await app.comment(blog, {}, author);
    const [approved, edited] = await together(
      round,
      () => decision(id, { decision: "approve", version: 1 }),
      () =>
        app
          .as(author)
          .patch(`/api/comments/${id}`, 1)
          .send({ body: `Other words ${randomUUID()}`, version: 1 }),
    );
    expect([approved!.status, edited!.status].sort()).toEqual([200, 409]);
    const { seen, status } = await outcome(blog, id);
    expect(seen).toBe(approved!.status === 200);
    expect(status).toBe(approved!.status === 200 ? "approved" : "pending");
  }
});

test("post and close: what is handed in after the close is refused, and the rest is there", async () => {
  const author = await app.newPerson();
  const staff = await moderator();
  for (let round = 0; round < ROUNDS; round++) {
    const blog = await app.discussion();
    const path = `/api/blogs/${blog.slug}`;
    const answers = await together(
      round,
      () =>
        app
          .as(author)
          .post(`${path}/comments`)
          .send({ body: `Before the end ${randomUUID()}` }),
      () => app.as(staff).patch(`${path}/comment-settings`, 2).send({ state: "closed", version: 2 }),
      () =>
        app
          .as(author)
          .post(`${path}/comments`)
          .send({ body: `Me too ${randomUUID()}` }),
    );
    expect(answers[1]!.status).toBe(200);
    const posted = answers.filter(({ status }, n) => n !== 1 && status === 201);
    for (const { status } of [answers[0]!, answers[2]!]) expect([201, 409]).toContain(status);
    const { body } = await app.request().get(`${path}/comments`).expect(200);
    expect(body.comments).toHaveLength(posted.length);
    // In the log nothing was handed in behind the close.
    const { body: log } = await app.as(staff).get(`/api/moderation/audit?blog=${blog.slug}`).expect(200);
    const kinds = kindsOf(log.entries).toReversed();
    expect(kinds.lastIndexOf("settings")).toBe(kinds.length - 1);
  }
});

test("post and ban: what is handed in after the ban is refused, and rejecting what they wrote takes in the rest", async () => {
  const blog = await app.discussion();
  const staff = await moderator();
  for (let round = 0; round < ROUNDS; round++) {
    const author = await app.newPerson();
    const [posted, banned] = await together(
      round,
      () =>
        app
          .as(author)
          .post(`/api/blogs/${blog.slug}/comments`)
          .send({ body: `Once more ${randomUUID()}` }),
      () => app.as(staff).post(`/api/commenters/${author.id}/restrictions`).send({ kind: "ban", rejectExisting: true }),
    );
    expect(banned!.status).toBe(201);
    expect([201, 403]).toContain(posted!.status);
    if (posted!.status === 403) expect(posted!.body.code).toBe("banned");
    else expect(await outcome(blog, posted!.body.id)).toMatchObject({ seen: false, status: "rejected" });
    await app.as(author).post(`/api/blogs/${blog.slug}/comments`).send({ body: "And again" }).expect(403);
  }
});

test("reply and reject the parent: no answer is ever seen below a comment that was taken away", async () => {
  const blog = await app.discussion();
  for (let round = 0; round < ROUNDS; round++) {
    // Whoever is rejected often is looked at first.
    const author = await app.newPerson();
    const root = await app.comment(blog, {}, author);
    const parent = await app.comment(blog, { parentId: root.id }, author);
    // Rejecting either takes the answer along.
    const target = round % 2 ? root : parent;
    const [replied, rejected] = await together(
      round >> 1,
      () =>
        app
          .as(author)
          .post(`/api/blogs/${blog.slug}/comments`)
          .send({ body: `Indeed ${randomUUID()}`, parentId: parent.id }),
      () => decision(target.id, { decision: "reject", version: 1 }),
    );
    expect(rejected!.status).toBe(200);
    expect([201, 409]).toContain(replied!.status);
    if (replied!.status === 409) expect(replied!.body.code).toBe("parent-removed");
    else expect(await outcome(blog, replied!.body.id)).toMatchObject({ seen: false, status: "published" });
    expect(await outcome(blog, parent.id)).toMatchObject({ seen: false });
  }
});

test("pick and reject: a rejected comment is no pick, whichever came first", async () => {
  const blog = await app.discussion();
  const other = await app.newPerson({ role: "moderator" });
  for (let round = 0; round < ROUNDS; round++) {
    // Whoever is rejected often is looked at first.
    const author = await app.newPerson();
    const { id } = await app.comment(blog, {}, author);
    const [picked, rejected] = await together(
      round,
      () => app.as(other).put(`/api/comments/${id}/feature`).send({ version: 1 }),
      () => decision(id, { decision: "reject", version: 1 }),
    );
    expect([picked!.status, rejected!.status].sort()).toEqual([200, 409]);
    const { seen, status } = await outcome(blog, id);
    expect(seen).toBe(picked!.status === 200);
    expect(status).toBe(picked!.status === 200 ? "approved" : "rejected");
    const { body } = await app.request().get(`/api/blogs/${blog.slug}/comments?sort=featured`).expect(200);
    expect(body.comments.some((comment: CommentAnswer) => comment.id === id)).toBe(seen);
  }
});

test("deletion and approval: what its author deleted is never shown again", async () => {
  const blog = await app.discussion({ moderation: "pre" });
  const author = await app.newPerson();
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = await app.comment(blog, {}, author);
    const [deleted, approved] = await together(
      round,
      () => app.as(author).delete(`/api/comments/${id}`),
      () => decision(id, { decision: "approve", version: 1 }),
    );
    expect(deleted!.status).toBe(204);
    expect([200, 409]).toContain(approved!.status);
    const { seen, log } = await outcome(blog, id);
    expect(seen).toBe(false);
    expect(kindsOf(log)).toEqual(approved!.status === 200 ? ["submit", "approve", "delete"] : ["submit", "delete"]);
    await app.request().get(`/api/comments/${id}`).expect(404);
  }
});

test("switch to pre-moderation and post: what is handed in after the switch waits", async () => {
  const author = await app.newPerson();
  const staff = await moderator();
  for (let round = 0; round < ROUNDS; round++) {
    const blog = await app.discussion();
    const path = `/api/blogs/${blog.slug}`;
    const [posted, switched] = await together(
      round,
      () =>
        app
          .as(author)
          .post(`${path}/comments`)
          .send({ body: `Just so ${randomUUID()}` }),
      () => app.as(staff).patch(`${path}/comment-settings`, 2).send({ moderation: "pre", version: 2 }),
    );
    expect(switched!.status).toBe(200);
    const { seen } = await outcome(blog, posted!.body.id);
    expect(posted!.status).toBe(seen ? 201 : 202);
    const { body: log } = await app.as(staff).get(`/api/moderation/audit?blog=${blog.slug}`).expect(200);
    // The later of the two in the log.
    expect(kindsOf(log.entries)[0]).toBe(seen ? "settings" : "submit");
  }
});

test("ten posts with one key make one comment and get one answer", async () => {
  const blog = await app.discussion();
  const { token } = await app.newPerson();
  const path = `/api/blogs/${blog.slug}/comments`;
  for (let round = 0; round < ROUNDS; round++) {
    const key = randomUUID();
    const body = { body: `Only once ${key}` };
    const send = () =>
      app
        .request()
        .post(path)
        .set({ Authorization: `Bearer ${token}`, "Idempotency-Key": key })
        .send(body);
    const answers = await together(round, ...Array.from({ length: 10 }, () => send));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map(({ body: comment }) => comment.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotent-replayed"] === "true")).toHaveLength(9);
  }
  const { body } = await app.request().get(path).expect(200);
  expect(body.comments).toHaveLength(ROUNDS);
});
