import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { EmbedAnswer } from "../server/embeds/embeds.ts";
import { useApp, type Person } from "./app.ts";
import { bytesOf, openGraph, openSite, pageOf, pictureWithSecret } from "./site.ts";

const SECRET = "Jane Source, 48.8583 North";

const site = await openSite();
const app = useApp({ embedAllowHosts: [site.socket] });
afterAll(() => site.close());
beforeEach(() => void site.asked.splice(0));

async function embed(url: string, by?: Person): Promise<{ status: number; body: EmbedAnswer }> {
  return app
    .as(by ?? (await app.person("reporter")))
    .post("/api/embeds")
    .send({ url });
}

async function storm(path: string): Promise<string> {
  site.pages[path] = pageOf(
    openGraph({ title: "Storm at sea", description: "Nobody sails", site_name: "Harbour News", image: `${path}.jpg` }),
  );
  site.pages[`${path}.jpg`] = bytesOf(await pictureWithSecret(SECRET), "image/jpeg");
  return site.url + path;
}

test("a link becomes a card, whose picture is ours and holds nothing of the original's metadata", async () => {
  const url = await storm("/storm");
  const { status, body } = await embed(url);
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^\d+$/),
    kind: "card",
    provider: "web",
    providerId: null,
    url,
    title: "Storm at sea",
    description: "Nobody sails",
    author: null,
    siteName: "Harbour News",
    picture: { url: expect.stringMatching(/^\/media\/[\w-]+\.jpg$/), width: 120, height: 63 },
  });
  const picture = await app.request().get(body.picture!.url).expect(200);
  expect(picture.get("Content-Type")).toBe("image/jpeg");
  expect((picture.body as Buffer).includes("Jane Source")).toBe(false);
  const reporter = app.as(await app.person("reporter"));
  expect((await reporter.get(`/api/embeds/${body.id}`).expect(200)).body).toEqual(body);
  await reporter.get("/api/embeds/999999999").expect(404);
});

test("a link that is known is not asked about again, whoever names it", async () => {
  const url = await storm("/known");
  const { body: first } = await embed(url);
  const { status, body } = await embed(`${url}?utm_source=mail`, await app.person("contributor"));
  expect([status, body]).toEqual([200, first]);
  expect(site.asked).toEqual(["/known", "/known.jpg"]);
});

test("two who name the same link at once get the same card, and no file is left over", async () => {
  const before = (await readdir(app.app.context.config.mediaDir)).length;
  const url = await storm("/both");
  const [one, other] = await Promise.all([embed(url), embed(url)]);
  expect(one.body).toEqual(other.body);
  const files = await readdir(app.app.context.config.mediaDir);
  const name = one.body.picture!.url.replace("/media/", "").replace(/-.*/, "");
  expect(files.length - before).toBe(files.filter((file) => file.startsWith(name)).length);
});

test("a page that was away gives a plain link, and its card when it is asked about again", async () => {
  const url = `${site.url}/away`;
  const away = await embed(url);
  expect([away.status, away.body]).toEqual([
    201,
    expect.objectContaining({ kind: "link", url, title: null, description: null, picture: null }),
  ]);
  const still = await embed(url);
  expect([still.status, still.body]).toEqual([200, away.body]);
  await storm("/away");
  const back = await embed(url);
  expect([back.status, back.body]).toEqual([
    200,
    expect.objectContaining({ id: away.body.id, kind: "card", title: "Storm at sea" }),
  ]);
});

test("a page that never answers, and pictures that are none, leave what there is to show", async () => {
  site.pages["/silent"] = () => {};
  site.pages["/zip"] = pageOf(openGraph({ title: "Not a picture", image: "/zip.jpg" }));
  site.pages["/zip.jpg"] = bytesOf(Buffer.from("PK\u0003\u0004 a zip"), "image/jpeg");
  const began = performance.now();
  const [silent, zip] = await Promise.all([embed(`${site.url}/silent`), embed(`${site.url}/zip`)]);
  expect([silent.status, silent.body.kind]).toEqual([201, "link"]);
  expect(performance.now() - began).toBeLessThan(9_000);
  expect([zip.status, zip.body]).toMatchObject([201, { kind: "card", title: "Not a picture", picture: null }]);
});

test("what is no public link is refused, and nothing is kept", async () => {
  const reporter = app.as(await app.person("reporter"));
  const count = async () =>
    (
      await app.app.context.db
        .selectFrom("embeds")
        .select((eb) => eb.fn.countAll().as("n"))
        .executeTakeFirstOrThrow()
    ).n;
  const before = await count();
  const own = new URL(app.url).port;
  for (const [url, code] of [
    ["javascript:alert(1)", "invalid-format"],
    ["data:text/html,<script>alert(1)</script>", "invalid-format"],
    ["file:///etc/passwd", "invalid-format"],
    ["ftp://news.example/", "invalid-format"],
    ["not a link", "invalid-format"],
    ["https://me:secret@news.example/", "has-password"],
    [`https://news.example/${"x".repeat(2_000)}`, "too-big"],
    ["http://169.254.169.254/latest/meta-data/", "not-public"],
    ["http://[::ffff:10.0.0.1]/", "not-public"],
    ["http://2130706433/", "not-public"],
    ["http://localhost/", "not-public"],
  ] as const) {
    const { status, body } = await reporter.post("/api/embeds").send({ url });
    expect([url, status, body.errors]).toEqual([url, 422, [{ pointer: "/url", code }]]);
  }
  // Another port is not asked at all, this server's own among them.
  expect((await embed(`http://127.0.0.1:${own}/healthz`)).body).toMatchObject({ kind: "link", title: null });
  expect(await count()).toBe(String(Number(before) + 1));
});

test("the same request twice under one key makes one card", async () => {
  const url = await storm("/twice");
  const { token } = await app.person("reporter");
  const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": randomUUID() };
  const first = await app.request().post("/api/embeds").set(headers).send({ url }).expect(201);
  const second = await app.request().post("/api/embeds").set(headers).send({ url });
  expect(second.body).toEqual(first.body);
});

test("who writes no posts turns no links into cards", async () => {
  for (const role of ["reader", "moderator"] as const)
    expect((await embed(`${site.url}/x`, await app.person(role))).status).toBe(403);
  await app.request().post("/api/embeds").send({ url: "https://news.example/" }).expect(401);
  expect(site.asked).toEqual([]);
});
