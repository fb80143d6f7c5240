import type { Post } from "../database.ts";
import { plainText } from "./body.ts";

type Words = Pick<Post, "headline" | "body" | "quote" | "comment">;

/** What a post is called in a list: its headline, or the first words of what it says. */
export const titleOf = (post: Words): string => post.headline ?? summaryOf(post);

/** The first words of a post. */
export function summaryOf(post: Words): string {
  const words = post.quote?.text ?? post.comment?.body ?? plainText(post.body);
  return words.length > 90 ? `${words.slice(0, 88).replace(/\s+\S*$/, "")} …` : words;
}
