import type { Post } from "../database.ts";
import { plainText } from "./body.ts";

type Words = Pick<Post, "headline" | "body" | "quote" | "comment" | "media" | "embeds">;

/** What a post is called in a list: its headline, or the first words of what it says. */
export const titleOf = (post: Words): string => post.headline ?? summaryOf(post);

/** The first words of a post; where it has none, those that stand for its picture or its link. */
export function summaryOf(post: Words): string {
  const said = post.quote?.text ?? post.comment?.body ?? firstWords(post.body);
  const words = said || post.media[0]?.alt || post.embeds[0]?.title || "";
  return words.length > 90 ? `${words.slice(0, 88).replace(/\s+\S*$/, "")} …` : words;
}

/** Of a body that is a table alone, what the table is called, if it is. */
function firstWords(body: string): string {
  const beside = plainText(body.replace(/<table>.*?<\/table>/gs, " "));
  return beside || plainText(/<caption>(.*?)<\/caption>/s.exec(body)?.[1] ?? body);
}
