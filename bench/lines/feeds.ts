import { sql } from "kysely";
import { ms, type Line } from "../bench.ts";
import { Dateline } from "../dateline.ts";
import { pin } from "../peers.ts";
import { storyText } from "../story.ts";
import { measure } from "./page.ts";

const POSTS = 10_000;
/** Milliseconds. */
const GOAL = 5;

/** What programs ask of a blog of 10,000 posts: its feeds, and the page with the data for search engines. */
export const feeds: Line = async ({ port, quick }, add) => {
  const server = await Dateline.start(port);
  pin(server.pid, 0);
  const blog = "/blogs/archive";
  await server.createBlog("archive");
  await server.send("POST", "/api/blogs/archive/posts", { body: storyText(0, "0") });
  await multiply(server);
  for (const path of ["/feed.atom", "/feed.rss", "/feed.json", ""]) {
    const [plain, packed] = await Promise.all(
      ["identity", "br"].map((encoding) => bytes(server.url + blog + path, encoding)),
    );
    const asked = (connections: number) =>
      measure(server.url + blog + path, quick ? 3 : 8, "Accept-Encoding: br", connections);
    // Many at once share their looks at the version, 4 ms apart; how long an answer takes, one by itself tells.
    const [{ perSecond }, { p50 }] = [await asked(256), await asked(1)];
    add({
      what: `${path ? path.slice(1) : "page with JSON-LD"} of ${POSTS} posts, from memory`,
      dateline: `${Math.round(perSecond)}/s, one alone ${ms(p50)}, ${kilobytes(plain!)} (${kilobytes(packed!)} in brotli)`,
      goal: `p50 < ${GOAL} ms`,
      met: p50 < GOAL,
    });
  }
  await server.stop();
};

/** Makes the blog's one post as many as are wanted, which the API would take minutes for. */
async function multiply(server: Dateline): Promise<void> {
  const { db } = await server.database();
  await sql`
    insert into posts (blog_id, kind, status, headline, body, authors, position, desk_position, page, created_at, published_at, updated_at, shown_at)
    select blog_id, kind, status, 'Post ' || n, body, authors, position + n, desk_position + n, n / 20, created_at,
      published_at - (${POSTS}::integer - n) * interval '1 second', updated_at, shown_at
    from posts, generate_series(1, ${POSTS - 1}::integer) n where blog_id = (select id from blogs where slug = 'archive')`.execute(
    db,
  );
  await sql`
    update streams set version = version + ${POSTS}, published = ${POSTS}, visible = ${POSTS}
    where blog_id = (select id from blogs where slug = 'archive')`.execute(db);
  await db.destroy();
}

async function bytes(url: string, encoding: string): Promise<number> {
  const response = await fetch(url, { headers: { "Accept-Encoding": encoding } });
  if (encoding === "identity") return (await response.arrayBuffer()).byteLength;
  await response.body?.cancel();
  return Number(response.headers.get("Content-Length"));
}

const kilobytes = (size: number): string => `${(size / 1_000).toFixed(1)} KB`;
