import { expect, test } from "vitest";
import { randomUUID } from "node:crypto";
import { OpenStreams } from "../server/realtime/open-streams.ts";
import { follow, next, reached, useApp } from "./app.ts";
import { everyPost, ReaderPage } from "./reader-page.ts";

const app = useApp();

test("a reader is pushed a new post exactly as the page shows it", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const post = await app.post(blog, { headline: "<b>Kick-off</b>", body: "<p>They <em>began</em>.</p>" });
  await reached(reader, 1);

  const page = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  const [change] = reader.batches[0]!.changes;
  expect(change!.target).toBe(`post-${post.id}`);
  expect(page.text).toContain(change!.html!);
  expect(change!.html).toContain("&lt;b&gt;Kick-off&lt;/b&gt;");
});

test("a reader who was away catches up in one step, with each post as it is now", async () => {
  const blog = await app.blog();
  const first = await app.post(blog, { body: "One" });
  await app.post(blog, { body: "Two" });
  const reporter = app.as(await app.person("reporter"));
  await reporter.delete(`/api/blogs/${blog.slug}/posts/${first.id}`, 1).send({ reason: "Wrong" }).expect(200);

  const answer = await follow(await app.reader(), blog, 0);

  if (!answer.ok) throw new Error(answer.problem.code);
  expect([answer.from, answer.to, answer.head]).toEqual([0, 3, 3]);
  const posts = answer.changes.filter(({ target }) => target.startsWith("post-"));
  expect(posts.map(({ html }) => html && /Two/.test(html))).toEqual([true, null]);
});

test("forty posts published at one moment through two servers reach readers of both in order, none left out", async () => {
  const other = await app.start();
  for (let round = 0; round < 5; round++) {
    const blog = await app.blog();
    const readers = [await app.follower(blog), await app.follower(blog, other)];
    const posts = await Promise.all(
      Array.from({ length: 40 }, (_, n) => app.post(blog, { body: `Post ${n}` }, n % 2 ? app.app : other)),
    );
    for (const reader of readers) {
      await reached(reader, 40);
      const steps = reader.batches.map(({ from, to }) => [from, to]);
      expect(steps.flat()).toEqual([0, ...steps.slice(1).flatMap(([from]) => [from, from]), 40]);
      const seen = reader.batches.flatMap(({ changes }) => changes.map(({ target }) => target));
      expect(seen.filter((target) => target.startsWith("post-"))).toHaveLength(40);
    }
    const shown = (await everyPost(app, blog.slug)).map((html) => /id="post-(\d+)"/.exec(html)![1]);
    // By the moment of publication, which no two of them share; ids mean nothing.
    expect(new Set(posts.map(({ publishedAt }) => publishedAt)).size).toBe(40);
    expect(shown).toEqual(posts.toSorted((a, b) => b.publishedAt!.localeCompare(a.publishedAt!)).map(({ id }) => id));
  }
});

test("every kind of change reaches a page that is already open", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "First", body: "Words" });
  const { socket } = await app.follower(blog);
  const reporter = app.as(await app.person("reporter"));
  const editor = app.as(await app.person("editor"));
  const at = `/api/blogs/${blog.slug}/posts/${post.id}`;
  const after = async (change: () => PromiseLike<unknown>) => {
    const pushed = next(socket, "batch");
    await change();
    return new Map((await pushed).changes.map(({ target, html }) => [target, html]));
  };
  const target = `post-${post.id}`;

  const edited = await after(() => reporter.patch(at, 1).send({ body: "<p>Other words</p>" }).expect(200));
  expect(edited.get(target)).toContain("Other words");
  const corrected = await after(() =>
    reporter
      .patch(at, 2)
      .send({ correction: { text: "It was noon." } })
      .expect(200),
  );
  expect(corrected.get(target)).toContain("It was noon.");
  const verified = await after(() => reporter.patch(at, 3).send({ verification: "unverified" }).expect(200));
  expect(verified.get(target)).toContain("Unverified");
  const said = /class="updated"[^>]*>(.*?)<\/a>/s.exec(verified.get(target)!)?.[1];
  expect(said).toContain("Updated");
  const pinned = await after(() => reporter.put(`${at}/pin`).expect(200));
  expect(pinned.get("pinned")).toContain("Other words");
  // A pin is no edit: the post says the same time as before.
  expect(pinned.get(target)).toContain(said);
  const keyEvent = await after(() => reporter.put(`${at}/key-event`).expect(200));
  expect(keyEvent.get("key-events")).toContain("First");
  const closed = await after(() => editor.put(`/api/blogs/${blog.slug}/closure`).expect(200));
  expect(closed.get("blog-header")).toContain('data-state="closed"');
  const reopened = await after(() => editor.delete(`/api/blogs/${blog.slug}/closure`).expect(200));
  expect(reopened.get("blog-header")).toContain('data-state="live"');
  const renamed = await after(() => editor.patch(`/api/blogs/${blog.slug}`, 3).send({ title: "Renamed" }).expect(200));
  expect(renamed.get("blog-header")).toContain("Renamed");
  const removed = await after(() => reporter.delete(at, 6).send({ reason: "Wrong" }).expect(200));
  expect(removed.get(target)).toBeNull();
  expect(removed.get("pinned")).not.toContain("Other words");
  expect(removed.get("key-events")).not.toContain("First");
});

