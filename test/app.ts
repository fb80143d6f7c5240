import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { io, type Socket } from "socket.io-client";
import sharp from "sharp";
import supertest from "supertest";
import { afterAll, beforeAll, inject } from "vitest";
import { startApp, type App } from "../server/app.ts";
import { OPERATOR } from "../server/auth/actors.ts";
import { createAccount, grantRole } from "../server/auth/accounts.ts";
import { SCOPES, type Scope } from "../server/auth/permissions.ts";
import { hashPassword } from "../server/auth/passwords.ts";
import { createToken } from "../server/auth/tokens.ts";
import { readConfig, type Config } from "../server/config.ts";
import { connect } from "../server/connection.ts";
import type { Role } from "../server/database.ts";
import type { Batch, ClientEvents, FollowAnswer, ServerEvents } from "../server/realtime/protocol.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { CommentAnswer } from "../server/comments/comments.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { databaseUrl } from "./postgres.ts";

export const AUTH_SECRET = "a secret for tests and for nothing else";

export type Reader = Socket<ServerEvents, ClientEvents>;

/** A test file's own database and its servers on it; everything goes when the file is done. */
export function useApp(overrides: Partial<Config> = {}): TestApp {
  const test = new TestApp(overrides);
  beforeAll(() => test.open());
  afterAll(() => test.close());
  return test;
}

/** Somebody with an account and a token; `as(person)` speaks for them. */
export interface Person {
  id: string;
  email: string;
  name: string;
  slug: string;
  token: string;
}

export class TestApp {
  readonly name = `dateline_test_${randomUUID().replaceAll("-", "")}`;
  readonly apps: App[] = [];
  readonly #readers: Reader[] = [];
  readonly #overrides: Partial<Config>;
  readonly #people = new Map<string, Promise<Person>>();
  #directory = "";

  constructor(overrides: Partial<Config>) {
    this.#overrides = overrides;
  }

  /** The first server; `start` makes more on the same database. */
  get app(): App {
    return this.apps[0]!;
  }

  get url(): string {
    return this.app.url;
  }

  get databaseUrl(): string {
    return databaseUrl(inject("adminUrl"), this.name);
  }

