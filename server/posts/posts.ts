import { isDeepStrictEqual } from "node:util";
import type { RawBuilder } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import { holdBlog, turnToHold } from "../blogs/blogs.ts";
import { numbersFor, type Effects } from "../blogs/streams.ts";
import { tellAuthor } from "../comments/log.ts";
import type { BlogPart, Post, PostKind, PostStatus, Trx } from "../database.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import { requireAltTexts } from "../media/media.ts";
import { withdrawAnswers } from "../idempotency.ts";
import { contentColumns, fieldsOf, type PostFields } from "./content.ts";
import { nextPage, pageAt } from "./places.ts";
import { recordChange } from "./revisions.ts";
import {
  announceSchedule,
  ARRIVALS,
  blogClosed,
  passageName,
  postRemoved,
  removedFrom,
  requirePassage,
  scheduleAfter,
  sharedAfter,
  type StateChanges,
} from "./states.ts";

export interface NewPost extends PostFields {
  kind: PostKind;
  status: Exclude<PostStatus, "removed">;
  keyEvent: boolean;
  summary: boolean;
  pinned: boolean;
  shared?: boolean | undefined;
  publishAt?: Date | undefined;
  /** Another time than now, for a post that is published. */
  publishedAt?: Date | undefined;
}

export type PostChanges = Partial<PostFields> & StateChanges & Pick<NewPost, "publishedAt">;

/** The post, kept from every other change until the transaction ends; the blog too is kept from closing. */
export async function lockPost(trx: Trx, blogId: string, id: string): Promise<Post> {
  const post = await trx
    .selectFrom("blogs")
    .innerJoin("posts", "posts.blog_id", "blogs.id")
    .innerJoin(turnToHold(blogId), (join) => join.onTrue())
    .selectAll("posts")
    .where("blogs.id", "=", blogId)
    .where("posts.id", "=", id)
    .forShare("blogs")
    .forUpdate("posts")
    .executeTakeFirst();
  if (!post) throw notFound("post");
  return post;
}

/**
 * @param kept see recordChange(): with it, this ends the transaction
 * @throws AppError 409 when the blog is closed and the post would be published, 422 for a time that cannot be
 */
export async function createPost(
  trx: Trx,
  actor: Actor,
  blogId: string,
  fields: NewPost,
  kept?: RawBuilder<unknown>,
): Promise<Post> {
  const blog = await holdBlog(trx, blogId);
  const { status, publishedAt: time = null } = fields;
  const publishing = status === "published";
  if ((publishing || status === "scheduled") && blog.state === "closed") throw blogClosed();
  requireContent(fields);
  requireShownFor(status, time);
  const schedule = scheduleAfter(actor, null, fields);
  if (schedule.publish_at) await announceSchedule(trx, schedule.publish_at);
  const page = time && (await pageAt(trx, blogId, null, time));
  if (publishing && fields.comment) await tellAuthor(trx, fields.comment.id);
  const shown = { published: page === null ? 1 : 0, visible: 1, parts: partsOfNew(fields) };
  const numbers = numbersFor(trx, blogId, publishing ? shown : null);
  const { at } = numbers;
  const post = trx
    .insertInto("posts")
    .values({
      ...contentColumns(fields),
      ...schedule,
      blog_id: blogId,
      kind: fields.kind,
      status,
      shared: fields.shared ?? false,
      key_event: fields.keyEvent,
      summary: fields.summary,
      pinned_at: fields.pinned ? at : null,
      corrected_at: fields.correction ? at : null,
      position: numbers.version,
      shown_at: numbers.version && at,
      desk_position: numbers.deskVersion,
      page: page ?? nextPage(numbers),
      created_by: actor.userId,
      updated_by: actor.userId,
      created_at: at,
      published_at: publishing ? (time ?? at) : null,
      updated_at: at,
      edited_at: null,
      removed_at: null,
    })
    .returningAll();
  const details = {
    ...(schedule.publish_at ? { publishAt: schedule.publish_at } : {}),
    ...(time ? { before: null, after: time } : {}),
  };
  return recordChange(trx, actor, ARRIVALS[status], numbers, post, details, kept);
}

/**
 * @param before the row, locked by `lockPost`
 * @param named what the change is called, where its fields do not tell
 * @throws AppError 409 for a removed post, or for publishing into a closed blog, 422 for a way that no post can go
 */
