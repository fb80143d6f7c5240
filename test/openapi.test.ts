import { createECDH } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { Response } from "supertest";
import { beforeAll, expect, test } from "vitest";
import { PERMISSIONS } from "../server/auth/permissions.ts";
import { useApp } from "./app.ts";

const app = useApp();

interface Operation {
  summary: string;
  security: object[];
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
let document: { openapi: string; paths: Record<string, Record<string, Operation>>; components?: object };

beforeAll(async () => {
  document = (await app.request().get("/api/openapi.json").expect(200).expect("Content-Type", /json/)).body;
});

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test("the description covers every route, and none that is not there", () => {
  expect(document.openapi).toBe("3.1.0");
  const described = operations().map(({ method, path }) => `${method} ${path}`);
  const mounted = app.app.routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  expect(described.sort()).toEqual(mounted.sort());
});

test("every reference in it leads somewhere, and every operation tells its parameters and answers", () => {
  for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g))
    expect([
      reference,
      reference!.split("/").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document),
    ]).not.toEqual([reference, undefined]);
  for (const { path, method, operation } of operations()) {
    const where = `${method} ${path}`;
    expect(operation.summary).toMatch(/^[A-Z]/);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const parameters = operation.parameters ?? [];
    expect([where, parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name)]).toEqual([
      where,
      inPath,
    ]);
    for (const parameter of parameters) {
      // A blog is told apart by its slug and a link by itself, so their keys may be left out.
      const byName = ["post /api/blogs", "post /api/embeds"].includes(where) && parameter.in === "header";
      const isOptional = parameter.in === "query" || byName;
      if (!isOptional) expect([where, parameter.required]).toEqual([where, true]);
    }
    expect(new Set(parameters.map((parameter) => `${parameter.in} ${parameter.name}`)).size).toBe(parameters.length);
    expect(Object.keys(operation.responses).filter((status) => /^2\d\d$/.test(status))).not.toEqual([]);
    expect(operation.responses.default!.content).toHaveProperty(["application/problem+json"]);
    if (method === "get" || method === "delete") continue;
    const route = app.app.routes.find(
      (route) => route.method === method && route.path.replace(/:(\w+)/g, "{$1}") === path,
    )!;
    expect([where, Boolean(operation.requestBody)]).toEqual([where, Boolean(route.body ?? route.raw)]);
  }
});

test("the page for people lists every route too", async () => {
  const { text } = await app.request().get("/api/docs").expect(200).expect("Content-Type", /html/);
  for (const { method, path } of app.app.routes) expect(text).toContain(`<code>${method.toUpperCase()} ${path}</code>`);
  expect(text).toContain("For contributor (their own), reporter, editor, admin.");
});

test("it says which routes are open to everybody", () => {
  for (const route of app.app.routes) {
    const operation = document.paths[route.path.replace(/:(\w+)/g, "{$1}")]![route.method]!;
    expect([route.path, operation.security.length === 0]).toEqual([route.path, PERMISSIONS[route.action][1] !== null]);
  }
});

