import { OPERATOR } from "../auth/actors.ts";
import { closeBlog, createBlog, lockBlog } from "../blogs/blogs.ts";
import type { Author, Trx } from "../database.ts";
import { reduceBody } from "../posts/body.ts";
import { PAGE_SIZE } from "../posts/places.ts";
import { LANGUAGE, minutesBefore, TIME_ZONE, type Cast } from "./cast.ts";
import { DEBATE_SLUG, DEBATE_STANDFIRST, DEBATE_TITLE, debatePosts, type DebatePost } from "./debate.ts";

/** Minutes from the last post until the blog was closed. */
const CLOSED_AFTER = 6;

/**
 * A closed blog of 400 posts. Written in bulk, since one by one they would take seconds, and exactly as publishing
 * them one after another leaves them: one version, one place, one revision and one line in the audit log each.
 */
export async function makeArchive(trx: Trx, cast: Cast, now: Date): Promise<void> {
  const editor = cast.get("Ines Calder")!;
  const blog = await createBlog(trx, editor, DEBATE_SLUG, {
    title: DEBATE_TITLE,
    standfirst: DEBATE_STANDFIRST,
    language: LANGUAGE,
    timeZone: TIME_ZONE,
  });
  const ended = endOf(now);
  const rows = debatePosts().map((post, n) => row(post, n, minutesBefore(ended, post.minutesToEnd), cast, blog.id));
  const inserted = await trx.insertInto("posts").values(rows).returning(["id", "position"]).execute();
  const ids = new Map(inserted.map(({ id, position }) => [position!, id]));
  const posts = rows.map((post) => ({ ...post, id: ids.get(post.position)! }));
  await record(trx, blog.id, posts);
  await count(trx, blog.id, rows);
  await closeBlog(trx, editor, await lockBlog(trx, blog.id), undefined);
  await moveTimes(trx, blog.id, rows[0]!.published_at, minutesBefore(ended, -CLOSED_AFTER));
}

/** The debate ended in the evening, five days ago. */
const endOf = (now: Date): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - 5, 20, 40));

type Row = ReturnType<typeof row>;

/** @param n from 0, oldest first */
function row(post: DebatePost, n: number, at: Date, cast: Cast, blogId: string) {
  const author = cast.get(post.by);
  const authors: Author[] = [{ name: post.by, slug: author?.slug ?? null, avatar: null }];
  return {
    blog_id: blogId,
    kind: post.quote ? ("quote" as const) : ("entry" as const),
    status: "published" as const,
    headline: post.headline,
    body: reduceBody(post.body),
    quote: post.quote,
    comment: null,
    comment_id: null,
    media: [],
    authors,
    key_event: post.keyEvent,
    pinned_at: null,
    verification: null,
    verification_note: null,
    correction: null,
    corrected_at: null,
    position: n + 1,
    desk_position: n + 1,
    page: Math.floor(n / PAGE_SIZE),
    // Guests have no account; the reporter on duty enters what they file.
    created_by: (author ?? cast.get("Tomas Brandt")!).userId,
    created_at: at,
    published_at: at,
    shown_at: at,
    updated_at: at,
    edited_at: null,
    removed_at: null,
  };
}

/** The first revision of each post, as recordChange() keeps it, and its line in the audit log. */
async function record(trx: Trx, blogId: string, posts: (Row & { id: string })[]): Promise<void> {
  const revisions = posts.map(({ id, headline, body, quote, authors, key_event, created_by, published_at }) => ({
    post_id: id,
    version: 1,
    by_id: created_by,
    at: published_at,
    action: "publish",
    content: {
      ...{ status: "published", headline, body, quote, comment: null, media: [], authors, verification: null },
      ...{ correction: null, verificationNote: null, keyEvent: key_event, summary: false, pinned: false },
    },
  }));
  await trx.insertInto("post_revisions").values(revisions).execute();
  const lines = posts.map(({ id, created_by }) => ({
    ...{ actor_id: created_by, via: OPERATOR.via, action: "post.publish", blog_id: blogId },
    ...{ subject: `post:${id}`, details: { version: 1 } },
  }));
  await trx.insertInto("audit_log").values(lines).execute();
}

/** What advance() would have counted. */
async function count(trx: Trx, blogId: string, rows: Row[]): Promise<void> {
  const streams = trx.updateTable("streams").where("blog_id", "=", blogId);
  const { length } = rows;
  await streams.set({ version: length, published: length, visible: length }).where("kind", "=", "blog").execute();
  const changed_at = rows.at(-1)!.published_at;
  await streams.set({ version: length, changed_at }).where("kind", "=", "desk").execute();
  const version = rows.findLast((post) => post.key_event)!.position;
  await trx.insertInto("blog_parts").values({ blog_id: blogId, part: "key-events", version }).execute();
}

async function moveTimes(trx: Trx, blogId: string, began: Date, closed: Date): Promise<void> {
  await trx.updateTable("blogs").set({ created_at: began, closed_at: closed }).where("id", "=", blogId).execute();
  await trx.updateTable("duties").set({ at: began }).where("blog_id", "=", blogId).execute();
  await trx
    .updateTable("streams")
    .set({ changed_at: closed })
    .where("blog_id", "=", blogId)
    .where("kind", "=", "blog")
    .execute();
}