test("drafts move nothing that readers can see, and take no number", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const draft = await app.post(blog, { status: "draft", body: "Not yet" });
  expect((await app.now(blog)).version).toBe(0);
  const reporter = app.as(await app.person("reporter"));
  await reporter.patch(`/api/blogs/${blog.slug}/posts/${draft.id}`, 1).send({ status: "published" }).expect(200);
  await reached(reader, 1);
  expect(reader.batches).toHaveLength(1);
});

test("changes that commit together are pushed together", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  await app.app.context.sql.begin(async (trx) => {
    for (let n = 1; n <= 50; n++) {
      await trx`update streams set version = ${n}, published = ${n}, visible = ${n} where blog_id = ${blog.id} and kind = 'blog'`;
      await trx`insert into posts (blog_id, kind, status, body, position, desk_position, page, published_at)
        values (${blog.id}, 'entry', 'published', ${`<p>Post ${n}</p>`}, ${n}, ${n}, ${Math.floor((n - 1) / 20)}, now())`;
      await trx`select pg_notify('dateline', concat('blog ', ${blog.id}::text, ' ', ${n}::text))`;
    }
  });
  await reached(reader, 50);
  // The first notification starts a reading, and the rest, which came with it, share the next.
  expect(reader.batches.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [1, 50],
  ]);
});

test("after a batch a stream rests for at least half as long as writing it took, and what came meanwhile shares the next", async () => {
  const blog = await app.blog();
  const last = Promise.withResolvers<void>();
  const batches: { from: number; to: number; began: number; ended: number }[] = [];
  const streams = new OpenStreams(app.app.context, {
    async batch(_stream, { from, to }) {
      const began = performance.now();
      // Writing to these readers takes as long as the reporters need for three more posts.
      for (let n = 0; n < 3 && to < 10; n++) {
        await app.post(blog);
        await streams.poll();
      }
      batches.push({ from, to, began, ended: performance.now() });
      if (to === 10) last.resolve();
    },
    resync: (_stream, reason) => last.reject(new Error(reason)),
  });
  await streams.open(`blog:${blog.slug}`, { kind: "blog", blogId: blog.id, only: null });
  await app.post(blog);
  await streams.poll();
  await last.promise;
  expect(batches.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [1, 4],
    [4, 7],
    [7, 10],
  ]);
  for (const [n, { began, ended }] of batches.slice(0, -1).entries()) {
    // Timers are a millisecond off at times.
    const rest = Math.min((ended - began) / 2, 250) - 2;
    expect(batches[n + 1]!.began - ended).toBeGreaterThanOrEqual(rest);
  }
});

test("a change is rendered once in a server, for all who are pushed it, catch up, or load the page", async () => {
  const blog = await app.blog();
  const readers = await Promise.all(Array.from({ length: 20 }, () => app.follower(blog)));
  const { views } = app.app.context;
  const { fragment } = views;
  const rendered: string[] = [];
  Object.assign(views, {
    fragment(name: string, data: { id?: string }) {
      if (name === "post") rendered.push(data.id!);
      return fragment(name, data);
    },
  });
  const post = await app.post(blog, { body: "Once" });
  for (const reader of readers) await reached(reader, 1);
  await Promise.all(Array.from({ length: 20 }, () => app.request().get(`/blogs/${blog.slug}`).expect(200)));
  const late = await app.reader();
  await Promise.all(Array.from({ length: 20 }, () => follow(late, blog, 0)));
  Object.assign(views, { fragment });
  expect(rendered).toEqual([post.id]);
});

