import sanitize from "sanitize-html";

/** What rich text may hold; everything else is dropped, with its text kept unless it is code or style. */
const ALLOWED: sanitize.IOptions = {
  allowedTags: ["p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h3"],
  allowedAttributes: { a: ["href", "rel"] },
  allowedSchemes: ["http", "https", "mailto"],
  allowedSchemesAppliedToAttributes: ["href"],
  allowProtocolRelative: false,
  disallowedTagsMode: "discard",
  enforceHtmlBoundary: false,
  transformTags: {
    b: "strong",
    i: "em",
    h1: "h3",
    h2: "h3",
    h4: "h3",
    h5: "h3",
    h6: "h3",
    div: "p",
    a: (_tag, { href }) => ({ tagName: "a", attribs: { ...(href ? { href, rel: "noopener nofollow" } : null) } }),
  },
  // Editors leave empty paragraphs behind; they would be gaps on the page.
  exclusiveFilter: (frame) => frame.tag === "p" && !frame.text.trim() && !frame.mediaChildren.length,
};

const BLOCK = /<(p|ul|ol|blockquote|h3)[ >]/;

/**
 * Reduces HTML from an editor or a program to the few elements a post may hold. Text without any block element, as
 * programs send it, becomes paragraphs at its blank lines.
 */
export function reduceBody(html: string): string {
  const clean = sanitize(html, ALLOWED).trim();
  if (!clean || BLOCK.test(clean)) return clean;
  const paragraphs = clean.split(/\n\s*\n/).map((text) => text.trim());
  return paragraphs
    .filter(Boolean)
    .map((text) => `<p>${text.replaceAll("\n", "<br />")}</p>`)
    .join("\n");
}

/** The words of a body, for announcements, feeds and searches. */
export function plainText(html: string): string {
  const spaced = html.replace(/<\/(p|li|blockquote|h3)>|<br \/>/g, " ");
  const text = sanitize(spaced, { allowedTags: [], allowedAttributes: {} });
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
}
