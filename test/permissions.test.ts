import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { OPERATOR } from "../server/auth/actors.ts";
import { PERMISSIONS, SCOPES, type Scope } from "../server/auth/permissions.ts";
import { createToken } from "../server/auth/tokens.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { ROLES, type Role } from "../server/database.ts";
import type { AnyRoute } from "../server/http.ts";
import { useApp, type Person } from "./app.ts";

const app = useApp();

/** What one caller holds: which role, where, and what the token is good for. */
interface Caller {
  readonly name: string;
  readonly token: string | null;
  readonly role: Role | null;
  readonly held: "everywhere" | "here" | "elsewhere";
  readonly scopes: readonly Scope[];
  /** Where the token is good. */
  readonly good: "everywhere" | "here" | "elsewhere";
}

let here: BlogAnswer;
let elsewhere: BlogAnswer;
let ids: Record<string, string>;
const callers: Caller[] = [];

beforeAll(async () => {
  [here, elsewhere] = [await app.blog(), await app.blog()];
  const comment = await commentOfAnother();
  const post = await app.post(here);
  const picture = await app
    .as(await app.person("reporter"))
    .post("/api/media")
    .set("Content-Type", "image/png")
    .send(
      await sharp({ create: { width: 4, height: 4, channels: 3, background: "#123" } })
        .png()
        .toBuffer(),
    )
    .expect(201);
  ids = { post: post.id, comment: comment.id, media: picture.body.id };
  callers.push({ name: "nobody", token: null, role: null, held: "everywhere", scopes: SCOPES, good: "everywhere" });
  for (const role of ROLES) {
    const [every, inHere, inElsewhere] = await Promise.all([
      app.person(role),
      app.person(role, here.id),
      app.person(role, elsewhere.id),
    ]);
    await add(every, role, "everywhere", SCOPES, "everywhere");
    await add(inHere, role, "here", SCOPES, "everywhere");
    await add(inElsewhere, role, "elsewhere", SCOPES, "everywhere");
    await add(every, role, "everywhere", SCOPES, "here");
    await add(every, role, "everywhere", SCOPES, "elsewhere");
    // One who may do everything and one who may do next to nothing show what a scope opens and what it does not.
    if (role !== "admin" && role !== "reader") continue;
    for (const scope of SCOPES) {
      await add(every, role, "everywhere", [scope], "everywhere");
      await add(
        every,
        role,
        "everywhere",
        SCOPES.filter((other) => other !== scope),
        "everywhere",
      );
    }
  }
});

/** None of the callers may delete or like it as its author. */
async function commentOfAnother(): Promise<{ id: string }> {
  const author = app.as(await app.newPerson());
  const { body } = await author.post(`/api/blogs/${here.slug}/comments`).send({ body: "I was there." }).expect(202);
  const decisions = `/api/comments/${body.id}/decisions`;
  const decision = { decision: "approve", version: 1 };
  await app
    .as(await app.person("moderator"))
    .post(decisions)
    .send(decision)
    .expect(200);
  return body as { id: string };
}

async function add(person: Person, role: Role, held: Caller["held"], scopes: readonly Scope[], good: Caller["good"]) {
  const blogId = good === "everywhere" ? null : good === "here" ? here.id : elsewhere.id;
  const { token } = await app.app.context.db
    .transaction()
    .execute((trx) =>
      createToken(trx, OPERATOR, person.id, { name: "walk", scopes: [...scopes], blogId, expiresAt: null }),
    );
  callers.push({ name: `${role} ${held}, token for ${scopes.join("+")} ${good}`, token, role, held, scopes, good });
}

