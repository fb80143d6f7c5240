import sanitize, { type Attributes, type Tag } from "sanitize-html";
import { nestWell } from "./nesting.ts";

const asParagraph = "p";
const asHeading = "h3";

/** To another site, or to a page of this one; anything else is not where a link in a post can lead. */
const LINK = /^(https?:\/\/|mailto:|\/(?![/\\])|#)/i;

const TABLE = ["table", "caption", "thead", "tbody", "tr", "td", "th"];
const SPANS = ["colspan", "rowspan"];

/** What rich text may hold; everything else is dropped, with its text kept unless it is code or style. */
const ALLOWED: sanitize.IOptions = {
  allowedTags: ["p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h3", ...TABLE],
  allowedAttributes: { a: ["href", "rel"], td: SPANS, th: SPANS },
  allowedSchemes: ["http", "https", "mailto"],
  allowedSchemesAppliedToAttributes: ["href"],
  allowProtocolRelative: false,
  disallowedTagsMode: "discard",
  nestingLimit: 100,
  transformTags: {
    ...Object.fromEntries(
      ["div", "section", "article", "dt", "dd", "pre", "figcaption"].map((tag) => [tag, asParagraph]),
    ),
    ...Object.fromEntries(["h1", "h2", "h4", "h5", "h6"].map((tag) => [tag, asHeading])),
    tfoot: "tbody",
    b: (_tag, attributes) => (weighs(attributes, /normal|[1-4]00/) ? plain : strong),
    i: "em",
    span: (_tag, attributes) => (weighs(attributes, /bold|[67]00/) ? strong : italic(attributes) ? em : plain),
    a: (_tag, { href = "" }): Tag => {
      const at = href.trim();
      return { tagName: "a", attribs: LINK.test(at) ? { href: at, rel: "noopener nofollow" } : {} };
    },
  },
};

// Google Docs wraps all that is copied from it in a <b> of normal weight, and says bold and italic in styles.
const weighs = ({ style = "" }: Attributes, weight: RegExp): boolean =>
  weight.test(/font-weight:\s*(\w+)/i.exec(style)?.[1] ?? "");
const italic = ({ style = "" }: Attributes): boolean => /font-style:\s*italic/i.test(style);
const strong: Tag = { tagName: "strong", attribs: {} };
const em: Tag = { tagName: "em", attribs: {} };
const plain: Tag = { tagName: "span", attribs: {} };

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;
const BLOCK = /<(p|ul|ol|li|blockquote|h3|table|tr|td|th)[ >]/;

/**
 * Reduces HTML from an editor or a program to the few elements a post may hold, properly nested. Text without any
 * block element, as programs send it, becomes paragraphs at its blank lines. Reducing twice changes nothing.
 */
export function reduceBody(html: string): string {
  const clean = sanitize(html, ALLOWED).trim();
  const nested = nestWell(BLOCK.test(clean) ? clean : paragraphs(clean));
  return VISIBLE.test(nested.replace(/<[^>]*>/g, "")) ? nested : "";
}

function paragraphs(text: string): string {
  return text
    .split(/\n[^\S\n]*\n/)
    .map((paragraph) => `<p>${paragraph.trim().replaceAll("\n", "<br />")}</p>`)
    .join("");
}

/** The words of a body, for announcements, feeds and searches; of a table "What: one | two; three | four". */
export function plainText(html: string): string {
  const spaced = html
    .replace(/<\/caption>/g, ": ")
    .replace(/<\/t[dh]>(?=<t[dh]\b)/g, " | ")
    .replace(/<\/tr>(?=(?:<\/thead><tbody>)?<tr>)/g, "; ")
    .replace(/<\/(p|li|blockquote|h3|table)>|<br \/>/g, " ");
  const text = sanitize(spaced, { allowedTags: [], allowedAttributes: {} });
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
}
