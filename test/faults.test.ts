import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import supertest from "supertest";
import { afterAll, expect, test } from "vitest";
import { startApp } from "../server/app.ts";
import { readConfig } from "../server/config.ts";
import { connect } from "../server/connection.ts";
import { startEmbeddedPostgres } from "../server/embedded-postgres.ts";
import { AUTH_SECRET, follow, next, reached, TestApp, useApp, type Person } from "./app.ts";
import { PostgresProxy } from "./proxy.ts";
import { everyPost, ReaderPage } from "./reader-page.ts";
import { ServerProcess } from "./server-process.ts";

const app = useApp();
const cleanUp: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const work of cleanUp.reverse()) await work();
});

test("readers miss nothing and see nothing twice while the LISTEN connection is cut again and again", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const { sql } = app.app.context;
  for (let n = 1; n <= 20; n++) {
    await Promise.all([
      app.post(blog, { body: `Post ${n}` }),
      sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dateline-listen' and datname = current_database()`,
    ]);
  }
  await reached(reader, 20);
  expectUnbroken(reader.batches, 20);
});

test("a LISTEN connection that hears nothing is found and replaced, and readers are served meanwhile", async () => {
  const proxy = new PostgresProxy(app.databaseUrl);
  const listenUrl = await proxy.open(app.databaseUrl);
  cleanUp.push(() => proxy.close());
  const deaf = await app.start({ databaseListenUrl: listenUrl });
  const blog = await app.blog();
  const reader = await app.follower(blog, deaf);
  const { relistens } = deaf.context.metrics;
  const before = (await relistens.get()).values[0]?.value ?? 0;

  proxy.deafen();
  for (let n = 1; n <= 5; n++) await app.post(blog, { body: `While deaf ${n}` });
  await reached(reader, 5);

  while (((await relistens.get()).values[0]?.value ?? 0) === before) {
    const { version } = await app.post(blog, { body: "Until it is noticed" });
    expect(version).toBe(1);
    await reached(reader, (await app.now(blog)).version);
  }
  await app.post(blog, { body: "After" });
  const last = (await app.now(blog)).version;
  await reached(reader, last);
  expectUnbroken(reader.batches, last);
});

test("notifications that come late, all at once, change nothing", async () => {
  const proxy = new PostgresProxy(app.databaseUrl);
  const listenUrl = await proxy.open(app.databaseUrl);
  cleanUp.push(() => proxy.close());
  const late = await app.start({ databaseListenUrl: listenUrl });
  const blog = await app.blog();
  const reader = await app.follower(blog, late);
  proxy.deafen();
  for (let n = 1; n <= 10; n++) await app.post(blog, { body: `Held back ${n}` });
  await reached(reader, 10);
  proxy.undeafen();
  await app.post(blog, { body: "In time" });
  await reached(reader, 11);
  expectUnbroken(reader.batches, 11);
});

test("a change that committed without any notification reaches readers through the safety poll", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { body: "As it was" });
  const reader = await app.follower(blog);
  const { sql } = app.app.context;
  await sql.begin(async (trx) => {
    await trx`update streams set version = 2 where blog_id = ${blog.id} and kind = 'blog'`;
    await trx`update posts set headline = 'Unannounced', position = 2, version = 2 where id = ${post.id}`;
  });
  await reached(reader, 2);
  expect(reader.batches[0]!.changes[0]!.html).toContain("Unannounced");
});

