import { createRequire } from "node:module";
import { setImmediate as others } from "node:timers/promises";

// sanitize-html requires it, and Node cannot give a module to require() that it is about to import.
const { Parser } = createRequire(import.meta.url)("htmlparser2") as typeof import("htmlparser2");

/** What a page or a provider says of a link; nothing of it is believed beyond being shown. */
export interface Facts {
  readonly title: string | null;
  readonly description: string | null;
  readonly author: string | null;
  readonly siteName: string | null;
  /** Absolute. */
  readonly picture: string | null;
}

export const NO_FACTS: Facts = { title: null, description: null, author: null, siteName: null, picture: null };

/** Characters kept of each. */
const LONGEST = { title: 200, description: 400, author: 100, siteName: 80 } as const;

/**
 * What the head of a page says of it: OpenGraph first, then Twitter's names, JSON-LD, and the plain title and
 * description. Only the head is read, in one pass and in small pieces: pages come from strangers, and the live wire
 * shares this process. A parser that builds a tree can be held up for minutes by a page made for that.
 */
export async function pageFacts(html: string, at: URL): Promise<Facts> {
  const { meta, title, linkedData } = await readHead(html);
  const first = (...names: string[]): string | null => names.map((name) => meta.get(name)).find(Boolean) ?? null;
  const article = linkedData.map(asArticle).find((found) => found !== null);
  return tidy(
    {
      title: first("og:title", "twitter:title") ?? article?.title ?? title,
      description: first("og:description", "twitter:description", "description") ?? article?.description ?? null,
      author: article?.author ?? first("author", "article:author", "parsely-author", "twitter:creator"),
      siteName: first("og:site_name", "application-name"),
      picture:
        first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src") ??
        article?.picture ??
        null,
    },
    at,
  );
}

/** What an oEmbed answer says. Its HTML is for reading, and never for showing. @throws SyntaxError when it is no JSON object */
export function oembedFacts(json: string, at: URL): Facts & { html: string } {
  const answer: unknown = JSON.parse(json);
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) throw new SyntaxError("Not an object");
  const said = answer as Record<string, unknown>;
  const html = text(said.html) ?? "";
  const facts = {
    title: text(said.title),
    // A post on X or Bluesky is its first paragraph.
    description: text(said.description) ?? firstParagraph(html),
    author: text(said.author_name),
    siteName: text(said.provider_name),
    picture: text(said.thumbnail_url),
  };
  return { ...tidy(facts, at), html };
}

/** The charset by its byte order mark, by HTTP, by the page's own word, and UTF-8 otherwise. */
export function decode(bytes: Buffer, contentType: string): string {
  const declared =
    /charset\s*=\s*["']?([\w:.-]{2,40})/i.exec(contentType)?.[1] ??
    /<meta[^>]{0,200}?charset\s*=\s*["']?([\w:.-]{2,40})/i.exec(bytes.subarray(0, 1024).toString("latin1"))?.[1];
  const mark =
    bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : null;
  try {
    return new TextDecoder(mark ?? declared ?? "utf-8").decode(bytes);
  } catch {
    return new TextDecoder("utf-8").decode(bytes);
  }
}

const IN_HEAD = new Set(["html", "head", "title", "meta", "link", "base", "script", "style", "noscript", "template"]);
/** Of what is in a head; a page that has more is made for something else than to be read. */
const DEEPEST = 8;
const MOST = { meta: 300, linkedData: 5 };
/** Characters that are read before others have their turn; those of a description in JSON-LD. */
const PIECE = 16_384;
const LONGEST_DATA = 100_000;

interface Head {
  readonly meta: ReadonlyMap<string, string>;
  readonly title: string | null;
  readonly linkedData: readonly unknown[];
}

async function readHead(html: string): Promise<Head> {
  const meta = new Map<string, string>();
  const linkedData: unknown[] = [];
  let title: string | null = null;
  let heard: string[] | null = null;
  let depth = 0;
  let isOver = false;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (!IN_HEAD.has(name) || ++depth > DEEPEST) return end();
      heard = null;
      const key = (attributes.property ?? attributes.name ?? "").trim().toLowerCase();
      if (name === "meta" && key && meta.size < MOST.meta && !meta.has(key)) meta.set(key, attributes.content ?? "");
      if (name === "title" && title === null) heard = [];
      if (name === "script" && /^application\/ld\+json\b/i.test(attributes.type ?? "")) heard = [];
    },
    ontext(words) {
      heard?.push(words);
    },
    onclosetag(name) {
      depth--;
      if (name === "title" && heard) title = heard.join("");
      if (name === "script" && heard && linkedData.length < MOST.linkedData)
        linkedData.push(...json(heard.join("").slice(0, LONGEST_DATA)));
      heard = null;
      if (name === "head") end();
    },
  });
  const end = (): void => {
    isOver = true;
    parser.pause();
  };
  for (let from = 0; from < html.length && !isOver; from += PIECE) {
    parser.write(html.slice(from, from + PIECE));
    await others();
  }
  return { meta, title, linkedData };
}

/** The things that a page describes as JSON-LD, alone, in a list or in a graph. */
function json(source: string): unknown[] {
  try {
    const value: unknown = JSON.parse(source);
    const graph = (value as { "@graph"?: unknown } | null)?.["@graph"] ?? value;
    return (Array.isArray(graph) ? graph : [graph]).slice(0, 20);
  } catch {
    return [];
  }
}

const ARTICLE = /Article$|Posting$|^(?:VideoObject|AudioObject|PodcastEpisode|Event|Report|WebPage)$/;

function asArticle(thing: unknown): Omit<Facts, "siteName"> | null {
  if (typeof thing !== "object" || thing === null) return null;
  const { "@type": type, headline, name, description, author, image, thumbnailUrl } = thing as Record<string, unknown>;
  if (!ARTICLE.test(text(one(type)) ?? "")) return null;
  const [picture, by] = [one(image ?? thumbnailUrl), one(author)] as Record<string, unknown>[];
  return {
    title: text(headline) ?? text(name),
    description: text(description),
    author: text(by?.name ?? by),
    picture: text(picture?.url ?? picture),
  };
}

const one = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
const text = (value: unknown): string | null => (typeof value === "string" && value.trim() ? value : null);

/** The words of the first paragraph. */
function firstParagraph(html: string): string | null {
  const words: string[] = [];
  let state: "before" | "in" | "after" = "before";
  const parser = new Parser({
    onopentag(name) {
      if (name === "p" && state === "before") state = "in";
      if (name === "br" && state === "in") words.push(" ");
    },
    ontext(part) {
      if (state === "in") words.push(part);
    },
    onclosetag(name) {
      if (name === "p" && state === "in") state = "after";
    },
  });
  parser.end(html.slice(0, 20_000));
  return text(words.join(""));
}

function tidy(facts: Facts, at: URL): Facts {
  const cut = (name: keyof typeof LONGEST): string | null => clean(facts[name], LONGEST[name]);
  return {
    title: cut("title"),
    description: cut("description"),
    author: cut("author"),
    siteName: cut("siteName"),
    picture: facts.picture && URL.canParse(facts.picture, at) ? new URL(facts.picture, at).href : null,
  };
}

/** One line, without what cannot be kept and without what turns the text around it; @returns null for nothing */
function clean(words: string | null, most: number): string | null {
  const line = (words ?? "")
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, " ")
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .trim();
  const cut = line.length > most ? `${line.slice(0, most - 2).replace(/\s+\S*$/, "")} …` : line;
  return /[^\s\p{Default_Ignorable_Code_Point}]/u.test(cut) ? cut.toWellFormed() : null;
}
