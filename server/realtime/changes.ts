import { LRUCache } from "lru-cache";
import { findBlogById } from "../blogs/blogs.ts";
import { partsChanged } from "../blogs/streams.ts";
import { findWhatWeKnow } from "../blogs/what-we-know.ts";
import type { Context } from "../context.ts";
import type { Blog, BlogPart, Db, Post } from "../database.ts";
import { picturesOf, type PicturesById } from "../media/media.ts";
import { keyEvents, lastChange, pinnedPost, postsChanged } from "../posts/reading.ts";
import { headerModel, placeOf, postModel, whatWeKnowModel } from "../rendering/models.ts";
import { stamp } from "../rendering/times.ts";
import { deskPostChanges, renderDeskHeader } from "./desk-changes.ts";
import { renderDeskPart } from "./desk-parts.ts";
import { discussionChanges } from "./discussion-changes.ts";
import type { Subject } from "./open-streams.ts";
import type { Change } from "./protocol.ts";
import { queueChanges } from "./queue-changes.ts";

/** Key events that the page shows before its reader asks for the others. */
const KEY_EVENTS_AT_ONCE = 8;
/** A follower further behind than this loads the page afresh. */
export const MAX_BEHIND = 200;

/**
 * Everything that changed in a stream after one version and up to another, as elements of the page; "document" when
 * all of the page changed. Each change is rendered once in this process, whoever asks.
 */
export async function changesBetween(
  context: Context,
  { kind, blogId, only }: Subject,
  after: number,
  upTo: number,
): Promise<Change[] | "document"> {
  if (kind === "moderation") return queueChanges(context, only, after, upTo);
  if (kind === "comments") return discussionChanges(context, blogId, after, upTo);
  return storyChanges(context, blogId, kind, after, upTo);
}

async function storyChanges(
  context: Context,
  blogId: string,
  kind: "blog" | "desk",
  after: number,
  upTo: number,
): Promise<Change[] | "document"> {
  const { db } = context;
  const [blog, posts, parts] = await Promise.all([
    findBlogById(db, blogId),
    postsChanged(db, blogId, kind, after, upTo),
    partsChanged(db, blogId, kind, after, upTo),
  ]);
  if (parts.includes("document") || parts.includes("desk-document")) return "document";
  const pictures = await picturesOf(db, posts);
  const changes =
    kind === "desk"
      ? await deskPostChanges(context, blog, posts, pictures)
      : posts.map((post) => postChange(context, post, blog, pictures));
  for (const part of parts) changes.push(await partChange(context, blog, part));
  if (kind === "blog" && posts.length)
    changes.push({ target: "last-updated", html: await renderLastUpdated(context, blog) });
  return changes;
}

function postChange(context: Context, post: Post, blog: Blog, pictures: PicturesById): Change {
  const html = post.status === "published" ? renderPost(context, post, blog, pictures) : null;
  return { target: `post-${post.id}`, html, place: placeOf(post) };
}

/** What parts of the page are made of. */
type Drawing = Pick<Context, "db" | "views">;

const rendered = new WeakMap<Context["views"], LRUCache<string, string>>();

/** One post as HTML, the same bytes for the page and for everyone who is pushed it. */
export function renderPost(
  context: Pick<Context, "views" | "epoch">,
  post: Post,
  blog: Blog,
  pictures: PicturesById,
): string {
  let cache = rendered.get(context.views);
  if (!cache)
    rendered.set(
      context.views,
      (cache = new LRUCache({ maxSize: 32_000_000, sizeCalculation: (html) => html.length })),
    );
  const key = `${context.epoch(blog.id)} ${post.id} ${post.version} ${blog.revision}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const html = context.views.fragment("post", postModel(post, blog, pictures), blog.language);
  cache.set(key, html);
  return html;
}

async function partChange(context: Context, blog: Blog, part: BlogPart): Promise<Change> {
  switch (part) {
    case "header":
      return { target: "blog-header", html: renderHeader(context, blog) };
    case "what-we-know":
      return { target: "what-we-know", html: await renderWhatWeKnow(context, blog) };
    case "pinned":
      return { target: "pinned", html: await renderPinned(context, blog) };
    case "key-events":
      return { target: "key-events", html: await renderKeyEvents(context, blog) };
    case "desk-header":
      return { target: "desk-header", html: renderDeskHeader(context, blog) };
    case "desk-chat":
    case "desk-presence":
    case "desk-claims":
    case "desk-settings":
      return { target: part, html: await renderDeskPart(context, blog, part) };
    case "document":
    case "desk-document":
    case "comments-document":
    case "comments-state":
      throw new Error("A change to the whole document has no fragment");
  }
}

export const renderHeader = ({ views }: Pick<Context, "views">, blog: Blog): string =>
  views.fragment("blog-header", headerModel(blog), blog.language);

/** The standing box, or its empty place. */
export async function renderWhatWeKnow({ db, views }: Drawing, blog: Blog): Promise<string> {
  return views.fragment("what-we-know", whatWeKnowModel(await findWhatWeKnow(db, blog.id), blog), blog.language);
}

/** The pinned post at the top, or its empty place. */
export async function renderPinned({ db, views }: Context, blog: Blog): Promise<string> {
  const post = await pinnedPost(db, blog.id);
  const pictures = post ? await picturesOf(db, [post]) : new Map();
  return views.fragment("pinned", { post: post && postModel(post, blog, pictures, "pinned-") }, blog.language);
}

export async function renderKeyEvents({ db, views }: Drawing, blog: Blog): Promise<string> {
  return views.fragment("key-events", await keyEventsModel(db, blog), blog.language);
}

/** The timeline: what is shown at once, and what is behind "Earlier". */
export async function keyEventsModel(db: Db, blog: Blog) {
  const all = (await keyEvents(db, blog.id)).map((post) => postModel(post, blog, new Map()));
  return { events: all.slice(0, KEY_EVENTS_AT_ONCE), earlier: all.slice(KEY_EVENTS_AT_ONCE) };
}

export async function renderLastUpdated({ db, views }: Drawing, blog: Blog): Promise<string> {
  const at = await lastChange(db, blog.id);
  return views.fragment("last-updated", { at: at && stamp(at, blog) }, blog.language);
}
