import Handlebars from "handlebars";
import { linked } from "../comments/html.ts";
import type { Phrase, Wording } from "../i18n/i18n.ts";
import { framedTables } from "./tables.ts";

/** Holds the place in a sentence for what a template puts there. */
const INSIDE = "\u{FFFC}";

/** Handlebars helpers; what a template needs beyond values is here and nowhere else. */
export const helpers = {
  /** Marks HTML that posts/body.ts reduced as fit to stand unescaped; nothing else may be given to it. */
  reduced: (html: ReducedHtml, { data }: Handlebars.HelperOptions): Handlebars.SafeString =>
    new Handlebars.SafeString(framedTables(html.reduced, (data as { wording: Wording }).wording)),

  /**
   * `{{t "blog.newer"}}`, `{{t "post.sources" count=sources.length}}`: the interface's words in the language of the page.
   * As a block it stands around what it holds, where the phrase says `{{inside}}`.
   */
  t(this: unknown, phrase: Phrase, { hash, data, fn }: Handlebars.HelperOptions): string | Handlebars.SafeString {
    const { say } = (data as { wording: Wording }).wording;
    // Handlebars gives no such function to a helper that is no block.
    if (!(fn as typeof fn | undefined)) return say(phrase, hash);
    const sentence = Handlebars.escapeExpression(say(phrase, { ...hash, inside: INSIDE }));
    return new Handlebars.SafeString(sentence.replace(INSIDE, () => fn(this)));
  },

  /** The words that the script of the page says, as JSON that may stand in a script element. */
  wordsFor: (prefix: string, { data }: Handlebars.HelperOptions): Handlebars.SafeString => {
    const { startingWith, ago } = (data as { wording: Wording }).wording;
    const words = { ...startingWith(prefix), ...ago };
    return new Handlebars.SafeString(JSON.stringify(words).replaceAll("<", String.raw`\u003c`));
  },

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
  linked: (text: string): Handlebars.SafeString => new Handlebars.SafeString(linked(text).replaceAll("\n", "<br>")),
};

/** HTML that has been through reduceBody(); the brand keeps plain strings out of `reduced`. */
export interface ReducedHtml {
  readonly reduced: string;
}