/** What the table says of a caller on a route, told apart from how the server works it out. */
function expected(route: AnyRoute, caller: Caller, place: "everywhere" | "here" | "somewhere"): "open" | 401 | 403 {
  const [scope, anyone, ...byRole] = PERMISSIONS[route.action];
  if (anyone) return "open";
  if (caller.token === null) return 401;
  if (!caller.scopes.includes(scope)) return 403;
  if (place === "here" && caller.good === "elsewhere") return 403;
  const roleCounts =
    place === "somewhere"
      ? caller.good === "everywhere" || caller.held === "everywhere" || caller.held === caller.good
      : place === "here"
        ? caller.held !== "elsewhere"
        : caller.held === "everywhere" && caller.good === "everywhere";
  const cells = [byRole[ROLES.indexOf("reader")], ...(roleCounts ? [byRole[ROLES.indexOf(caller.role!)]] : [])];
  // What is read on the walk was made by none of the callers.
  return cells.includes("any") || (cells.includes("own") && route.method !== "get") ? "open" : 403;
}

const placeOf = (route: AnyRoute) =>
  route.somewhere
    ? ("somewhere" as const)
    : /:slug|\/comments\/:id/.test(route.path)
      ? ("here" as const)
      : ("everywhere" as const);

const pathOf = (route: AnyRoute) =>
  route.path
    .replace(":slug", here.slug)
    .replace(":mediaId", ids.media!)
    .replace(":tokenId", "0".repeat(16))
    .replace(":queue", "pending")
    .replace(":version", "1")
    .replace(":userSlug", "nobody-at-all")
    .replace(":role", "reporter")
    .replace(":person", "nobody-at-all")
    .replace(":name", "banned")
    .replace(
      ":id",
      route.path.includes("/comments/") ? ids.comment! : route.path.includes("/posts/") ? ids.post! : "999999999",
    );