test("a socket that asks to follow again and again is cut off, and the others are not", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const eager = await app.reader();
  const cut = new Promise<string>((done) => eager.once("disconnect", done));
  for (let n = 0; n < 60; n++)
    eager.emit("follow", { stream: `blog:${blog.slug}`, epoch: blog.epoch, version: 0 }, () => {});
  expect(await cut).toBe("transport close");
  await app.post(blog);
  await reached(reader, 1);
});

test("followers are told now and then how far the stream is", { timeout: 60_000 }, async () => {
  const blog = await app.blog();
  await app.post(blog);
  const { socket } = await app.follower(blog);
  const { version, epoch, stream } = await next(socket, "head");
  expect({ version, epoch, stream }).toEqual({ version: 1, epoch: blog.epoch, stream: `blog:${blog.slug}` });
});

test("a follower with a position that means nothing here is told to load the page afresh", async () => {
  const blog = await app.blog();
  const other = await app.blog();
  await app.post(blog);
  await app.post(other);
  const socket = await app.reader();
  const refused = async (version: number, epoch: string) => {
    const answer = await follow(socket, blog, version, epoch);
    if (answer.ok) throw new Error("followed");
    expect(answer.retryInMs).toBeGreaterThanOrEqual(0);
    return [answer.problem.code, answer.problem.reason];
  };
  expect(await refused(2, blog.epoch)).toEqual(["resync", "future"]);
  expect(await refused(1, other.epoch)).toEqual(["resync", "epoch"]);
  expect(await refused(0, randomUUID())).toEqual(["resync", "epoch"]);
  await app.app.context.sql`update streams set version = 500 where blog_id = ${blog.id} and kind = 'blog'`;
  expect(await refused(299, blog.epoch)).toEqual(["resync", "behind"]);
});

test("follow refuses what it cannot read, what is not there, and more streams than a page needs", async () => {
  const blog = await app.blog();
  const socket = await app.reader();
  const ask = async (request: unknown) => {
    const answer = await socket.emitWithAck("follow", request as never);
    return answer.ok ? "ok" : answer.problem.code;
  };
  const good = { stream: `blog:${blog.slug}`, epoch: blog.epoch, version: 0 };
  expect(await ask({ ...good, version: -1 })).toBe("invalid");
  expect(await ask({ ...good, version: "0" })).toBe("invalid");
  expect(await ask(null)).toBe("invalid");
  expect(await ask({ ...good, stream: "blog:no-such-story" })).toBe("not-found");
  expect(await ask({ ...good, stream: "secrets:everything" })).toBe("not-found");
  expect(await ask({ ...good, stream: `desk:${blog.slug}` })).toBe("forbidden");
  for (let n = 0; n < 5; n++) {
    const more = await app.blog();
    expect(await ask({ stream: `blog:${more.slug}`, epoch: more.epoch, version: 0 })).toBe("ok");
  }
  expect(await ask(good)).toBe("invalid");
});

test("an event without an acknowledgement, or an unknown one, harms nobody", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const rude = await app.reader();
  rude.emit("follow", { stream: `blog:${blog.slug}`, epoch: blog.epoch, version: 0 } as never, undefined as never);
  rude.emit("unfollow", null as never);
  (rude as unknown as { emit(event: string, text: string): void }).emit("no-such-event", "x".repeat(1_000));
  const answer = await rude.emitWithAck("follow", { stream: `blog:${blog.slug}`, epoch: blog.epoch, version: 0 });
  expect(answer.ok).toBe(true);
  await app.post(blog);
  await reached(reader, 1);
});

test("who unfollows hears nothing more", async () => {
  const blog = await app.blog();
  const one = await app.follower(blog);
  const two = await app.follower(blog);
  one.socket.emit("unfollow", { stream: `blog:${blog.slug}` });
  // The answer to a later request proves that the unfollow before it was heard.
  await one.socket.emitWithAck("follow", { stream: "blog:none", epoch: blog.epoch, version: 0 });
  await app.post(blog);
  await reached(two, 1);
  expect(one.batches).toEqual([]);
});

