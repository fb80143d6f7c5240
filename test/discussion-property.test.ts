import { expect, test, vi } from "vitest";
import type { CommentAnswer } from "../server/comments/comments.ts";
import { facesOf, isPublic } from "../server/comments/faces.ts";
import type { CommentStatus } from "../server/database.ts";
import { QUEUES } from "../server/moderation/queues.ts";
import { discussionChanges } from "../server/realtime/discussion-changes.ts";
import type { Change } from "../server/realtime/protocol.ts";
import { next, useApp, type Person } from "./app.ts";

const app = useApp();
vi.setConfig({ testTimeout: 240_000 });
const OPERATIONS = 2_000;
/** Who act at once. */
const HANDS = 4;

test("after thousands of operations by readers and moderators, lists, counts, open pages, sockets and the log agree", async () => {
  const seed = Math.trunc(Math.random() * 2 ** 31);
  const random = dice(seed);
  const blog = await app.discussion({ editWindowSeconds: 86_400 });
  const context = app.app.context;
  const readers: Person[] = [];
  for (let n = 0; n < 6; n++) readers.push(await app.newPerson());
  const moderators = [await app.person("moderator"), await app.newPerson({ role: "moderator" })];

  // An open page, and every frame that its socket was sent.
  const socket = await app.reader();
  const frames: string[] = [];
  const page = new Map<string, string>();
  let seen = 0;
  const apply = (changes: Change[]) =>
    changes.forEach(({ target, html }) => (html === null ? page.delete(target) : page.set(target, html)));
  socket.on("batch", ({ changes, from, to }) => {
    expect(from).toBe(seen);
    frames.push(JSON.stringify(changes));
    apply(changes);
    seen = to;
  });
  const start = await head(blog.id);
  const joined = await socket.emitWithAck("follow", {
    stream: `comments:${blog.slug}`,
    epoch: blog.epoch,
    version: start,
  });
  if (!joined.ok) throw new Error(JSON.stringify(joined));
  apply(joined.changes);
  seen = joined.to;

  // Each text carries a mark by which it would be recognised in a frame; by comment and version.
  const marks = new Map<string, string>();
  const known: string[] = [];
  let texts = 0;
  const newText = () => `mark${String(++texts).padStart(6, "0")}x ${pick(["yes", "no", "https://a.example"])}`;
  const note = ({ id, version, body }: CommentAnswer) => marks.set(`${id}/${version}`, body.slice(0, 11));
  function pick<T>(from: readonly T[]): T {
    return from[Math.trunc(random() * from.length)]!;
  }

  const operations: Record<string, [number, () => Promise<unknown>]> = {
    submit: [30, () => submit(null)],
    reply: [20, async () => submit(known.length ? pick(known) : null)],
    edit: [8, edit],
    delete: [4, async () => known.length && app.as(pick(readers)).delete(`/api/comments/${pick(known)}`)],
    like: [10, async () => known.length && app.as(pick(readers)).put(`/api/comments/${pick(known)}/reaction`)],
    unlike: [4, async () => known.length && app.as(pick(readers)).delete(`/api/comments/${pick(known)}/reaction`)],
    report: [
      8,
      async () =>
        known.length &&
        app
          .as(pick(readers))
          .post(`/api/comments/${pick(known)}/reports`)
          .send({ reason: "spam" }),
    ],
    approve: [12, () => decide("approve")],
    reject: [9, () => decide("reject")],
    feature: [
      4,
      async () =>
        known.length &&
        app
          .as(pick(moderators))
          .put(`/api/comments/${pick(known)}/feature`)
          .send({}),
    ],
    unfeature: [
      2,
      async () =>
        known.length &&
        app
          .as(pick(moderators))
          .delete(`/api/comments/${pick(known)}/feature`)
          .send({}),
    ],
    settings: [
      1,
      () =>
        app
          .as(moderators[0]!)
          .patch(`/api/blogs/${blog.slug}/comment-settings`, 0)
          .send({ moderation: pick(["pre", "post", "post"]), holdLinks: pick([true, false]) }),
    ],
  };
  const bag = Object.values(operations).flatMap(([weight, work]) => Array<typeof work>(weight).fill(work));

  async function submit(parentId: string | null): Promise<void> {
    const path = `/api/blogs/${blog.slug}/comments`;
    const { status, body } = await app.as(pick(readers)).post(path).send({ body: newText(), parentId });
    expect([201, 202, 409, 422]).toContain(status);
    if (status > 202) return;
    note(body);
    known.push(body.id);
  }

  async function edit(): Promise<void> {
    if (!known.length) return;
    const id = pick(known);
    const author = pick(readers);
    const { body: before, status: found } = await app.as(author).get(`/api/comments/${id}`);
    if (found !== 200) return;
    const { status, body } = await app
      .as(author)
      .patch(`/api/comments/${id}`, 0)
      .send({ body: newText(), version: before.version });
    expect([200, 404, 409]).toContain(status);
    if (status === 200) note(body);
  }

  async function decide(decision: "approve" | "reject"): Promise<void> {
    if (!known.length) return;
    const id = pick(known);
    const moderator = app.as(pick(moderators));
    const { body: seen, status: found } = await moderator.get(`/api/comments/${id}`);
    if (found !== 200) return;
    const { status } = await moderator
      .post(`/api/comments/${id}/decisions`)
      .send({ decision, version: seen.version, reasonCode: "abuse" });
    expect([200, 409]).toContain(status);
  }

  let left = OPERATIONS;
  await Promise.all(
    Array.from({ length: HANDS }, async () => {
      while (left-- > 0) await pick(bag)();
    }),
  );
  const end = await head(blog.id);
  while (seen < end) await next(socket, "batch");

  const because = `seed ${seed}`;
  const rows = await context.db.selectFrom("comments").selectAll().where("blog_id", "=", blog.id).execute();

  // Faces are what the statuses say, and counts what the tables hold.
  const threads = Map.groupBy(rows, ({ root_id }) => root_id);
  for (const thread of threads.values()) {
    const faces = facesOf(thread);
    for (const { id, face } of thread) expect(face, `${because}, comment ${id}`).toBe(faces.get(id));
  }
  const likes = await context.db
    .selectFrom("comment_reactions")
    .select(({ fn }) => ["comment_id", fn.countAll<string>().as("count")])
    .groupBy("comment_id")
    .execute();
  const counted = new Map(likes.map(({ comment_id, count }) => [comment_id, Number(count)]));
  for (const { id, reactions } of rows) expect(reactions, because).toBe(counted.get(id) ?? 0);
  const moderator = app.as(moderators[0]!);
  const { body: counts } = await moderator.get(`/api/moderation/counts?blog=${blog.slug}`).expect(200);
  for (const queue of QUEUES) expect(counts[queue], `${because}, ${queue}`).toBe((await walk(queue)).length);

  // The page that was open all the while is the page as it is now.
  const fresh = (await discussionChanges(context, blog.id, -1, end)) as Change[];
  const shown = fresh.filter(({ html }) => html !== null).map(({ target, html }) => [target, html!] as const);
  const sorted = (entries: Iterable<readonly [string, string]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(sorted(page), because).toEqual(sorted(new Map(shown)));

  // The log leads to each state, step by step; and what was never public was never sent.
  const log = await context.db
    .selectFrom("moderation_log")
    .selectAll()
    .where("blog_id", "=", blog.id)
    .orderBy("id")
    .execute();
  const byComment = Map.groupBy(log, ({ comment_id }) => comment_id);
  const sent = frames.join("\n");
  let hidden = 0;
  for (const row of rows) {
    let status: CommentStatus | null = null;
    let text = "";
    let version = 0;
    const publicTexts = new Set<string>();
    for (const entry of byComment.get(row.id)!) {
      if (entry.to_status === null) continue;
      expect(entry.from_status, because).toBe(status);
      expect(entry.version, because).toBe(version + 1);
      status = entry.to_status;
      version = entry.version!;
      if (entry.kind === "submit" || entry.kind === "edit") text = marks.get(`${row.id}/${version}`)!;
      if (isPublic(status) && entry.kind !== "delete") publicTexts.add(text);
    }
    expect({ status, version }, because).toEqual({ status: row.status, version: row.version });
    const own = [...marks].filter(([key]) => key.startsWith(`${row.id}/`)).map(([, mark]) => mark);
    for (const mark of own)
      if (!publicTexts.has(mark)) expect(sent.includes(mark), `${because}: ${mark} of comment ${row.id}`).toBe(false);
    if (publicTexts.size) continue;
    expect(sent, because).not.toContain(`"comment-${row.id}"`);
    hidden++;
  }
  // There was something to tell, and something to keep quiet about.
  expect(frames.length, because).toBeGreaterThan(20);
  expect(hidden, because).toBeGreaterThan(10);

  async function walk(queue: string): Promise<string[]> {
    const ids: string[] = [];
    let after = "";
    do {
      const { body } = await moderator
        .get(`/api/moderation/queues/${queue}?blog=${blog.slug}&limit=100${after && `&after=${after}`}`)
        .expect(200);
      ids.push(...body.comments.map(({ id }: { id: string }) => id));
      after = body.next ?? "";
    } while (after);
    expect(new Set(ids).size).toBe(ids.length);
    return ids;
  }

  async function head(blogId: string): Promise<number> {
    const query = context.db.selectFrom("streams").select("version").where("blog_id", "=", blogId);
    return (await query.where("kind", "=", "comments").executeTakeFirstOrThrow()).version;
  }
});

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