/** Sends what no handler accepts, so that who is let in changes nothing either: a body that is wrong, no key, no ETag. */
async function knock(route: AnyRoute, path: string, { token }: Caller): Promise<number> {
  const response = await fetch(app.url + path, {
    method: route.method.toUpperCase(),
    headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    body: route.method === "get" ? null : JSON.stringify({ "not-a-field": true }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** The rows of every table that a request could change, with the streams' versions; token use and keys aside. */
async function everything(): Promise<string> {
  const { db } = app.app.context;
  const tables = [
    "users",
    "sessions",
    "accounts",
    "roles",
    "api_tokens",
    "blogs",
    "streams",
    "blog_parts",
    "what_we_know",
    "duties",
    "desk_messages",
    "desk_presence",
    "posts",
    "post_revisions",
    "comments",
    "comment_reactions",
    "commenter_restrictions",
    "commenter_notes",
    "moderation_log",
    "media",
    "embeds",
    "idempotency_keys",
    "audit_log",
  ];
  const counts = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await sql<{ n: string }>`select count(*) n from ${sql.table(table)}`.execute(db);
      return `${table} ${rows[0]!.n}`;
    }),
  );
  const { rows } = await sql<{ v: string }>`
    select md5(concat((select string_agg(p::text, '|' order by id) from posts p), (select string_agg(s::text, '|' order by blog_id, kind) from streams s),
      (select string_agg(c::text, '|' order by id) from comments c), (select string_agg(b::text, '|' order by id) from blogs b),
      (select string_agg(m::text, '|' order by id) from media m), (select string_agg(r::text, '|' order by id) from roles r))) v`.execute(
    db,
  );
  return [...counts, rows[0]!.v].join("\n");
}

test("every route answers every role, everywhere, here or in another blog, as the table says, and refusing changes nothing", async () => {
  const before = await everything();
  const wrong: string[] = [];
  let cells = 0;
  for (const route of app.app.routes) {
    // What a caller lets in can do harmlessly is proved by the tests of each route; here nobody may change a thing.
    const path = pathOf(route);
    const place = placeOf(route);
    const answers = await inParallel(callers, async (caller) => {
      const should = expected(route, caller, place);
      if (should === "open" && changesWithoutInput(route)) return null;
      const status = await knock(route, path, caller);
      const right = should === "open" ? status !== 401 && status !== 403 : status === should;
      return right ? null : `${route.method} ${path}: ${caller.name}: ${status} instead of ${should}`;
    });
    cells += answers.length;
    wrong.push(...answers.filter((answer) => answer !== null));
  }
  expect(wrong).toEqual([]);
  expect(cells).toBe(app.app.routes.length * callers.length);
  expect(await everything()).toBe(before);
}, 120_000);

/** These would do their work whatever is sent along; test "…is open to…" below knocks with care. */
const changesWithoutInput = (route: AnyRoute): boolean =>
  !route.body && !route.raw && !route.edits && route.method !== "get" && /:slug|reaction/.test(route.path);

test("whoever the table lets in can pin, mark, close and reopen", async () => {
  const routes = app.app.routes.filter(changesWithoutInput);
  expect(routes.length).toBeGreaterThan(3);
  for (const route of routes)
    for (const caller of callers.filter((caller) => expected(route, caller, placeOf(route)) === "open"))
      expect([route.path, caller.name, await knock(route, pathOf(route), caller)]).toEqual([
        route.path,
        caller.name,
        // There is no such member and no such message.
        /userSlug|desk-messages/.test(route.path) ? 404 : 200,
      ]);
}, 120_000);

test("a role in one blog is enough for its queue, and for no other", async () => {
  const queue = (person: Person, query: string) => app.as(person).get(`/api/moderation/queues/pending${query}`);
  const moderator = await app.person("moderator", here.id);
  await queue(moderator, "").expect(200);
  await queue(moderator, `?blog=${here.slug}`).expect(200);
  await queue(moderator, `?blog=${elsewhere.slug}`).expect(403);
  await queue(await app.person("moderator"), "").expect(200);
});

test("the desk's stream is open to those that the table names, and to nobody else", async () => {
  const { epoch } = await app.now(here);
  const wrong: string[] = [];
  for (const caller of callers.filter(({ name }) => !name.includes("+") || /posts/.test(name))) {
    const socket = await app.reader(app.app, caller.token ?? undefined);
    const answer = await socket.emitWithAck("follow", { stream: `desk:${here.slug}`, epoch, version: 2 ** 30 });
    socket.disconnect();
    const should = expected({ action: "desk:follow" } as AnyRoute, caller, "here") === "open";
    const open = !answer.ok && answer.problem.code === "resync";
    if (open !== should) wrong.push(`${caller.name}: ${JSON.stringify(answer)}`);
  }
  expect(wrong).toEqual([]);
});

test("a contributor writes and hands in drafts, reads their own, and publishes, changes and sees nothing else", async () => {
  const contributor = app.as(await app.person("contributor"));
  const other = app.as(await app.newPerson({ role: "contributor" }));
  const posts = `/api/blogs/${here.slug}/posts`;
  await contributor.post(posts).send({ body: "Words" }).expect(403);
  await contributor.post(posts).send({ body: "Words", status: "draft", keyEvent: true }).expect(403);
  const { body: draft } = await contributor.post(posts).send({ body: "Words", status: "draft" }).expect(201);
  const path = `${posts}/${draft.id}`;
  await contributor.get(path).expect(200);
  await app.request().get(path).expect(404);
  await other.get(path).expect(404);
  await other.patch(path, 1).send({ body: "Mine now" }).expect(404);
  await other.get(`${path}/revisions`).expect(404);
  await contributor.patch(path, 1).send({ body: "More words", status: "submitted" }).expect(200);
  await contributor.patch(path, 2).send({ status: "published" }).expect(403);
  await contributor.put(`${path}/pin`).expect(403);
  expect((await contributor.get(`${path}/revisions`).expect(200)).body.revisions).toHaveLength(2);

  await app
    .as(await app.person("reporter"))
    .patch(path, 2)
    .send({ status: "published" })
    .expect(200);
  await contributor.patch(path, 3).send({ body: "Changed after publication" }).expect(403);
  await contributor.delete(path, 3).send({ reason: "Regret" }).expect(403);
});

test("a refusal says in a sentence which scope, blog or role is missing", async () => {
  const detailFor = async (caller: string, method: "get" | "post" | "put" | "patch", path: string, body = {}) => {
    const { token } = callers.find(({ name }) => name === caller)!;
    const request = app.request()[method](path).set("Authorization", `Bearer ${token}`).set("If-Match", '"1"');
    const { body: problem } = await request
      .set("Idempotency-Key", randomUUID())
      .send(method === "get" ? undefined : body)
      .expect(403);
    return problem.detail;
  };
  const all = SCOPES.join("+");
  const blog = `/api/blogs/${here.slug}`;
  const audit = `${blog}/audit`;
  const role = (held: string, good = "everywhere") => `${held}, token for ${all} ${good}`;
  expect(await detailFor("admin everywhere, token for posts everywhere", "get", audit)).toBe(
    "This token has no scope for this: it takes “read”.",
  );
  expect(await detailFor(role("editor everywhere", "elsewhere"), "get", audit)).toBe(
    "This token is good for another blog.",
  );
  expect(await detailFor(role("editor everywhere", "here"), "post", "/api/blogs")).toBe(
    "This token is good for one blog, and this belongs to none.",
  );
  expect(await detailFor(role("reporter everywhere"), "get", audit)).toBe(
    "This takes the role of editor or admin in this blog.",
  );
  expect(await detailFor(role("editor elsewhere"), "get", audit)).toBe(
    "This takes the role of editor or admin in this blog.",
  );
  expect(await detailFor(role("editor here"), "post", "/api/accounts")).toBe(
    "This takes the role of admin, held everywhere.",
  );
  expect(await detailFor(role("reader everywhere"), "get", "/api/people")).toBe(
    "This takes the role of contributor, reporter, moderator, editor or admin in some blog.",
  );
  expect(await detailFor(role("reader everywhere", "here"), "get", "/api/people")).toBe(
    "This takes the role of contributor, reporter, moderator, editor or admin in this token’s blog.",
  );
  const published = `${blog}/posts/${ids.post}`;
  expect(await detailFor(role("contributor here"), "patch", published, { headline: "Mine" })).toBe(
    "With your role this can be done only to what is your own; to anything else it takes the role of reporter, editor or admin in this blog.",
  );
  const earlier = { body: "Words", publishedAt: "2026-01-02T03:04:05Z" };
  expect(await detailFor(role("reporter here"), "post", `${blog}/posts`, earlier)).toBe(
    "This takes the role of editor or admin in this blog.",
  );
});

test("what one may not know of is refused in the same words as what is not there", async () => {
  const contributor = app.as(await app.person("contributor"));
  const other = app.as(await app.newPerson({ role: "contributor" }));
  const posts = `/api/blogs/${here.slug}/posts`;
  const { body: draft } = await contributor.post(posts).send({ body: "Words", status: "draft" }).expect(201);
  const nowhere = `${posts}/999999999`;
  const asked = async (path: string) => [
    await other.get(path),
    await other.get(`${path}/revisions`),
    await other.patch(path, 1).send({ body: "Mine" }),
    await other.delete(path, 1).send({ reason: "Mine" }),
  ];
  const said = (answers: Awaited<ReturnType<typeof asked>>) =>
    answers.map(({ status, body }) => [status, body.code, body.title, body.detail]);
  const missing = said(await asked(nowhere));
  expect(missing.every(([status]) => status === 404)).toBe(true);
  expect(said(await asked(`${posts}/${draft.id}`))).toEqual(missing);
  await contributor.delete(`${posts}/${draft.id}`, 1).send({ reason: "Never mind" }).expect(200);
  expect(said(await asked(`${posts}/${draft.id}`))).toEqual(missing);
});

/** A few at a time: as many as the server has connections to its database. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let n = 0; n < items.length; n += 12) results.push(...(await Promise.all(items.slice(n, n + 12).map(work))));
  return results;
}

test("two callers never share an Idempotency-Key", async () => {
  const key = randomUUID();
  const post = async (role: Role) =>
    app
      .as(await app.person(role))
      .post(`/api/blogs/${here.slug}/posts`)
      .set("Idempotency-Key", key)
      .send({ body: role })
      .expect(201);
  const [one, two] = [await post("reporter"), await post("editor")];
  expect(two.body.id).not.toBe(one.body.id);
});
