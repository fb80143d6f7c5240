import { LRUCache } from "lru-cache";
import sanitize from "sanitize-html";

/** What a feed says beside the text (when, by whom, under which headline), and what does nothing outside the page. */
const ELSEWHERE = /\b(post-time|post-headline|post-foot|post-share|reader-initial|embed-player)\b/;

const KEPT: sanitize.IOptions = {
  allowedTags:
    "p br strong em a ul ol li blockquote h3 h4 figure figcaption img cite time table thead tbody tr th td".split(" "),
  allowedAttributes: {
    "*": ["lang", "dir"],
    a: ["href"],
    img: ["src", "alt", "width", "height"],
    time: ["datetime"],
  },
  allowedSchemes: ["http", "https", "mailto"],
  nonTextTags: ["left-out", "script", "style", "button", "form", "iframe", "template", "dialog"],
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
    ...KEPT,
    transformTags: {
      "*": (tagName, { class: names = "", ...attribs }) => {
        if (ELSEWHERE.test(names) || "hidden" in attribs) return { tagName: "left-out", attribs: {} };
        for (const name of ["href", "src"]) if (attribs[name] !== undefined) attribs[name] = whole(attribs[name]);
        return { tagName, attribs };
      },
    },
  }).trim();
  known.set(html, text);
  return text;
}
