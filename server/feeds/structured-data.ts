import { LRUCache } from "lru-cache";
import type { BlogPosting, LiveBlogPosting, WithContext } from "schema-dts";
import type { Context } from "../context.ts";
import type { Blog, Post } from "../database.ts";
import type { PicturesById } from "../media/media.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { titleOf } from "../posts/title.ts";
import { addressesOf } from "./addresses.ts";
import { cut, wordsOf } from "./words.ts";

/** Updates among the data of one page, the newest of it; and characters of what each says. */
const MOST_UPDATES = 30;
const MOST_WORDS = 400;
/** Characters of a headline, as search engines show one. */
const MOST_HEADLINE = 110;
const MOST_PICTURES = 3;

export interface Story {
  readonly blog: Blog;
  /** Those of the page, newest first. */
  readonly posts: Post[];
  readonly pictures: PicturesById;
  /** When the first post was published, and when readers were last shown something; null for a blog without posts. */
  readonly began: Date | null;
  readonly changed: Date | null;
}

/**
 * A page of a blog for search engines. Each update speaks for itself: its own headline, author, times and address; what
 * all have in common is said once.
 */
export function liveBlogPosting(context: Context, story: Story): WithContext<LiveBlogPosting> {
  const { config, publicUrl } = context;
  const { blog, posts, pictures, began, changed } = story;
  const { url, card } = addressesOf(publicUrl, blog);
  const publisher = { "@id": `${publicUrl}/#publisher` };
  const shown = posts.flatMap((post) => picturesOf(publicUrl, post, pictures)).slice(0, MOST_PICTURES);
  // A blog may be begun after what it tells of, as when an archive is brought in.
  const start = began && began < blog.created_at ? began : blog.created_at;
  return {
    "@context": "https://schema.org",
    "@type": "LiveBlogPosting",
    "@id": `${url}#story`,
    url,
    mainEntityOfPage: url,
    headline: cut(blog.title, MOST_HEADLINE),
    ...(blog.standfirst && { description: blog.standfirst }),
    inLanguage: blog.language,
    isAccessibleForFree: true,
    image: shown.length ? shown : [card],
    datePublished: (began ?? blog.created_at).toISOString(),
    dateModified: (changed ?? blog.created_at).toISOString(),
    coverageStartTime: start.toISOString(),
    ...(blog.closed_at && { coverageEndTime: blog.closed_at.toISOString() }),
    author: publisher,
    publisher: { "@type": "NewsMediaOrganization", ...publisher, name: config.siteName, url: `${publicUrl}/` },
    liveBlogUpdate: posts.slice(0, MOST_UPDATES).map((post) => updateOf(context, story, post)),
  };
}

/** As what they say was when it was looked at; a page is made anew with each change of any of its posts. */
const known = new LRUCache<string, BlogPosting>({ max: 2_000 });

function updateOf(context: Context, story: Story, post: Post): BlogPosting {
  const key = `${context.publicUrl} ${context.epoch(story.blog.id)} ${post.id} ${post.version} ${story.blog.language}`;
  const made = known.get(key) ?? newUpdate(context, story, post);
  known.set(key, made);
  return made;
}

function newUpdate({ publicUrl }: Context, { blog, pictures }: Story, post: Post): BlogPosting {
  const { permalink } = addressesOf(publicUrl, blog, post.id);
  const image = picturesOf(publicUrl, post, pictures).slice(0, 1);
  const published = post.published_at!.toISOString();
  return {
    "@type": "BlogPosting",
    "@id": permalink,
    url: permalink,
    headline: cut(titleOf(post), MOST_HEADLINE),
    ...(post.summary && { genre: wordingFor(blog.language).say("post.summary") }),
    datePublished: published,
    dateModified: post.edited_at?.toISOString() ?? published,
    author: post.authors.length
      ? post.authors.map(({ name }) => ({ "@type": "Person", name }))
      : { "@id": `${publicUrl}/#publisher` },
    articleBody: cut(wordsOf(post), MOST_WORDS) || titleOf(post),
    ...(image.length && { image }),
    ...(post.correction &&
      post.corrected_at && {
        correction: {
          "@type": "CorrectionComment",
          text: post.correction,
          datePublished: post.corrected_at.toISOString(),
        },
      }),
  };
}

const picturesOf = (publicUrl: string, { media }: Post, known: PicturesById): string[] =>
  media.flatMap(({ id }) => {
    const largest = known.get(id)?.sources.findLast(({ type }) => type === "image/jpeg");
    return largest ? [new URL(largest.url, publicUrl).href] : [];
  });

/** For a script element, which nothing in it may end. */
export const dataBlock = (data: object): string => JSON.stringify(data).replaceAll("<", "\\u003c");
