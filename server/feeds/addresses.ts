import type { Blog } from "../database.ts";

/** Where a blog's page is for others, and its generated picture; with a post, where those of the post are. */
export function addressesOf(publicUrl: string, { slug }: Pick<Blog, "slug">, postId?: string) {
  const url = `${publicUrl}/blogs/${slug}`;
  if (postId === undefined) return { url, permalink: url, card: `${url}/card.png` };
  const permalink = `${url}/posts/${postId}`;
  // The permalink leads here; services that are told the permalink itself would go in circles.
  return { url: `${url}?page=with:${postId}`, permalink, card: `${permalink}/card.png` };
}
