import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { sql } from "kysely";
import type { Response } from "supertest";
import { beforeAll, describe, expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { useApp, type Person } from "./app.ts";

const app = useApp();
let blog: BlogAnswer;
let post: PostAnswer;
let editor: Person;
let posts: string;

beforeAll(async () => {
  blog = await app.blog();
  post = await app.post(blog);
  editor = await app.person("editor");
  posts = `/api/blogs/${blog.slug}/posts`;
});

const headers = (type = "application/json") => ({
  Authorization: `Bearer ${editor.token}`,
  "Idempotency-Key": randomUUID(),
  "If-Match": '"1"',
  "Content-Type": type,
});

/** A POST of these very bytes. */
const send = (body: string | Buffer, type?: string, path = posts) =>
  app.request().post(path).set(headers(type)).send(body);

/** Row counts of all tables, and every stream's version. The words of posts are read when the server comes to it. */
async function state(): Promise<string> {
  const { db } = app.app.context;
  const { rows } = await sql<{ table: string; n: string }>`
    select relname as table, (xpath('/row/n/text()', query_to_xml(format('select count(*) n from %I', relname), false, true, '')))[1]::text n
    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'post_search%' order by 1`.execute(
    db,
  );
  const streams = await sql`select blog_id, kind, version from streams order by 1, 2`.execute(db);
  return JSON.stringify([rows, streams.rows]);
}

/** Sends each, and sees to it that nothing changed and no answer tells of the inside. */
async function refused(
  cases: readonly {
    what: string;
    status: number;
    code?: string;
    errors?: object[];
    send: () => PromiseLike<Response>;
  }[],
): Promise<void> {
  const before = await state();
  for (const { what, status, code, errors, send } of cases) {
    const answer = await send();
    expect([what, answer.status]).toEqual([what, status]);
    if (code) expect([what, answer.body.code]).toEqual([what, code]);
    if (errors) expect([what, answer.body.errors]).toEqual([what, errors]);
    expect(answer.get("Content-Type")).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: `urn:dateline:problem:${answer.body.code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
    });
    expect(answer.text).not.toMatch(/node_modules|\bat \w+ \(|select |insert into|postgres|\/server\/|\.ts\b/i);
    expect(answer.text.length).toBeLessThan(4_000);
  }
  expect(await state()).toBe(before);
}

const json = (value: unknown) => () => send(JSON.stringify(value));
const wrong = (what: string, value: object, pointer: string, code: string) => ({
  what,
  status: 422,
  code: "invalid-input",
  errors: [{ pointer, code }],
  send: json(value),
});

describe("bodies", () => {
  test("what cannot be read is 400, another type 415, too much 413", async () => {
    await refused([
      { what: "not JSON", status: 400, code: "unreadable", send: () => send("{body: x}") },
      { what: "cut off", status: 400, code: "unreadable", send: () => send('{"body": "x') },
      { what: "a bare string", status: 400, code: "unreadable", send: () => send('"x"') },
      { what: "null", status: 400, code: "unreadable", send: () => send("null") },
      { what: "text", status: 415, code: "unsupported-media-type", send: () => send("body=x", "text/plain") },
      {
        what: "a form",
        status: 415,
        code: "unsupported-media-type",
        send: () => send("body=x", "application/x-www-form-urlencoded"),
      },
      {
        what: "multipart",
        status: 415,
        code: "unsupported-media-type",
        send: () => send("--x", "multipart/form-data; boundary=x"),
      },
      {
        what: "Latin-1",
        status: 415,
        code: "unsupported-media-type",
        send: () => send('{"body":"x"}', "application/json; charset=iso-8859-1"),
      },
      {
        what: "compressed",
        status: 415,
        send: () =>
          app
            .request()
            .post(posts)
            .set({ ...headers(), "Content-Encoding": "gzip" })
            .send("{}"),
      },
      { what: "over 64 KB", status: 413, code: "too-large", send: json({ body: "x".repeat(65_536) }) },
      { what: "nothing", status: 422, code: "invalid-input", send: () => send("") },
      { what: "an array", status: 422, code: "invalid-input", send: () => send("[]") },
      {
        what: "very deep",
        status: 422,
        code: "invalid-input",
        send: () => send(`{"media":${"[".repeat(5_000)}${"]".repeat(5_000)}}`),
      },
    ]);
  });

  test("whatever is not as described is 422, with a pointer and a code for each", async () => {
    await refused([
      wrong("an unknown field", { body: "x", editedAt: "2026-01-01T00:00:00Z" }, "/editedAt", "unknown-field"),
      wrong(
        "a field inside that is unknown",
        { kind: "quote", quote: { text: "x", attribution: { name: "x", age: 1 } } },
        "/quote/attribution/age",
        "unknown-field",
      ),
      wrong("an unknown field with awkward characters", { body: "x", "a/b~c": 1 }, "/a~1b~0c", "unknown-field"),
      { what: "a huge unknown field", status: 422, send: json({ body: "x", ["y".repeat(60_000)]: 1 }) },
      {
        what: "thousands of unknown fields",
        status: 422,
        send: json(Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, 1]))),
      },
      { what: "half a character in a field's name", status: 422, send: () => send('{"\\ud800":1}') },
      wrong("a wrong type", { body: 5 }, "/body", "invalid-type"),
      wrong("an object for text", { body: { $ne: null } }, "/body", "invalid-type"),
      wrong("a list for text", { headline: ["x"] }, "/headline", "invalid-type"),
      wrong("text for a switch", { body: "x", keyEvent: "true" }, "/keyEvent", "invalid-type"),
      wrong("an unknown kind", { kind: "poll", body: "x" }, "/kind", "invalid-value"),
      wrong("a status that is not for authors", { body: "x", status: "removed" }, "/status", "invalid-value"),
      wrong("NUL", { body: "a\u0000b" }, "/body", "invalid-characters"),
      wrong("an escape code", { headline: "a\u001b[2Jb" }, "/headline", "invalid-characters"),
      wrong("half a character", { headline: "a\ud800b" }, "/headline", "invalid-characters"),
      wrong("two lines in a headline", { headline: "a\nb" }, "/headline", "one-line-only"),
      wrong("a headline without anything to see", { headline: "\u200b\u2060" }, "/headline", "empty"),
      wrong("too long a headline", { headline: "x".repeat(201) }, "/headline", "too-big"),
      wrong(
        "too many pictures",
        { body: "x", media: Array.from({ length: 21 }, () => ({ id: "0".repeat(32) })) },
        "/media",
        "too-big",
      ),
      wrong(
        "a number too large for an id",
        { kind: "comment", commentId: "9".repeat(19) },
        "/commentId",
        "invalid-format",
      ),
      wrong("an id with a sign", { kind: "comment", commentId: "-1" }, "/commentId", "invalid-format"),
    ]);
  });

  test("keys that have a meaning to JavaScript have none here", async () => {
    await refused([
      {
        what: "__proto__",
        status: 422,
        code: "invalid-input",
        send: () => send('{"body":"x","__proto__":{"status":"draft"}}'),
      },
      {
        what: "constructor",
        status: 422,
        code: "invalid-input",
        send: () => send('{"body":"x","constructor":{"prototype":{"admin":true}}}'),
      },
      {
        what: "__proto__ inside",
        status: 422,
        code: "invalid-input",
        send: () => send('{"kind":"quote","quote":{"text":"x","attribution":{"name":"x","__proto__":{}}}}'),
      },
      { what: "toString", status: 422, code: "invalid-input", send: () => send('{"body":"x","toString":1}') },
    ]);
    expect(({} as Record<string, unknown>).status).toBeUndefined();
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  test("a time that does not exist is refused, not rolled over", async () => {
    const expiring = (expiresAt: unknown) => () =>
      send(JSON.stringify({ name: "x", scopes: ["read"], expiresAt }), undefined, "/api/tokens");
    await refused(
      [
        "2030-02-30T00:00:00Z",
        "2031-02-29T00:00:00Z",
        "2030-13-01T00:00:00Z",
        "2030-01-01T24:00:01Z",
        "2030-01-01",
        "2030-01-01T00:00:00",
        "tomorrow",
        1893456000000,
        "+012030-01-01T00:00:00Z",
      ].map((time) => ({ what: String(time), status: 422, code: "invalid-input", send: expiring(time) })),
    );
  });

  test("a blog's language, zone and slug must exist", async () => {
    const begin = (fields: object) => () => send(JSON.stringify({ title: "A", ...fields }), undefined, "/api/blogs");
    await refused([
      {
        what: "zone",
        status: 422,
        errors: [{ pointer: "/timeZone", code: "unknown-time-zone" }],
        send: begin({ timeZone: "Mars/Olympus" }),
      },
      {
        what: "language",
        status: 422,
        errors: [{ pointer: "/language", code: "unknown-language" }],
        send: begin({ language: "not a language" }),
      },
      {
        what: "slug",
        status: 422,
        errors: [{ pointer: "/slug", code: "invalid-format" }],
        send: begin({ slug: "../../etc" }),
      },
      {
        what: "capitals",
        status: 422,
        errors: [{ pointer: "/slug", code: "invalid-format" }],
        send: begin({ slug: "Storm" }),
      },
      {
        what: "empty title",
        status: 422,
        errors: [{ pointer: "/title", code: "empty" }],
        send: begin({ title: "  " }),
      },
    ]);
  });
});

describe("paths and queries", () => {
  const get = (path: string) => () => app.request().get(path);

  test("an id or a name that cannot be is 404", async () => {
    const patch = (id: string) => () => app.request().patch(`${posts}/${id}`).set(headers()).send({ body: "x" });
    await refused([
      ...["0", "-1", "01", "1e3", "0x1", "abc", "9".repeat(30), "1%00", "%F0%9F%98%80", "1;drop"].map((id) => ({
        what: id,
        status: 404,
        code: "not-found",
        send: patch(id),
      })),
      ...["nobody", "a%00b", "x%0Ay", "x".repeat(300), "..%2f..%2fetc", "'%20or%201=1"].map((slug) => ({
        what: slug,
        status: 404,
        code: "not-found",
        send: get(`/api/blogs/${slug}`),
      })),
      { what: "not UTF-8", status: 400, code: "unreadable", send: get("/api/blogs/%E0%A4%A") },
      {
        what: "media",
        status: 404,
        code: "not-found",
        send: () => app.request().patch("/api/media/%00").set(headers()).send({ alt: "x" }),
      },
      {
        what: "token",
        status: 404,
        code: "not-found",
        send: () => app.request().delete("/api/tokens/%00").set(headers()),
      },
      {
        what: "queue",
        status: 404,
        code: "not-found",
        send: () => app.request().get("/api/moderation/queues/%00").set(headers()),
      },
      {
        what: "another queue",
        status: 404,
        code: "not-found",
        send: () => app.request().get("/api/moderation/queues/constructor").set(headers()),
      },
      { what: "no such route", status: 404, code: "not-found", send: get("/api/nothing") },
    ]);
    for (const path of ["/media/none.jpg", "/media/..%2f..%2fpackage.json", "/media/%2e%2e/%2e%2e/package.json"]) {
      const answer = await app.request().get(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toMatch(/dateline"|ENOENT/);
    }
  });

  test("pages are as strict about names as the API", async () => {
    for (const path of [
      "/blogs/%00",
      "/blogs/a%00b/posts/1",
      "/blogs/x%0Ay/updates?after=0",
      `/blogs/${blog.slug}/posts/%00`,
      "/blogs/%F0%9F%98%80",
    ])
      expect([path, (await app.request().get(path)).status]).toEqual([path, 404]);
    expect((await app.request().get("/blogs/%E0%A4%A")).status).toBeLessThan(500);
  });

  test("a query is as strict as a body", async () => {
    const query = (text: string, errors: object[]) => ({
      what: text,
      status: 422,
      code: "invalid-input",
      errors,
      send: get(`${posts}?${text}`),
    });
    await refused([
      query("limit=0", [{ pointer: "query:limit", code: "invalid-format" }]),
      query("limit=101", [{ pointer: "query:limit", code: "too-big" }]),
      query("limit=1e1", [{ pointer: "query:limit", code: "invalid-format" }]),
      query("limit=", [{ pointer: "query:limit", code: "invalid-format" }]),
      query("limit=2&limit=3", [{ pointer: "query:limit", code: "invalid-type" }]),
      query("limit[]=2", [{ pointer: "query:limit[]", code: "unknown-field" }]),
      query("before=x", [{ pointer: "query:before", code: "invalid-format" }]),
      query(`before=${post.id}&before=${post.id}`, [{ pointer: "query:before", code: "invalid-type" }]),
      query("filter=all", [{ pointer: "query:filter", code: "invalid-value" }]),
      query("nonsense=1", [{ pointer: "query:nonsense", code: "unknown-field" }]),
      query("__proto__=1", [{ pointer: "query:__proto__", code: "unknown-field" }]),
      { what: "state", status: 422, code: "invalid-input", send: get("/api/blogs?state=open") },
      {
        what: "blog twice",
        status: 422,
        code: "invalid-input",
        send: () => app.request().get(`/api/moderation/audit?blog=${blog.slug}&blog=x`).set(headers()),
      },
      {
        what: "NUL",
        status: 422,
        code: "invalid-input",
        send: () => app.request().get("/api/moderation/queues/pending?blog=%00").set(headers()),
      },
      {
        what: "no such blog",
        status: 404,
        code: "not-found",
        send: () => app.request().get("/api/moderation/queues/pending?blog=nowhere").set(headers()),
      },
    ]);
  });

  test("what a path cannot do is 405 and says what it can", async () => {
    const answer = await app.request().put("/api/blogs").set(headers()).send("{}").expect(405);
    expect(answer.body.code).toBe("method-not-allowed");
    expect(answer.get("Allow")).toBe("GET, POST, HEAD, OPTIONS");
    await app.request().delete(posts).set(headers()).expect(405);
    await app.request().patch(`/api/blogs/${blog.slug}/closure`).set(headers()).send("{}").expect(405);
    expect((await app.request().options(posts).expect(204)).get("Allow")).toBe("GET, POST, HEAD, OPTIONS");
    await app.request().head(posts).expect(200);
    expect(
      (
        await app
          .request()
          .options(posts)
          .set({ Origin: "https://evil.example", "Access-Control-Request-Method": "POST" })
      ).get("Access-Control-Allow-Origin"),
    ).toBeUndefined();
  });

  test("a browser that asks for a page gets the refusal as a page", async () => {
    const page = await app.request().get("/blogs/nowhere").set("Accept", "text/html").expect(404);
    expect(page.get("Content-Type")).toMatch(/^text\/html/);
    const api = await app.request().get("/api/blogs/nowhere").set("Accept", "text/html").expect(404);
    expect(api.get("Content-Type")).toMatch(/^application\/problem\+json/);
  });
});

test("a request that is cut off in its body changes nothing, and the next one is served", async () => {
  const before = await state();
  const { hostname, port } = new URL(app.url);
  await new Promise<void>((resolve) => {
    const request = httpRequest({
      hostname,
      port,
      path: posts,
      method: "POST",
      headers: { ...headers(), "Content-Length": 500 },
    });
    request.once("error", () => resolve());
    request.write('{"body":"x', () => request.destroy(new Error("cut")));
  });
  await app.request().get(posts).expect(200);
  expect(await state()).toBe(before);
});
