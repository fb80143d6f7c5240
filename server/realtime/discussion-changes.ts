import { LRUCache } from "lru-cache";
import { findBlogById } from "../blogs/blogs.ts";
import { partsChanged } from "../blogs/streams.ts";
import { commentsChanged, countAnswers, countVisible } from "../comments/lists.ts";
import type { CommentRow } from "../comments/comments.ts";
import { discussionOf, opennessOf, settingsOf } from "../comments/settings.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { answersModel, commentModel, discussionStateModel } from "../rendering/comment-models.ts";
import { placeBetween } from "../rendering/models.ts";
import type { Change } from "./protocol.ts";

/** What changed of a discussion after one version and up to another, as elements of its page. */
export async function discussionChanges(
  context: Context,
  blogId: string,
  after: number,
  upTo: number,
): Promise<Change[] | "document"> {
  const { db } = context;
  const [blog, comments, parts] = await Promise.all([
    findBlogById(db, blogId),
    commentsChanged(db, blogId, after, upTo),
    partsChanged(db, blogId, "comments", after, upTo),
  ]);
  if (parts.includes("comments-document")) return "document";
  const changes: Change[] = comments.map((row) => ({
    target: `comment-${row.id}`,
    html: row.face === "none" ? null : renderComment(context, row, blog),
    place: placeBetween(row.created_at, row.id),
  }));
  if (comments.length) {
    const roots = [...new Set(comments.map(({ root_id }) => root_id))];
    for (const [root, html] of await renderAnswerCounts(context, roots, blog))
      changes.push({ target: `answers-${root}`, html });
    changes.push({ target: "comments-count", html: await renderCommentsCount(context, blog) });
  }
  if (parts.includes("comments-state"))
    changes.push(
      { target: "comments-header", html: renderCommentsHeader(context, blog) },
      { target: "comments-state", html: await renderCommentsState(context, blog) },
    );
  return changes;
}

const rendered = new WeakMap<Context["views"], LRUCache<string, string>>();

/** One comment as HTML, the same bytes for the page and for everyone who is pushed it. */
export function renderComment(context: Context, row: CommentRow, blog: Blog): string {
  let cache = rendered.get(context.views);
  if (!cache)
    rendered.set(
      context.views,
      (cache = new LRUCache({ maxSize: 16_000_000, sizeCalculation: (html) => html.length })),
    );
  const key = `${context.epoch(blog.id)} ${row.id} ${row.position} ${blog.revision}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const html = context.views.fragment("comment", commentModel(row, blog), blog.language);
  cache.set(key, html);
  return html;
}

export const renderCommentsHeader = ({ views }: Context, { slug, title, language }: Blog): string =>
  views.fragment("comments-header", { slug, title }, language);

/** For each of these threads how many answers it has, where that is more than the list shows. */
export async function renderAnswerCounts(
  { db, views }: Context,
  rootIds: readonly string[],
  blog: Blog,
): Promise<Map<string, string>> {
  const counts = await countAnswers(db, rootIds);
  const fragment = (root: string) =>
    views.fragment("comment-answers", answersModel(root, counts.get(root) ?? 0, blog), blog.language);
  return new Map(rootIds.map((root) => [root, fragment(root)]));
}

export async function renderCommentsCount({ db, views }: Context, blog: Blog): Promise<string> {
  return views.fragment("comments-count", { comments: await countVisible(db, blog.id) }, blog.language);
}

/** Whether comments are taken, and otherwise why not. */
export async function renderCommentsState({ db, views }: Context, blog: Blog): Promise<string> {
  const [settings, all] = await Promise.all([settingsOf(db, blog.id), discussionOf(db)]);
  return views.fragment(
    "comments-state",
    discussionStateModel(blog, opennessOf(blog, settings, all, new Date()), settings),
    blog.language,
  );
}
