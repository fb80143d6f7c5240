import { sql } from "kysely";
import { createBlog } from "../blogs/blogs.ts";
import { promotableComment } from "../comments/promotion.ts";
import type { Author, Blog, Post, Trx } from "../database.ts";
import { keepPicture, type KeptFiles } from "../media/keeping.ts";
import { reduceBody } from "../posts/body.ts";
import { createPost, editPost, removePost, type PostChanges } from "../posts/posts.ts";
import { clocked, LANGUAGE, minutesBefore, TIME_ZONE, type Cast } from "./cast.ts";
import { PICTURES, type PictureName } from "./pictures.ts";
import { STORY, STORY_SLUG, STORY_STANDFIRST, STORY_TITLE, type Later, type StoryPost } from "./story.ts";

export interface Material {
  readonly blogId: string;
  readonly pictures: ReadonlyMap<PictureName, KeptFiles>;
  /** Ids of readers' comments by their keys. */
  readonly comments: ReadonlyMap<string, string>;
  readonly now: Date;
}

export function beginStory(trx: Trx, cast: Cast): Promise<Blog> {
  return createBlog(trx, cast.get("Ines Calder")!, STORY_SLUG, {
    title: STORY_TITLE,
    standfirst: STORY_STANDFIRST,
    language: LANGUAGE,
    timeZone: TIME_ZONE,
  });
}

/**
 * Publishes and changes everything in the order in which it happened, through the newsroom's own functions, and then
 * moves the times to when it happened: a post's times are those of its revisions.
 */
export async function tellStory(trx: Trx, cast: Cast, material: Material): Promise<void> {
  const { blogId, now } = material;
  await keepPictures(trx, cast, material);
  const told = new Map<StoryPost, Post>();
  const times: { post: string; version: number; at: Date }[] = [];
  for (const { at, post, change } of eventsInOrder()) {
    const actor = actorFor(cast, post);
    const after = change
      ? await apply(trx, actor, told.get(post)!, change, now)
      : await createPost(trx, actor, blogId, await newPost(trx, cast, post, material));
    told.set(post, after);
    times.push({ post: after.id, version: after.version, at: minutesBefore(now, at) });
  }
  await moveTimes(trx, blogId, times);
}

interface StoryEvent {
  readonly at: number;
  readonly post: StoryPost;
  readonly change: Later | null;
}

/** The longest ago first. */
function eventsInOrder(): StoryEvent[] {
  const events = STORY.flatMap((post): StoryEvent[] => [
    { at: post.at, post, change: null },
    ...(post.later ?? []).map((change) => ({ at: change.at, post, change })),
  ]);
  return events.sort((a, b) => b.at - a.at);
}

/** Guests have no account; the reporter on duty enters what they file. */
const actorFor = (cast: Cast, post: StoryPost) => cast.get(post.by?.[0] ?? "") ?? cast.get("Tomas Brandt")!;

async function newPost(trx: Trx, cast: Cast, post: StoryPost, { blogId, pictures, comments, now }: Material) {
  const { quote, comment, picture } = post;
  return {
    kind: quote ? ("quote" as const) : comment ? ("comment" as const) : ("entry" as const),
    status: post.status ?? ("published" as const),
    shared: true,
    keyEvent: post.keyEvent ?? false,
    summary: post.summary ?? false,
    pinned: post.pinned ?? false,
    headline: post.headline ?? null,
    body: reduceBody(clocked(post.body ?? "", now)),
    quote: quote
      ? {
          text: quote.text,
          attribution: {
            name: quote.name,
            ...{ role: quote.role ?? null, source: quote.source ?? null, sourceUrl: quote.sourceUrl ?? null },
          },
        }
      : null,
    comment: comment ? await promotableComment(trx, blogId, comments.get(comment)!) : null,
    embeds: [],
    media: picture ? [{ id: pictures.get(picture)!.id, ...PICTURES[picture].texts }] : [],
    authors: (post.by ?? []).map((name): Author => ({ name, slug: cast.get(name)?.slug ?? null, avatar: null })),
    verification: post.verification ?? null,
    verificationNote: post.verificationNote ?? null,
    correction: null,
    tags: [],
    sources: [],
    note: null,
  };
}

async function apply(trx: Trx, actor: Parameters<typeof editPost>[1], before: Post, change: Later, now: Date) {
  const { at: _at, removed, ...fields } = change;
  if (removed) return removePost(trx, actor, before, removed);
  const changes: PostChanges = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === null ? null : clocked(value, now)]),
  );
  return editPost(trx, actor, before, changes.body ? { ...changes, body: reduceBody(changes.body) } : changes);
}

async function keepPictures(trx: Trx, cast: Cast, { pictures, now }: Material): Promise<void> {
  const rows = [...pictures].map(([name, picture]) => ({
    ...picture,
    ...PICTURES[name].texts,
    focal_point: null,
    created_by: cast.get("Tomas Brandt")!.userId,
    created_at: minutesBefore(now, 1500),
  }));
  for (const row of rows) await keepPicture(trx, row);
}

/** Orders as the events do; nothing else may have been published in the blog. */
async function moveTimes(
  trx: Trx,
  blogId: string,
  times: { post: string; version: number; at: Date }[],
): Promise<void> {
  await sql`
    update post_revisions set at = t.at
    from json_to_recordset(${JSON.stringify(times)}::text::json) as t(post bigint, version int, at timestamptz)
    where post_revisions.post_id = t.post and post_revisions.version = t.version`.execute(trx);
  await sql`
    update posts set
      created_at = r.first, updated_at = r.last, published_at = r.published,
      shown_at = case when position is not null then r.last end,
      edited_at = case when edited_at is not null then r.edited end,
      pinned_at = case when pinned_at is not null then r.pinned end,
      corrected_at = case when correction is not null then r.corrected end,
      removed_at = case when status = 'removed' then r.last end,
      claim_since = case when claim_since is not null then r.claimed end
    from (
      select post_id, min(at) as first, max(at) as last,
        min(at) filter (where action = 'publish') as published,
        max(at) filter (where action = 'correct') as corrected,
        max(at) filter (where action in ('edit', 'correct', 'verify')) as edited,
        min(at) filter (where (content->>'pinned')::boolean) as pinned,
        min(at) filter (where content->>'verification' in ('unverified', 'partly-verified', 'disputed')) as claimed
      from post_revisions group by post_id
    ) as r
    where r.post_id = posts.id and posts.blog_id = ${blogId}`.execute(trx);
  await sql`
    update streams set changed_at = (select max(updated_at) from posts where posts.blog_id = streams.blog_id)
    where blog_id = ${blogId}`.execute(trx);
  await sql`
    update blogs set created_at = (select min(created_at) from posts where blog_id = blogs.id) - interval '10 minutes'
    where id = ${blogId}`.execute(trx);
  await sql`
    update duties set at = (select created_at from blogs where blogs.id = blog_id) where blog_id = ${blogId}`.execute(
    trx,
  );
}
