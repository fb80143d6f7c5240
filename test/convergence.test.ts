import fc from "fast-check";
import { expect, test } from "vitest";
import { follow, useApp, type Reader } from "./app.ts";
import { attribute, everyPost, ReaderPage } from "./reader-page.ts";
import type { App } from "../server/app.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";

const app = useApp();

/** What newsrooms do to a story; `which` picks a post among those that there are. */
type Deed =
  | { kind: "publish"; post: object }
  | { kind: "burst" }
  | { kind: "edit" | "correct" | "verify" | "remove"; which: number; words: string }
  | { kind: "pin" | "unpin" | "key-event" | "no-key-event" | "summary" | "no-summary"; which: number }
  | { kind: "take-back" | "restore"; which: number; again: boolean }
  | { kind: "set-time"; which: number; among: number }
  | { kind: "schedule"; post: object }
  | { kind: "close" | "reopen" }
  | { kind: "rename" | "know"; words: string };

const words = fc.constantFrom(
  "Water rises",
  "<b>Bridge</b> shut & guarded",
  "Trains stop “for now”",
  "Пожар потушен",
  "عاجل",
);
const which = fc.nat(50);
const post = fc.record({
  headline: fc.option(words, { nil: undefined }),
  body: words,
  keyEvent: fc.boolean(),
  pinned: fc.boolean(),
  verification: fc.constantFrom(undefined, "unverified", "disputed"),
});

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("publish" as const), post }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("burst" as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("edit", "correct", "verify", "remove"), which, words }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("pin", "unpin", "key-event", "no-key-event", "summary", "no-summary"),
      which,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("take-back", "restore"), which, again: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("set-time" as const), which, among: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("schedule" as const), post }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("close", "reopen") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("rename", "know"), words }) },
);

/** Before the page is loaded; while it is open; while its reader is away; after the return. */
const history = fc.record({
  before: fc.array(deed, { maxLength: 5 }),
  open: fc.array(deed, { maxLength: 4 }),
  away: fc.array(deed, { minLength: 1, maxLength: 8 }),
  after: fc.array(deed, { maxLength: 3 }),
  bySocket: fc.boolean(),
  /** One in ten is a story with more posts than the newest page holds. */
  long: fc.nat(9).map((n) => n === 0),
});

test(
  "a reader away for any mixture of changes comes back to a page that equals a fresh one, byte for byte",
  { timeout: 300_000 },
  async () => {
    const other = await app.start();
    await fc.assert(
      fc.asyncProperty(history, async ({ before, open, away, after, bySocket, long }) => {
        const story = await Story.begin();
        if (long) await story.live(Array.from({ length: 6 }, () => ({ kind: "burst" })));
        await story.live(before);
        const page = await ReaderPage.load(app, story.blog.slug);
        const first = await openPage(page, story.blog, app.app);
        await story.live(open);
        await first.upTo(await story.version());
        first.socket.disconnect();

        await story.live(away);

        if (bySocket) {
          const second = await openPage(page, story.blog, other);
          await story.live(after);
          await second.upTo(await story.version());
          second.socket.disconnect();
        } else {
          await story.live(after);
          await poll(page, story.blog);
        }
        await expectFresh(page, story.blog);
      }),
      { numRuns: 200 },
    );
  },
);

/** A blog, and the hands that write it. */
class Story {
  readonly blog: BlogAnswer;
  readonly #posts: { id: string; version: number }[] = [];

  constructor(blog: BlogAnswer) {
    this.blog = blog;
  }

  static async begin(): Promise<Story> {
    return new Story(await app.blog());
  }

  async version(): Promise<number> {
    return (await app.now(this.blog)).version;
  }

  async live(deeds: Deed[]): Promise<void> {
    for (const deed of deeds) await this.#do(deed);
  }

  async #do(deed: Deed): Promise<void> {
    const at = `/api/blogs/${this.blog.slug}`;
    const editor = app.as(await app.person("editor"));
    switch (deed.kind) {
      case "publish":
        return this.#publish(deed.post);
      case "burst":
        return void (await Promise.all(Array.from({ length: 8 }, (_, n) => this.#publish({ body: `Burst ${n}` }))));
      case "schedule":
        return this.#schedule(deed.post);
      case "take-back":
      case "restore":
        return this.#takeBack(deed);
      case "set-time":
        return this.#setTime(deed);
      case "close":
        return void (await editor.put(`${at}/closure`).expect(200));
      case "reopen":
        return void (await editor.delete(`${at}/closure`).expect(200));
      case "rename": {
        const { headers } = await editor.get(at);
        const revision = Number(headers.etag!.slice(1, -1));
        return void (await editor.patch(at, revision).send({ standfirst: deed.words }).expect(200));
      }
      case "know": {
        const { headers } = await editor.get(`${at}/what-we-know`);
        const put = editor.put(`${at}/what-we-know`).set("If-Match", headers.etag!);
        return void (await put.send({ body: deed.words }).expect(200));
      }
      default:
        return this.#change(deed);
    }
  }

  async #publish(fields: object): Promise<void> {
    const editor = app.as(await app.person("editor"));
    const response = await editor.post(`/api/blogs/${this.blog.slug}/posts`).send(fields);
    // A closed blog takes no posts, and that is an answer too.
    if (response.status === 201) this.#posts.push(response.body);
    else expect(response.status).toBe(409);
  }

  /** Goes out by itself; only the wait is cut short. */
  async #schedule(fields: object): Promise<void> {
    const editor = app.as(await app.person("editor"));
    const { keyEvent: _keyEvent, pinned: _pinned, ...words } = fields as Record<string, unknown>;
    const scheduled = { ...words, status: "scheduled", publishIn: 3_600 };
    const { status, body } = await editor.post(`/api/blogs/${this.blog.slug}/posts`).send(scheduled);
    if (status === 409) return;
    expect(status).toBe(201);
    await app.app.context.sql`update posts set publish_at = clock_timestamp() where id = ${body.id}`;
    await app.app.context.sql`select pg_notify('dateline', 'schedule')`;
    for (;;) {
      const { body: now } = await editor.get(`/api/blogs/${this.blog.slug}/posts/${body.id}`).expect(200);
      if (now.status === "published") return void this.#posts.push(now);
    }
  }

