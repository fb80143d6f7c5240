import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import Handlebars from "handlebars";
import { STYLESHEET, type Assets } from "../assets.ts";
import { directionOf, wordingFor } from "../i18n/i18n.ts";
import { helpers } from "./helpers.ts";

export interface Views {
  /** Tells one state of templates, styles and scripts from another: what is pushed by a newer one may need its styles. */
  readonly build: string;
  /**
   * A whole document in its layout.
   * @param options.language of what it shows, by BCP 47; the interface speaks the nearest
   */
  page(name: string, data: object, options?: { language?: string; layout?: string }): string;
  /** A partial on its own: what sockets push is what the page holds, byte for byte. */
  fragment(name: string, data: object, language?: string): string;
  /** A document in XML. */
  feed(name: string, data: object): string;
}

/** @param siteName what the newsroom is called */
export function loadViews(directory: string, assets: Assets, siteName: string): Views {
  const handlebars = Handlebars.create();
  handlebars.registerHelper({
    ...helpers,
    asset: assets.url,
    imports: once(assets.importsOf),
    stylesheet: () => rendered(assets.stylesheet),
    loader: () => rendered(assets.loader),
  });
  // A broken template stops the server at start, and not a reader later. `preventIndent` keeps a partial the same
  // wherever it is called from.
  const options = { strict: true, preventIndent: true } as const;
  const compile = (source: string): Handlebars.TemplateDelegate => handlebars.compile(source, options);
  const partials = [
    ...templates(join(directory, "partials")),
    ...templates(join(directory, "partials", "desk"), "desk/"),
    ...templates(join(directory, "partials", "moderation"), "moderation/"),
  ];
  for (const [name, source] of partials) handlebars.registerPartial(name, compile(source));
  const compiled = (folder: string) =>
    new Map(templates(join(directory, folder)).map(([name, source]) => [name, compile(source)]));
  const layouts = compiled("layouts");
  const pages = compiled("pages");
  const feeds = compiled("feeds");
  const fragments = handlebars.partials as Record<string, Handlebars.TemplateDelegate>;

  /** What every template knows: `@siteName`, `@language`, `@direction`, and the words that `{{t}}` says. */
  const inLanguage = (language = "en"): Handlebars.RuntimeOptions => ({
    data: { siteName, language, direction: directionOf(language), wording: wordingFor(language) },
  });

  return {
    build: buildOf([...partials.flat(), assets.url(STYLESHEET), assets.url("js/blog.js")]),
    page(name, data, { language, layout = "page" } = {}) {
      const spoken = inLanguage(language);
      return layouts.get(layout)!({ head: {}, ...data, content: rendered(pages.get(name)!(data, spoken)) }, spoken);
    },
    fragment: (name, data, language) => fragments[name]!(data, inLanguage(language)).trim(),
    feed: (name, data) => feeds.get(name)!(data),
  };
}

/** Output of `page` or `fragment` as a value for another template; it is escaped where it has to be. */
export const rendered = (html: string): Handlebars.SafeString => new Handlebars.SafeString(html);

/** Files below public/ do not change while the server runs. */
function once<T>(read: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    if (!known.has(path)) known.set(path, read(path));
    return known.get(path)!;
  };
}

const buildOf = (parts: string[]): string =>
  createHash("sha256").update(parts.join("\0")).digest("base64url").slice(0, 12);

/** @param prefix of the names, for those of a folder */
function templates(directory: string, prefix = ""): [name: string, source: string][] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".hbs"))
    .map((file) => [prefix + basename(file, ".hbs"), readFileSync(join(directory, file), "utf8").trim()]);
}
