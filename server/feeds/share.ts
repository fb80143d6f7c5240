import type { Context } from "../context.ts";
import type { Blog, Post } from "../database.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { titleOf } from "../posts/title.ts";
import { addressesOf } from "./addresses.ts";
import { CARD_SIZE } from "./card.ts";
import type { Story } from "./structured-data.ts";
import { cut, wordsOf } from "./words.ts";

/** Characters of a description, as services show one. */
const MOST_DESCRIPTION = 200;
/** Pixels of width that services ask of a large picture. */
const WIDE = 1_200;

/** What views/partials/share-tags.hbs says to those who show a link to a page: Open Graph, and X's own. */
export interface ShareTags {
  type: "article" | "website";
  title: string;
  description: string;
  url: string;
  image: { url: string; type: string; width: number; height: number; alt: string };
  published: string | null;
  modified: string | null;
}

/** @param post the one that the page's address names, if it names one */
export const shareTags = (context: Context, story: Story, post: Post | null): ShareTags =>
  post ? ofPost(context, story, post) : ofBlog(context, story);

/** The readers' discussion of a blog. @param title and what else its page says of itself */
export const discussionTags = (
  { publicUrl }: Context,
  blog: Blog,
  { title, description, url }: Pick<ShareTags, "title" | "description" | "url">,
): ShareTags => ({
  type: "website",
  title,
  description,
  url,
  image: drawn(addressesOf(publicUrl, blog).card, blog.title),
  published: null,
  modified: null,
});

/** The page that lists the blogs. */
export function homeTags({ config, publicUrl }: Context): ShareTags {
  const { say } = wordingFor(config.language);
  const title = say("home.title");
  return {
    type: "website",
    title,
    description: say("masthead.line"),
    url: `${publicUrl}/`,
    image: drawn(`${publicUrl}/card.png`, `${title} – ${config.siteName}`),
    published: null,
    modified: null,
  };
}

function ofBlog({ publicUrl }: Context, { blog, began, changed }: Story): ShareTags {
  const { url, card } = addressesOf(publicUrl, blog);
  return {
    type: "article",
    title: blog.title,
    description: cut(blog.standfirst, MOST_DESCRIPTION),
    url,
    image: drawn(card, blog.title),
    published: (began ?? blog.created_at).toISOString(),
    modified: (changed ?? blog.created_at).toISOString(),
  };
}

function ofPost(context: Context, story: Story, post: Post): ShareTags {
  const { publicUrl } = context;
  const { url, card } = addressesOf(publicUrl, story.blog, post.id);
  const words = wordsOf(post);
  return {
    type: "article",
    title: titleOf(post),
    description: cut(post.headline && words ? words : story.blog.title, MOST_DESCRIPTION),
    url,
    image: ownPicture(publicUrl, story, post) ?? drawn(card, titleOf(post)),
    published: post.published_at!.toISOString(),
    modified: (post.edited_at ?? post.published_at!).toISOString(),
  };
}

const drawn = (url: string, alt: string) => ({ url, type: "image/png", ...CARD_SIZE, alt });

/** The post's first picture, in the smallest size that is wide enough. */
function ownPicture(publicUrl: string, { pictures }: Story, { media }: Post): ShareTags["image"] | null {
  const [shown] = media;
  const picture = shown && pictures.get(shown.id);
  const sizes = picture?.sources.filter(({ type }) => type === "image/jpeg") ?? [];
  const source = sizes.find(({ width }) => width >= WIDE) ?? sizes.at(-1);
  if (!shown || !picture || !source) return null;
  const height = Math.round((picture.height * source.width) / picture.width);
  return { url: new URL(source.url, publicUrl).href, type: source.type, width: source.width, height, alt: shown.alt };
}
