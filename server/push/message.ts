import { wordingFor } from "../i18n/i18n.ts";
import { titleOf } from "../posts/title.ts";
import type { Delivery } from "./queue.ts";

/** Characters of a title and of a line; in any script, both fit into the 4,096 bytes that every push service takes. */
const LONGEST = [150, 200] as const;
/** For one that would not take that. */
const SHORTENED = [40, 60] as const;

/**
 * What views/browser/worker/ shows. A browser lets nobody take a notification back without showing another, so a
 * withdrawn one is replaced by a line that says so, and nothing of what it said.
 */
export function messageOf({ post, blog, withdrawal, shortened }: Delivery): string {
  const [title, line] = shortened ? SHORTENED : LONGEST;
  const story = `/blogs/${blog.slug}`;
  return JSON.stringify({
    title: cut(blog.title, title),
    body: cut(withdrawal ? wordingFor(blog.language).say("push.withdrawn") : titleOf(post), line),
    language: blog.language,
    url: withdrawal ? story : `${story}/posts/${post.id}`,
    tag: topicOf({ post }),
    at: post.published_at?.toISOString() ?? null,
    ...(withdrawal ? { withdrawn: true } : {}),
  });
}

/** What a message takes the place of, on its way and on the device. */
export const topicOf = ({ post }: Pick<Delivery, "post">): string => `post-${post.id}`;

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 2).replace(/\s+\S*$/, "")} …` : text;
