import { sql, type RawBuilder } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import { holdBlog } from "../blogs/blogs.ts";
import { numbersFor, type Numbers } from "../blogs/streams.ts";
import type {
  Author,
  BlogPart,
  Post,
  PostKind,
  PostPicture,
  PostStatus,
  PromotedComment,
  Quote,
  Trx,
  Verification,
} from "../database.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import { requireAltTexts } from "../media/media.ts";
import { withdrawAnswers } from "../idempotency.ts";
import { recordChange } from "./revisions.ts";

/** Posts on one archive page; the page that readers see first has this many to twice as many. */
export const PAGE_SIZE = 20;

/** What an author decides about a post. */
export interface PostFields {
  headline: string | null;
  body: string;
  quote: Quote | null;
  comment: PromotedComment | null;
  media: PostPicture[];
  authors: Author[];
  verification: Verification | null;
  verificationNote: string | null;
  correction: string | null;
}

export interface NewPost extends PostFields {
  kind: PostKind;
  status: "draft" | "submitted" | "published";
  keyEvent: boolean;
  pinned: boolean;
}

export type PostChanges = Partial<PostFields> & { status?: NewPost["status"] };

/** The post, kept from every other change until the transaction ends; the blog too is kept from closing. */
export async function lockPost(trx: Trx, blogId: string, id: string): Promise<Post> {
  const post = await trx
    .selectFrom("blogs")
    .innerJoin("posts", "posts.blog_id", "blogs.id")
    .selectAll("posts")
    .where("blogs.id", "=", blogId)
    .where("posts.id", "=", id)
    .forShare("blogs")
    .forUpdate("posts")
    .executeTakeFirst();
  if (!post) throw notFound("post");
  return post;
}

/** @throws AppError 409 when the blog is closed and the post would be published */
export async function createPost(trx: Trx, actor: Actor, blogId: string, fields: NewPost): Promise<Post> {
  const blog = await holdBlog(trx, blogId);
  const publishing = fields.status === "published";
  if (publishing && blog.state === "closed") throw blogClosed();
  requireContent(fields);
  const shown = publishing ? { published: 1, visible: 1, parts: partsOfNew(fields) } : null;
  const numbers = numbersFor(trx, blogId, shown);
  const { at } = numbers;
  const post = trx
    .insertInto("posts")
    .values({
      ...columns(fields),
      blog_id: blogId,
      kind: fields.kind,
      status: fields.status,
      key_event: fields.keyEvent,
      pinned_at: fields.pinned ? at : null,
      corrected_at: fields.correction ? at : null,
      position: numbers.version,
      desk_position: numbers.deskVersion,
      page: pageOf(numbers),
      created_by: actor.userId,
      created_at: at,
      published_at: shown && at,
      updated_at: at,
      edited_at: null,
      removed_at: null,
    })
    .returningAll();
  const action = { published: "publish", submitted: "submit", draft: "draft" }[fields.status];
  return recordChange(trx, actor, action, numbers, post);
}

/**
 * @param before the row, locked by `lockPost`
 * @throws AppError 409 for a removed post, or for publishing into a closed blog
 */
export async function editPost(trx: Trx, actor: Actor, before: Post, changes: PostChanges): Promise<Post> {
  const { status = before.status, ...fields } = changes;
  if (before.status === "removed") throw postRemoved();
  const after: Post = { ...before, ...columns({ ...fieldsOf(before), ...fields }), status };
  requireContent({ ...fieldsOf(after), kind: after.kind, status });
  const publishing = before.status !== "published" && after.status === "published";
  if (publishing && (await holdBlog(trx, before.blog_id)).state === "closed") throw blogClosed();
  return save(trx, actor, before, after, publishing ? "publish" : nameOf(changes));
}

function nameOf(changes: PostChanges): string {
  if (changes.correction) return "correct";
  const only = Object.keys(changes).every((field) => field.startsWith("verification"));
  return only && changes.verification !== undefined ? "verify" : "edit";
}

/** Takes the post away from every reader. What it said stays in its revisions, for those allowed to see them. */
export async function removePost(trx: Trx, actor: Actor, before: Post, reason: string): Promise<Post> {
  if (before.status === "removed") return before;
  return save(trx, actor, before, { ...before, status: "removed" }, "remove", { reason });
}

export async function setKeyEvent(trx: Trx, actor: Actor, before: Post, keyEvent: boolean): Promise<Post> {
  if (before.status === "removed") throw postRemoved();
  if (before.key_event === keyEvent) return before;
  return save(trx, actor, before, { ...before, key_event: keyEvent }, keyEvent ? "key-event" : "no-key-event");
}

export async function setPinned(trx: Trx, actor: Actor, before: Post, pinned: boolean): Promise<Post> {
  if (before.status === "removed") throw postRemoved();
  if ((before.pinned_at !== null) === pinned) return before;
  return save(trx, actor, before, { ...before, pinned_at: pinned ? new Date(0) : null }, pinned ? "pin" : "unpin");
}

