import { minutesBefore, onTheClock } from "../server/demo/cast.ts";
import { COMMENTS } from "../server/demo/comments.ts";
import { debatePosts } from "../server/demo/debate.ts";
import { STORY } from "../server/demo/story.ts";

/** Characters of HTML from which on a post is long enough: about 2 KB once it is on the page. */
const LONG_ENOUGH = 1_750;
/** When it is told; any moment would do. */
const NOON = new Date("2026-11-22T12:00:00Z");

/**
 * A post as a reporter writes it, about 2 KB once it is on the page. They are the demo's story, its readers' comments
 * and its debate, in the order in which they were told, and no paragraph is in two of them: what a post has in common
 * with those before it is what posts of a running story have in common, and no more.
 * @param n from 0; after the last one they begin again
 * @param begin marks that make each one unlike the others, at either end
 */
export function storyText(n: number, begin: string, end = begin): string {
  const text = STORY_POSTS[n % STORY_POSTS.length]!;
  const last = Math.max(text.lastIndexOf("</p>"), text.lastIndexOf("</li>"));
  const marked = `${text.slice(0, last)} ${end}${text.slice(last)}`;
  return marked.replace(/<(p|li)>/, `<$1>${begin} `);
}

/** Before the marks. */
export const STORY_POSTS: readonly string[] = posts();

function posts(): string[] {
  const posts: string[] = [];
  let post = "";
  for (const paragraph of paragraphs()) {
    post += paragraph;
    if (post.length < LONG_ENOUGH) continue;
    posts.push(post);
    post = "";
  }
  return posts;
}

function* paragraphs(): Generator<string> {
  for (const { body, quote } of STORY) {
    for (const text of told(body ?? "")) yield text;
    if (quote) yield `<blockquote><p>${quote.text}</p></blockquote>`;
  }
  for (const { body, verdict } of COMMENTS) if (!verdict) yield `<p>${body.replaceAll("&", "&amp;")}</p>`;
  for (const { body, quote } of debatePosts()) {
    for (const text of told(body)) yield text;
    if (quote) yield `<blockquote><p>${quote.text}</p></blockquote>`;
  }
}

/** Paragraphs are apart by an empty line unless they are marked up already; `{-155}` is a time on the clock. */
function told(body: string): string[] {
  const timed = body.replace(/\{-(\d+)\}/g, (_, minutes) => onTheClock(minutesBefore(NOON, Number(minutes))));
  const parts = timed.split("\n\n").filter((part) => part !== "");
  return parts.map((part) => (part.startsWith("<") ? part : `<p>${part}</p>`));
}