test("a number that is taken but not committed holds up later ones, and is never skipped", async () => {
  const other = await app.start();
  for (let round = 0; round < 20; round++) {
    const blog = await app.blog();
    const readers = [await app.follower(blog), await app.follower(blog, other)];
    const slow = connect(app.databaseUrl, { max: 1 });
    let later: Promise<unknown> = Promise.resolve();
    await slow.begin(async (trx) => {
      await trx`select pg_notify('dateline', concat('blog ', ${blog.id}::text, ' 1'))`;
      await trx`update streams set version = version + 1, published = published + 1, visible = visible + 1
        where blog_id = ${blog.id} and kind = 'blog'`;
      await trx`insert into posts (blog_id, kind, status, body, position, desk_position, page, published_at)
        values (${blog.id}, 'entry', 'published', '<p>Slow</p>', 1, -1, 0, now())`;
      later = app.post(blog, { body: "Fast" }, other);
      const waits = () =>
        trx`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      while (!(await waits()).length);
    });
    await later;
    await slow.end();
    for (const reader of readers) {
      await reached(reader, 2);
      expectUnbroken(reader.batches, 2);
      const pushed = reader.batches.flatMap(({ changes }) =>
        changes.filter(({ target }) => target.startsWith("post-")),
      );
      expect(pushed.map(({ html }) => /Slow|Fast/.exec(html!)![0])).toEqual(["Slow", "Fast"]);
    }
  }
});

test("a server killed with -9 while its post commits loses nothing: readers get it, and the retry makes no second one", async () => {
  const blog = await app.blog();
  const reader = await app.follower(blog);
  const reporter = await app.person("reporter");
  const { sql } = app.app.context;
  // The commit of a post from the doomed server lasts until this test lets go of the advisory lock.
  await sql`create function wait_at_commit() returns trigger language plpgsql as
    $$ begin if new.headline = 'Doomed' then perform pg_advisory_xact_lock_shared(99); end if; return null; end $$`;
  await sql`create constraint trigger wait_at_commit after insert on posts
    deferrable initially deferred for each row execute function wait_at_commit()`;
  const doomed = Array.from({ length: 20 }, () => randomUUID());
  for (let n = 0; n < doomed.length; n += 5) {
    const servers = await Promise.all(doomed.slice(n, n + 5).map(() => spawned()));
    const gate = connect(app.databaseUrl, { max: 1 });
    await gate`select pg_advisory_lock(99)`;
    const requests = servers.map(({ url }, i) => publish(url, reporter, blog.slug, doomed[n + i]!).catch(() => null));
    // The counter's row lock lets one of them commit at a time; wait until one is at its commit, then kill them all.
    const committing = () => gate`select 1 from pg_locks where locktype = 'advisory' and not granted`;
    while (!(await committing()).length);
    await Promise.all(servers.map(({ server }) => server.end("SIGKILL")));
    await Promise.all(requests);
    await gate`select pg_advisory_unlock(99)`;
    await gate.end();
  }
  await sql`drop trigger wait_at_commit on posts`;
  for (const key of doomed) {
    const answer = await publish(app.url, reporter, blog.slug, key);
    expect(answer.status).toBe(201);
  }
  const { version, postCount } = await app.now(blog);
  expect(postCount).toBe(20);
  await reached(reader, version);
  expectUnbroken(reader.batches, version);
  expect(await everyPost(app, blog.slug)).toHaveLength(20);
}, 180_000);

test("Postgres stopped and started again under load: no post is lost or doubled, and every reader ends up right", async () => {
  const directory = await mkdtemp(join(tmpdir(), "dateline-test-"));
  let postgres = await startEmbeddedPostgres(directory);
  cleanUp.push(async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const own = new OwnDatabase(postgres.url, directory);
  cleanUp.push(() => own.close());
  await own.open();
  const blog = await own.blog();
  const page = await ReaderPage.load(own, blog.slug);
  const reader = await own.follower(blog);
  const reporter = await own.person("reporter");
  const statuses = new Map<number, number>();

  const keys = Array.from({ length: 60 }, () => randomUUID());
  const writers = [0, 1, 2].map(async (writer) => {
    for (const key of keys.filter((_, n) => n % 3 === writer)) {
      let status = 0;
      while (status !== 201) {
        ({ status } = await publish(own.url, reporter, blog.slug, key));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
  });
  await reached(reader, 10);
  await postgres.stop();
  // Readers keep the story while there is no database.
  const during = await own.request().get(`/blogs/${blog.slug}`);
  expect(during.status).toBe(200);
  expect((await publish(own.url, reporter, blog.slug, randomUUID())).status).toBe(503);
  postgres = await startEmbeddedPostgres(directory);
  await Promise.all(writers);

  const { version, postCount } = await own.now(blog);
  expect(postCount).toBe(60);
  await reached(reader, version);
  expect(reader.socket.connected).toBe(true);
  expectUnbroken(reader.batches, version);
  reader.batches.forEach((batch) => page.receive(batch));
  expect(page.list().slice(0, 20)).toEqual((await everyPost(own, blog.slug)).slice(0, 20));
  expect([...statuses.keys()].sort()).toEqual([201, 503]);
}, 120_000);

test("a database that was restored begins a new epoch, and every follower loads the page afresh", async () => {
  const blog = await app.blog();
  await app.post(blog);
  const { socket } = await app.follower(blog);
  const told = next(socket, "resync");
  const { sql } = app.app.context;
  await sql`update history set identity = 'the cluster that the backup was taken from'`;
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dateline-listen' and datname = current_database()`;
  expect((await told).reason).toBe("epoch");
  const after = await app.now(blog);
  expect(after.epoch).not.toBe(blog.epoch);
  const old = await follow(socket, blog, 1, blog.epoch);
  expect(old.ok ? null : old.problem.reason).toBe("epoch");
  expect((await follow(socket, blog, 1, after.epoch)).ok).toBe(true);
});

test("a backup without a blog that is followed, and with other words under a known version, is taken for what it is", async () => {
  const kept = await app.blog();
  const lost = await app.blog();
  const post = await app.post(kept, { body: "Words of the lost history" });
  await app.post(lost);
  await app.request().get(`/blogs/${kept.slug}`).expect(200);
  const followers = [await app.follower(kept), await app.follower(lost)];
  const told = followers.map(({ socket }) => next(socket, "resync"));
  const { sql } = app.app.context;
  // What a restore leaves: the same ids and versions, other contents, one blog fewer.
  await sql.begin(async (trx) => {
    await trx`update posts set body = '<p>Words of the backup</p>' where id = ${post.id}`;
    await trx`delete from blogs where id = ${lost.id}`;
    await trx`update history set identity = 'another cluster'`;
  });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dateline-listen' and datname = current_database()`;
  expect((await Promise.all(told)).map(({ reason }) => reason)).toEqual(["epoch", "epoch"]);

  const page = await app.request().get(`/blogs/${kept.slug}`).expect(200);
  expect(page.text).toContain("Words of the backup");
  expect(page.text).not.toContain("Words of the lost history");
  await app.request().get(`/blogs/${lost.slug}`).expect(404);
  const { version, epoch } = await app.now(kept);
  const reader = await app.follower(kept);
  expect((await follow(reader.socket, lost, 0, lost.epoch)).ok).toBe(false);
  expect((await follow(reader.socket, kept, version, epoch)).ok).toBe(true);
  await app.post(kept, { body: "And on" });
  await reached(reader, version + 1);
});

test("readers are let go by closing the transport, so that they come back by themselves", async () => {
  const leaving = await app.start({ drainSeconds: 0.2 });
  const blog = await app.blog();
  const readers = await Promise.all(Array.from({ length: 20 }, () => app.follower(blog, leaving)));
  const reasons = readers.map(({ socket }) => new Promise<string>((done) => socket.once("disconnect", done)));
  await leaving.stop();
  app.apps.splice(app.apps.indexOf(leaving), 1);
  expect(new Set(await Promise.all(reasons))).toEqual(new Set(["transport close"]));
  expect(readers.every(({ socket }) => socket.active)).toBe(true);
});

/** A test's app on a database of its own cluster, which the test may stop. */
class OwnDatabase extends TestApp {
  readonly #url: string;
  readonly #directory: string;

  constructor(url: string, directory: string) {
    super({});
    this.#url = url;
    this.#directory = directory;
  }

  override async open(): Promise<void> {
    const config = readConfig({ PORT: "0", DATA_DIR: this.#directory, LOG_LEVEL: "silent", DRAIN_SECONDS: "0" });
    this.apps.push(await startApp(config, { databaseUrl: this.#url, authSecret: AUTH_SECRET }));
  }

  override async close(): Promise<void> {
    for (const one of this.apps) await one.stop();
  }
}

/** Batches without a gap or an overlap, from 0 or wherever the first begins, to the version. */
function expectUnbroken(batches: { from: number; to: number }[], version: number): void {
  const starts = batches.slice(1).map(({ from }) => from);
  expect(starts).toEqual(batches.slice(0, -1).map(({ to }) => to));
  expect(batches.at(-1)!.to).toBe(version);
}

async function publish(url: string, { token }: Person, slug: string, key: string) {
  return supertest(url)
    .post(`/api/blogs/${slug}/posts`)
    .set({ Authorization: `Bearer ${token}`, "Idempotency-Key": key })
    .send({ headline: "Doomed", body: key });
}

async function spawned(): Promise<{ server: ServerProcess; url: string }> {
  const server = new ServerProcess({
    DATABASE_URL: app.databaseUrl,
    AUTH_SECRET,
    LOG_LEVEL: "silent",
    MIGRATE: "off",
    DATABASE_POOL: "3",
  });
  cleanUp.push(() => server.end());
  return { server, url: await server.url() };
}
