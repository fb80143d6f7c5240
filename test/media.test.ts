import { randomUUID } from "node:crypto";
import { request as send, type ClientRequest } from "node:http";
import { readdir, readFile, rm, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import { connect } from "../server/connection.ts";
import { AUTH_SECRET, useApp, type Person } from "./app.ts";
import { pngChunk, withChunks } from "./picture-bytes.ts";
import { ServerProcess } from "./server-process.ts";

const app = useApp();

const drawing = (width = 60, height = 40): Sharp =>
  sharp({ create: { width, height, channels: 3, background: "#a33" } });
const directory = () => app.app.context.config.mediaDir;
const files = () => readdir(directory()).catch(() => [] as string[]);

/** Uploads as a reporter, or as somebody else. */
async function upload(bytes: Buffer, type: string, { key = randomUUID(), by }: { key?: string; by?: Person } = {}) {
  const { token } = by ?? (await app.person("reporter"));
  return app
    .request()
    .post("/api/media")
    .set({ Authorization: `Bearer ${token}`, "Idempotency-Key": key, "Content-Type": type })
    .send(bytes);
}

test("a picture of any usual type is kept in sizes that pages need, as AVIF, WebP and JPEG", async () => {
  const types = {
    jpeg: "image/jpeg",
    png: "image/png",
    webp: "image/webp",
    gif: "image/gif",
    avif: "image/avif",
  } as const;
  for (const [format, type] of Object.entries(types)) {
    const answer = await upload(
      await drawing(700, 350)
        .toFormat(format as keyof typeof types)
        .toBuffer(),
      type,
    );
    expect([format, answer.status]).toEqual([format, 201]);
    expect(answer.body).toMatchObject({ width: 700, height: 350, alt: "", caption: "", credit: "", focalPoint: null });
    expect(answer.body.sources.map(({ width, type }: { width: number; type: string }) => `${width} ${type}`)).toEqual(
      [320, 640, 700].flatMap((width) => [`${width} image/avif`, `${width} image/webp`, `${width} image/jpeg`]),
    );
    for (const { url, width, type } of answer.body.sources) {
      const got = await app.request().get(url).expect(200);
      expect(got.get("Content-Type")).toBe(type);
      expect(got.get("Cache-Control")).toBe("public, max-age=60");
      await app.request().get(url).set("If-None-Match", got.get("ETag")!).expect(304);
      expect((await sharp(got.body).metadata()).width).toBe(width);
    }
  }
});

test("grey, transparent, deep and print-coloured pictures come out as what a screen shows", async () => {
  const red = sharp({
    create: { width: 20, height: 20, channels: 4, background: { r: 200, g: 30, b: 30, alpha: 0.5 } },
  });
  const odd: [string, Buffer, string][] = [
    ["grey", await drawing(20, 20).greyscale().jpeg().toBuffer(), "image/jpeg"],
    ["print", await drawing(20, 20).toColourspace("cmyk").jpeg().toBuffer(), "image/jpeg"],
    ["deep", await drawing(20, 20).toColourspace("rgb16").png().toBuffer(), "image/png"],
    ["transparent", await red.png().toBuffer(), "image/png"],
  ];
  for (const [what, bytes, type] of odd) {
    const { body, status } = await upload(bytes, type);
    expect([what, status]).toEqual([what, 201]);
    const kept = sharp((await app.request().get(body.sources[2].url)).body);
    const { space, hasAlpha, depth } = await kept.metadata();
    expect([what, space, hasAlpha, depth]).toEqual([what, "srgb", false, "uchar"]);
    const [r, g] = [...(await kept.raw().toBuffer())];
    if (what !== "grey") expect([what, r! - g! > 60]).toEqual([what, true]);
  }
});

test("nothing of where, when and with what a photo was taken is left in any size", async () => {
  const secret = "48.8583 North, Jane Source";
  const photo = await drawing(700, 400)
    .withExif({ IFD0: { Artist: secret, Make: "Phone" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 51/1 29/1" } })
    .withXmp(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="${secret}"/></rdf:RDF></x:xmpmeta>`,
    )
    .withIccProfile("p3")
    .jpeg()
    .toBuffer();
  const png = withChunks(await drawing(50, 50).png().toBuffer(), [["tEXt", Buffer.from(`Comment\0${secret}`)]]);
  for (const [bytes, type] of [
    [photo, "image/jpeg"],
    [png, "image/png"],
  ] as const) {
    expect(bytes.includes(secret)).toBe(true);
    const { body } = await upload(bytes, type);
    for (const { url } of body.sources) {
      const kept = await readFile(join(directory(), url.split("/").at(-1)));
      const { exif, xmp, iptc, comments } = await sharp(kept).metadata();
      expect([exif, xmp, iptc, comments]).toEqual([undefined, undefined, undefined, undefined]);
      expect(kept.includes("Jane Source")).toBe(false);
      expect(kept.includes("GPS")).toBe(false);
    }
  }
});

test("a picture is kept upright, whatever way the phone was held", async () => {
  const sideways = await drawing(80, 30).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { body } = await upload(sideways, "image/jpeg");
  expect([body.width, body.height]).toEqual([30, 80]);
  const kept = await sharp((await app.request().get(body.sources[0].url)).body).metadata();
  expect([kept.width, kept.height, kept.orientation]).toEqual([30, 80, undefined]);
});

test("the bytes decide what a picture is, and nothing but a picture is kept", async () => {
  const png = await drawing().png().toBuffer();
  expect((await upload(png, "image/jpeg")).status).toBe(201);
  const before = await files();
  const refusals: [string, Buffer, string, number][] = [
    ["a zip", Buffer.from("504b0304140000000800", "hex"), "image/jpeg", 415],
    ["a page", Buffer.from("<html><script>alert(1)</script></html>"), "image/png", 415],
    [
      "a drawing that can run",
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
      "image/png",
      415,
    ],
    ["an SVG by its own name", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), "image/svg+xml", 415],
    ["a TIFF", await drawing().tiff().toBuffer(), "image/jpeg", 415],
    ["the beginning of a JPEG", (await drawing().jpeg().toBuffer()).subarray(0, 40), "image/jpeg", 415],
    [
      "a JPEG's first bytes before a page",
      Buffer.concat([Buffer.from("ffd8ffe0", "hex"), Buffer.from("<script>")]),
      "image/jpeg",
      415,
    ],
    ["a film", Buffer.from("0000001c6674797069736f6d0000020069736f6d69736f32", "hex"), "image/avif", 415],
    ["nothing", Buffer.alloc(0), "image/jpeg", 415],
    ["JSON", Buffer.from("{}"), "application/json", 415],
    ["more pixels than any photo", pngOf(60_000, 60_000), "image/png", 422],
    ["too many bytes", Buffer.alloc(20 * 1024 * 1024 + 1), "image/jpeg", 413],
  ];
  for (const [what, bytes, type, status] of refusals) {
    const answer = await upload(bytes, type);
    expect([what, answer.status]).toEqual([what, status]);
    expect(answer.text).not.toMatch(/vips|sharp|libheif|node_modules/i);
  }
  expect((await upload(pngOf(60_000, 60_000), "image/png")).body.errors).toEqual([
    { pointer: "/", code: "too-many-pixels" },
  ]);
  expect(await files()).toEqual(before);
});

test("a duplicate upload is answered with the first picture, and keeps one set of files", async () => {
  const bytes = await drawing().jpeg().toBuffer();
  const before = (await files()).length;
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 5 }, () => upload(bytes, "image/jpeg", { key })));
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(5).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect((await files()).length - before).toBe(3);
  for (const { url } of answers[0]!.body.sources) await app.request().get(url).expect(200);
  expect((await upload(await drawing(5, 5).png().toBuffer(), "image/png", { key })).status).toBe(422);
  expect((await files()).length - before).toBe(3);
});

test("an upload that fails leaves no file, and a directory that cannot be written to is no 201", async () => {
  const bytes = await drawing().jpeg().toBuffer();
  const { sql } = app.app.context;
  const before = await files();
  await sql`alter table media add constraint full_up check (id = '') not valid`;
  expect((await upload(bytes, "image/jpeg")).status).toBe(500);
  await sql`alter table media drop constraint full_up`;
  expect(await files()).toEqual(before);

  await rm(directory(), { recursive: true, force: true });
  await writeFile(directory(), "in the way");
  const answer = await upload(bytes, "image/jpeg");
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain(directory());
  await rm(directory());
  await mkdir(directory());
  expect((await upload(bytes, "image/jpeg")).status).toBe(201);
});

test("who may write a post in any blog may upload, and others are refused before their bytes are read", async () => {
  const blog = await app.blog();
  const bytes = await drawing().jpeg().toBuffer();
  expect((await upload(bytes, "image/jpeg", { by: await app.person("reporter", blog.id) })).status).toBe(201);
  expect((await upload(bytes, "image/jpeg", { by: await app.person("contributor") })).status).toBe(201);
  const large = Buffer.alloc(30 * 1024 * 1024);
  expect(
    (await upload(large, "image/jpeg", { by: await app.person("reader") }).catch(() => ({ status: 403 }))).status,
  ).toBe(403);
  expect((await upload(bytes, "image/jpeg", { by: await app.person("moderator") })).status).toBe(403);
});

test("a picture can be described by whoever made it, or by those who may write for all", async () => {
  const [contributor, other] = [
    await app.newPerson({ role: "contributor" }),
    await app.newPerson({ role: "contributor" }),
  ];
  const { body, headers } = await upload(await drawing().jpeg().toBuffer(), "image/jpeg", { by: contributor });
  expect(headers.location).toBe(`/api/media/${body.id}`);
  const path = `/api/media/${body.id}`;
  await app.as(other).patch(path, 1).send({ alt: "Mine" }).expect(403);
  const described = await app
    .as(contributor)
    .patch(path, 1)
    .send({ alt: "The harbour at dawn", focalPoint: { x: 0.25, y: 1 } })
    .expect(200);
  expect(described.body).toMatchObject({ alt: "The harbour at dawn", caption: "", focalPoint: { x: 0.25, y: 1 } });
  expect(described.headers.etag).toBe('"2"');
  const stale = await app
    .as(await app.person("editor"))
    .patch(path, 1)
    .send({ alt: "Late" })
    .expect(412);
  expect(stale.body.current.alt).toBe("The harbour at dawn");
  await app
    .as(contributor)
    .patch(path, 2)
    .send({ focalPoint: { x: 2, y: 0 } })
    .expect(422);
  await app
    .as(contributor)
    .patch(`/api/media/${"0".repeat(32)}`, 1)
    .send({ alt: "x" })
    .expect(404);
});

test("a draft may show a picture that nobody described yet, and cannot be published before somebody does", async () => {
  const [blog, reporter] = [await app.blog(), app.as(await app.person("reporter"))];
  const { body: picture } = await upload(await drawing().jpeg().toBuffer(), "image/jpeg");
  const { body: other } = await upload(await drawing().jpeg().toBuffer(), "image/jpeg");
  const media = [{ id: other.id, alt: "The quay" }, { id: picture.id }];
  const posts = `/api/blogs/${blog.slug}/posts`;
  const refused = await reporter.post(posts).send({ media }).expect(422);
  expect(refused.body.errors).toEqual([{ pointer: "/media/1/alt", code: "required" }]);
  const { body: draft } = await reporter.post(posts).send({ media, status: "draft" }).expect(201);
  expect(draft.media[1].alt).toBe("");
  const path = `${posts}/${draft.id}`;
  const early = await reporter.patch(path, 1).send({ status: "published" }).expect(422);
  expect(early.body.errors).toEqual([{ pointer: "/media/1/alt", code: "required" }]);
  const described = [media[0], { id: picture.id, alt: "The mole" }];
  const { body: post } = await reporter.patch(path, 1).send({ status: "published", media: described }).expect(200);
  expect(post.media[1].alt).toBe("The mole");
  await reporter.patch(path, 2).send({ media }).expect(422);
});

test("a use of a picture has its own focal point, or else the picture's", async () => {
  const [blog, person] = [await app.blog(), await app.person("reporter")];
  const { body: picture } = await upload(await drawing().jpeg().toBuffer(), "image/jpeg", { by: person });
  const own = { x: 0.25, y: 0.75 };
  await app.as(person).patch(`/api/media/${picture.id}`, 1).send({ focalPoint: own }).expect(200);
  const shown = async (use: object) => (await app.post(blog, { media: [{ id: picture.id, alt: "x", ...use }] })).media;
  expect((await shown({}))[0]!.focalPoint).toEqual(own);
  expect((await shown({ focalPoint: { x: 1, y: 0 } }))[0]!.focalPoint).toEqual({ x: 1, y: 0 });
  expect((await shown({ focalPoint: null }))[0]!.focalPoint).toBeNull();
  for (const focalPoint of [{ x: 1.01, y: 0 }, { x: 0 }, { x: "0", y: 0 }, { x: 0, y: 0, z: 0 }, []])
    await app
      .as(person)
      .post(`/api/blogs/${blog.slug}/posts`)
      .send({ media: [{ id: picture.id, alt: "x", focalPoint }] })
      .expect(422);
});

test("the newest of one's own pictures are listed by cursor, without those that were taken from the public", async () => {
  const [person, other] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "contributor" })];
  const bytes = await drawing(8, 8).png().toBuffer();
  const made: string[] = [];
  for (let n = 0; n < 4; n++) made.unshift((await upload(bytes, "image/png", { by: person })).body.id);
  const { body: others } = await upload(bytes, "image/png", { by: other });
  const list = async (query: string, by = person) => (await app.as(by).get(`/api/media?mine${query}`).expect(200)).body;
  const ids = ({ media }: { media: { id: string }[] }) => media.map(({ id }) => id);
  const first = await list("&limit=3");
  expect([ids(first), first.next]).toEqual([made.slice(0, 3), made[2]]);
  const rest = await list(`&limit=3&before=${first.next}`);
  expect([ids(rest), rest.next]).toEqual([made.slice(3), null]);
  expect(ids(await list("", other))).toEqual([others.id]);

  const blog = await app.blog();
  const post = await app.post(blog, { media: [{ id: made[1], alt: "x" }] });
  expect(ids(await list(""))).toEqual(made);
  const path = `/api/blogs/${blog.slug}/posts/${post.id}`;
  await app
    .as(await app.person("editor"))
    .delete(path, 1)
    .send({ reason: "Privacy" })
    .expect(200);
  expect(ids(await list(""))).toEqual(made.filter((id) => id !== made[1]));
  for (const query of ["", "?mine=no", "?mine&limit=0", `?mine&before=${others.id}`, "?mine&before=1"])
    await app.as(person).get(`/api/media${query}`).expect(422);
  await app.request().get("/api/media?mine").expect(401);
});

test("several pictures at once are all kept", async () => {
  const before = (await files()).length;
  const bytes = await drawing().jpeg().toBuffer();
  const answers = await Promise.all(Array.from({ length: 6 }, () => upload(bytes, "image/jpeg")));
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(6).fill(201));
  expect((await files()).length - before).toBe(6 * 3);
});

test("an upload that is called off leaves nothing, while it is sent and while it is worked on", async () => {
  const before = await files();
  const { sql } = app.app.context;
  const rows = async () => Number((await sql`select count(*) n from media`)[0]!.n);
  const count = await rows();
  const photo = await large();

  const sending = await beginUpload(app.url, photo.subarray(0, 1000), photo.length);
  sending.destroy();
  const working = await beginUpload(app.url, photo, photo.length);
  while (!(await darkrooms(process.pid)).length);
  working.destroy();
  while ((await darkrooms(process.pid)).length);
  expect((await upload(await drawing().jpeg().toBuffer(), "image/jpeg")).status).toBe(201);
  expect(await rows()).toBe(count + 1);
  expect(await files()).toHaveLength(before.length + 3);
});

test("a server that is killed over an upload leaves nothing, and the same request succeeds afterwards", async () => {
  const settings = {
    DATABASE_URL: app.databaseUrl,
    DATA_DIR: app.app.context.config.dataDir,
    AUTH_SECRET,
    MIGRATE: "off",
    LOG_LEVEL: "error",
    DRAIN_SECONDS: "0",
  };
  const before = await files();
  const [photo, key] = [await large(), randomUUID()];
  const server = new ServerProcess(settings);
  const url = await server.url();
  const upload = await beginUpload(url, photo, photo.length, key);
  while (!(await darkrooms(server.child.pid!)).length);
  await server.end("SIGKILL");
  upload.destroy();
  expect(await files()).toEqual(before);
  const again = await app
    .request()
    .post("/api/media")
    .set({ ...(await headers()), "Idempotency-Key": key })
    .send(photo)
    .expect(201);
  expect(await files()).toHaveLength(before.length + again.body.sources.length);
});

test("a picture is gone once every post that shows it is removed, however its name is spelt", async () => {
  const [blog, reporter] = [await app.blog(), app.as(await app.person("reporter"))];
  const { body: picture } = await upload(await drawing().jpeg().toBuffer(), "image/jpeg");
  const urls: string[] = picture.sources.map(({ url }: { url: string }) => url);
  const get = (path: string, headers = {}) => app.request().get(path).set(headers);
  const media = [{ id: picture.id, alt: "A house with its number" }];
  const [first, second] = [await app.post(blog, { media }), await app.post(blog, { media })];
  const etag = (await get(urls[0]!).expect(200)).get("ETag")!;
  const remove = (id: string) => reporter.delete(`/api/blogs/${blog.slug}/posts/${id}`, 1).send({ reason: "Privacy" });
  await remove(first.id).expect(200);
  for (const url of urls) await get(url).expect(200);
  await remove(second.id).expect(200);
  for (const url of urls) {
    const answer = await get(url, { "If-None-Match": etag }).expect(410);
    expect(answer.get("Cache-Control")).toBe("no-store");
  }
  const name = urls[0]!.slice("/media/".length);
  for (const path of [
    `/media/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
    `/media//${name}`,
    `/MEDIA/${name}`,
  ])
    expect([path, (await get(path)).status]).not.toEqual([path, 200]);
});

test("no picture is shown while nobody can tell whether it was withdrawn", async () => {
  const { body: picture } = await upload(await drawing().jpeg().toBuffer(), "image/jpeg");
  const { url } = picture.sources[0];
  const holder = connect(app.databaseUrl, { max: 1 });
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = holder.begin(async (sql) => {
    await sql`lock table posts in access exclusive mode`;
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const answer = await app.request().get(url);
  expect([answer.status, answer.body.code]).toEqual([503, "unavailable"]);
  release.resolve();
  await holding;
  await holder.end();
  await app.request().get(url).expect(200);
});

const headers = async () => ({
  Authorization: `Bearer ${(await app.person("reporter")).token}`,
  "Content-Type": "image/jpeg",
});

/** Takes a second or more to be worked on. */
const large = (): Promise<Buffer> =>
  sharp({
    create: {
      width: 2400,
      height: 1800,
      channels: 3,
      background: "#000",
      noise: { type: "gaussian", mean: 128, sigma: 30 },
    },
  })
    .jpeg()
    .toBuffer();

/** Sends the beginning of an upload, or all of it, and does not wait for the answer. */
async function beginUpload(url: string, bytes: Buffer, length: number, key = randomUUID()): Promise<ClientRequest> {
  const request = send(`${url}/api/media`, {
    method: "POST",
    headers: { ...(await headers()), "Idempotency-Key": key, "Content-Length": length },
  });
  request.on("error", () => {});
  await new Promise<void>((resolve) => request.write(bytes, () => resolve()));
  return request;
}

/** The processes in which a server works on pictures at this moment. */
async function darkrooms(server: number): Promise<string[]> {
  const threads = await readdir(`/proc/${server}/task`);
  const children = await Promise.all(
    threads.map((thread) => readFile(`/proc/${server}/task/${thread}/children`, "utf8").catch(() => "")),
  );
  const lines = await Promise.all(
    children
      .flatMap((pids) => pids.split(" ").filter(Boolean))
      .map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes("darkroom-process"));
}

/** A PNG that says it has this many pixels and holds next to none. */
function pngOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(Buffer.alloc(100))),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}
