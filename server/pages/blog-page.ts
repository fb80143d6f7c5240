import { findBlog } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Post } from "../database.ts";
import { picturesOf } from "../media/media.ts";
import { pinnedPost } from "../posts/reading.ts";
import {
  keyEventsModel,
  renderHeader,
  renderLastUpdated,
  renderPinned,
  renderPost,
  renderWhatWeKnow,
} from "../realtime/changes.ts";
import { headForPrograms } from "../feeds/head.ts";
import { placeOf } from "../rendering/models.ts";
import { rendered } from "../rendering/views.ts";
import { isFiltered, pathOf, type StoryAddress } from "./story-address.ts";
import { storyList } from "./story-list.ts";

export interface Drawn {
  readonly html: string;
  /** The story has ended: only a takedown, a correction or its resumption changes the page now. */
  readonly isFinal: boolean;
  /** It is what an ended story is read by, and not one of the many addresses of its parts. */
  readonly isSmallest: boolean;
}

/**
 * The reader's page of a blog, whole without JavaScript.
 * @param version what a reader of this page has seen; read before the rows, so that anything newer is only sent twice
 * @throws AppError 404 for a blog or a post that there is not
 */
export async function renderBlogPage(
  context: Context,
  slug: string,
  asked: StoryAddress,
  version: number,
): Promise<Drawn> {
  const { db, publicUrl, views } = context;
  const blog = await findBlog(db, slug);
  const list = await storyList(db, blog, asked);
  const { posts, newest } = list;
  const pictures = await picturesOf(db, posts);
  const address = pathOf(slug);
  const live = blog.state === "live";
  const isFront = newest && !asked.oldestFirst && !isFiltered(asked);
  const pinned = isFront ? await pinnedPost(db, blog.id) : null;
  const oldest = asked.oldestFirst ? posts[0] : posts.at(-1);
  const timeline = await keyEventsModel(db, blog);
  const page = {
    head: {
      title: blog.title,
      description: blog.standfirst,
      canonical:
        publicUrl + (isFront || isFiltered(asked) || !posts[0] ? address : pathOf(slug, { around: posts[0].id })),
      script: live ? "js/blog.js" : "js/archive.js",
      says: "live.",
      wordsFirst: true,
      ...(await headForPrograms(context, blog, { posts, pictures, around: asked.around })),
    },
    live,
    slug,
    timeZone: blog.time_zone,
    epoch: context.epoch(blog.id),
    pushKey: live && context.pushKey,
    version,
    build: views.build,
    newest,
    isFront,
    // In the order of the beginning, what is new comes at the end and moves nothing.
    takesNew: newest && !asked.oldestFirst,
    address,
    here: pathOf(slug, newest && !asked.oldestFirst ? { ...asked, around: null } : asked),
    ways: waysToRead(slug, asked, posts),
    filter: asked.keyEventsOnly ? "key-events" : "",
    asked,
    header: rendered(renderHeader(context, blog)),
    whatWeKnow: rendered(await renderWhatWeKnow(context, blog)),
    pinned: rendered(isFront ? await renderPinned(context, blog) : ""),
    keyEvents: rendered(views.fragment("key-events", timeline, blog.language)),
    hasKeyEvents: timeline.events.length > 0,
    lastUpdated: rendered(await renderLastUpdated(context, blog)),
    posts: posts.map((post) => ({
      isShownAbove: post.id === pinned?.id,
      html: rendered(renderPost(context, post, blog, pictures)),
    })),
    end: oldest && list.hasOlder ? placeOf(oldest) : "",
    before: list.before,
    after: list.after,
  };
  return {
    html: views.page("blog", page, { language: blog.language }),
    isFinal: !live,
    isSmallest: !live && isFront && asked.around === null,
  };
}

/** The ways to read, each a link; with a filter by author or tag, what it says. */
function waysToRead(slug: string, asked: StoryAddress, posts: Post[]) {
  const { keyEventsOnly, author, tag, oldestFirst } = asked;
  const isPlain = !isFiltered(asked);
  const way = (key: string, to: Partial<StoryAddress>, isCurrent: boolean) => ({
    key,
    url: pathOf(slug, to),
    isCurrent,
  });
  const name = posts.flatMap(({ authors }) => authors).find((one) => one.slug === author)?.name;
  return {
    list: [
      way("latest", {}, isPlain && !oldestFirst),
      way("oldest", { oldestFirst: true }, isPlain && oldestFirst),
      way("key-events", { keyEventsOnly: true }, keyEventsOnly && !author && !tag),
    ],
    author: author && (name ?? author),
    tag,
    all: pathOf(slug),
    other: pathOf(slug, { ...asked, around: null, oldestFirst: !oldestFirst }),
    isPlain,
    oldestFirst,
  };
}