  async #takeBack({ kind, which, again }: Extract<Deed, { again: boolean }>): Promise<void> {
    const [post] = this.#posts.splice(which % (this.#posts.length || 1), 1);
    if (!post) return;
    const editor = app.as(await app.person("editor"));
    const at = `/api/blogs/${this.blog.slug}/posts/${post.id}`;
    let { version } = post;
    if (kind === "restore")
      version = (await editor.delete(at, version).send({ reason: "Wrong" }).expect(200)).body.version;
    version = (await editor.patch(at, version).send({ status: "draft" }).expect(200)).body.version;
    if (!again) return;
    const { status, body } = await editor.patch(at, version).send({ status: "published" });
    if (status === 200) this.#posts.push(body);
    else expect(status).toBe(409);
  }

  /** Among the others, or before them all. */
  async #setTime({ which, among }: Extract<Deed, { among: number }>): Promise<void> {
    const post = this.#posts[which % this.#posts.length];
    if (!post) return;
    const editor = app.as(await app.person("editor"));
    const other = this.#posts[among % (this.#posts.length + 1)];
    const { body } = other ? await editor.get(`/api/blogs/${this.blog.slug}/posts/${other.id}`).expect(200) : {};
    const publishedAt = new Date(body ? Date.parse(body.publishedAt) - 1 : (among + 1) * 1_000).toISOString();
    const at = `/api/blogs/${this.blog.slug}/posts/${post.id}`;
    const moved = await editor.patch(at, post.version).send({ publishedAt }).expect(200);
    post.version = moved.body.version;
  }

  async #change(
    deed: Extract<
      Deed,
      {
        kind:
          | "edit"
          | "correct"
          | "verify"
          | "remove"
          | "pin"
          | "unpin"
          | "key-event"
          | "no-key-event"
          | "summary"
          | "no-summary";
      }
    >,
  ): Promise<void> {
    const post = this.#posts[deed.which % this.#posts.length];
    if (!post) return;
    const editor = app.as(await app.person("editor"));
    const at = `/api/blogs/${this.blog.slug}/posts/${post.id}`;
    const answers = {
      edit: () => editor.patch(at, post.version).send({ body: (deed as { words: string }).words }),
      correct: () => editor.patch(at, post.version).send({ correction: { text: (deed as { words: string }).words } }),
      verify: () => editor.patch(at, post.version).send({ verification: "verified" }),
      remove: () => editor.delete(at, post.version).send({ reason: "Wrong" }),
      pin: () => editor.put(`${at}/pin`),
      unpin: () => editor.delete(`${at}/pin`),
      "key-event": () => editor.put(`${at}/key-event`),
      "no-key-event": () => editor.delete(`${at}/key-event`),
      summary: () => editor.put(`${at}/summary`),
      "no-summary": () => editor.delete(`${at}/summary`),
    };
    const { body } = await answers[deed.kind]().expect(200);
    if (deed.kind === "remove") this.#posts.splice(this.#posts.indexOf(post), 1);
    else post.version = body.version;
  }
}

/** Follows from where the page is, and keeps it up to date. */
async function openPage(
  page: ReaderPage,
  blog: BlogAnswer,
  server: App,
): Promise<{ socket: Reader; upTo(version: number): Promise<void> }> {
  const socket = await app.reader(server);
  const waiting: { version: number; done: () => void }[] = [];
  const settle = () => waiting.filter(({ version }) => page.version >= version).forEach(({ done }) => done());
  socket.on("batch", (batch) => {
    if (!page.receive(batch)) throw new Error(`a gap: ${batch.from} after ${page.version}`);
    settle();
  });
  page.answered(await follow(socket, blog, page.version, page.epoch));
  return {
    socket,
    upTo: (version) => new Promise((done) => (waiting.push({ version, done }), settle())),
  };
}

/** Catches up without a socket. */
async function poll(page: ReaderPage, blog: BlogAnswer): Promise<void> {
  const query = { after: page.version, epoch: page.epoch };
  const { body } = await app.request().get(`/blogs/${blog.slug}/updates`).query(query).expect(200);
  page.answered(body);
}

async function expectFresh(page: ReaderPage, blog: BlogAnswer): Promise<void> {
  const fresh = await ReaderPage.load(app, blog.slug);
  const all = await everyPost(app, blog.slug);
  expect(page.version).toBe(fresh.version);
  expect(Object.fromEntries(page.parts)).toEqual(Object.fromEntries(fresh.parts));
  // A fresh one may begin its second page sooner, or later where posts were taken from its first: an open page goes on to
  // where it went, and there its link to older ones leads on.
  expect(page.list()).toEqual(all.filter((html) => page.reaches(attribute(html, "data-place"))));
}