/** The posts that promote a comment; what happens to the comment must happen to them. */
export async function lockPostsOfComment(trx: Trx, blogId: string, commentId: string): Promise<Post[]> {
  return trx
    .selectFrom("posts")
    .selectAll()
    .where("blog_id", "=", blogId)
    .where("comment_id", "=", commentId)
    .orderBy("id")
    .forUpdate()
    .execute();
}

async function save(
  trx: Trx,
  actor: Actor,
  before: Post,
  after: Post,
  action: string,
  details: object = {},
): Promise<Post> {
  const wasShown = before.status === "published";
  const isShown = after.status === "published";
  const first = isShown && before.published_at === null;
  if (after.status === "removed") await withdrawAnswers(trx, await locationOf(trx, before));
  const shown = {
    published: Number(first),
    visible: Number(isShown) - Number(wasShown),
    parts: partsTouched(before, after),
  };
  const numbers = numbersFor(trx, before.blog_id, wasShown || isShown ? shown : null);
  const { at } = numbers;
  const { id: _id, created_at: _createdAt, ...row } = after;
  const post = trx
    .updateTable("posts")
    .set({
      ...row,
      version: before.version + 1,
      position: numbers.version ?? before.position,
      desk_position: numbers.deskVersion,
      page: first ? pageOf(numbers) : before.page,
      published_at: first ? at : before.published_at,
      pinned_at: after.pinned_at && (before.pinned_at ?? at),
      corrected_at: after.correction === before.correction ? before.corrected_at : after.correction ? at : null,
      updated_at: at,
      edited_at: wasShown && saysOther(before, after) ? at : before.edited_at,
      removed_at: after.status === "removed" ? at : null,
    })
    .where("id", "=", before.id)
    .returningAll();
  return recordChange(trx, actor, action, numbers, post, details);
}

/** As the answer to the POST that made it has it. */
async function locationOf(trx: Trx, post: Post): Promise<string> {
  const { slug } = await holdBlog(trx, post.blog_id);
  return `/api/blogs/${slug}/posts/${post.id}`;
}

/** A pin or a mark leaves the words as they are. */
function saysOther(before: Post, after: Post): boolean {
  const now = fieldsOf(after);
  return Object.entries(fieldsOf(before)).some(([name, value]) => now[name as keyof PostFields] !== value);
}

/** The parts of the page, besides the post itself, that show something of it before or after the change. */
function partsTouched(before: Post, after: Post): BlogPart[] {
  const either = (shows: (post: Post) => boolean): boolean =>
    [before, after].some((post) => post.status === "published" && shows(post));
  return [
    ...(either((post) => post.key_event) ? (["key-events"] as const) : []),
    ...(either((post) => post.pinned_at !== null) ? (["pinned"] as const) : []),
  ];
}

const partsOfNew = (fields: NewPost): BlogPart[] => [
  ...(fields.keyEvent ? (["key-events"] as const) : []),
  ...(fields.pinned ? (["pinned"] as const) : []),
];

const pageOf = ({ published }: Numbers): RawBuilder<number> | null =>
  published && sql<number>`(${published} - 1) / ${PAGE_SIZE}::integer`;

/** A post has to say or show something. */
function requireContent(
  fields: Pick<PostFields, "headline" | "body" | "quote" | "comment" | "media"> & {
    kind: PostKind;
    status: PostStatus;
  },
): void {
  if (fields.kind === "quote" && !fields.quote) throw invalid([{ pointer: "/quote", code: "required" }]);
  if (fields.kind === "comment" && !fields.comment) throw invalid([{ pointer: "/commentId", code: "required" }]);
  if (fields.kind === "entry" && !fields.headline && !fields.body && !fields.media.length)
    throw invalid([{ pointer: "/body", code: "empty" }], "A post needs a headline, a text or a picture.");
  if (fields.status !== "draft" && fields.status !== "submitted") requireAltTexts(fields.media);
}

const postRemoved = () => conflict("post-removed", "This post was removed.");
const blogClosed = () => conflict("blog-closed", "This blog is closed; reopen it to publish.");

const fieldsOf = (post: Post): PostFields => ({
  headline: post.headline,
  body: post.body,
  quote: post.quote,
  comment: post.comment,
  media: post.media,
  authors: post.authors,
  verification: post.verification,
  verificationNote: post.verification_note,
  correction: post.correction,
});

const columns = (fields: PostFields) => ({
  headline: fields.headline,
  body: fields.body,
  quote: fields.quote,
  comment: fields.comment,
  comment_id: fields.comment?.id ?? null,
  media: fields.media,
  authors: fields.authors,
  verification: fields.verification,
  verification_note: fields.verificationNote,
  correction: fields.correction,
});
