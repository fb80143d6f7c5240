import type { Post } from "../database.ts";
import { plainText } from "../posts/body.ts";

/** All that a post says but its headline, as plain text. */
export function wordsOf({ quote, comment, body }: Pick<Post, "quote" | "comment" | "body">): string {
  const said = quote ? [`“${quote.text}”`, "–", quote.attribution.name] : [];
  const asked = comment ? [`${comment.author.name}:`, comment.body] : [];
  return [...said, ...asked, plainText(body)].join(" ").replace(/\s+/g, " ").trim();
}

/** @param most characters, the mark for what is left out among them; a word is left out whole, if there is room for one */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const beginning = text.slice(0, most - 2);
  const whole = /\s/.test(text[most - 2]!) ? beginning : beginning.replace(/\s+\S*$/, "");
  // A text without spaces is cut between two characters, and not within one.
  return `${whole.replace(/[\ud800-\udbff]$/, "").trimEnd()} …`;
}