  async open(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), "dateline-test-"));
    await asAdmin((sql) => sql`create database ${sql(this.name)} template dateline_template strategy file_copy`);
    await this.start();
  }

  async start(overrides: Partial<Config> = {}): Promise<App> {
    const config = {
      ...readConfig({
        PORT: "0",
        DATA_DIR: this.#directory,
        LOG_LEVEL: process.env.TEST_LOG ?? "silent",
        DRAIN_SECONDS: "0",
        MIGRATE: "off",
        RATE_LIMITS: "off",
      }),
      ...this.#overrides,
      ...overrides,
    };
    const app = await startApp(config, { databaseUrl: this.databaseUrl, authSecret: AUTH_SECRET });
    this.apps.push(app);
    return app;
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) reader.disconnect();
    for (const app of this.apps) await app.stop();
    await asAdmin((sql) => sql`drop database ${sql(this.name)} with (force)`);
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** HTTP as nobody in particular. */
  request(app = this.app) {
    return supertest(app.url);
  }

  /** HTTP for somebody; a made-up Idempotency-Key comes with every POST. */
  as(person: Person, app = this.app) {
    const agent = supertest.agent(app.url).set("Authorization", `Bearer ${person.token}`);
    return {
      get: (path: string) => agent.get(path),
      post: (path: string) => agent.post(path).set("Idempotency-Key", randomUUID()),
      put: (path: string) => agent.put(path),
      patch: (path: string, version: number) => agent.patch(path).set("If-Match", `"${version}"`),
      delete: (path: string, version?: number) =>
        version === undefined ? agent.delete(path) : agent.delete(path).set("If-Match", `"${version}"`),
    };
  }

  /** An account that holds one role, everywhere or in one blog; made once for each. */
  person(role: Role, blogId: string | null = null): Promise<Person> {
    const key = `${role} ${blogId}`;
    const known = this.#people.get(key) ?? this.newPerson({ role, blogId });
    this.#people.set(key, known);
    return known;
  }

  async newPerson(options: { role?: Role; blogId?: string | null; scopes?: Scope[] } = {}): Promise<Person> {
    const { role = "reader", blogId = null, scopes = [...SCOPES] } = options;
    const email = `${randomUUID()}@test.example`;
    const name = `A ${role}`;
    const hash = await passwordHash;
    return this.app.context.db.transaction().execute(async (trx) => {
      const { id, slug } = await createAccount(trx, OPERATOR, { email, name, hash });
      await grantRole(trx, OPERATOR, id, role, blogId);
      const { token } = await createToken(trx, OPERATOR, id, { name: "test", scopes, blogId: null, expiresAt: null });
      return { id, email, name, slug, token };
    });
  }

  async blog(fields: object = {}): Promise<BlogAnswer> {
    const title = `A story ${randomUUID()}`;
    const response = await this.as(await this.person("editor"))
      .post("/api/blogs")
      .send({ title, ...fields });
    if (response.status !== 201) throw new Error(`blog: ${response.text}`);
    return response.body as BlogAnswer;
  }

  /** Publishes a post as a reporter. */
  async post(blog: BlogAnswer, fields: object = {}, app = this.app): Promise<PostAnswer> {
    const reporter = this.as(await this.person("reporter"), app);
    const response = await reporter.post(`/api/blogs/${blog.slug}/posts`).send({ body: "<p>Words</p>", ...fields });
    if (response.status !== 201) throw new Error(`post: ${response.text}`);
    return response.body as PostAnswer;
  }

  /** A blog with a discussion of these settings; unless they say otherwise, comments are published at once. */
  async discussion(settings: object = {}): Promise<BlogAnswer> {
    const blog = await this.blog();
    await this.as(await this.person("moderator"))
      .patch(`/api/blogs/${blog.slug}/comment-settings`, 1)
      .send({ newCommenterHold: 0, ...settings })
      .expect(200);
    return blog;
  }

  /** Uploads a picture as a reporter. @returns its id */
  async picture(width = 60, height = 40): Promise<string> {
    const bytes = await sharp({ create: { width, height, channels: 3, background: "#a33" } })
      .png()
      .toBuffer();
    const reporter = this.as(await this.person("reporter"));
    const response = await reporter.post("/api/media").set("Content-Type", "image/png").send(bytes);
    if (response.status !== 201) throw new Error(`picture: ${response.text}`);
    return (response.body as { id: string }).id;
  }

  /** Hands a comment in, as somebody new unless it is said as whom. */
  async comment(blog: { slug: string }, fields: object = {}, by?: Person): Promise<CommentAnswer> {
    const response = await this.as(by ?? (await this.newPerson()))
      .post(`/api/blogs/${blog.slug}/comments`)
      .send({ body: `I was there. ${randomUUID()}`, ...fields });
    if (response.status >= 300) throw new Error(`comment: ${response.text}`);
    return response.body as CommentAnswer;
  }

  /** A moderator's decision of a comment as it was seen. */
  async decide(
    { id, version }: Pick<CommentAnswer, "id" | "version">,
    decision: "approve" | "reject",
    by?: Person,
  ): Promise<CommentAnswer> {
    const response = await this.as(by ?? (await this.person("moderator")))
      .post(`/api/comments/${id}/decisions`)
      .send({ decision, version, ...(decision === "reject" ? { reasonCode: "abuse" } : {}) });
    if (response.status !== 200) throw new Error(`decide: ${response.text}`);
    return response.body as CommentAnswer;
  }

  /** An approved reader's comment. */
  async approvedComment(blog: BlogAnswer, body = "I was there."): Promise<{ id: string; version: number }> {
    const { body: comment } = await this.as(await this.person("reader"))
      .post(`/api/blogs/${blog.slug}/comments`)
      .send({ body });
    if (!comment.id) throw new Error(`comment: ${JSON.stringify(comment)}`);
    const { body: approved } = await this.as(await this.person("moderator"))
      .post(`/api/comments/${comment.id}/decisions`)
      .send({ decision: "approve", version: comment.version })
      .expect(200);
    return approved;
  }

  /** The blog as it is now. */
  async now(blog: BlogAnswer): Promise<BlogAnswer> {
    return (await this.request().get(`/api/blogs/${blog.slug}`).expect(200)).body as BlogAnswer;
  }

  /** A connected socket that follows nothing yet. */
  async reader(app = this.app, token?: string, extraHeaders: Record<string, string> = {}): Promise<Reader> {
    const socket: Reader = io(app.url, {
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      extraHeaders,
      ...(token ? { auth: { token } } : {}),
    });
    this.#readers.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
    return socket;
  }

  /** A reader who is up to date with the blog, and keeps every batch. */
  async follower(
    blog: BlogAnswer,
    app = this.app,
  ): Promise<{ socket: Reader; batches: Batch[]; answer: FollowAnswer }> {
    const { version, epoch } = await this.now(blog);
    const socket = await this.reader(app);
    const batches: Batch[] = [];
    socket.on("batch", (batch) => batches.push(batch));
    const answer = await follow(socket, blog, version, epoch);
    return { socket, batches, answer };
  }

  /** Somebody who follows the desk's stream from now on. */
  async deskFollower(blog: BlogAnswer, person: Person, app = this.app): Promise<DeskFollower> {
    const { version } = await app.context.db
      .selectFrom("streams")
      .select("version")
      .where("blog_id", "=", blog.id)
      .where("kind", "=", "desk")
      .executeTakeFirstOrThrow();
    const socket = await this.reader(app, person.token);
    const parts = new Map<string, string>();
    socket.on("batch", ({ changes }) => changes.forEach(({ target, html }) => html && parts.set(target, html)));
    const { epoch } = blog;
    const answer = await socket.emitWithAck("follow", { stream: `desk:${blog.slug}`, epoch, version });
    if (!answer.ok) throw new Error(`desk: ${JSON.stringify(answer)}`);
    return {
      socket,
      async part(id, wanted) {
        while (!parts.has(id) || !wanted(parts.get(id)!)) await next(socket, "batch");
        return parts.get(id)!;
      },
    };
  }
}

