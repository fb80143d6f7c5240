import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, beforeEach, expect, test } from "vitest";
import { readConfig } from "../server/config.ts";
import { sweepFiles } from "../server/media/keeping.ts";
import { AUTH_SECRET, useApp } from "./app.ts";
import { BucketServer } from "./bucket-server.ts";
import { runToEnd } from "./command-line.ts";
import { ServerProcess } from "./server-process.ts";

const bucket = await BucketServer.start();
const app = useApp({ bucket: bucket.settings });
const servers: ServerProcess[] = [];
afterAll(async () => {
  for (const server of servers) await server.end();
  await bucket.end();
});
beforeEach(() => (bucket.putsLeft = Infinity));

const picture = await sharp({ create: { width: 700, height: 350, channels: 3, background: "#a33" } })
  .jpeg()
  .toBuffer();

async function upload(key = randomUUID()) {
  const { token } = await app.person("reporter");
  return app
    .request()
    .post("/api/media")
    .set({ Authorization: `Bearer ${token}`, "Idempotency-Key": key, "Content-Type": "image/jpeg" })
    .send(picture);
}

const namesOf = (body: { sources: { url: string }[] }) => body.sources.map(({ url }) => url.slice("/media/".length));
const pictures = async () => Number((await app.app.context.sql`select count(*) n from media`)[0]!.n);

