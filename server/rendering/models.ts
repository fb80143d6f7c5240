import type { Blog, Post, PostSource, Quote, WhatWeKnow } from "../database.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { presentPictures, type PicturesById } from "../media/media.ts";
import { publicSources } from "../posts/present.ts";
import { summaryOf } from "../posts/title.ts";
import { embedModel, type EmbedModel } from "./embeds.ts";
import { filesModel, type FilesModel } from "./files.ts";
import type { ReducedHtml } from "./helpers.ts";
import { stamp, type Stamp } from "./times.ts";

/** What views/partials/post.hbs shows. It says nothing about who is looking: the same for every reader. */
export interface PostModel {
  id: string;
  kind: Post["kind"];
  /** Sorts posts as the list does, newest first, when compared as numbers then ids. */
  place: string;
  url: string;
  headline: string | null;
  /** Stands for the headline where there is none. */
  summary: string;
  body: ReducedHtml | null;
  quote: Quote | null;
  comment: { name: string; initial: string; body: string } | null;
  pictures: PictureModel[];
  embeds: EmbedModel[];
  authors: AuthorModel[];
  tagLinks: { name: string; url: string }[];
  /** So much that it is shown in part where it is pinned. */
  isLong: boolean;
  /** Where readers see what was changed since it was published; null where nothing was. */
  changesUrl: string | null;
  /** Whether the authors stand below the post; those of an answer to a reader stand above it. */
  byline: boolean;
  keyEvent: boolean;
  /** Sums up what has happened; among the key events, whether it is one or not. */
  isSummary: boolean;
  pinned: boolean;
  verification: { state: string; label: string; note: string | null } | null;
  correction: { text: string; at: Stamp } | null;
  /** Those that readers may know. */
  sources: PostSource[];
  published: Stamp | null;
  /** Only when it was changed after it was published. */
  updated: Stamp | null;
  status: Post["status"];
}

export interface PictureModel extends FilesModel {
  /** Its widest file, which the lightbox shows. */
  large: string;
  alt: string;
  caption: string;
  credit: string;
}

export interface AuthorModel {
  name: string;
  slug: string | null;
  /** The blog's updates by this author. */
  url: string | null;
}

/** Characters of a post, tags included, that are much for a pinned one; a picture or a player always is. */
const LONG = 900;

/** @param copy where the post is shown besides its place in the list, if it is: frames are found by their names */
export function postModel(post: Post, blog: Blog, pictures: PicturesById, copy = ""): PostModel {
  const wording = wordingFor(blog.language);
  return {
    id: post.id,
    kind: post.kind,
    place: placeOf(post),
    url: `/blogs/${blog.slug}/posts/${post.id}`,
    headline: post.headline,
    summary: summaryOf(post),
    body: post.body ? { reduced: post.body } : null,
    quote: post.quote,
    comment: post.comment && {
      name: post.comment.author.name,
      initial: initialOf(post.comment.author.name),
      body: post.comment.body,
    },
    pictures: presentPictures(post.media, pictures).map(({ alt, caption, credit, ...picture }) => ({
      alt,
      caption,
      credit,
      large: picture.sources.filter(({ type }) => type === "image/jpeg").at(-1)!.url,
      ...filesModel(picture),
    })),
    embeds: post.embeds.map((embed, n) =>
      embedModel(embed, pictures, `${copy}post-${post.id}-embed-${n + 1}`, wording),
    ),
    authors: post.authors.map(({ name, slug }) => ({
      name,
      slug,
      url: slug && `/blogs/${blog.slug}?author=${encodeURIComponent(slug)}`,
    })),
    tagLinks: post.tags.map((name) => ({ name, url: `/blogs/${blog.slug}?tag=${encodeURIComponent(name)}` })),
    isLong: post.body.length > LONG || post.media.length > 0 || post.embeds.length > 0,
    changesUrl:
      post.edited_at || post.corrected_at || post.verification ? `/blogs/${blog.slug}/posts/${post.id}/changes` : null,
    byline: post.authors.length > 0 && !(post.comment && post.body),
    keyEvent: post.key_event,
    isSummary: post.summary,
    pinned: post.pinned_at !== null,
    verification: post.verification && {
      state: post.verification,
      label: wording.say(`verification.${post.verification}`),
      // The standing line under a claim that the newsroom has not confirmed.
      note: post.verification_note ?? (post.verification === "unverified" ? wording.say("verification.note") : null),
    },
    correction:
      post.correction && post.corrected_at ? { text: post.correction, at: stamp(post.corrected_at, blog) } : null,
    sources: publicSources(post),
    // One that was taken back has had its time.
    published: post.status === "published" ? stamp(post.published_at!, blog) : null,
    updated: post.edited_at && stamp(post.edited_at, blog),
    status: post.status,
  };
}

/** `<milliseconds>-<id>`: a post's place in the list, which only another time of publication changes. */
export const placeOf = (post: Post): string =>
  placeBetween(post.status === "published" ? post.published_at! : post.created_at, post.id);

/** Where something of this time and id stands in a list: `<milliseconds>-<id>`. */
export const placeBetween = (at: Date, id: string): string => `${at.getTime()}-${id}`;

/** Stands for a reader's face. */
export const initialOf = (name: string): string =>
  (new Intl.Segmenter().segment(name.trim()).containing(0)?.segment ?? "").toUpperCase();

export interface HeaderModel {
  title: string;
  standfirst: string;
  live: boolean;
  closed: Stamp | null;
  summary: ReducedHtml | null;
}

export const headerModel = (blog: Blog): HeaderModel => ({
  title: blog.title,
  standfirst: blog.standfirst,
  live: blog.state === "live",
  closed: blog.closed_at && stamp(blog.closed_at, blog),
  summary: blog.state === "closed" && blog.closing_summary ? { reduced: blog.closing_summary } : null,
});

/** The standing box; without a body, its empty place. */
export const whatWeKnowModel = (box: WhatWeKnow | null, blog: Blog) =>
  box?.body
    ? { title: box.title, body: { reduced: box.body } satisfies ReducedHtml, updated: stamp(box.updated_at, blog) }
    : { body: null };
