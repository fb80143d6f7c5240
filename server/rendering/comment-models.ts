import type { CommentRow } from "../comments/comments.ts";
import { commentHtml } from "../comments/html.ts";
import type { Blog } from "../database.ts";
import type { Openness } from "../comments/settings.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { initialOf, placeBetween } from "./models.ts";
import { stamp } from "./times.ts";

/** A comment as the discussion's page shows it, to everybody the same. */
export function commentModel(row: CommentRow, blog: Blog) {
  const isReply = row.parent_id !== null;
  const name = row.author_name ?? wordingFor(blog.language).say("comment.former-reader");
  return {
    id: row.id,
    root: row.root_id,
    isReply,
    isTombstone: row.face === "tombstone",
    place: placeBetween(row.created_at, row.id),
    // Who is answered is plain where that is the comment on top.
    answers:
      isReply && row.parent_id !== row.root_id
        ? { name: row.parent_name, url: `/blogs/${blog.slug}/comments/${row.parent_id}` }
        : null,
    author: {
      id: row.author_id,
      name,
      initial: initialOf(name),
      isStaff: row.is_staff,
    },
    body: { reduced: commentHtml(row.body) },
    reactions: row.reactions,
    featured: row.featured_at !== null,
    edited: row.edited_at !== null,
    version: row.version,
    at: stamp(row.created_at, blog),
    url: `/blogs/${blog.slug}/comments/${row.id}`,
    answerUrl: `/blogs/${blog.slug}/comments/new?parent=${row.id}`,
  };
}

/** Answers of a thread that are shown in the list; all of them are on the thread's own page. */
export const ANSWERS_SHOWN = 50;

/** The way to all answers of a thread, where they are too many for the list; otherwise its empty place. */
export const answersModel = (root: string, answers: number, { slug }: Blog) => ({
  root,
  answers,
  isMany: answers > ANSWERS_SHOWN,
  url: `/blogs/${slug}/comments?thread=${root}`,
});

/** Whether the discussion takes comments, and how many it has. */
export const discussionStateModel = (
  blog: Blog,
  openness: Openness,
  settings: { slow_mode_seconds: number; moderation: string },
) => ({
  slug: blog.slug,
  open: openness.open,
  message: openness.open ? null : saidOfClosed(openness, blog),
  slowModeSeconds: openness.open ? settings.slow_mode_seconds : 0,
  isPremoderated: openness.open && settings.moderation === "pre",
});

/** Why there is no writing: in the newsroom's own words, where it has any. */
const saidOfClosed = ({ says, message }: Extract<Openness, { open: false }>, { language }: Blog): string =>
  says ? wordingFor(language).say(`discussion.${says}`) : message;
