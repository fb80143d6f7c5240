import type { Context } from "../context.ts";
import { feedOf, type Feed } from "./feeds.ts";

/** By what stands at the end of a feed's address. */
export const FEED_TYPES = { atom: "application/atom+xml", rss: "application/rss+xml", json: "application/feed+json" };

export type FormatName = keyof typeof FEED_TYPES;

const NAMES: Record<FormatName, string> = { atom: "Atom", rss: "RSS", json: "JSON Feed" };

/** Where a blog's feeds are. */
export const feedLinks = (slug: string) =>
  Object.entries(FEED_TYPES).map(([format, type]) => ({
    type,
    name: NAMES[format as FormatName],
    url: `/blogs/${slug}/feed.${format}`,
  }));

/**
 * A blog as a feed.
 * @returns with what HTTP has to say of it: when it changed, and where the hub is
 * @throws AppError 404
 */
export async function renderFeed(
  context: Context,
  slug: string,
  format: FormatName,
): Promise<{ text: string; type: string; modified: Date; headers: Record<string, string> }> {
  const feed = await feedOf(context, slug);
  const self = `${feed.url}/feed.${format}`;
  const links = [`<${self}>; rel="self"`, ...(feed.hub ? [`<${feed.hub}>; rel="hub"`] : [])];
  return {
    text:
      format === "json" ? JSON.stringify(jsonFeed(feed, self)) : legal(context.views.feed(format, { ...feed, self })),
    type: `${FEED_TYPES[format]}; charset=utf-8`,
    modified: feed.updated.at,
    // Readers of feeds may be pages of other sites; what is in one is for everybody.
    headers: { Link: links.join(", "), "Access-Control-Allow-Origin": "*" },
  };
}

/** XML has no way to write these at all. */
// oxlint-disable-next-line no-control-regex -- finding control characters is its purpose
const legal = (xml: string): string => xml.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");

/** JSON Feed 1.1. It has no tombstones; ours are an extension, after RFC 6721. */
const jsonFeed = (feed: Feed, self: string) => ({
  version: "https://jsonfeed.org/version/1.1",
  title: feed.title,
  ...(feed.standfirst && { description: feed.standfirst }),
  home_page_url: feed.url,
  feed_url: self,
  language: feed.language,
  authors: [{ name: feed.siteName, url: feed.siteUrl }],
  ...(feed.hub && { hubs: [{ type: "WebSub", url: feed.hub }] }),
  items: feed.entries.map(({ id, url, headline, html, picture, published, updated, authors, tags }) => ({
    id,
    url,
    ...(headline && { title: headline }),
    content_html: html,
    ...(picture && { image: picture }),
    date_published: published.iso,
    date_modified: updated.iso,
    ...(authors.length && { authors: authors.map((name) => ({ name })) }),
    ...(tags.length && { tags }),
  })),
  _removed: { about: "https://www.rfc-editor.org/rfc/rfc6721", items: feed.removed },
});
