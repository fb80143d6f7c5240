import { createRequire } from "node:module";

// sanitize-html requires it, and Node cannot give a module to require() that it is about to import.
const { DomUtils, parseDocument } = createRequire(import.meta.url)("htmlparser2") as typeof import("htmlparser2");

type Fragment = ReturnType<typeof parseDocument>;
type Element = ReturnType<typeof DomUtils.getElementsByTagName>[number];

export interface Surroundings {
  /** Where links lead that name no host. */
  readonly origin: string;
  /** A picture's file by its name; null when it is not there any more. */
  readonly picture: (name: string) => Promise<Buffer | null>;
  /** The blog whose posts are all in the same file, so that links to them need not leave it. */
  readonly within?: string;
}

/** Pixels: what a screen shows at most of a picture in the text. */
const WIDEST = 1_280;
/** What does something only on a page that runs. */
const RUNNING = new Set(["script", "noscript", "template", "button", "form", "input", "iframe", "dialog"]);
/** Classes of what leads to something that a file cannot do. */
const LIVE = ["embed-player", "post-share", "pinned-way"];
const TYPES: Record<string, string> = { webp: "image/webp", jpeg: "image/jpeg", jpg: "image/jpeg", avif: "image/avif" };

/**
 * HTML of ours as it can stand in a file: its pictures are in it, its links are whole, and nothing in it runs or asks
 * anybody for anything.
 */
export async function standalone(html: string, surroundings: Surroundings): Promise<string> {
  const fragment = parseDocument(html);
  for (const element of elements(fragment))
    if (RUNNING.has(element.name) || LIVE.some((name) => hasClass(element, name))) DomUtils.removeElement(element);
  for (const picture of named(fragment, "picture")) chooseOne(picture);
  await Promise.all(named(fragment, "img").map((img) => takeIn(img, surroundings)));
  for (const link of named(fragment, "a")) lead(link, surroundings);
  return DomUtils.getOuterHTML(fragment, { encodeEntities: "utf8" });
}

/** Of the sizes and encodings that a browser may choose from, the one that is kept. */
function chooseOne(picture: Element): void {
  const [img] = DomUtils.getElementsByTagName("img", picture);
  if (!img) return DomUtils.removeElement(picture);
  const webp = named(picture, "source").find(({ attribs }) => attribs.type === "image/webp");
  const candidates = (webp?.attribs.srcset ?? "").split(", ").flatMap((candidate) => {
    const [, url, width] = /^(\S+) (\d+)w$/.exec(candidate) ?? [];
    return url && Number(width) <= WIDEST ? [url] : [];
  });
  img.attribs.src = candidates.at(-1) ?? img.attribs.src ?? "";
  DomUtils.replaceElement(picture, img);
}

/** One that is not there any more leaves the words that stand for it. */
async function takeIn(img: Element, { picture }: Surroundings): Promise<void> {
  const { srcset: _srcset, sizes: _sizes, loading: _loading, src = "", ...kept } = img.attribs;
  const name = /^\/media\/([\w.-]+)$/.exec(src)?.[1];
  const bytes = name ? await picture(name) : null;
  const type = TYPES[name?.split(".").at(-1) ?? ""];
  img.attribs = bytes && type ? { ...kept, src: `data:${type};base64,${bytes.toString("base64")}` } : kept;
}

function lead({ attribs }: Element, { origin, within }: Surroundings): void {
  const { href } = attribs;
  if (href === undefined) return;
  const post = within && new RegExp(`^/blogs/${within}(?:/posts/\\d+|\\?[^#]*#post-\\d+)$`).test(href);
  if (post) attribs.href = `#post-${/\d+$/.exec(href)![0]}`;
  // The picture itself is in the file.
  else if (href.startsWith("/media/")) delete attribs.href;
  else if (href.startsWith("/")) attribs.href = origin + href;
}

const elements = (within: Fragment | Element): Element[] => DomUtils.getElementsByTagName("*", within);
const named = (within: Fragment | Element, name: string): Element[] => DomUtils.getElementsByTagName(name, within);
const hasClass = ({ attribs }: Element, name: string): boolean => (attribs.class ?? "").split(" ").includes(name);