test("the files of a picture are in the bucket and nowhere else, and readers get them from us", async () => {
  const before = await bucket.names();
  const { body } = await upload();
  expect((await bucket.names()).filter((name) => !before.includes(name))).toEqual(namesOf(body).sort());
  await expect(readdir(app.app.context.config.mediaDir)).rejects.toThrow("ENOENT");
  for (const { url, type, width } of body.sources) {
    expect(url).toMatch(/^\/media\//);
    const got = await app.request().get(url).expect(200);
    expect([got.get("Content-Type"), (await sharp(got.body).metadata()).width]).toEqual([type, width]);
  }
  const { url } = body.sources[0];
  const { body: whole, headers } = await app.request().get(url);
  const part = await app.request().get(url).set("Range", "bytes=10-19").expect(206);
  expect(part.headers["content-range"]).toBe(`bytes 10-19/${whole.length}`);
  expect(Buffer.compare(part.body, whole.subarray(10, 20))).toBe(0);
  await app.request().get(url).set("If-None-Match", headers.etag!).expect(304);
  const none = url.replace(/[0-9a-f]{32}/, "0".repeat(32));
  expect((await app.request().get(none).expect(404)).headers["content-type"]).toMatch(/^application\/problem/);
});

test("a picture whose posts are all removed is gone, however fresh its bytes are in memory", async () => {
  const { body } = await upload();
  const blog = await app.blog();
  const post = await app.post(blog, { media: [{ id: body.id, alt: "A house with its number" }] });
  const { url } = body.sources[0];
  await app.request().get(url).expect(200);
  await app
    .as(await app.person("reporter"))
    .delete(`/api/blogs/${blog.slug}/posts/${post.id}`, 1)
    .send({ reason: "Privacy" })
    .expect(200);
  await app.request().get(url).expect(410);
});

test("while the store is away uploads are 503 and leave nothing, and the same request succeeds once it is back", async () => {
  const { body: known } = await upload();
  const [inMemory, other] = known.sources;
  await app.request().get(inMemory.url).expect(200);
  const [before, rows] = [await bucket.names(), await pictures()];
  await bucket.goAway();
  const key = randomUUID();
  const refused = await upload(key);
  expect([refused.status, refused.body.code, refused.headers["retry-after"]]).toEqual([503, "unavailable", "2"]);
  expect(refused.text).not.toMatch(/S3|ECONN|127\.0\.0\.1|bucket/);
  await app.request().get(inMemory.url).expect(200);
  await app.request().get(other.url).expect(503);
  expect(await pictures()).toBe(rows);
  const blog = await app.blog();
  await app.post(blog, { body: "<p>Text goes on</p>" });
  await bucket.comeBack();
  const { status, body } = await upload(key);
  expect(status).toBe(201);
  await app.request().get(other.url).expect(200);
  expect(await bucket.names()).toEqual([...before, ...namesOf(body)].sort());
});

test("what is left of an upload that the store cut off half-way is swept away later, and nothing else", async () => {
  const { db, sql, pictures: store } = app.app.context;
  const before = await bucket.names();
  bucket.putsLeft = 4;
  expect((await upload()).status).toBe(503);
  expect(await bucket.names()).toEqual(before);

  bucket.putsLeft = Infinity;

  // The server dies between the files and the row: what it wrote down before them is all there is to go by.
  await store.put("f".repeat(32) + "-320.webp", Buffer.from("left behind"), "image/webp");
  await sql`insert into pictures_being_kept ${sql({ id: "f".repeat(32), files: [`${"f".repeat(32)}-320.webp`] })}`;
  await sweepFiles(db, store);
  expect(await bucket.names()).toHaveLength(before.length + 1);
  await sql`update pictures_being_kept set begun_at = now() - interval '2 hours'`;
  await bucket.goAway();
  await sweepFiles(db, store);
  await bucket.comeBack();
  await sweepFiles(db, store);
  expect(await bucket.names()).toEqual(before);
  expect(await sql`select id from pictures_being_kept`).toHaveLength(0);
});

const { endpoint } = bucket.settings;
const REFUSED: [what: string, settings: Record<string, string>, sentence: RegExp][] = [
  ["a wrong key", { S3_ACCESS_KEY_ID: "NOBODY" }, /^http:\S+ refuses the keys in S3_ACCESS_KEY_ID and S3_SECRET_ACC/],
  ["a wrong secret", { S3_SECRET_ACCESS_KEY: "wrong" }, /^http:\S+ refuses the keys in S3_ACCESS_KEY_ID and S3_SECR/],
  ["a bucket that is not there", { S3_BUCKET: "other" }, /^The bucket other named in S3_BUCKET does not exist at http/],
];

test.each(REFUSED)("%s stops the start with one plain sentence", async (_what, settings, sentence) => {
  const { code, stdout, stderr } = await runToEnd("main.ts", { ...environment(), ...settings });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("an address where something else answers stops the start", async () => {
  const { code, stderr } = await runToEnd("main.ts", { ...environment(), S3_ENDPOINT: app.url });
  expect([code, stderr]).toEqual([
    1,
    `What answers at ${app.url} is no S3 store that has the bucket ${bucket.settings.bucket}.\n`,
  ]);
});

test("a store that does not answer does not keep the newsroom from starting, and the log says so", async () => {
  const server = new ServerProcess({ ...environment(), S3_ENDPOINT: "http://127.0.0.1:1", LOG_LEVEL: "error" });
  servers.push(server);
  expect((await fetch(`${await server.url()}/readyz`)).status).toBe(200);
  expect(server.output).toMatch(/"The bucket live-pictures failed: .*ECONNREFUSED/);
  expect(server.output).not.toContain("S3RVER");
});

test("settings of a bucket that are not whole are refused", () => {
  const read = (settings: object) => () => readConfig({ ...settings });
  expect(read({ S3_ENDPOINT: endpoint })).toThrow("S3_BUCKET is needed");
  expect(read({ S3_BUCKET: "b", S3_ACCESS_KEY_ID: "a" })).toThrow("only together");
  expect(read({ S3_BUCKET: "b", S3_ENDPOINT: "ftp://x" })).toThrow("S3_ENDPOINT cannot be used");
  expect(readConfig({ S3_BUCKET: "b" }).bucket).toEqual({
    bucket: "b",
    endpoint: null,
    region: "us-east-1",
    keys: null,
    pathStyle: true,
  });
});

const environment = (): Record<string, string> => ({
  DATABASE_URL: app.databaseUrl,
  DATA_DIR: app.app.context.config.dataDir,
  AUTH_SECRET,
  MIGRATE: "off",
  LOG_LEVEL: "silent",
  DRAIN_SECONDS: "0",
  S3_BUCKET: bucket.settings.bucket,
  S3_ENDPOINT: endpoint,
  S3_ACCESS_KEY_ID: "S3RVER",
  S3_SECRET_ACCESS_KEY: "S3RVER",
});
