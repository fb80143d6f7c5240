import { LRUCache } from "lru-cache";
import sanitize from "sanitize-html";

/** What a feed says beside the text (when, by whom, under which headline), and what does nothing outside the page. */
const ELSEWHERE = [
  "pinned-way",
  "post-time",
  "post-headline",
  "post-foot",
  "post-share",
  "reader-initial",
  "embed-player",
];

const KEPT = new Set(
  "p br strong em bdi a ul ol li blockquote h3 h4 figure figcaption img cite time table caption thead tbody tr th td".split(
    " ",
  ),
);
/** Of these the content is kept, if anything. */
const FRAME = "article header footer section div span details summary picture source h2".split(" ");

const OPTIONS: sanitize.IOptions = {
  allowedTags: [...KEPT, ...FRAME],
  allowedAttributes: {
    "*": ["lang", "dir", "class", "hidden"],
    a: ["href"],
    img: ["src", "alt", "width", "height"],
    time: ["datetime"],
    th: ["scope", "colspan", "rowspan"],
    td: ["colspan", "rowspan"],
  },
  allowedClasses: { "*": ELSEWHERE },
  allowedSchemes: ["http", "https", "mailto"],
  nonTextTags: ["script", "style", "button", "form", "iframe", "template", "dialog"],
  exclusiveFilter: ({ tag, attribs }) =>
    attribs.class !== undefined || attribs.hidden !== undefined || (KEPT.has(tag) ? false : "excludeTag"),
};

/** What was made of a post's HTML before; the same goes in for every format, and after every change of another post. */
const known = new LRUCache<string, string>({
  maxSize: 16_000_000,
  sizeCalculation: (html, of) => html.length + of.length,
});

/**
 * A post as the page has it, fit to be read elsewhere: without the page's own frame, and with whole addresses.
 * @param html of views/partials/post.hbs
 * @param url of the post, which its addresses are relative to
 */
export function postHtml(html: string, url: string): string {
  const made = known.get(html);
  if (made !== undefined) return made;
  const whole = (address: string): string => (URL.canParse(address, url) ? new URL(address, url).href : url);
  const text = sanitize(html, {
    ...OPTIONS,
    transformTags: {
      a: (tagName, { href, ...others }) => ({ tagName, attribs: { ...(href && { href: whole(href) }), ...others } }),
      img: (tagName, { src, ...others }) => ({ tagName, attribs: { ...(src && { src: whole(src) }), ...others } }),
    },
  }).trim();
  known.set(html, text);
  return text;
}