export async function editPost(
  trx: Trx,
  actor: Actor,
  before: Post,
  changes: PostChanges,
  named: { action?: string; details?: object } = {},
): Promise<Post> {
  const { status = before.status, shared, publishAt, publishedAt: time = null, ...fields } = changes;
  requirePassage(before, status);
  requireShownFor(status, time);
  if (fields.correction && !before.published_at)
    throw invalid([{ pointer: "/correction", code: "not-published" }], "Only what readers have seen can be corrected.");
  const after: Post = {
    ...before,
    ...contentColumns({ ...fieldsOf(before), ...fields }),
    ...scheduleAfter(actor, before, { status, publishAt }),
    status,
    shared: sharedAfter(actor, before, status, shared),
  };
  requireContent({ ...fieldsOf(after), kind: after.kind, status });
  const passage = passageName(before, after);
  if (passage === "publish" || passage === "schedule") await requireOpen(trx, before.blog_id);
  const comesOut = passage === "restore" || (passage && after.status !== "draft");
  if (comesOut && after.comment_id) await requireSeen(trx, after.comment_id);
  const action = named.action ?? passage ?? (time ? "set-time" : nameOf(changes));
  return savePost(trx, actor, before, after, action, named.details, time);
}

async function requireOpen(trx: Trx, blogId: string): Promise<void> {
  if ((await holdBlog(trx, blogId)).state === "closed") throw blogClosed();
}

/** A post goes out, and comes back, only with a comment that readers see; its thread is held meanwhile. */
async function requireSeen(trx: Trx, commentId: string): Promise<void> {
  const seen = await trx
    .selectFrom("comments")
    .innerJoin("comments as root", "root.id", "comments.root_id")
    .select("comments.id")
    .where("comments.id", "=", commentId)
    .where("comments.face", "=", "comment")
    .forShare(["root", "comments"])
    .executeTakeFirst();
  if (!seen) throw conflict("comment-rejected", "The comment that this post shows was rejected.");
}

function requireShownFor(status: PostStatus, time: Date | null): void {
  if (time && status !== "published") throw invalid([{ pointer: "/publishedAt", code: "not-published" }]);
}

function nameOf(changes: PostChanges): string {
  if (changes.correction) return "correct";
  const only = Object.keys(changes).every((field) => field.startsWith("verification"));
  return only && changes.verification !== undefined ? "verify" : "edit";
}

/** Takes the post away from every reader. What it said stays in its revisions, for those allowed to see them. */
export async function removePost(trx: Trx, actor: Actor, before: Post, reason: string): Promise<Post> {
  if (before.status === "removed") return before;
  const after: Post = { ...before, ...removedFrom(before) };
  return savePost(trx, actor, before, after, "remove", { reason });
}

export async function setKeyEvent(trx: Trx, actor: Actor, before: Post, keyEvent: boolean): Promise<Post> {
  if (before.status === "removed") throw postRemoved();
  if (before.key_event === keyEvent) return before;
  return savePost(trx, actor, before, { ...before, key_event: keyEvent }, keyEvent ? "key-event" : "no-key-event");
}

export async function setSummary(trx: Trx, actor: Actor, before: Post, summary: boolean): Promise<Post> {
  if (before.status === "removed") throw postRemoved();
  if (before.summary === summary) return before;
  return savePost(trx, actor, before, { ...before, summary }, summary ? "summary" : "no-summary");
}

export async function setPinned(trx: Trx, actor: Actor, before: Post, pinned: boolean): Promise<Post> {
  if (before.status === "removed") throw postRemoved();
  if ((before.pinned_at !== null) === pinned) return before;
  return savePost(trx, actor, before, { ...before, pinned_at: pinned ? new Date(0) : null }, pinned ? "pin" : "unpin");
}

/** The posts that promote comments; what happens to the comment must happen to them. */
export async function lockPostsOfComments(trx: Trx, blogId: string, commentIds: readonly string[]): Promise<Post[]> {
  return trx
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("comment_id", "in", [...commentIds])
    .orderBy("id")
    .forUpdate()
    .execute();
}

/**
 * Keeps the post as it is after a change, in its place, with a revision and a line in the audit log.
 * @param time another time of publication than it has, or than now
 */