test("what each route answers is exactly what the description says", async () => {
  const seen = new Set<string>();
  /** Finds the route that was asked, and holds its answer against the schema; a field that is not described fails. */
  const check = (response: Response): Response["body"] => {
    const { method, url } = response.request as unknown as { method: string; url: string };
    const path = new URL(url).pathname;
    const route = app.app.routes.find(
      (route) =>
        route.method === method.toLowerCase() && new RegExp(`^${route.path.replace(/:\w+/g, "[^/]+")}$`).test(path),
    );
    expect([`${method} ${path}`, Boolean(route)]).toEqual([`${method} ${path}`, true]);
    expect([`${method} ${path}`, Object.keys(route!.answers)]).toEqual([
      `${method} ${path}`,
      expect.arrayContaining([String(response.status)]),
    ]);
    const schema = route!.answers[response.status];
    if (schema) expect(schema.parse(response.body)).toEqual(response.body);
    else expect(response.text).toBe("");
    seen.add(`${route!.method} ${route!.path} ${response.status}`);
    return response.body;
  };
  const admin = app.as(await app.person("admin"));
  const reader = app.as(await app.newPerson());
  const slug = check(await admin.post("/api/blogs").send({ title: "Described", standfirst: "x" })).slug;
  const blog = `/api/blogs/${slug}`;
  check(await admin.get("/api/blogs"));
  check(await admin.get(blog));
  check(await admin.patch(blog, 1).send({ title: "Described well" }));
  const image = await sharp({ create: { width: 9, height: 9, channels: 3, background: "#123" } })
    .png()
    .toBuffer();
  const picture = check(await admin.post("/api/media").set("Content-Type", "image/png").send(image));
  check(await admin.get("/api/media?mine"));
  check(await admin.patch(`/api/media/${picture.id}`, 1).send({ alt: "A square", focalPoint: { x: 0, y: 0 } }));
  // A port that nothing is fetched from.
  const link = check(await admin.post("/api/embeds").send({ url: "http://news.example:9/" }));
  check(await admin.post("/api/embeds").send({ url: link.url }));
  check(await admin.get(`/api/embeds/${link.id}`));
  const comment = check(await reader.post(`${blog}/comments`).send({ body: "x" }));
  check(await reader.get(`/api/comments/${comment.id}`));
  check(await admin.get(`/api/moderation/queues/pending?blog=${slug}`));
  check(await admin.post(`/api/comments/${comment.id}/decisions`).send({ decision: "approve", version: 1 }));
  check(await admin.get(`${blog}/comments`));
  const entry = {
    headline: "x",
    body: "y",
    media: [{ id: picture.id }],
    embeds: [{ id: link.id }],
    verification: "disputed",
    verificationNote: "z",
    keyEvent: true,
    pinned: true,
  };
  const post = check(await admin.post(`${blog}/posts`).send(entry));
  check(await admin.post(`${blog}/posts`).send({ kind: "comment", commentId: comment.id }));
  check(await admin.patch(`${blog}/comment-settings`, 1).send({ newCommenterHold: 0, editWindowSeconds: 600 }));
  check(await admin.get(`${blog}/comment-settings`));
  const shown = check(await reader.post(`${blog}/comments`).send({ body: "y" }));
  const of = `/api/comments/${shown.id}`;
  check(await reader.patch(of, 1).send({ body: "z", version: 1 }));
  check(await admin.put(`${of}/reaction`));
  check(await admin.delete(`${of}/reaction`));
  check(await admin.post(`${of}/reports`).send({ reason: "spam" }));
  check(await admin.put(`${of}/feature`).send({ version: 2 }));
  check(await admin.delete(`${of}/feature`).send({}));
  check(await admin.post(`${of}/promote`));
  check(
    await admin
      .post("/api/moderation/decisions")
      .send({ decisions: [{ id: shown.id, decision: "approve", version: 4 }] }),
  );
  check(await admin.get(`${of}/history`));
  check(await admin.get("/api/moderation/audit"));
  check(await admin.get("/api/moderation/counts"));
  check(await admin.get("/api/moderation/overview"));
  check(await reader.get(`${blog}/comments/own`));
  const them = shown.author.id;
  check(await admin.put(`/api/me/mutes/${them}`));
  check(await admin.get("/api/me/mutes"));
  check(await admin.delete(`/api/me/mutes/${them}`));
  const warning = check(await admin.post(`/api/commenters/${them}/restrictions`).send({ kind: "warn", message: "x" }));
  check(await reader.post(`/api/me/warnings/${warning.id}/acknowledge`));
  const ban = check(await admin.post(`/api/commenters/${them}/restrictions`).send({ kind: "ban" }));
  const note = check(await admin.post(`/api/commenters/${them}/notes`).send({ body: "x" }));
  check(await admin.get(`/api/commenters/${them}/notes`));
  check(await admin.get(`/api/commenters/${them}`));
  check(await admin.delete(`/api/commenters/${them}/notes/${note.id}`));
  check(await admin.delete(`/api/restrictions/${ban.id}`));
  const words = "/api/moderation/word-lists/banned";
  const { version } = check(await admin.get(words));
  check(await admin.put(words).send({ entries: ["sandbags"], version }));
  check(await admin.post(`${words}/test`).send({ text: "sandbags" }));
  const all = check(await admin.get("/api/moderation/settings"));
  check(await admin.patch("/api/moderation/settings", 1).send({ disabled: false, version: all.version }));
  check(await reader.delete(of));
  const { notices } = check(await reader.get("/api/notices"));
  check(await reader.put("/api/notices/seen").send({ upTo: notices[0].at }));
  check(await admin.post(`${blog}/posts`).send({ kind: "quote", quote: { text: "x", attribution: { name: "y" } } }));
  check(await admin.post(`${blog}/preview`).send(entry));
  const path = `${blog}/posts/${post.id}`;
  check(await admin.get(`${blog}/posts`));
  check(await admin.get(path));
  check(await admin.patch(path, 1).send({ correction: { text: "It was so" } }));
  check(await admin.delete(`${path}/pin`));
  check(await admin.put(`${path}/pin`));
  check(await admin.put(`${path}/summary`));
  check(await admin.delete(`${path}/summary`));
  check(await admin.delete(`${path}/key-event`));
  check(await admin.put(`${path}/key-event`));
  check(await admin.get(`${path}/revisions`));
  check(await admin.post(`${path}/revisions/1/restoration`).set("If-Match", '"8"'));
  const both = [
    { id: post.id, version: 9 },
    { id: "999999999", version: 1 },
  ];
  check(await admin.post(`${blog}/posts/bulk`).send({ action: "tag", tag: "storm", posts: both }));
  check(await admin.get(`${blog}/posts?status=draft,published&author=described&tag=storm`));
  check(await admin.delete(path, 10).send({ reason: "x" }));
  check(await admin.get(path));
  check(await admin.put(`${blog}/what-we-know`).set("If-Match", '"0"').send({ body: "x" }));
  check(await admin.get(`${blog}/what-we-know`));
  check(await admin.get(`${blog}/what-we-know/revisions`));
  check(await admin.delete(`${blog}/what-we-know`, 1));
  const ownKey = createECDH("prime256v1").generateKeys("base64url");
  const browser = { endpoint: "https://push.example/1", keys: { p256dh: ownKey, auth: "A".repeat(22) } };
  check(await app.request().post(`${blog}/push-subscriptions`).send(browser));
  check(await app.request().post(`${blog}/push-subscriptions`).send(browser));
  check(await app.request().delete(`${blog}/push-subscriptions`).send({ endpoint: browser.endpoint }));
  check(await admin.put(`${blog}/closure`).send({ summary: "x" }));
  check(await admin.delete(`${blog}/closure`));
  const said = check(await admin.post(`${blog}/desk-messages`).send({ body: "x" }));
  check(await admin.get(`${blog}/desk-messages`));
  check(await admin.delete(`${blog}/desk-messages/${said.id}`));
  check(await admin.put(`${blog}/presence`).send({ tab: "a-browser-tab", editing: null }));
  check(await admin.get(`${blog}/presence`));
  check(await admin.delete(`${blog}/presence`).send({ tab: "a-browser-tab" }));
  await admin
    .post(`${blog}/posts`)
    .send({ headline: "Described", verification: "disputed", tags: ["sea"] })
    .expect(201);
  check(await admin.get(`${blog}/claims`));
  check(await admin.get(`${blog}/duty`));
  check(await admin.put(`${blog}/duty`).send({ slug: (await app.person("editor")).slug, note: "x" }));
  check(await admin.get(`${blog}/readership`));
  check(await admin.get(`${blog}/authors`));
  check(await admin.get(`${blog}/tags`));
  check(await admin.get(`/api/search?q=described`));
  check(await admin.get(`/api/people?q=a`));
  check(await admin.get(`${blog}/members`));
  const member = `${blog}/members/${(await app.person("reader")).slug}/roles/reporter`;
  check(await admin.put(member));
  check(await admin.delete(member));
  check(await admin.get(`${blog}/audit`));
  check(await admin.get("/api/me"));
  const token = check(
    await admin
      .post("/api/tokens")
      .send({ name: "x", scopes: ["read"], blog: slug, expiresAt: "2100-01-01T00:00:00+01:00" }),
  );
  check(await admin.get("/api/tokens"));
  check(await admin.delete(`/api/tokens/${token.id}`));
  const email = "described@test.example";
  check(await admin.post("/api/accounts").send({ email, name: "New", password: "a long password" }));
  const role = check(await admin.post("/api/roles").send({ email, role: "reporter", blog: slug }));
  check(await admin.get("/api/roles"));
  check(await admin.delete(`/api/roles/${role.id}`));
  const leaving = await app.newPerson();
  check(await app.as(leaving).post("/api/me/export"));
  check(await app.as(leaving).post("/api/me/deletion").send({ email: leaving.email }));

  const promised = app.app.routes.flatMap((route) =>
    Object.keys(route.answers).map((status) => `${route.method} ${route.path} ${status}`),
  );
  expect([...seen].sort()).toEqual(promised.sort());
});

test("docs/api.md names every route and every problem code, and no others", async () => {
  const root = join(import.meta.dirname, "..");
  const text = await readFile(join(root, "docs", "api.md"), "utf8");
  for (const { method, path } of app.app.routes) expect(text).toContain(`${method.toUpperCase()} ${path}`);

  const table = text.slice(text.indexOf("## Problems"), text.indexOf("## ", text.indexOf("## Problems") + 5));
  const documented = [...table.matchAll(/^\| \d{3} +\| `([\w-]+)`/gm)].map((match) => match[1]!);
  const files = (await readdir(join(root, "server"), { recursive: true })).filter((name) => name.endsWith(".ts"));
  const source = (await Promise.all(files.map((name) => readFile(join(root, "server", name), "utf8")))).join("\n");
  const used = [...source.matchAll(/(?:new AppError\(\s*\d+,|badRequest\(|conflict\()\s*"([a-z-]+)"/g)].map(
    (match) => match[1]!,
  );
  expect([...new Set(documented)].sort()).toEqual([...new Set(used)].sort());
});
