import { execFile, spawnSync } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { findBlog, type BlogAnswer } from "../server/blogs/blogs.ts";
import { archivePage } from "../server/pages/archive.ts";
import { PASSWORD, useApp } from "./app.ts";
import { newsroom } from "./browser.ts";
import { ARABIC, ENGLISH, wholeStory } from "./whole-story.ts";

const ROOT = join(import.meta.dirname, "..");
const JAR = join(ROOT, "node_modules", "vnu-jar", "build", "dist", "vnu.jar");
const hasJava = spawnSync("java", ["-version"]).status === 0;

/** What the checker says and we do not follow, each with why. */
const ACCEPTED: { says: RegExp; because: string }[] = [
  { says: /^Article lacks heading/, because: "a quote, a comment or a short update has no headline, and needs none" },
  { says: /^Section lacks heading/, because: "a labelled place may be empty until there is something to put there" },
  {
    says: /“allow-scripts” and “allow-same-origin”/,
    because: "the frames are of another origin, which is theirs to keep",
  },
  {
    says: /^CSS: “(field-sizing|container|vector-effect|line-clamp|animation-timeline)”|“@container”/,
    because: "the checker does not know what browsers have had for years",
  },
  {
    says: /Content Security Policy.*image “data:/,
    because: "the checker takes data: in img-src for no match; browsers show the pictures (archive.test.ts)",
  },
  {
    says: /^CSS: “max-width”: The types are incompatible/,
    because: "it takes a length less a multiple of another for none",
  },
];

interface Message {
  type: "error" | "info" | "non-document-error";
  url: string;
  lastLine?: number;
  message: string;
  extract?: string;
}

const app = useApp();

/** Collected first and checked together: to start the checker takes longer than to check. */
test.skipIf(!hasJava)(
  "the Nu HTML checker has nothing to say about any page or stylesheet (requires java)",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "dateline-pages-"));
    try {
      const pages = await readersPages();
      // Shows that the checker was there and read what it was given.
      pages.set("wrong", pages.get("home")!.replace("</main>", "</mian>"));
      await Promise.all([...pages].map(([name, html]) => writeFile(join(directory, `${name}.html`), html)));
      await cp(join(ROOT, "public", "css"), directory, { recursive: true });
      const messages = (await check(directory)).filter(
        ({ message }) => !ACCEPTED.some(({ says }) => says.test(message)),
      );
      const [wrong, said] = [true, false].map((isWrong) =>
        messages.filter(({ url }) => url.endsWith("wrong.html") === isWrong),
      );
      expect(wrong!.map(({ message }) => message)).toContain("Stray end tag “mian”.");
      expect(
        said!.map(({ url, lastLine, message, extract }) => `${basename(url)}:${lastLine} ${message} ${extract}`),
      ).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
  240_000,
);

/** Every kind of page that readers see, by a name for it. */
async function readersPages(): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const add = async (name: string, path: string, status = 200, cookies: string[] = []): Promise<void> => {
    const answer = await app
      .request()
      .get(path)
      .set("Accept", "text/html")
      .set("Cookie", cookies.join("; "))
      .expect(status);
    pages.set(name, answer.text);
  };
  await add("home-empty", "/");
  for (const telling of [ENGLISH, ARABIC]) {
    const blog = await wholeStory(app, telling);
    await add(`live-${telling.language}`, `/blogs/${blog.slug}`);
    const ended = await wholeStory(app, telling);
    await newsroom(app, ended).close();
    await add(`closed-${telling.language}`, `/blogs/${ended.slug}`);
    await add(`embed-${telling.language}`, `/blogs/${ended.slug}/embed?theme=dark&accent=0a5`);
    pages.set(`file-${telling.language}`, await archiveOf(ended));
  }
  const empty = await app.blog();
  await add("empty", `/blogs/${empty.slug}`);
  await add("home", "/");
  await addArchive(add);
  await add("embed", `/blogs/${empty.slug}/embed`);
  await add("offline", "/offline");
  await addDiscussion(add);
  for (const name of ["sign-in", "sign-up", "forgot-password", "reset-password?token=x", "verify?token=x", "api/docs"])
    await add(name.replace(/\W/g, "-"), `/${name}`);
  await addOwn(add);
  await add("problem-404", "/nowhere", 404);
  const removed = await app.post(empty);
  await newsroom(app, empty).remove(removed);
  await add("problem-410", `/blogs/${empty.slug}/posts/${removed.id}`, 410);
  return pages;
}

/** As `npm run export` writes it. */
async function archiveOf({ slug }: BlogAnswer): Promise<string> {
  const blog = await findBlog(app.app.context.db, slug);
  let html = "";
  for await (const part of archivePage(app.app.context, blog, "p { color: #000; }")) html += part;
  return html;
}

type Add = (name: string, path: string, status?: number, cookies?: string[]) => Promise<void>;

/** Cells over rows and columns, and one that is missing. */
const TABLE =
  "<table><caption>The count<tr><th rowspan=2>Who<th colspan=2>When<tr><th>then<th>now<tr><th>Left<td>1<td>2<tr><th>Right<td>3</table>";

async function addArchive(add: Add): Promise<void> {
  const blog = await app.blog();
  const old = await app.post(blog, { headline: "Old", body: TABLE });
  for (let n = 0; n < 44; n++) await app.post(blog, { headline: `Post ${n}` });
  await add("newest-of-many", `/blogs/${blog.slug}`);
  await add("archive", `/blogs/${blog.slug}?page=with:${old.id}`);
  for (const way of ["order=oldest", "filter=key-events", "tag=storm"]) await add(way, `/blogs/${blog.slug}?${way}`);
  await add("share", `/blogs/${blog.slug}/posts/${old.id}/share`);
  await newsroom(app, blog).edit(old, { correction: { text: "It was new." } });
  await add("changes", `/blogs/${blog.slug}/posts/${old.id}/changes`);
}

async function addDiscussion(add: Add): Promise<void> {
  const blog = await app.discussion({ holdLinks: false });
  const path = `/blogs/${blog.slug}/comments`;
  await add("discussion-empty", path);
  const comment = await app.comment(blog, { body: "I was there.\nhttps://example.org/" });
  const answer = await app.comment(blog, { parentId: comment.id });
  await app.comment(blog, { parentId: answer.id });
  await add("discussion", path);
  await add("thread", `${path}?thread=${comment.id}`);
  await add("comment-form", `${path}/new?parent=${comment.id}`);
}

/** What only those see who have signed in. */
async function addOwn(add: Add): Promise<void> {
  const { email } = await app.newPerson();
  const signedIn = await app.request().post("/api/auth/sign-in/email").send({ email, password: PASSWORD }).expect(200);
  const cookies = signedIn.get("Set-Cookie")!.map((cookie) => cookie.split(";")[0]!);
  await add("account", "/account", 200, cookies);
  await add("notices", "/notices", 200, cookies);
}

async function check(directory: string): Promise<Message[]> {
  const { stdout } = await promisify(execFile)(
    "java",
    ["-Xss2m", "-jar", JAR, "--format", "json", "--stdout", "--exit-zero-always", "--also-check-css", directory],
    { maxBuffer: 50_000_000 },
  );
  return (JSON.parse(stdout) as { messages: Message[] }).messages;
}