export async function savePost(
  trx: Trx,
  actor: Actor,
  before: Post,
  after: Post,
  action: string,
  details: object = {},
  time: Date | null = null,
): Promise<Post> {
  if (after.status === "removed") await withdrawAnswers(trx, await locationOf(trx, before));
  const isScheduled = after.publish_at && after.publish_at.getTime() !== before.publish_at?.getTime();
  if (isScheduled) await announceSchedule(trx, after.publish_at!);
  const page = time && (await pageAt(trx, before.blog_id, before, time));
  const isPublished = before.status !== "published" && after.status === "published";
  if (isPublished && after.comment_id) await tellAuthor(trx, after.comment_id);
  const takesTurn = isPublished && page === null;
  const numbers = numbersFor(trx, before.blog_id, shownOf(before, after, { takesTurn, isMoved: time !== null }));
  const { at } = numbers;
  const { id: _id, created_at: _createdAt, ...row } = after;
  const post = trx
    .updateTable("posts")
    .set({
      ...row,
      version: before.version + 1,
      position: numbers.version ?? before.position,
      shown_at: numbers.version ? at : before.shown_at,
      desk_position: numbers.deskVersion,
      page: takesTurn ? nextPage(numbers) : (page ?? before.page),
      published_at: time ?? (isPublished ? at : before.published_at),
      pinned_at: after.pinned_at && (before.pinned_at ?? at),
      corrected_at: after.correction === before.correction ? before.corrected_at : after.correction ? at : null,
      updated_by: actor.userId,
      // What readers are not told of has not happened for them.
      updated_at: after.status === "published" && !numbers.version ? before.updated_at : at,
      edited_at: isPublished ? null : wasEdited(before, after) ? at : before.edited_at,
      removed_at: after.status === "removed" ? (before.removed_at ?? at) : null,
      erased_at: after.erased_at && at,
    })
    .where("id", "=", before.id)
    .returningAll();
  return recordChange(trx, actor, action, numbers, post, {
    ...(isScheduled ? { publishAt: after.publish_at } : {}),
    ...(time ? { before: before.published_at, after: time } : {}),
    ...details,
  });
}

/** What a change is for readers; null when they see nothing of it. */
function shownOf(
  before: Post,
  after: Post,
  { takesTurn, isMoved }: { takesTurn: boolean; isMoved: boolean },
): Effects | null {
  const wasShown = before.status === "published";
  const isShown = after.status === "published";
  if (wasShown === isShown && !(isShown && (isMoved || readersSee(before, after)))) return null;
  return {
    published: Number(takesTurn),
    visible: Number(isShown) - Number(wasShown),
    parts: partsTouched(before, after),
  };
}

/** One that is published again begins anew. */
const wasEdited = (before: Post, after: Post): boolean => before.status === "published" && saysOther(before, after);

/** As the answer to the POST that made it has it. */
async function locationOf(trx: Trx, post: Post): Promise<string> {
  const { slug } = await holdBlog(trx, post.blog_id);
  return `/api/blogs/${slug}/posts/${post.id}`;
}

/** A pin or a mark leaves the words as they are. */
const saysOther = (before: Post, after: Post): boolean => !isDeepStrictEqual(wordsOf(before), wordsOf(after));

/** Tags belong to what the API tells everybody. */
const readersSee = (before: Post, after: Post): boolean =>
  saysOther(before, after) ||
  before.key_event !== after.key_event ||
  before.summary !== after.summary ||
  (before.pinned_at === null) !== (after.pinned_at === null) ||
  !isDeepStrictEqual(before.tags, after.tags);

/** Of a post what readers read. */
const wordsOf = (post: Post): object => {
  const { tags: _tags, note: _note, sources, ...words } = fieldsOf(post);
  return { ...words, sources: sources.filter((source) => source.public) };
};

/** The parts of the page, besides the post itself, that show something of it before or after the change. */
function partsTouched(before: Post, after: Post): BlogPart[] {
  const either = (shows: (post: Post) => boolean): boolean =>
    [before, after].some((post) => post.status === "published" && shows(post));
  return [
    ...(either((post) => post.key_event || post.summary) ? (["key-events"] as const) : []),
    ...(either((post) => post.pinned_at !== null) ? (["pinned"] as const) : []),
  ];
}

const partsOfNew = (fields: NewPost): BlogPart[] => [
  ...(fields.keyEvent || fields.summary ? (["key-events"] as const) : []),
  ...(fields.pinned ? (["pinned"] as const) : []),
];

/** A post has to say or show something. */
function requireContent(
  fields: Pick<PostFields, "headline" | "body" | "quote" | "comment" | "media" | "embeds"> & {
    kind: PostKind;
    status: PostStatus;
  },
): void {
  if (fields.kind === "quote" && !fields.quote) throw invalid([{ pointer: "/quote", code: "required" }]);
  if (fields.kind === "comment" && !fields.comment) throw invalid([{ pointer: "/commentId", code: "required" }]);
  if (fields.kind === "entry" && !fields.headline && !fields.body && !fields.media.length && !fields.embeds.length)
    throw invalid([{ pointer: "/body", code: "empty" }], "A post needs a headline, a text, a picture or a link.");
  if (fields.status !== "draft" && fields.status !== "submitted") requireAltTexts(fields.media);
}
