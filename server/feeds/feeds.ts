import { findBlog } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import type { Blog, Post } from "../database.ts";
import { picturesOf, type PicturesById } from "../media/media.ts";
import { listPosts, withdrawnPosts } from "../posts/reading.ts";
import { titleOf } from "../posts/title.ts";
import { renderPost } from "../realtime/changes.ts";
import { filesModel } from "../rendering/files.ts";
import { postHtml } from "./post-html.ts";

/** A feed has the newest posts, as many as fit into this many bytes of HTML, and at least one. */
const MOST_POSTS = 50;
const MOST_BYTES = 400_000;
const MOST_WITHDRAWN = 100;
/** What was taken down longer ago than this many changes is not looked for. */
const CHANGES_BACK = 2_000;

/** A blog as every format of feed says it. Ids are tag URIs (RFC 4151), which no edit changes. */
export interface Feed {
  readonly id: string;
  readonly title: string;
  readonly standfirst: string;
  readonly language: string;
  readonly siteName: string;
  readonly siteUrl: string;
  /** The blog's page. */
  readonly url: string;
  readonly hub: string | null;
  readonly updated: Moment;
  readonly entries: FeedEntry[];
  /** Posts that readers saw once, the latest taken first; nothing they said. */
  readonly removed: { readonly id: string; readonly when: string }[];
}

interface FeedEntry {
  readonly id: string;
  /** The permalink. */
  readonly url: string;
  readonly headline: string | null;
  /** The headline, or the first words. */
  readonly title: string;
  readonly html: string;
  readonly published: Moment;
  readonly updated: Moment;
  /** Names. */
  readonly authors: string[];
  readonly tags: string[];
  /** The first picture's address. */
  readonly picture: string | null;
}

/** As Atom and JSON write it, and as RSS does. */
interface Moment {
  readonly at: Date;
  readonly iso: string;
  readonly rfc822: string;
}

/** @throws AppError 404 */
export async function feedOf(context: Context, slug: string): Promise<Feed> {
  const { config, db, publicUrl } = context;
  const blog = await findBlog(db, slug);
  const { changedAt, version } = await headOf(db, blog.id, "blog");
  const posts = await listPosts(db, blog.id, { limit: MOST_POSTS });
  const pictures = await picturesOf(db, posts);
  const withdrawn = await withdrawnPosts(db, blog.id, { since: version - CHANGES_BACK, limit: MOST_WITHDRAWN });
  return {
    id: tagOf(context, blog),
    title: blog.title,
    standfirst: blog.standfirst,
    language: blog.language,
    siteName: config.siteName,
    siteUrl: `${publicUrl}/`,
    url: `${publicUrl}/blogs/${blog.slug}`,
    hub: config.webSubHub,
    updated: moment(changedAt),
    entries: asManyAsFit(posts.map((post) => entryOf(context, blog, post, pictures))),
    removed: withdrawn.map(({ id, at }) => ({ id: tagOf(context, blog, id), when: at.toISOString() })),
  };
}

function entryOf(context: Context, blog: Blog, post: Post, pictures: PicturesById): FeedEntry {
  const url = `${context.publicUrl}/blogs/${blog.slug}/posts/${post.id}`;
  const picture = post.media.flatMap(({ id }) => pictures.get(id) ?? [])[0];
  const published = post.published_at!;
  const changes = [published, post.edited_at, post.corrected_at].flatMap((at) => at?.getTime() ?? []);
  return {
    id: tagOf(context, blog, post.id),
    url,
    headline: post.headline,
    title: titleOf(post),
    html: postHtml(renderPost(context, post, blog, pictures), url),
    published: moment(published),
    updated: moment(new Date(Math.max(...changes))),
    authors: post.authors.map(({ name }) => name),
    tags: post.tags,
    picture: picture ? new URL(filesModel(picture).src, url).href : null,
  };
}

/** Depends on what never changes: the host, the blog's slug and day, and the post's number. */
function tagOf({ publicUrl }: Context, { slug, created_at }: Blog, postId?: string): string {
  const authority = `${new URL(publicUrl).hostname},${created_at.toISOString().slice(0, 10)}`;
  return `tag:${authority}:/blogs/${slug}${postId === undefined ? "" : `/posts/${postId}`}`;
}

function asManyAsFit(entries: FeedEntry[]): FeedEntry[] {
  let bytes = 0;
  return entries.filter(({ html }, n) => (bytes += Buffer.byteLength(html)) <= MOST_BYTES || n === 0);
}

const moment = (at: Date): Moment => ({ at, iso: at.toISOString(), rfc822: at.toUTCString().replace("GMT", "+0000") });
