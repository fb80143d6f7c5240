import Handlebars from "handlebars";
import { findLinks } from "../moderation/links.ts";

/** Handlebars helpers; what a template needs beyond values is here and nowhere else. */
export const helpers = {
  /** Marks HTML that posts/body.ts reduced as fit to stand unescaped; nothing else may be given to it. */
  reduced: (html: ReducedHtml): Handlebars.SafeString => new Handlebars.SafeString(html.reduced),

  /** `{{#if (is kind "quote")}}` */
  is: (value: unknown, other: unknown): boolean => value === other,

  /** `{{count posts "post" "posts"}}` */
  count: (n: number, one: string, many: string): string => {
    // A value of this name in a template means the helper, and would be shown as nonsense.
    if (typeof n !== "number") throw new TypeError("count needs a number and its noun");
    return `${n} ${n === 1 ? one : many}`;
  },

  or: (one: unknown, other: unknown): unknown => one || other,

  /** Plain text with its line breaks, and its web addresses as links. */
  linked: (text: string): Handlebars.SafeString => new Handlebars.SafeString(link(text)),
};

/** HTML that has been through reduceBody(); the brand keeps plain strings out of `reduced`. */
export interface ReducedHtml {
  readonly reduced: string;
}

function link(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, address } of findLinks(text)) {
    parts.push(escape(text.slice(at, start)));
    parts.push(`<a href="${escape(address)}" rel="noopener nofollow ugc">${escape(address)}</a>`);
    at = end;
  }
  parts.push(escape(text.slice(at)));
  return parts.join("").replace(/\n/g, "<br>");
}

const escape = (text: string): string => Handlebars.escapeExpression(text);