test("a change of time zone, which alters every post, sends everybody to a fresh page", async () => {
  const blog = await app.blog();
  await app.post(blog);
  const { socket } = await app.follower(blog);
  const told = next(socket, "resync");
  const editor = app.as(await app.person("editor"));
  await editor.patch(`/api/blogs/${blog.slug}`, 1).send({ timeZone: "Asia/Tokyo" }).expect(200);
  expect((await told).reason).toBe("document");
  const late = await follow(socket, blog, 1);
  expect(late.ok ? null : late.problem.reason).toBe("document");
  expect((await ReaderPage.load(app, blog.slug)).version).toBe(2);
});

test("the batch without a socket is the same, and says how long to wait and to keep it", async () => {
  const blog = await app.blog();
  await app.post(blog, { body: "One" });
  const updates = `/blogs/${blog.slug}/updates`;
  const followed = await follow(await app.reader(), blog, 0);
  const fetched = await app.request().get(updates).query({ after: 0, epoch: blog.epoch }).expect(200);
  const { pollInMs, ...answer } = fetched.body;
  expect(answer).toEqual(followed);
  expect(pollInMs).toBeGreaterThan(0);
  const nothing = await app.request().get(updates).query({ after: 1, epoch: blog.epoch }).expect(200);
  expect(nothing.body).toMatchObject({ ok: true, from: 1, to: 1, head: 1, changes: [] });
  expect(nothing.headers["cache-control"]).toContain("max-age=1");
  const refusal = await app.request().get(updates).query({ after: 7, epoch: blog.epoch }).expect(200);
  expect(refusal.headers["cache-control"]).toBe("no-store");
  const ask = async (query: object) => (await app.request().get(updates).query(query).expect(200)).body.problem.reason;
  expect(await ask({ after: 7, epoch: blog.epoch })).toBe("future");
  expect(await ask({ after: 0, epoch: randomUUID() })).toBe("epoch");
  await app.request().get(updates).query({ after: "-1" }).expect(422);
  await app.request().get(updates).query({ after: "1e3" }).expect(422);
  await app.request().get(updates).expect(422);
  await app.request().get("/blogs/no-such-story/updates?after=0").expect(404);
});

test("a removed post is in no page, batch or answer of any server from the moment its removal is answered", async () => {
  const other = await app.start();
  for (let round = 0; round < 20; round++) {
    const blog = await app.blog();
    const secret = `Withdrawn ${randomUUID()}`;
    const post = await app.post(blog, { headline: secret, keyEvent: true, pinned: true });
    const addresses = [
      `/blogs/${blog.slug}`,
      `/blogs/${blog.slug}?page=with:${post.id}`,
      `/blogs/${blog.slug}/updates?after=0`,
      `/api/blogs/${blog.slug}/posts`,
      `/api/blogs/${blog.slug}/posts?filter=key-events`,
      `/api/blogs/${blog.slug}/posts/${post.id}`,
    ];
    const everywhere = () =>
      Promise.all(addresses.flatMap((path) => [app.app, other].map((server) => app.request(server).get(path))));
    for (const answer of await everywhere()) expect(answer.text).toContain(secret);
    const reporter = app.as(await app.person("reporter"));
    await reporter.delete(`/api/blogs/${blog.slug}/posts/${post.id}`, 1).send({ reason: "A source" }).expect(200);
    for (const answer of await everywhere()) expect(answer.text).not.toContain(secret);
    const followed = await follow(await app.reader(other), blog, 0);
    expect(JSON.stringify(followed)).not.toContain(secret);
  }
}, 180_000);

test("an archive page never shifts while posts arrive, and any of its posts leads to it", async () => {
  const blog = await app.blog();
  const posts = [];
  for (let n = 0; n < 65; n++) posts.push(await app.post(blog, { body: `Post number ${n}` }));
  const page = async (id: string) => {
    const { text } = await app.request().get(`/blogs/${blog.slug}?page=with:${id}`).expect(200);
    return [...text.matchAll(/id="post-(\d+)"/g)].map(([, found]) => found!);
  };
  const before = await page(posts[5]!.id);
  expect(before).toEqual(
    posts
      .slice(0, 10)
      .map(({ id }) => id)
      .reverse(),
  );
  for (let n = 0; n < 30; n++) await app.post(blog);
  expect(await page(posts[5]!.id)).toEqual(before);
  expect(await page(posts[9]!.id)).toEqual(before);
  expect(await page(posts[10]!.id)).toEqual(
    posts
      .slice(10, 20)
      .map(({ id }) => id)
      .reverse(),
  );
});