/** A colleague's open desk, as far as its parts are concerned. */
export interface DeskFollower {
  readonly socket: Reader;
  /** The latest state of a part that is as wanted; waits for it. */
  part(id: string, wanted: (html: string) => boolean): Promise<string>;
}

export const PASSWORD = "correct horse battery";
/** Everybody's, since making it is slow on purpose. */
const passwordHash = hashPassword(PASSWORD);

export function follow(socket: Reader, blog: BlogAnswer, version: number, epoch = blog.epoch): Promise<FollowAnswer> {
  return socket.emitWithAck("follow", { stream: `blog:${blog.slug}`, epoch, version });
}

/** The next event of a kind that this socket receives. */
export async function next<E extends keyof ServerEvents>(
  socket: Reader,
  event: E,
): Promise<Parameters<ServerEvents[E]>[0]> {
  return new Promise((resolve) => socket.once(event, resolve as never));
}

/** Waits until the batches reach a version. */
export async function reached(follower: { socket: Reader; batches: Batch[] }, version: number): Promise<void> {
  while ((follower.batches.at(-1)?.to ?? 0) < version) await next(follower.socket, "batch");
}

export async function asAdmin(work: (sql: ReturnType<typeof connect>) => PromiseLike<unknown>): Promise<void> {
  const sql = connect(inject("adminUrl"), { max: 1 });
  await work(sql);
  await sql.end();
}
